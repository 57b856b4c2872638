#include <cstdlib>

#include "jose/base64url.h"
#include "registry/account/account_fixture.h"

namespace kyso::registry {
namespace {

const std::string kIssuer = "https://iam.example.vn/realms/kyso";
// OpenID Connect Core 1.0 appendix A.3, with its at_hash.
const std::string kAccessToken = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y",
                  kAccessTokenHash = "77QmUPtjPfzWtF2AnpK9RQ";
const std::string kCallback = kPortalUrl + "/api/v1/session/oidc/callback";

std::string parameter_of(std::string_view url, const std::string& name) {
  for (const std::string& begin : {"?" + name + "=", "&" + name + "="}) {
    const std::size_t at = url.find(begin);
    if (at == std::string::npos) continue;
    std::string out;
    for (std::size_t i = at + begin.size(); i < url.size() && url[i] != '&' && url[i] != '#'; ++i) {
      if (url[i] == '%') {
        out += static_cast<char>(std::stoi(std::string(url.substr(i + 1, 2)), nullptr, 16));
        i += 2;
      } else {
        out += url[i];
      }
    }
    return out;
  }
  return "";
}

// A provider that says what a test wants; its key is made and used by the program openssl.
class FakeProvider {
 public:
  std::string subject = "s-1", email = "a@khac.example.vn", nonce, issuer = kIssuer, client = "kyso";
  bool is_verified = true, has_email = true, is_down = false;
  std::string key_id = "k1", endpoint_base = kIssuer, userinfo_subject;
  std::string at_hash;  // empty: not in the token
  int metadata_asked = 0, keys_asked = 0;
  std::string token_body, token_authorization;
  Instant now = kMorning;

  FakeProvider() { output_of("openssl genrsa -out " + key() + " 2048 2>&1"); }
  std::function<Result<net::HttpResponse>(const net::HttpRequest&)> exchange() {
    return [this](const net::HttpRequest& request) { return answer(request); };
  }

 private:
  std::string key() const { return (m_folder / "key.pem").string(); }
  static net::HttpResponse json_answer(const json::Value& value) {
    net::HttpResponse out;
    out.status = 200;
    out.body = to_bytes(json::serialize(value));
    return out;
  }
  json::Value keys() const {
    std::string modulus = output_of("openssl rsa -in " + key() + " -noout -modulus");
    modulus = modulus.substr(8, modulus.find('\n') - 8);
    json::Value one = json::Value::object();
    one.set("kty", "RSA").set("kid", key_id).set("alg", "RS256").set("use", "sig").set("e", "AQAB");
    one.set("n", jose::to_base64url(must(from_hex(modulus))));
    return json::Value::object().set("keys", json::Value::array().push_back(one));
  }
  std::string id_token() const {
    json::Value header = json::Value::object(), claims = json::Value::object();
    header.set("alg", "RS256").set("kid", key_id);
    const std::int64_t at = now.time_since_epoch().count();
    claims.set("iss", issuer).set("aud", client).set("sub", subject).set("nonce", nonce);
    claims.set("iat", at).set("exp", at + 300);
    if (!at_hash.empty()) claims.set("at_hash", at_hash);
    if (has_email) claims.set("email", email).set("email_verified", is_verified);
    const std::string signing = jose::to_base64url(as_bytes(json::serialize(header))) + "." +
                                jose::to_base64url(as_bytes(json::serialize(claims)));
    m_folder.write("input", signing);
    output_of("openssl dgst -sha256 -sign " + key() + " -out " + (m_folder / "signature").string() + " " +
              (m_folder / "input").string());
    std::ifstream file(m_folder / "signature", std::ios::binary);
    const std::string signature{std::istreambuf_iterator<char>(file), {}};
    return signing + "." + jose::to_base64url(as_bytes(signature));
  }
  Result<net::HttpResponse> answer(const net::HttpRequest& request) {
    if (is_down) return fail("net.unreachable").with("host", "iam.example.vn");
    if (request.url == kIssuer + "/.well-known/openid-configuration") {
      ++metadata_asked;
      json::Value out = json::Value::object();
      out.set("issuer", kIssuer)
          .set("authorization_endpoint", endpoint_base + "/auth")
          .set("token_endpoint", endpoint_base + "/token")
          .set("userinfo_endpoint", endpoint_base + "/userinfo")
          .set("jwks_uri", endpoint_base + "/keys")
          .set("authorization_response_iss_parameter_supported", true);
      return json_answer(out);
    }
    if (request.url == endpoint_base + "/keys") {
      ++keys_asked;
      return json_answer(keys());
    }
    if (request.url == endpoint_base + "/userinfo") {
      json::Value out = json::Value::object();
      out.set("sub", userinfo_subject).set("email", email).set("email_verified", is_verified);
      return json_answer(out);
    }
    REQUIRE(request.url == endpoint_base + "/token");
    token_body = as_chars(request.body);
    for (const auto& [name, value] : request.headers)
      if (name == "Authorization") token_authorization = value;
    json::Value out = json::Value::object();
    out.set("id_token", id_token()).set("access_token", kAccessToken).set("token_type", "Bearer");
    return json_answer(out);
  }
  TestFolder m_folder;
};

struct OidcPortal {
  TestPortal& portal;
  FakeProvider provider;
  std::unique_ptr<Accounts> accounts;
  explicit OidcPortal(TestPortal& of,
                      const std::string& secret = "geheim & =", std::map<std::string, std::string> mapping = {})
      : portal(of) {
    AccountOptions options = portal.copy_of_options();
    options.oidc.emplace();
    options.oidc->issuer = kIssuer;
    options.oidc->client_id = "kyso";
    options.oidc->client_secret = Secret(secret);
    options.oidc->accounts = std::move(mapping);
    options.oidc->exchange = provider.exchange();
    accounts = std::make_unique<Accounts>(portal.database, std::move(options));
  }
  Accounts::OidcStart start(const std::string& return_to = "/ho-so") {
    auto out = must(accounts->start_oidc(return_to, portal.now));
    provider.nonce = parameter_of(out.location, "nonce");
    return out;
  }
  Result<Accounts::OidcDone> finish(const Accounts::OidcStart& start) {
    provider.now = portal.now;
    return accounts->finish_oidc({"the code", parameter_of(start.location, "state"), "", kIssuer, start.browser},
                                 portal.visitor(), portal.now);
  }
  std::string verdict() { return code_of(finish(start())); }
};

TEST_CASE("whom the provider vouches for is signed in, with PKCE and a nonce of this browser") {
  on_each_portal([](TestPortal& portal) {
    const Account account = portal.created("a@khac.example.vn", "other", {Role::clerk});
    OidcPortal iam(portal);
    const auto start = iam.start("/ho-so?box=draft");
    CHECK(start.location.starts_with(kIssuer + "/auth?response_type=code&client_id=kyso&"));
    CHECK(parameter_of(start.location, "redirect_uri") == kCallback);
    CHECK(parameter_of(start.location, "code_challenge_method") == "S256");
    const auto done = must(iam.finish(start));
    CHECK(done.signed_in.account.id == account.id);
    CHECK(done.return_to == "/ho-so?box=draft");
    CHECK(portal.caller(done.signed_in));
    const std::string verifier = parameter_of("?" + iam.provider.token_body, "code_verifier");
    CHECK(jose::pkce_challenge(verifier) == parameter_of(start.location, "code_challenge"));
    CHECK(iam.provider.token_authorization ==
          "Basic " + to_base64(as_bytes(std::string_view("kyso:geheim%20%26%20%3D"))));
    CHECK(iam.verdict() == "ok");
    CHECK(iam.provider.metadata_asked == 1);  // kept
    CHECK(iam.provider.keys_asked == 1);
    CHECK(portal.has_event(account, "account.identity_bound"));
  });
}

TEST_CASE("a sign-in that began in another browser, was used, or is too old is refused") {
  on_each_portal([](TestPortal& portal) {
    portal.created("a@khac.example.vn", "other", {Role::clerk});
    OidcPortal iam(portal);
    auto start = iam.start();
    const std::string own = start.browser;
    start.browser = iam.start().browser;
    CHECK(code_of(iam.finish(start)) == "registry.oidc.state");
    start.browser = "";
    CHECK(code_of(iam.finish(start)) == "registry.oidc.state");
    start = iam.start();
    CHECK(code_of(iam.finish(start)) == "ok");
    CHECK(code_of(iam.finish(start)) == "registry.oidc.state");
    start = iam.start();
    portal.now += std::chrono::minutes(10);
    CHECK(code_of(iam.finish(start)) == "registry.oidc.state");
    start = iam.start();
    const auto answer = [&](const std::string& error, const std::string& issuer) {
      start = iam.start();
      return code_of(iam.accounts->finish_oidc(
          {error.empty() ? "code" : "", parameter_of(start.location, "state"), error, issuer, start.browser},
          portal.visitor(), portal.now));
    };
    CHECK(answer("access_denied", kIssuer) == "registry.oidc.denied");
    CHECK(answer("", "https://evil.example") == "registry.oidc.refused");  // mix-up
    CHECK(answer("", "") == "registry.oidc.refused");
  });
}

TEST_CASE("tokens for others are refused") {
  on_each_portal([](TestPortal& portal) {
    portal.created("a@khac.example.vn", "other", {Role::clerk});
    OidcPortal iam(portal);
    CHECK(iam.verdict() == "ok");
    auto start = iam.start();
    iam.provider.nonce = "of another sign-in";
    CHECK(code_of(iam.finish(start)) == "registry.oidc.refused");
    iam.provider.client = "another";
    CHECK(iam.verdict() == "registry.oidc.refused");
    iam.provider.client = "kyso";
    iam.provider.issuer = "https://evil.example";
    CHECK(iam.verdict() == "registry.oidc.refused");
    iam.provider.issuer = kIssuer;
    iam.provider.key_id = "k2";  // the provider has a new key
    portal.now += std::chrono::minutes(1);
    CHECK(iam.verdict() == "ok");
    CHECK(iam.provider.keys_asked == 2);
  });
}

TEST_CASE("an ID token that says so belongs to the access token it came with") {
  on_each_portal([](TestPortal& portal) {
    portal.created("a@khac.example.vn", "other", {Role::clerk});
    OidcPortal iam(portal);
    iam.provider.at_hash = kAccessTokenHash;
    CHECK(iam.verdict() == "ok");
    iam.provider.at_hash = "LDktKdoQak3Pk0cnXxCltA";  // of another one
    CHECK(iam.verdict() == "registry.oidc.refused");
  });
}

TEST_CASE("only confirmed addresses of accounts count, and an identity stays with its account") {
  on_each_portal([](TestPortal& portal) {
    portal.created("a@khac.example.vn", "other", {Role::clerk});
    portal.created("b@khac.example.vn", "other", {Role::clerk});
    OidcPortal iam(portal, "");
    iam.provider.is_verified = false;
    CHECK(iam.verdict() == "registry.oidc.account");
    iam.provider.is_verified = true;
    iam.provider.email = "khong@co.example";
    CHECK(iam.verdict() == "registry.oidc.account");
    iam.provider.email = "A@khac.example.vn";
    CHECK(iam.verdict() == "ok");
    CHECK(iam.provider.token_authorization.empty());  // a public client
    // The address changes at the provider: it is the same person here.
    iam.provider.email = "b@khac.example.vn";
    CHECK(must(iam.finish(iam.start())).signed_in.account.email == "a@khac.example.vn");
    // Somebody else gets the former address there: not the account here.
    iam.provider.subject = "s-2";
    iam.provider.email = "a@khac.example.vn";
    CHECK(iam.verdict() == "registry.oidc.account");
  });
}

TEST_CASE("the configuration may say whose account an identity is, and UserInfo may tell the address") {
  on_each_portal([](TestPortal& portal) {
    portal.created("a@khac.example.vn", "other", {Role::clerk});
    portal.created("b@khac.example.vn", "other", {Role::clerk});
    OidcPortal iam(portal, "", {{"staff-7", "b@khac.example.vn"}});
    iam.provider.subject = "staff-7";
    iam.provider.has_email = false;
    CHECK(must(iam.finish(iam.start())).signed_in.account.email == "b@khac.example.vn");
    iam.provider.subject = "s-1";
    iam.provider.userinfo_subject = "somebody else";
    CHECK(iam.verdict() == "registry.oidc.refused");
    iam.provider.userinfo_subject = "s-1";
    CHECK(must(iam.finish(iam.start())).signed_in.account.email == "a@khac.example.vn");
  });
}

// What a route answers: its status, and all headers of a name.
struct Redirect {
  int status = 0;
  std::string location;
  std::vector<std::string> cookies;
};
Redirect visit(const OidcPortal& iam, const std::string& where,
               const std::vector<std::pair<std::string, std::string>>& query, const std::string& cookie = {}) {
  net::ServerRequest request;
  request.id = "r1";
  request.method = "GET";
  request.query = query;
  request.remote_address = "192.0.2.1";
  if (!cookie.empty()) request.headers = {{"cookie", "other=1; " + cookie}};
  for (const PortalRoute& route : account_routes(*iam.accounts, iam.portal.database)) {
    if (route.where != where) continue;
    const net::ServerResponse got = must(route.handler({request, std::nullopt, iam.portal.now}));
    Redirect out{got.status, {}, {}};
    for (const auto& [name, value] : got.headers) {
      if (name == "Location") out.location = value;
      if (name == "Set-Cookie") out.cookies.push_back(value);
    }
    return out;
  }
  FAIL("no route ", where);
  return {};
}

TEST_CASE("a browser goes to the provider and comes back signed in, by redirects and short cookies") {
  on_each_portal([](TestPortal& portal) {
    portal.created("a@khac.example.vn", "other", {Role::clerk});
    OidcPortal iam(portal);
    const Redirect there = visit(iam, "/api/v1/session/oidc", {{"return_to", "//evil.example"}});
    CHECK(there.status == 302);
    REQUIRE(there.cookies.size() == 1);
    for (const char* part : {"__Host-kyso-oidc=", "HttpOnly", "Secure", "SameSite=Lax", "Max-Age=600"})
      CHECK(there.cookies[0].find(part) != std::string::npos);
    const std::string cookie = there.cookies[0].substr(0, there.cookies[0].find(';'));
    iam.provider.nonce = parameter_of(there.location, "nonce");
    const std::vector<std::pair<std::string, std::string>> query = {
        {"code", "c"}, {"state", parameter_of(there.location, "state")}, {"iss", kIssuer}};
    const Redirect without = visit(iam, "/api/v1/session/oidc/callback", query);
    CHECK(without.location == "/dang-nhap?error=registry.oidc.state");
    const Redirect back = visit(iam, "/api/v1/session/oidc/callback", query, cookie);
    CHECK(back.status == 302);
    CHECK(back.location == "/");  // not to another site
    REQUIRE(back.cookies.size() == 2);
    CHECK(back.cookies[0].starts_with("__Host-kyso-oidc=; "));
    CHECK(back.cookies[1].starts_with("__Host-kyso="));
    CHECK(visit(iam, "/api/v1/session/oidc/callback", query, cookie).location ==
          "/dang-nhap?error=registry.oidc.state");
  });
}

TEST_CASE("a provider that is away, or sends codes elsewhere, is not used") {
  on_each_portal([](TestPortal& portal) {
    CHECK(code_of(portal.accounts->start_oidc("/", portal.now)) == "registry.oidc.absent");
    OidcPortal iam(portal);
    iam.provider.is_down = true;
    CHECK(code_of(iam.accounts->start_oidc("/", portal.now)) == "registry.oidc.unavailable");
    iam.provider.is_down = false;
    iam.provider.endpoint_base = "http://iam.example.vn";
    CHECK(code_of(iam.accounts->start_oidc("/", portal.now)) == "registry.oidc.refused");
  });
}

// ---- against a provider that others wrote (tests/portal/identity_provider)

class Browser {
 public:
  explicit Browser(std::string origin) : m_origin(std::move(origin)) {}
  // Follows redirects within the provider; the first address outside of it is where it ends.
  std::string open(std::string url, const std::string& form = {}) {
    std::string body = form;
    for (int i = 0; i < 12; ++i) {
      if (!url.starts_with(m_origin)) return url;
      net::HttpRequest request;
      request.url = url;
      if (!body.empty()) {
        request.method = "POST";
        request.content_type = "application/x-www-form-urlencoded";
        request.body = to_bytes(body);
      }
      std::string cookies;
      for (const auto& [name, value] : m_cookies) cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
      if (!cookies.empty()) request.headers.emplace_back("Cookie", cookies);
      const net::HttpResponse answer = must(net::http_exchange(request));
      for (const auto& [name, value] : answer.headers) {
        if (name != "set-cookie") continue;
        const std::size_t is = value.find('='), end = value.find(';');
        m_cookies[value.substr(0, is)] = value.substr(is + 1, end - is - 1);
      }
      page = as_chars(answer.body);
      body.clear();
      if (answer.status < 300 || answer.status >= 400) return url;
      const std::string where(answer.header("location"));
      url = where.starts_with("/") ? m_origin + where : where;
    }
    FAIL("too many redirects");
    return url;
  }
  std::string page;

 private:
  std::string m_origin;
  std::map<std::string, std::string> m_cookies;
};

// Signs in as `who` on the provider's pages and agrees; where the provider sends the browser then.
std::string pass_through(const std::string& issuer, const std::string& location, const std::string& who) {
  Browser browser(issuer);
  std::string at = browser.open(location);
  for (int i = 0; i < 4 && at.starts_with(issuer + "/interaction/"); ++i) {
    const bool is_login = browser.page.find("name=\"login\"") != std::string::npos;
    at = browser.open(at, is_login ? "prompt=login&login=" + who + "&password=x" : "prompt=consent");
  }
  return at;
}

TEST_CASE("identity provider: people sign in at a real one" *
          doctest::skip(std::getenv("KYSO_OIDC_ISSUER") == nullptr)) {
  const std::string issuer = std::getenv("KYSO_OIDC_ISSUER");
  on_each_portal([&](TestPortal& portal) {
    portal.now = system_clock().now();
    portal.created("a@khac.example.vn", "other", {Role::clerk});
    AccountOptions options = portal.copy_of_options();
    options.oidc.emplace();
    options.oidc->issuer = issuer;
    options.oidc->client_id = "kyso";
    options.oidc->client_secret = Secret("a secret of tests: & = %");
    Accounts accounts(portal.database, std::move(options));
    const auto sign_in = [&](const std::string& who, const std::string& verifier_of_another = {}) {
      const auto start = must(accounts.start_oidc("/ho-so", portal.now));
      const std::string back = pass_through(issuer, start.location, who);
      REQUIRE(back.starts_with(kCallback));
      return accounts.finish_oidc(
          {parameter_of(back, "code"), parameter_of(back, "state"), parameter_of(back, "error"),
           parameter_of(back, "iss"), verifier_of_another.empty() ? start.browser : verifier_of_another},
          portal.visitor(), portal.now);
    };
    const auto done = must(sign_in("a@khac.example.vn"));
    CHECK(done.signed_in.account.email == "a@khac.example.vn");
    CHECK(done.return_to == "/ho-so");
    CHECK(portal.caller(done.signed_in));
    CHECK(code_of(sign_in("khong@co.example")) == "registry.oidc.account");
    CHECK(code_of(sign_in("unverified:a@khac.example.vn")) == "registry.oidc.account");
    CHECK(code_of(sign_in("a@khac.example.vn", "another browser")) == "registry.oidc.state");
    CHECK(sign_in("a@khac.example.vn"));
  });
}

}  // namespace
}  // namespace kyso::registry
