#include "registry/account/views.h"

#include <algorithm>

#include "base/text.h"

namespace kyso::registry {
namespace views {

Visitor visitor_of(const PortalRequest& request) {
  return {request.http.remote_address, to_valid_utf8(request.http.header("user-agent")),
          request.caller ? request.caller->session : std::string()};
}

Secret secret_of(const json::Value& object, std::string_view member) {
  const json::Value* value = object.find(member);
  return Secret(value == nullptr ? std::string() : std::string(value->as_string().value_or("")));
}

Result<Instant> day_of(const json::Value& object, std::string_view member) {
  const auto text = text_of(object, member);
  const auto day = text && text->size() == 10 && (*text)[4] == '-' ? parse_time(*text) : fail("base.time.invalid");
  if (!day) return fail("registry.input.parameter").with("name", member);
  return day;
}

std::string day_text(Instant at) {
  return iso8601_vietnam(at).substr(0, 10);
}

namespace {

json::Value named(const std::string& id, const Organisation* organisation) {
  json::Value chain = json::Value::array();
  if (organisation != nullptr)
    for (const std::string& name : organisation->chain) chain.push_back(name);
  json::Value out = json::Value::object();
  out.set("id", id).set("name", organisation == nullptr ? std::string() : organisation->name);
  return out.set("chain", std::move(chain));
}

}  // namespace

json::Value organisation_json(db::Transaction& transaction, const std::string& id, Instant now) {
  const auto found = Organisations::find_last(transaction, id, now);
  return named(id, found ? &*found : nullptr);
}

Result<json::Value> accounts_json(db::Transaction& transaction, const std::vector<Account>& accounts, Instant now) {
  std::set<std::string> ids;
  for (const Account& account : accounts) ids.insert(account.organisation);
  const auto organisations = KYSO_TRY(Organisations::find_last(transaction, ids, now));
  json::Value all = json::Value::array();
  for (const Account& account : accounts) {
    const auto organisation = organisations.find(account.organisation);
    json::Value roles = json::Value::array();
    for (const Role role : account.roles) roles.push_back(name_of(role));
    json::Value out = json::Value::object();
    out.set("id", account.id)
        .set("email", account.email)
        .set("name", account.name)
        .set("phone", account.phone)
        .set("organisation",
             named(account.organisation, organisation == organisations.end() ? nullptr : &organisation->second))
        .set("roles", std::move(roles))
        .set("state", name_of(account.state))
        .set("language", account.language)
        .set("created", iso8601_vietnam(account.created));
    if (!account.person.empty()) out.set("person", account.person);
    if (account.last_sign_in) out.set("last_sign_in", iso8601_vietnam(*account.last_sign_in));
    all.push_back(std::move(out));
  }
  return all;
}

Result<json::Value> account_json(db::Database& database, const Account& account, Instant now) {
  const json::Value all =
      KYSO_TRY(database.read([&](db::Transaction& transaction) { return accounts_json(transaction, {account}, now); }));
  return all.as_array()->front();
}

}  // namespace views

std::vector<PortalRoute> account_routes(Accounts& accounts, db::Database& database) {
  std::vector<PortalRoute> out;
  for (auto routes : {views::session_routes(accounts, database), views::registration_routes(accounts),
                      views::own_routes(accounts, database), views::passkey_routes(accounts),
                      views::administration_routes(accounts, database), views::delegation_routes(accounts, database)})
    for (PortalRoute& route : routes) out.push_back(std::move(route));
  return out;
}

}  // namespace kyso::registry
