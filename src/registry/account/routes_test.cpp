#include <regex>

#include "base/file.h"
#include "jose/base64url.h"
#include "registry/account/account_fixture.h"

namespace kyso::registry {
namespace {

// The clock that serve() asks.
class PortalClock final : public Clock {
 public:
  explicit PortalClock(const TestPortal& portal) : m_portal(portal) {}
  Instant now() const override { return m_portal.now; }

 private:
  const TestPortal& m_portal;
};

struct Answer {
  int status = 0;
  json::Value body;
  std::vector<std::string> cookies;
  std::string code() const {
    const json::Value* code = body.find("code");
    return code == nullptr ? "" : std::string(code->as_string().value_or(""));
  }
  std::string text(std::string_view member) const {
    const json::Value* value = body.find(member);
    return value == nullptr ? "" : std::string(value->as_string().value_or(""));
  }
};

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Http {
  TestPortal& portal;
  PortalClock clock{portal};
  std::vector<net::Route> routes;
  explicit Http(TestPortal& of) : portal(of) {
    std::vector<PortalRoute> all = account_routes(*portal.accounts, portal.database);
    for (PortalRoute& route : outbox_routes(portal.database)) all.push_back(std::move(route));
    routes = serve({portal.sessions, clock, kPortalUrl}, std::move(all));
  }
  Answer call(const std::string& method, const std::string& where, const json::Value& body, const Headers& headers = {},
              const std::vector<std::pair<std::string, std::string>>& parameters = {}) const {
    for (const net::Route& route : routes) {
      if (route.method != method || route.where != where) continue;
      net::ServerRequest request;
      request.id = "r1";
      request.method = method;
      request.headers = headers;
      request.captures = parameters;
      request.remote_address = "192.0.2.1";
      request.body = to_bytes(json::serialize(body));
      const net::ServerResponse got = route.handler(request);
      Answer out;
      out.status = got.status;
      if (got.body && !got.body->empty()) out.body = must(json::parse(as_chars(*got.body)));
      for (const auto& [name, value] : got.headers)
        if (name == "Set-Cookie") out.cookies.push_back(value);
      return out;
    }
    FAIL("no route ", method, " ", where);
    return {};
  }
  json::Value credentials(const std::string& email, const std::string& password = kGoodPassword) const {
    json::Value out = json::Value::object();
    out.set("email", email).set("password", password);
    return out;
  }
  json::Value with_captcha(json::Value body) const {
    const CaptchaAnswer answer = portal.captcha();
    return body.set("captcha", json::Value::object().set("id", answer.id).set("answer", answer.answer));
  }
};

json::Value object(const std::string& name, const json::Value& value) {
  return json::Value::object().set(name, value);
}

TEST_CASE("a browser registers, activates, signs in, works and signs out") {
  on_each_portal([](TestPortal& portal) {
    const Http http(portal);
    json::Value form = json::Value::object();
    form.set("organisation", "office").set("name", "Nguyễn Văn A").set("phone", "0912345678");
    form.set("email", "a@tinh.example.vn").set("password", kGoodPassword).set("agreed", true);
    const Answer registered = http.call("POST", "/api/v1/accounts", http.with_captcha(form));
    CHECK(registered.status == 202);
    CHECK(registered.text("email") == "a@tinh.example.vn");
    const std::string token = portal.token_in(portal.deliver().at(0));
    CHECK(http.call("POST", "/api/v1/accounts/activation", object("token", token)).status == 204);
    CHECK(http.call("POST", "/api/v1/accounts/activation", object("token", token)).status == 409);

    Answer session = http.call("GET", "/api/v1/session", {});
    CHECK(session.body.find("signed_in")->as_bool() == false);
    CHECK(session.body.find("captcha_needed")->as_bool() == false);
    const Answer signed_in = http.call("POST", "/api/v1/session", http.credentials("a@tinh.example.vn"));
    CHECK(signed_in.status == 200);
    REQUIRE(signed_in.cookies.size() == 1);
    const std::string cookie = signed_in.cookies[0];
    for (const char* part : {"__Host-kyso=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"})
      CHECK(cookie.find(part) != std::string::npos);
    const Headers headers = {{"cookie", cookie.substr(0, cookie.find(';'))}, {"x-kyso-csrf", signed_in.text("csrf")}};
    session = http.call("GET", "/api/v1/session", {}, headers);
    CHECK(session.text("csrf") == signed_in.text("csrf"));
    const json::Value* account = session.body.find("account");
    CHECK(account->find("organisation")->find("chain")->as_array()->size() == 2);
    CHECK(must(json::require_string(*account, "state")) == "active");
    CHECK(account->find("password") == nullptr);

    CHECK(http.call("PATCH", "/api/v1/me", object("name", "Trần Thị B"), headers).text("name") == "Trần Thị B");
    CHECK(http.call("GET", "/api/v1/me/sessions", {}, headers).body.find("items")->as_array()->size() == 1);
    const Answer out = http.call("DELETE", "/api/v1/session", {}, headers);
    CHECK(out.status == 204);
    CHECK(out.cookies.at(0).find("Max-Age=0") != std::string::npos);
    CHECK(http.call("GET", "/api/v1/me", {}, headers).status == 401);
  });
}

TEST_CASE("answers are the same for addresses that have an account and for others") {
  on_each_portal([](TestPortal& portal) {
    const Http http(portal);
    portal.created("a@khac.example.vn", "other", {Role::clerk});
    const auto same = [&](const std::string& where, const std::function<json::Value(const std::string&)>& body) {
      const Answer known = http.call("POST", where, body("a@khac.example.vn"));
      const Answer unknown = http.call("POST", where, body("b@khac.example.vn"));
      CHECK(known.status == unknown.status);
      CHECK(known.code() == unknown.code());
      CHECK(known.text("title") == unknown.text("title"));
      CHECK(known.cookies == unknown.cookies);
      return known.status;
    };
    CHECK(same("/api/v1/session",
               [&](const std::string& email) { return http.credentials(email, "sai mật khẩu rồi"); }) == 403);
    const auto with_email = [&](const std::string& email) { return http.with_captcha(object("email", email)); };
    CHECK(same("/api/v1/accounts/password-reset-mail", with_email) == 202);
    CHECK(same("/api/v1/accounts/activation-mail", with_email) == 202);
    CHECK(same("/api/v1/accounts", [&](const std::string& email) {
            json::Value form = json::Value::object();
            form.set("organisation", "other").set("name", "Nguyễn Văn A").set("phone", "0912345678");
            form.set("email", email).set("password", kGoodPassword).set("agreed", true);
            return http.with_captcha(form);
          }) == 202);
  });
}

TEST_CASE("a form's faults are told at their fields, in both languages") {
  on_each_portal([](TestPortal& portal) {
    const Http http(portal);
    const Answer wrong = http.call("POST", "/api/v1/accounts", object("email", "x"));
    CHECK(wrong.status == 422);
    CHECK(wrong.code() == "registry.input");
    std::set<std::string> fields;
    for (const json::Value& field : *wrong.body.find("fields")->as_array()) {
      fields.insert(must(json::require_string(field, "field")));
      CHECK_FALSE(must(json::require_string(field, "message_en")).empty());
      if (must(json::require_string(field, "field")) == "password")
        CHECK(must(json::require_string(field, "message")) == "Bạn hãy nhập mật khẩu người dùng.");
      if (must(json::require_string(field, "field")) == "organisation")
        CHECK(must(json::require_string(field, "message")) == "Cơ quan, tổ chức là trường bắt buộc.");
    }
    CHECK(fields == std::set<std::string>{"organisation", "name", "phone", "email", "password", "agreed"});
    const TestAccount own = make_account(portal.database, portal.now, "office", {Role::clerk});
    CHECK(http.call("PATCH", "/api/v1/me", object("phone", "1"), own.headers(kPortalUrl)).status == 422);
    CHECK(http.call("POST", "/api/v1/session", json::Value::array()).status == 400);
    CHECK(http.call("POST", "/api/v1/accounts/password-reset", object("token", "x")).status == 409);
  });
}

TEST_CASE("another site can do nothing with a browser's session") {
  on_each_portal([](TestPortal& portal) {
    const Http http(portal);
    const TestAccount own = make_account(portal.database, portal.now, "office", {Role::clerk});
    const std::string cookie = own.headers(kPortalUrl)[0].second;
    const json::Value change = object("name", "Trần Thị B");
    CHECK(http.call("PATCH", "/api/v1/me", change, {{"cookie", cookie}}).code() == "registry.access.csrf");
    CHECK(http.call("PATCH", "/api/v1/me", change, {{"cookie", cookie}, {"x-kyso-csrf", own.session.secret}}).status ==
          403);
    CHECK(http.call("PATCH", "/api/v1/me", change,
                    {{"cookie", cookie}, {"x-kyso-csrf", own.session.csrf}, {"origin", "https://evil.example"}})
              .code() == "registry.access.origin");
    // Nor sign a browser in as somebody else.
    portal.created("a@khac.example.vn", "other", {Role::clerk});
    CHECK(
        http.call("POST", "/api/v1/session", http.credentials("a@khac.example.vn"), {{"sec-fetch-site", "cross-site"}})
            .status == 403);
    CHECK(http.call("PATCH", "/api/v1/me", change, own.headers(kPortalUrl)).status == 200);
  });
}

TEST_CASE("the puzzle is asked for when the session says so, and opens the way") {
  on_each_portal([](TestPortal& portal) {
    const Http http(portal);
    portal.created("a@khac.example.vn", "other", {Role::clerk});
    const json::Value wrong = http.credentials("a@khac.example.vn", "sai mật khẩu rồi");
    for (int i = 0; i < 3; ++i) CHECK(http.call("POST", "/api/v1/session", wrong).status == 403);
    CHECK(http.call("GET", "/api/v1/session", {}).body.find("captcha_needed")->as_bool() == true);
    const json::Value right = http.credentials("a@khac.example.vn");
    const Answer without = http.call("POST", "/api/v1/session", right);
    CHECK(without.status == 422);
    CHECK(without.code() == "registry.captcha.needed");
    const Answer puzzle = http.call("POST", "/api/v1/captcha", {});
    const auto difficulty = static_cast<int>(must(json::require_integer(puzzle.body, "difficulty")));
    json::Value with = right;
    with.set("captcha",
             json::Value::object().set("id", puzzle.text("id")).set("answer", solve(puzzle.text("id"), difficulty)));
    CHECK(http.call("POST", "/api/v1/session", with).status == 200);
    CHECK(http.call("POST", "/api/v1/session", with).code() == "registry.captcha.wrong");
  });
}

TEST_CASE("passkeys over HTTP: options, adding, signing in") {
  on_each_portal([](TestPortal& portal) {
    const Http http(portal);
    const TestAccount own =
        make_account(portal.database, portal.now, "authority", {Role::checking}, "Lê Văn C", "le-van-c");
    const Headers headers = own.headers(kPortalUrl);
    webauthn::SoftAuthenticator authenticator("cong.example.vn", kPortalUrl);
    const auto raw = [](const std::string& text) { return to_bytes(*jose::from_base64url(text)); };
    const Answer options = http.call("POST", "/api/v1/me/passkeys/options", {}, headers);
    CHECK(options.text("rp_id") == "cong.example.vn");
    CHECK(*jose::from_base64url(options.text("user_id")) == own.account.id);
    const auto made = authenticator.register_for(raw(options.text("challenge")));
    json::Value body = object("label", "Khóa USB");
    body.set("client_data_json", jose::to_base64url(made.client_data_json));
    body.set("attestation_object", jose::to_base64url(made.attestation_object));
    const Answer added = http.call("POST", "/api/v1/me/passkeys", body, headers);
    CHECK(added.status == 201);
    CHECK(added.body.find("in_policy")->as_bool() == false);
    CHECK(http.call("POST", "/api/v1/me/passkeys/options", {}, headers).body.find("exclude")->as_array()->size() == 1);
    const Answer challenge = http.call("POST", "/api/v1/session/passkey/options", {});
    const auto assertion = authenticator.assert_for(raw(challenge.text("challenge")));
    json::Value proof = object("challenge", challenge.text("challenge"));
    proof.set("credential_id", jose::to_base64url(assertion.credential_id));
    proof.set("authenticator_data", jose::to_base64url(assertion.authenticator_data));
    proof.set("client_data_json", jose::to_base64url(assertion.client_data_json));
    proof.set("signature", jose::to_base64url(assertion.signature));
    const Answer signed_in = http.call("POST", "/api/v1/session/passkey", proof);
    CHECK(signed_in.status == 200);
    CHECK(signed_in.cookies.size() == 1);
    CHECK(http.call("POST", "/api/v1/session/passkey", proof).status == 403);
    const TestAccount boss = make_account(portal.database, portal.now, "authority", {Role::administrator});
    const Answer listed = http.call("GET", "/api/v1/administration/passkeys", {}, boss.headers(kPortalUrl));
    CHECK(must(json::require_string(listed.body.find("items")->as_array()->at(0), "person")) == "le-van-c");
    CHECK(http.call("DELETE", "/api/v1/me/passkeys/{id}", {}, headers, {{"id", added.text("id")}}).status == 204);
  });
}

TEST_CASE("a head sees accounts of the own organisation and below, and nothing of others") {
  on_each_portal([](TestPortal& portal) {
    const Http http(portal);
    const TestAccount head = make_account(portal.database, portal.now, "province", {Role::head});
    make_account(portal.database, portal.now, "office", {Role::clerk});
    make_account(portal.database, portal.now, "other", {Role::clerk});
    const TestAccount boss = make_account(portal.database, portal.now, "authority", {Role::administrator});
    const auto count = [&](const TestAccount& who, const std::string& organisation) {
      Headers parameters;
      if (!organisation.empty()) parameters = {{"organisation", organisation}};
      const Answer got = http.call("GET", "/api/v1/accounts", {}, who.headers(kPortalUrl), parameters);
      return got.status == 200 ? static_cast<int>(got.body.find("items")->as_array()->size()) : -got.status;
    };
    CHECK(count(head, "") == 2);
    CHECK(count(head, "office") == 1);
    CHECK(count(head, "other") == -404);
    CHECK(count(boss, "") == 4);
    CHECK(count(boss, "other") == 1);
    const Answer first = http.call("GET", "/api/v1/accounts", {}, boss.headers(kPortalUrl), {{"limit", "3"}});
    REQUIRE(first.body.find("items")->as_array()->size() == 3);
    const Answer rest = http.call("GET", "/api/v1/accounts", {}, boss.headers(kPortalUrl),
                                  {{"limit", "3"}, {"after", first.text("next")}});
    CHECK(rest.body.find("items")->as_array()->size() == 1);
    CHECK(rest.body.find("next") == nullptr);
    CHECK(http.call("GET", "/api/v1/accounts", {}, boss.headers(kPortalUrl), {{"after", "xx"}}).status == 400);
  });
}

TEST_CASE("an administrator changes accounts and sends notices again") {
  on_each_portal([](TestPortal& portal) {
    const Http http(portal);
    const TestAccount boss = make_account(portal.database, portal.now, "authority", {Role::administrator});
    const TestAccount clerk = make_account(portal.database, portal.now, "office", {Role::clerk});
    const Headers headers = boss.headers(kPortalUrl);
    json::Value change = json::Value::object();
    change.set("roles", json::Value::array().push_back("head").push_back("clerk")).set("person", json::Value());
    const Answer changed = http.call("PATCH", "/api/v1/accounts/{id}", change, headers, {{"id", clerk.account.id}});
    CHECK(changed.status == 200);
    CHECK(changed.body.find("roles")->as_array()->size() == 2);
    const auto patch = [&](const json::Value& body, const std::string& id) {
      return http.call("PATCH", "/api/v1/accounts/{id}", body, headers, {{"id", id}}).status;
    };
    CHECK(patch(object("roles", json::Value::array().push_back("root")), clerk.account.id) == 400);
    CHECK(patch(object("roles", "head"), clerk.account.id) == 400);
    CHECK(patch(object("state", "gone"), clerk.account.id) == 400);
    CHECK(patch(object("state", "locked"), boss.account.id) == 403);
    CHECK(patch(object("state", "locked"), "nobody") == 404);
    portal.mail.failure = fail("net.mail.refused").with("answer", "550");
    portal.deliver();
    const Answer failed = http.call("GET", "/api/v1/administration/outbox", {}, headers, {{"state", "failed"}});
    REQUIRE(failed.body.find("items")->as_array()->size() == 1);
    const json::Value entry = failed.body.find("items")->as_array()->at(0);
    CHECK(must(json::require_string(*entry.find("failure"), "code")) == "net.mail.refused");
    portal.mail.failure.reset();
    const std::string id = must(json::require_string(entry, "id"));
    CHECK(http.call("POST", "/api/v1/administration/outbox/{id}/retry", {}, headers, {{"id", id}}).status == 204);
    CHECK(portal.deliver().size() == 1);
    CHECK(http.call("POST", "/api/v1/administration/outbox/{id}/retry", {}, headers, {{"id", id}}).status == 409);
    CHECK(http.call("POST", "/api/v1/administration/outbox/{id}/retry", {}, headers, {{"id", "x"}}).status == 404);
    CHECK(http.call("GET", "/api/v1/administration/outbox", {}, headers, {{"state", "x"}}).status == 400);
  });
}

TEST_CASE("delegations over HTTP") {
  on_each_portal([](TestPortal& portal) {
    const Http http(portal);
    const TestAccount head = make_account(portal.database, portal.now, "province", {Role::head});
    const TestAccount helper = make_account(portal.database, portal.now, "other", {Role::clerk});
    const std::string today = iso8601_vietnam(portal.now).substr(0, 10);
    json::Value wanted = object("account_email", helper.account.email);
    wanted.set("basis", "Số 12/QĐ-UBND").set("valid_from", today).set("valid_to", today);
    const Answer made = http.call("POST", "/api/v1/delegations", wanted, head.headers(kPortalUrl));
    CHECK(made.status == 201);
    CHECK(made.text("valid_to") == today);
    CHECK(made.body.find("is_given")->as_bool() == true);
    const Answer received = http.call("GET", "/api/v1/delegations", {}, helper.headers(kPortalUrl));
    CHECK(received.body.find("items")->as_array()->at(0).find("is_given")->as_bool() == false);
    wanted.set("valid_to", "2026-02-30");
    CHECK(http.call("POST", "/api/v1/delegations", wanted, head.headers(kPortalUrl)).status == 400);
    CHECK(http.call("DELETE", "/api/v1/delegations/{id}", {}, head.headers(kPortalUrl), {{"id", made.text("id")}})
              .status == 204);
  });
}

// ---- who may use what, by the contract

struct Contract {
  std::string method, where, access;
};

std::vector<Contract> contract() {
  const Bytes file = must(read_file(KYSO_SOURCE_DIR "/api/openapi.yaml"));
  const std::string text(as_chars(file));
  static const std::regex line(
      R"(\n  (/api/v1/[^:\n]+):|\n    (get|post|put|patch|delete):|x-access: (public|signed-in|\[[^\]]*\]))");
  std::vector<Contract> out;
  std::string where, method;
  for (auto match = std::sregex_iterator(text.begin(), text.end(), line); match != std::sregex_iterator(); ++match) {
    if ((*match)[1].matched) where = (*match)[1];
    if ((*match)[2].matched) method = (*match)[2];
    if (!(*match)[3].matched) continue;
    std::string upper;
    for (const char c : method) upper += static_cast<char>(c - 32);
    out.push_back({upper, where, (*match)[3]});
  }
  return out;
}

TEST_CASE("every route is open to the roles of the contract, and to no other") {
  on_each_portal([](TestPortal& portal) {
    const Http http(portal);
    std::vector<TestAccount> people;
    for (std::size_t i = 0; i < kRoles; ++i) {
      const Role role = static_cast<Role>(i);
      people.push_back(
          make_account(portal.database, portal.now, is_of_authority(role) ? "authority" : "office", {role}));
    }
    const TestAccount nobody = make_account(portal.database, portal.now, "office", {});
    const std::vector<Contract> wanted = contract();
    REQUIRE(wanted.size() > 80);
    for (const net::Route& route : http.routes) {
      INFO(route.method, " ", route.where);
      const auto found = std::ranges::find_if(
          wanted, [&](const Contract& one) { return one.method == route.method && one.where == route.where; });
      REQUIRE(found != wanted.end());
      const auto refusal = [&](const Headers& headers) {
        const std::string code =
            http.call(route.method, route.where, json::Value::object(), headers, {{"id", "x"}}).code();
        return code.starts_with("registry.access.") ? code : "";
      };
      CHECK(refusal({}) == (found->access == "public" ? "" : "registry.access.signin"));
      // Signing out is left to the other tests: it would end the session that is used here.
      if (found->access == "public" || (route.method == "DELETE" && route.where == "/api/v1/session")) continue;
      for (const TestAccount& person : people) {
        const Role role = *person.account.roles.begin();
        INFO(name_of(role));
        const bool is_open = found->access == "signed-in" ||
                             std::regex_search(found->access, std::regex("\\b" + std::string(name_of(role)) + "\\b"));
        CHECK(refusal(person.headers(kPortalUrl)) == (is_open ? "" : "registry.access.role"));
      }
      CHECK(refusal(nobody.headers(kPortalUrl)) == (found->access == "signed-in" ? "" : "registry.access.role"));
    }
    // And nothing of these parts is missing.
    for (const Contract& one : wanted) {
      static const std::regex mine(
          "^/api/v1/(session|captcha|accounts|me|delegations|administration/(passkeys|outbox))(/|$)");
      if (!std::regex_search(one.where, mine)) continue;
      INFO(one.method, " ", one.where);
      CHECK(std::ranges::any_of(http.routes, [&](const net::Route& route) {
        return route.method == one.method && route.where == one.where;
      }));
    }
  });
}

}  // namespace
}  // namespace kyso::registry
