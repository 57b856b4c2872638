#include <doctest/doctest.h>

#include "base/test_support.h"
#include "db/db_test_support.h"
#include "registry/web/events.h"
#include "registry/web/route.h"

namespace kyso::registry {
namespace {

const std::string kUrl = "https://portal.example.vn";

class OneSession final : public Sessions {
 public:
  Caller caller{"a1", "a@example.vn", "Nguyễn Văn A", "o1", {Role::clerk}, "", "s1"};
  Result<std::optional<Found>> find(std::string_view secret, Instant) override {
    if (secret != "secret") return std::optional<Found>();
    return std::optional(Found{caller, "token"});
  }
};

net::ServerRequest request(std::string method, std::vector<std::pair<std::string, std::string>> headers) {
  net::ServerRequest out;
  out.id = "r1";
  out.method = std::move(method);
  out.headers = std::move(headers);
  return out;
}

// What a route with this access answers.
int status(Access access, const net::ServerRequest& asked) {
  OneSession sessions;
  const FixedClock clock(Instant{});
  const auto routes = serve({sessions, clock, kUrl}, {{asked.method, "/x", std::move(access), [](const PortalRequest&) {
                                                         return Result<net::ServerResponse>(no_content());
                                                       }}});
  return routes.at(0).handler(asked).status;
}

const std::pair<std::string, std::string> kCookie{"cookie", "other=1; __Host-kyso=secret"},
    kCsrf{"x-kyso-csrf", "token"}, kOrigin{"origin", kUrl};

TEST_CASE("a route is open to whom it names, and to nobody else") {
  const Access clerks = Access::of({Role::clerk}), officers = Access::of({Role::receiving, Role::checking});
  CHECK(status(Access::everybody(), request("GET", {})) == 204);
  CHECK(status(Access::signed_in(), request("GET", {})) == 401);
  CHECK(status(Access::signed_in(), request("GET", {{"cookie", "__Host-kyso=wrong"}})) == 401);
  CHECK(status(Access::signed_in(), request("GET", {{"cookie", "kyso=secret"}})) == 401);  // set without https
  CHECK(status(Access::signed_in(), request("GET", {{"cookie", "__Host-kyso=" + std::string(500, 'a')}})) == 401);
  CHECK(status(Access::signed_in(), request("GET", {kCookie})) == 204);
  CHECK(status(clerks, request("GET", {kCookie})) == 204);
  CHECK(status(officers, request("GET", {kCookie})) == 403);
}

TEST_CASE("what changes something needs the session's token and must not come from another site") {
  const Access all = Access::signed_in();
  CHECK(status(all, request("POST", {kCookie})) == 403);
  CHECK(status(all, request("POST", {kCookie, {"x-kyso-csrf", "wrong"}})) == 403);
  CHECK(status(all, request("POST", {kCookie, kCsrf})) == 204);
  CHECK(status(all, request("DELETE", {kCookie, kCsrf, kOrigin})) == 204);
  CHECK(status(all, request("POST", {kCookie, kCsrf, {"origin", "https://evil.example"}})) == 403);
  CHECK(status(all, request("POST", {kCookie, kCsrf, {"origin", "null"}})) == 403);
  CHECK(status(all, request("POST", {kCookie, kCsrf, {"sec-fetch-site", "same-site"}})) == 403);
  CHECK(status(Access::everybody(), request("POST", {{"sec-fetch-site", "cross-site"}})) == 403);
  CHECK(status(Access::everybody(), request("POST", {kOrigin, {"sec-fetch-site", "same-origin"}})) == 204);
}

TEST_CASE("cookies are bound as the address allows") {
  CHECK(session_cookie(kUrl, "s", std::chrono::seconds(60)) ==
        "__Host-kyso=s; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
  CHECK(session_cookie("http://localhost:8080", "s", std::chrono::seconds(60)) ==
        "kyso=s; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
}

TEST_CASE("roles have one name each") {
  for (std::size_t i = 0; i < kRoles; ++i) {
    const Role role = static_cast<Role>(i);
    CHECK(role_by_name(name_of(role)) == role);
  }
  CHECK_FALSE(role_by_name("root"));
}

TEST_CASE("wrong fields are told one by one, in both languages") {
  const auto told = invalid({{"email", fail("registry.input.missing").with("field", "Email")}}, request("POST", {}));
  CHECK(told.status == 422);
  const json::Value body = must(json::parse(as_chars(*told.body)));
  CHECK(body.find("code")->as_string() == "registry.input");
  const json::Value& field = body.find("fields")->as_array()->at(0);
  CHECK(field.find("field")->as_string() == "email");
  CHECK(field.find("message")->as_string() == "Email là trường bắt buộc.");
}

TEST_CASE("file names reach the browser whole") {
  const auto file = download("application/pdf", "Đề nghị cấp \"01\".pdf", Bytes{1});
  CHECK(file.headers.at(0).second ==
        "attachment; filename=\"de nghi cap _01_.pdf\"; "
        "filename*=UTF-8''%C4%90%E1%BB%81%20ngh%E1%BB%8B%20c%E1%BA%A5p%20%2201%22.pdf");
}

TEST_CASE("pages have limits") {
  net::ServerRequest asked = request("GET", {});
  CHECK(must(page_query(asked)).limit == 50);
  asked.query = {{"limit", "200"}, {"after", "x"}};
  CHECK(must(page_query(asked)).limit == 200);
  CHECK(must(page_query(asked)).after == "x");
  for (const char* wrong : {"0", "201", "-1", "1e2", ""}) {
    asked.query = {{"limit", wrong}};
    CHECK_FALSE(page_query(asked));
  }
}

}  // namespace
}  // namespace kyso::registry
