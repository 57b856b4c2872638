#pragma once
#include <string_view>
#include <vector>

#include "registry/organisation/store.h"
#include "registry/organisation/tree.h"

namespace kyso::registry {

// The row, the images that undoing needs, and the audit event.
Result<> record_change(db::Transaction& transaction, const OrganisationChange& change,
                       const std::vector<store::Timeline>& timelines);
OrganisationChange change_from_row(const store::ChangeRow& row);
// "organisation.<what>" about one node.
Result<> audit_organisation(db::Transaction& transaction, std::string_view what, const std::string& id,
                            const ChangeBy& by);

}  // namespace kyso::registry
