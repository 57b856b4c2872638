#pragma once
#include "registry/account/accounts.h"

// All SQL of delegations.
namespace kyso::registry::delegation_store {

Result<> insert(db::Transaction& transaction, const Delegation& delegation, const std::string& by, Instant now);
Result<std::optional<Delegation>> find(db::Transaction& transaction, const std::string& id);
Result<> end(db::Transaction& transaction, const std::string& id, Instant now);
Result<std::size_t> count_live(db::Transaction& transaction, const std::string& organisation, Instant now);
Result<std::optional<std::string>> live_one(db::Transaction& transaction, const std::string& account,
                                            const std::string& organisation, Instant now);
// Given by this organisation or received by this account; newest first, at most 500.
Result<std::vector<Delegation>> list(db::Transaction& transaction, const std::string& organisation,
                                     const std::string& account);

}  // namespace kyso::registry::delegation_store
