#pragma once
#include "db/database.h"
#include "registry/desk/model.h"

// All SQL of the desk's requests. Every function works within the caller's transaction.
namespace kyso::registry::desk_store {

Result<> insert(db::Transaction& transaction, const DeskRequest& request);
Result<std::optional<DeskRequest>> find(db::Transaction& transaction, std::string_view id);
// In the order in which they were made.
Result<std::vector<DeskRequest>> of_dossier(db::Transaction& transaction, std::string_view dossier);
// Writes state, failure and updated.
Result<> update(db::Transaction& transaction, const DeskRequest& request);
// Proposals that nobody has signed.
Result<> forget_proposals(db::Transaction& transaction, std::string_view dossier);
// Requests whose outcome is not known yet, oldest first; proposals that may have been signed just before a crash too.
Result<std::vector<std::string>> open_requests(db::Transaction& transaction, Instant proposed_after, std::size_t limit);

Result<std::int64_t> cursor(db::Transaction& transaction, std::string_view name);
Result<> set_cursor(db::Transaction& transaction, std::string_view name, std::int64_t value);

}  // namespace kyso::registry::desk_store
