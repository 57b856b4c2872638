#include "base/text.h"
#include "jose/base64url.h"
#include "registry/account/views.h"
#include "registry/dossier/words.h"
#include "registry/notice/time_cursor.h"

// Accounts of others, officers' passkeys, delegations.
namespace kyso::registry::views {
namespace {

using net::ServerResponse;

constexpr std::size_t kMaxQuery = 800, kMaxWords = 8;

// What a head may look at: the own organisation and those below.
Result<std::optional<std::string>> visible_below(db::Database& database, const PortalRequest& request) {
  const Caller& caller = request.who();
  auto wanted = request.http.parameter("organisation");
  if (wanted && wanted->empty()) wanted = std::nullopt;
  if (caller.has_any({Role::administrator, Role::auditor})) return wanted;
  if (!wanted) return std::optional(caller.organisation);
  const bool is_own = KYSO_TRY(database.read([&](db::Transaction& transaction) {
    return Organisations::is_within(transaction, *wanted, caller.organisation, request.now);
  }));
  if (!is_own) return fail("registry.organisation.missing");
  return wanted;
}

Result<ServerResponse> list_accounts(Accounts& accounts, db::Database& database, const PortalRequest& request) {
  const PageQuery query = KYSO_TRY(page_query(request.http));
  account_store::ListFilter filter;
  filter.organisation_below = KYSO_TRY(visible_below(database, request));
  filter.at = request.now;
  filter.words = words_of(request.http.parameter("q").value_or("").substr(0, kMaxQuery));
  if (filter.words.size() > kMaxWords) filter.words.resize(kMaxWords);
  filter.after = KYSO_TRY(read_time_cursor(query.after));
  filter.limit = query.limit;
  const auto found = KYSO_TRY(accounts.list(filter));
  std::optional<std::string> next;
  if (found.next) next = time_cursor(found.next->first, found.next->second);
  json::Value items = KYSO_TRY(database.read(
      [&](db::Transaction& transaction) { return accounts_json(transaction, found.items, request.now); }));
  return page(std::move(items), next);
}

Result<Accounts::Change> change_of(const json::Value& body) {
  Accounts::Change out;
  if (const json::Value* roles = body.find("roles")) {
    if (roles->as_array() == nullptr) return fail("registry.input.parameter").with("name", "roles");
    out.roles.emplace();
    for (const json::Value& name : *roles->as_array()) {
      const auto role = role_by_name(name.as_string().value_or(""));
      if (!role) return fail("registry.input.parameter").with("name", "roles");
      out.roles->insert(*role);
    }
  }
  if (const json::Value* person = body.find("person")) {
    if (!person->is_null() && !person->as_string()) return fail("registry.input.parameter").with("name", "person");
    out.person.emplace();
    if (const auto name = person->as_string(); name && !name->empty()) *out.person = std::string(*name);
  }
  if (const auto state = text_of(body, "state")) {
    out.state = account_state_by_name(*state);
    if (!out.state) return fail("registry.input.parameter").with("name", "state");
  }
  return out;
}

Result<ServerResponse> change_account(Accounts& accounts, db::Database& database, const PortalRequest& request) {
  const Accounts::Change change = KYSO_TRY(change_of(KYSO_TRY(request.object())));
  const Account account =
      KYSO_TRY(accounts.change_account(request.who(), request.http.parameter("id").value_or(""), change, request.now));
  return answer(KYSO_TRY(account_json(database, account, request.now)));
}

Result<ServerResponse> officer_passkeys(Accounts& accounts) {
  json::Value items = json::Value::array();
  for (const auto& officer : KYSO_TRY(accounts.officer_passkeys())) {
    json::Value item = json::Value::object();
    item.set("person", officer.person)
        .set("name", officer.name)
        .set("credential", jose::to_base64url(officer.passkey.credential))
        .set("public_key", jose::to_base64url(officer.passkey.public_key))
        .set("label", officer.passkey.label)
        .set("in_policy", accounts.is_in_policy(officer.person, officer.passkey.credential));
    items.push_back(std::move(item));
  }
  return page(std::move(items), std::nullopt);
}

json::Value delegation_json(db::Transaction& transaction, const Delegation& delegation, const Caller& caller,
                            Instant now) {
  json::Value out = json::Value::object();
  out.set("id", delegation.id)
      .set("organisation", organisation_json(transaction, delegation.organisation, now))
      .set("account_email", delegation.account_email)
      .set("account_name", delegation.account_name)
      .set("valid_from", day_text(delegation.valid_from))
      .set("valid_to", day_text(delegation.valid_to - std::chrono::seconds(1)))
      .set("basis", delegation.basis)
      .set("is_given", delegation.organisation == caller.organisation);
  if (delegation.ended) out.set("ended", iso8601_vietnam(*delegation.ended));
  return out;
}

Result<ServerResponse> list_delegations(Accounts& accounts, db::Database& database, const PortalRequest& request) {
  const auto found = KYSO_TRY(accounts.delegations(request.who()));
  json::Value items = KYSO_TRY(database.read([&](db::Transaction& transaction) -> Result<json::Value> {
    json::Value out = json::Value::array();
    for (const Delegation& delegation : found)
      out.push_back(delegation_json(transaction, delegation, request.who(), request.now));
    return out;
  }));
  return page(std::move(items), std::nullopt);
}

Result<ServerResponse> delegate(Accounts& accounts, db::Database& database, const PortalRequest& request) {
  const json::Value body = KYSO_TRY(request.object());
  Accounts::NewDelegation wanted;
  wanted.account_email = KYSO_TRY(require_text(body, "account_email", 254));
  wanted.basis = KYSO_TRY(require_text(body, "basis", 500));
  wanted.valid_from = KYSO_TRY(day_of(body, "valid_from"));
  wanted.valid_to = KYSO_TRY(day_of(body, "valid_to"));
  const Delegation made = KYSO_TRY(accounts.delegate(request.who(), wanted, request.now));
  return answer(KYSO_TRY(database.read([&](db::Transaction& transaction) -> Result<json::Value> {
                  return delegation_json(transaction, made, request.who(), request.now);
                })),
                201);
}

Result<ServerResponse> end_delegation(Accounts& accounts, const PortalRequest& request) {
  KYSO_TRY(accounts.end_delegation(request.who(), request.http.parameter("id").value_or(""), request.now));
  return no_content();
}

}  // namespace

std::vector<PortalRoute> administration_routes(Accounts& accounts, db::Database& database) {
  return {{"GET", "/api/v1/accounts", Access::of({Role::administrator, Role::auditor, Role::head}),
           [&](const PortalRequest& r) { return list_accounts(accounts, database, r); }},
          {"PATCH", "/api/v1/accounts/{id}", Access::of({Role::administrator, Role::head}),
           [&](const PortalRequest& r) { return change_account(accounts, database, r); }},
          {"GET", "/api/v1/administration/passkeys", Access::of({Role::administrator, Role::auditor}),
           [&](const PortalRequest&) { return officer_passkeys(accounts); }}};
}

std::vector<PortalRoute> delegation_routes(Accounts& accounts, db::Database& database) {
  return {{"GET", "/api/v1/delegations", Access::of({Role::clerk, Role::head}),
           [&](const PortalRequest& r) { return list_delegations(accounts, database, r); }},
          {"POST", "/api/v1/delegations", Access::of({Role::head}),
           [&](const PortalRequest& r) { return delegate(accounts, database, r); }},
          {"DELETE", "/api/v1/delegations/{id}", Access::of({Role::head}),
           [&](const PortalRequest& r) { return end_delegation(accounts, r); }}};
}

}  // namespace kyso::registry::views
