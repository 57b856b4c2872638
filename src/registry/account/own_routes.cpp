#include "base/text.h"
#include "jose/base64url.h"
#include "registry/account/views.h"

// /api/v1/accounts (registration), /api/v1/me
namespace kyso::registry::views {
namespace {

using net::ServerResponse;

constexpr std::size_t kMaxToken = 200;

ServerResponse accepted(const json::Value& body) {
  return answer(body, 202);
}

Result<ServerResponse> register_account(Accounts& accounts, const PortalRequest& request) {
  const json::Value body = KYSO_TRY(request.object());
  RegistrationForm form;
  form.organisation = text_of(body, "organisation").value_or("");
  form.name = text_of(body, "name").value_or("");
  form.phone = text_of(body, "phone").value_or("");
  form.email = text_of(body, "email").value_or("");
  form.language = text_of(body, "language").value_or("vi");
  form.password = secret_of(body, "password");
  const json::Value* agreed = body.find("agreed");
  form.has_agreed = agreed != nullptr && agreed->as_bool().value_or(false);
  form.captcha = captcha_of(body);
  const auto problems = KYSO_TRY(accounts.register_account(form, visitor_of(request), request.now));
  if (!problems.empty()) return invalid(problems, request.http);
  json::Value out = json::Value::object();
  out.set("email", form.email);
  return accepted(out);
}

Result<ServerResponse> activate(Accounts& accounts, const PortalRequest& request) {
  const json::Value body = KYSO_TRY(request.object());
  KYSO_TRY(accounts.activate(KYSO_TRY(require_text(body, "token", kMaxToken)), request.now));
  return no_content();
}

Result<ServerResponse> ask_for_mail(Accounts& accounts, const PortalRequest& request, bool is_reset) {
  const json::Value body = KYSO_TRY(request.object());
  const std::string email = KYSO_TRY(require_text(body, "email", 254));
  const auto captcha = captcha_of(body);
  KYSO_TRY(is_reset ? accounts.ask_for_reset_mail(email, captcha, request.now)
                    : accounts.ask_for_activation_mail(email, captcha, request.now));
  return accepted(json::Value::object());
}

// A rule of passwords that is broken is shown at its field.
std::optional<ServerResponse> password_problem(const Result<>& done, const PortalRequest& request) {
  if (done || !done.error().code.starts_with("registry.account.password.")) return std::nullopt;
  const bool is_present = done.error().code == "registry.account.password.present";
  return invalid({{is_present ? "present" : "password", done.error()}}, request.http);
}

Result<ServerResponse> reset_password(Accounts& accounts, const PortalRequest& request) {
  const json::Value body = KYSO_TRY(request.object());
  const std::string token = KYSO_TRY(require_text(body, "token", kMaxToken));
  const Result<> done = accounts.reset_password(token, secret_of(body, "password"), request.now);
  if (auto problem = password_problem(done, request)) return *std::move(problem);
  KYSO_TRY(done);
  return no_content();
}

Result<ServerResponse> change_password(Accounts& accounts, const PortalRequest& request) {
  const json::Value body = KYSO_TRY(request.object());
  const Result<> done = accounts.change_password(request.who(), secret_of(body, "present"), secret_of(body, "password"),
                                                 visitor_of(request), request.now);
  if (auto problem = password_problem(done, request)) return *std::move(problem);
  KYSO_TRY(done);
  return no_content();
}

Result<ServerResponse> get_me(Accounts& accounts, db::Database& database, const PortalRequest& request) {
  return answer(KYSO_TRY(account_json(database, KYSO_TRY(accounts.account(request.who().account)), request.now)));
}

Result<ServerResponse> change_me(Accounts& accounts, db::Database& database, const PortalRequest& request) {
  const json::Value body = KYSO_TRY(request.object());
  const Accounts::OwnChange change{text_of(body, "name"), text_of(body, "phone"), text_of(body, "language")};
  std::vector<FieldProblem> problems;
  if (const auto name = normalised_name(change.name.value_or("Nguyễn Văn A")); !name)
    problems.push_back({"name", name.error()});
  if (const auto phone = normalised_phone(change.phone.value_or("84912345678")); !phone)
    problems.push_back({"phone", phone.error()});
  if (!problems.empty()) return invalid(problems, request.http);
  const Account account = KYSO_TRY(accounts.change_own(request.who(), change, request.now));
  return answer(KYSO_TRY(account_json(database, account, request.now)));
}

Result<ServerResponse> list_sessions(Accounts& accounts, const PortalRequest& request) {
  json::Value items = json::Value::array();
  for (const auto& session : KYSO_TRY(accounts.sessions_of(request.who(), request.now))) {
    json::Value item = json::Value::object();
    item.set("id", session.id)
        .set("created", iso8601_vietnam(session.created))
        .set("seen", iso8601_vietnam(session.seen))
        .set("address", session.address)
        .set("agent", session.agent)
        .set("way", session.way)
        .set("is_this", session.id == request.who().session);
    items.push_back(std::move(item));
  }
  return page(std::move(items), std::nullopt);
}

Result<ServerResponse> end_session(Accounts& accounts, const PortalRequest& request) {
  KYSO_TRY(accounts.end_session(request.who(), request.http.parameter("id").value_or(""), request.now));
  return no_content();
}

Result<ServerResponse> end_others(Accounts& accounts, const PortalRequest& request) {
  KYSO_TRY(accounts.end_other_sessions(request.who(), request.now));
  return no_content();
}

}  // namespace

std::vector<PortalRoute> registration_routes(Accounts& accounts) {
  const Access all = Access::everybody();
  return {{"POST", "/api/v1/accounts", all, [&](const PortalRequest& r) { return register_account(accounts, r); }},
          {"POST", "/api/v1/accounts/activation", all, [&](const PortalRequest& r) { return activate(accounts, r); }},
          {"POST", "/api/v1/accounts/activation-mail", all,
           [&](const PortalRequest& r) { return ask_for_mail(accounts, r, false); }},
          {"POST", "/api/v1/accounts/password-reset-mail", all,
           [&](const PortalRequest& r) { return ask_for_mail(accounts, r, true); }},
          {"POST", "/api/v1/accounts/password-reset", all,
           [&](const PortalRequest& r) { return reset_password(accounts, r); }}};
}

std::vector<PortalRoute> own_routes(Accounts& accounts, db::Database& database) {
  const Access own = Access::signed_in();
  return {
      {"GET", "/api/v1/me", own, [&](const PortalRequest& r) { return get_me(accounts, database, r); }},
      {"PATCH", "/api/v1/me", own, [&](const PortalRequest& r) { return change_me(accounts, database, r); }},
      {"PUT", "/api/v1/me/password", own, [&](const PortalRequest& r) { return change_password(accounts, r); }},
      {"GET", "/api/v1/me/sessions", own, [&](const PortalRequest& r) { return list_sessions(accounts, r); }},
      {"DELETE", "/api/v1/me/sessions", own, [&](const PortalRequest& r) { return end_others(accounts, r); }},
      {"DELETE", "/api/v1/me/sessions/{id}", own, [&](const PortalRequest& r) { return end_session(accounts, r); }}};
}

}  // namespace kyso::registry::views
