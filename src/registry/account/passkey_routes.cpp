#include "jose/base64url.h"
#include "registry/account/views.h"

// /api/v1/me/passkeys
namespace kyso::registry::views {
namespace {

using net::ServerResponse;

json::Value passkey_json(Accounts& accounts, const std::string& person, const account_store::PasskeyRow& row) {
  json::Value out = json::Value::object();
  out.set("id", row.id).set("label", row.label).set("created", iso8601_vietnam(row.created));
  if (row.used) out.set("used", iso8601_vietnam(*row.used));
  if (!person.empty()) out.set("in_policy", accounts.is_in_policy(person, row.credential));
  return out;
}

Result<ServerResponse> list_passkeys(Accounts& accounts, const PortalRequest& request) {
  json::Value items = json::Value::array();
  for (const auto& row : KYSO_TRY(accounts.passkeys_of(request.who())))
    items.push_back(passkey_json(accounts, request.who().person, row));
  return page(std::move(items), std::nullopt);
}

Result<ServerResponse> creation_options(Accounts& accounts, const PortalRequest& request) {
  const Caller& caller = request.who();
  json::Value algorithms = json::Value::array(), exclude = json::Value::array();
  for (const int algorithm : {-7, -257, -8}) algorithms.push_back(algorithm);  // ES256, RS256, EdDSA
  for (const auto& row : KYSO_TRY(accounts.passkeys_of(caller))) exclude.push_back(jose::to_base64url(row.credential));
  json::Value out = json::Value::object();
  out.set("challenge", KYSO_TRY(accounts.creation_challenge(caller, request.now)))
      .set("rp_id", accounts.options().relying_party.id)
      .set("rp_name", accounts.options().relying_party_name)
      .set("user_id", jose::to_base64url(as_bytes(caller.account)))
      .set("user_name", caller.email)
      .set("user_display_name", caller.name)
      .set("algorithms", std::move(algorithms))
      .set("exclude", std::move(exclude));
  return answer(out);
}

Result<ServerResponse> add_passkey(Accounts& accounts, const PortalRequest& request) {
  const json::Value body = KYSO_TRY(request.object());
  const std::string label = KYSO_TRY(require_text(body, "label", 100));
  webauthn::Registration registration;
  registration.client_data_json = KYSO_TRY(require_bytes(body, "client_data_json"));
  registration.attestation_object = KYSO_TRY(require_bytes(body, "attestation_object"));
  const auto row = KYSO_TRY(accounts.add_passkey(request.who(), label, registration, request.now));
  return answer(passkey_json(accounts, request.who().person, row), 201);
}

Result<ServerResponse> remove_passkey(Accounts& accounts, const PortalRequest& request) {
  KYSO_TRY(accounts.remove_passkey(request.who(), request.http.parameter("id").value_or(""), request.now));
  return no_content();
}

}  // namespace

std::vector<PortalRoute> passkey_routes(Accounts& accounts) {
  const Access own = Access::signed_in();
  return {
      {"GET", "/api/v1/me/passkeys", own, [&](const PortalRequest& r) { return list_passkeys(accounts, r); }},
      {"POST", "/api/v1/me/passkeys", own, [&](const PortalRequest& r) { return add_passkey(accounts, r); }},
      {"POST",
       "/api/v1/me/passkeys/options",
       own,
       [&](const PortalRequest& r) { return creation_options(accounts, r); },
       256U << 10U,
       {}},
      {"DELETE", "/api/v1/me/passkeys/{id}", own, [&](const PortalRequest& r) { return remove_passkey(accounts, r); }}};
}

}  // namespace kyso::registry::views
