#pragma once
#include "registry/account/accounts.h"

// What the routes of this part share: reading requests and showing accounts (api/openapi.yaml).
namespace kyso::registry::views {

Visitor visitor_of(const PortalRequest& request);
// As it was sent: passwords are not trimmed.
Secret secret_of(const json::Value& object, std::string_view member);
// "YYYY-MM-DD". registry.input.parameter {name}
Result<Instant> day_of(const json::Value& object, std::string_view member);
std::string day_text(Instant at);  // "YYYY-MM-DD" in Viet Nam
json::Value organisation_json(db::Transaction& transaction, const std::string& id, Instant now);
Result<json::Value> accounts_json(db::Transaction& transaction, const std::vector<Account>& accounts, Instant now);
Result<json::Value> account_json(db::Database& database, const Account& account, Instant now);
// The answer of a sign-in, with its cookie.
Result<net::ServerResponse> signed_in_answer(Accounts& accounts, db::Database& database, const SignedIn& signed_in,
                                             Instant now);

std::vector<PortalRoute> session_routes(Accounts& accounts, db::Database& database);
std::vector<PortalRoute> registration_routes(Accounts& accounts);
std::vector<PortalRoute> own_routes(Accounts& accounts, db::Database& database);
std::vector<PortalRoute> passkey_routes(Accounts& accounts);
std::vector<PortalRoute> administration_routes(Accounts& accounts, db::Database& database);
std::vector<PortalRoute> delegation_routes(Accounts& accounts, db::Database& database);

}  // namespace kyso::registry::views
