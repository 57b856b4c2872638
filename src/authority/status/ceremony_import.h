#pragma once
#include "db/database.h"
#include "vault/ceremony/record.h"

namespace kyso::authority::status {

struct ImportedCeremony {
  std::vector<std::string> authorities;                     // whose certificates are published
  std::vector<std::pair<std::string, std::int64_t>> lists;  // of roots, with their numbers
};
// Puts on record what a ceremony made for everybody: every kysod then serves the lists of its roots under /crl/ and the
// certificates of its authorities under /ca/. The hash of the transcript goes into the audit log. Again: nothing
// changes. vault.ceremony.record {problems} (the transcript or a file isn't good), authority.ceremony.name {name}
// (another authority is known by it), authority.ceremony.list {name} {number} {known} (a later list is published).
Result<ImportedCeremony> import_ceremony(db::Database& database, const vault::ceremony::Plan& plan,
                                         const std::filesystem::path& folder, Instant now);

}  // namespace kyso::authority::status
