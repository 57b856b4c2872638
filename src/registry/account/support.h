#pragma once
#include "audit/audit.h"
#include "registry/account/model.h"
#include "registry/notice/notices.h"
#include "registry/organisation/organisations.h"

// What the use cases of accounts share.
namespace kyso::registry {

// SHA-256 of a link's token: all that the database has of it.
Bytes token_hash(std::string_view token);
// An event about this account; the actor is the account itself unless named.
Result<> record(db::Transaction& transaction, std::string_view kind, const std::string& account, json::Value details,
                Instant now, const std::string& actor = {});
// A mail to this account's address, with {name} filled in.
Result<> write_to(db::Transaction& transaction, std::string_view kind, const Account& account,
                  std::map<std::string, std::string> values, Instant now);
// "UBND tỉnh …; Sở …": as the portal has always written it.
std::string chain_text(const Organisation& organisation);
// The roles in people's words: "Cán bộ đầu mối, Thủ trưởng".
std::string roles_text(const Roles& roles, std::string_view language);
std::string state_text(AccountState state, std::string_view language);
// What a change of an account could not be: db.constraint of the officer's name as registry.account.person.
Error explained(const Error& error);

}  // namespace kyso::registry
