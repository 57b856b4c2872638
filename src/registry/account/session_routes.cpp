#include "registry/account/views.h"
#include "registry/web/parameters.h"

// /api/v1/session…, /api/v1/captcha
namespace kyso::registry::views {
namespace {

using net::ServerResponse;

constexpr std::chrono::minutes kBrowserCookie{10};

std::string oidc_cookie_name(std::string_view public_url) {
  return public_url.starts_with("https://") ? "__Host-kyso-oidc" : "kyso-oidc";
}

// SameSite=Lax: the provider sends people back by a link, and the cookie must come with it.
std::string oidc_cookie(std::string_view public_url, std::string_view value, std::chrono::seconds max_age) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}", oidc_cookie_name(public_url), value,
                     max_age.count(), public_url.starts_with("https://") ? "; Secure" : "");
}

json::Value session_json(Accounts& accounts, Instant now) {
  json::Value out = json::Value::object();
  out.set("signed_in", false)
      .set("has_oidc", accounts.options().oidc.has_value())
      .set("passkey_rp_id", accounts.options().relying_party.id)
      .set("server_time", iso8601_vietnam(now));
  return out;
}

Result<ServerResponse> get_session(Accounts& accounts, db::Database& database, const PortalRequest& request) {
  json::Value out = session_json(accounts, request.now);
  if (!request.caller) {
    out.set("captcha_needed", KYSO_TRY(accounts.needs_captcha(request.http.remote_address, request.now)));
    return answer(out);
  }
  const Account account = KYSO_TRY(accounts.account(request.who().account));
  const std::string_view secret = cookie_of(request.http, session_cookie_name(accounts.options().public_url));
  out.set("signed_in", true)
      .set("csrf", csrf_of(secret))
      .set("account", KYSO_TRY(account_json(database, account, request.now)));
  return answer(out);
}

Result<ServerResponse> sign_in(Accounts& accounts, db::Database& database, const PortalRequest& request) {
  const json::Value body = KYSO_TRY(request.object());
  SignInForm form;
  form.email = text_of(body, "email").value_or("");
  form.password = secret_of(body, "password");
  form.captcha = captcha_of(body);
  std::vector<FieldProblem> problems;
  if (form.email.empty()) problems.push_back({"email", fail("registry.input.missing").with("field", "Tên tài khoản")});
  if (form.password.empty()) problems.push_back({"password", fail("registry.account.password.missing")});
  if (!problems.empty()) return invalid(problems, request.http);
  const SignedIn done = KYSO_TRY(accounts.sign_in(form, visitor_of(request), request.now));
  return signed_in_answer(accounts, database, done, request.now);
}

Result<ServerResponse> sign_out(Accounts& accounts, const PortalRequest& request) {
  KYSO_TRY(accounts.sign_out(request.who(), request.now));
  return no_content().with("Set-Cookie", session_cookie(accounts.options().public_url, "", std::chrono::seconds(0)));
}

Result<ServerResponse> passkey_options(Accounts& accounts, const PortalRequest& request) {
  json::Value out = json::Value::object();
  out.set("challenge", KYSO_TRY(accounts.passkey_challenge(request.now)))
      .set("rp_id", accounts.options().relying_party.id)
      .set("timeout_ms", 300'000);
  return answer(out);
}

Result<ServerResponse> sign_in_with_passkey(Accounts& accounts, db::Database& database, const PortalRequest& request) {
  const json::Value body = KYSO_TRY(request.object());
  const std::string challenge = KYSO_TRY(require_text(body, "challenge", 2'000));
  webauthn::Assertion assertion;
  assertion.credential_id = KYSO_TRY(require_bytes(body, "credential_id"));
  assertion.authenticator_data = KYSO_TRY(require_bytes(body, "authenticator_data"));
  assertion.client_data_json = KYSO_TRY(require_bytes(body, "client_data_json"));
  assertion.signature = KYSO_TRY(require_bytes(body, "signature"));
  const SignedIn done = KYSO_TRY(accounts.sign_in_with_passkey(challenge, assertion, visitor_of(request), request.now));
  return signed_in_answer(accounts, database, done, request.now);
}

ServerResponse redirect(const std::string& where) {
  ServerResponse out;
  out.status = 302;
  out.with("Location", where).with("Cache-Control", "no-store").with("Referrer-Policy", "no-referrer");
  return out;
}

Result<ServerResponse> start_oidc(Accounts& accounts, const PortalRequest& request) {
  const auto start = KYSO_TRY(accounts.start_oidc(request.http.parameter("return_to").value_or("/"), request.now));
  return redirect(start.location)
      .with("Set-Cookie", oidc_cookie(accounts.options().public_url, start.browser, kBrowserCookie));
}

Result<ServerResponse> finish_oidc(Accounts& accounts, const PortalRequest& request) {
  const AccountOptions& options = accounts.options();
  const auto parameter = [&](std::string_view name) { return request.http.parameter(name).value_or(""); };
  const auto done = accounts.finish_oidc({parameter("code"), parameter("state"), parameter("error"), parameter("iss"),
                                          std::string(cookie_of(request.http, oidc_cookie_name(options.public_url)))},
                                         visitor_of(request), request.now);
  const std::string over = oidc_cookie(options.public_url, "", std::chrono::seconds(0));
  // People are looking at this address: they are led back to a page that explains.
  if (!done)
    return redirect(fmt::format("{}?error={}", options.sign_in_path, done.error().code)).with("Set-Cookie", over);
  const OpenedSession& session = done->signed_in.session;
  return redirect(done->return_to)
      .with("Set-Cookie", over)
      .with("Set-Cookie", session_cookie(options.public_url, session.secret, session.max_age));
}

Result<ServerResponse> new_puzzle(Accounts& accounts, const PortalRequest& request) {
  const Captcha captcha = KYSO_TRY(accounts.captcha(request.http.remote_address, request.now));
  json::Value out = json::Value::object();
  out.set("id", captcha.id)
      .set("difficulty", captcha.difficulty)
      .set("algorithm", "sha256")
      .set("expires", iso8601_vietnam(captcha.expires));
  return answer(out);
}

}  // namespace

Result<ServerResponse> signed_in_answer(Accounts& accounts, db::Database& database, const SignedIn& signed_in,
                                        Instant now) {
  json::Value out = session_json(accounts, now);
  out.set("signed_in", true)
      .set("csrf", signed_in.session.csrf)
      .set("account", KYSO_TRY(account_json(database, signed_in.account, now)));
  return answer(out).with(
      "Set-Cookie", session_cookie(accounts.options().public_url, signed_in.session.secret, signed_in.session.max_age));
}

std::vector<PortalRoute> session_routes(Accounts& accounts, db::Database& database) {
  const Access all = Access::everybody();
  return {
      {"GET", "/api/v1/session", all, [&](const PortalRequest& r) { return get_session(accounts, database, r); }},
      {"POST", "/api/v1/session", all, [&](const PortalRequest& r) { return sign_in(accounts, database, r); }},
      {"DELETE", "/api/v1/session", Access::signed_in(), [&](const PortalRequest& r) { return sign_out(accounts, r); }},
      {"POST",
       "/api/v1/session/passkey/options",
       all,
       [&](const PortalRequest& r) { return passkey_options(accounts, r); },
       256U << 10U,
       {}},
      {"POST", "/api/v1/session/passkey", all,
       [&](const PortalRequest& r) { return sign_in_with_passkey(accounts, database, r); }},
      {"GET", "/api/v1/session/oidc", all, [&](const PortalRequest& r) { return start_oidc(accounts, r); }},
      {"GET", "/api/v1/session/oidc/callback", all, [&](const PortalRequest& r) { return finish_oidc(accounts, r); }},
      {"POST",
       "/api/v1/captcha",
       all,
       [&](const PortalRequest& r) { return new_puzzle(accounts, r); },
       256U << 10U,
       {}}};
}

}  // namespace kyso::registry::views
