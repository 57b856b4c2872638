#pragma once
#include "db/database.h"
#include "registry/desk/model.h"

// All SQL of the desk's requests and queues. Every function works within the caller's transaction.
namespace kyso::registry::desk_store {

Result<> insert(db::Transaction& transaction, const DeskRequest& request);
Result<std::optional<DeskRequest>> find(db::Transaction& transaction, std::string_view id);
// In the order in which they were made.
Result<std::vector<DeskRequest>> of_dossier(db::Transaction& transaction, std::string_view dossier);
// Writes state, failure and updated.
Result<> update(db::Transaction& transaction, const DeskRequest& request);
// Proposals that nobody has signed.
Result<> forget_proposals(db::Transaction& transaction, std::string_view dossier);
// Requests whose outcome is not known yet, oldest first.
Result<std::vector<std::string>> open_requests(db::Transaction& transaction, std::size_t limit);

// Dossiers that wait for somebody, by state, step and whether this account handles them.
struct UnderWayFilter {
  std::string account;
  Instant now{};
  Instant soon{}, revocation_soon{};  // what is due before is due soon
};
struct UnderWay {
  DossierState state = DossierState::submitted;
  Step step = Step::none;
  bool is_mine = false;
  std::int64_t count = 0, overdue = 0, soon = 0;
};
Result<std::vector<UnderWay>> under_way(db::Transaction& transaction, const UnderWayFilter& filter);

Result<std::int64_t> cursor(db::Transaction& transaction, std::string_view name);
Result<> set_cursor(db::Transaction& transaction, std::string_view name, std::int64_t value);

}  // namespace kyso::registry::desk_store
