#include <doctest/doctest.h>

#include "base/test_support.h"
#include "db/db_test_support.h"
#include "registry/web/events.h"
#include "registry/web/pages.h"
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
  std::set<std::string> ended;
  Result<std::vector<std::string>> living(const std::vector<std::string>& ids, Instant) override {
    std::vector<std::string> out;
    std::ranges::copy_if(ids, std::back_inserter(out), [&](const std::string& id) { return !ended.contains(id); });
    return out;
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

TEST_CASE("what cannot be kept is the sender's fault, what is away is nobody's") {
  CHECK(portal_status_of(fail("db.parameter")) == 400);
  CHECK(portal_status_of(fail("db.busy")) == 503);
  CHECK(portal_status_of(fail("base.internal")) == 500);
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

TEST_CASE("pages are files, the start page for addresses of pages, and nothing inline") {
  const TestFolder folder;
  std::filesystem::create_directory(folder / "assets");
  folder.write("index.html", "<html>start</html>");
  folder.write("assets/app-1a2b.js", "run()");
  const auto routes = page_routes(folder.path(), kUrl);
  REQUIRE(routes.size() == 2);
  const auto get = [&](std::size_t route, std::string file) {
    net::ServerRequest asked = request("GET", {});
    asked.path = asked.raw_path = asked.target = "/" + file;
    asked.captures = {{"file", std::move(file)}};
    return routes[route].handler(asked);
  };
  const auto header = [](const net::ServerResponse& answer, std::string_view name) {
    for (const auto& [key, value] : answer.headers)
      if (key == name) return value;
    return std::string();
  };
  const auto script = get(0, "app-1a2b.js");
  CHECK(script.status == 200);
  CHECK(header(script, "Cache-Control") == "public, max-age=31536000");
  for (const char* page : {"", "dang-nhap", "ho-so/5a8f"}) {
    const auto answer = get(1, page);
    CHECK(answer.status == 200);
    CHECK(answer.content_type == "text/html; charset=utf-8");
    CHECK(header(answer, "Cache-Control") == "public, max-age=0");
    CHECK(header(answer, "Content-Security-Policy").find("unsafe") == std::string::npos);
    CHECK(header(answer, "X-Frame-Options") == "DENY");
  }
  CHECK(get(1, "api/v1/nothing").status == 404);
  CHECK(get(1, "missing.png").status == 404);
}

TEST_CASE("changes reach those whom they concern, from any process, once") {
  db::on_each_engine([](db::Database& database) {
    const auto at = Instant(std::chrono::seconds(1'800'000'000));
    must(database.write(
        [&](db::Transaction& transaction) { return announce(transaction, {"dossier", "old", ""}, at); }));
    OneSession sessions;
    EventHub hub(database, sessions);
    must(hub.poll(at));  // what was before is not told
    Caller officer{"a1", "a@example.vn", "Nguyễn Văn A", "o1", {Role::receiving}, "", "s1"};
    Caller clerk{"a2", "b@example.vn", "Nguyễn Văn B", "o2", {Role::clerk}, "", "s2"};
    const auto listen = [&](const Caller& caller) {
      const net::ServerRequest http = request("GET", {});
      return must(hub.routes().at(0).handler({http, caller, at})).events;
    };
    const auto officers = listen(officer), clerks = listen(clerk);
    must(
        database.write([&](db::Transaction& transaction) { return announce(transaction, {"dossier", "d1", ""}, at); }));
    must(hub.poll(at));
    must(hub.poll(at));
    const auto heard = [](const std::shared_ptr<net::PieceSource>& source) {
      return std::string(as_chars(source->take().piece));
    };
    CHECK(heard(officers) == "event: dossier\ndata: {\"subject\":\"d1\"}\n\n");
    CHECK(heard(clerks).empty());
    // Ten windows of one person, no more.
    for (int i = 0; i < 9; ++i) listen(officer);
    const net::ServerRequest http = request("GET", {});
    CHECK(code_of(hub.routes().at(0).handler({http, officer, at})) == "registry.limit.rate");
    hub.stop();
    CHECK(officers->take().has_ended);
  });
}

TEST_CASE("a stream ends soon after its session, and no other does") {
  db::on_each_engine([](db::Database& database) {
    const auto at = Instant(std::chrono::seconds(1'800'000'000));
    OneSession sessions;
    EventHub hub(database, sessions);
    must(hub.poll(at));
    const net::ServerRequest http = request("GET", {});
    const auto listen = [&](const std::string& session) {
      const Caller officer{"a1", "a@example.vn", "Nguyễn Văn A", "o1", {Role::receiving}, "", session};
      return must(hub.routes().at(0).handler({http, officer, at})).events;
    };
    const auto one = listen("s1"), again = listen("s1"), other = listen("s2");
    must(hub.poll(at + std::chrono::seconds(5)));
    CHECK_FALSE(one->take().has_ended);
    sessions.ended = {"s1"};
    must(database.write([&](db::Transaction& transaction) {
      return announce(transaction, {"dossier", "d1", ""}, at + std::chrono::seconds(10));
    }));
    must(hub.poll(at + std::chrono::seconds(10)));
    // Ended before they hear what is new.
    for (const auto& stream : {one, again}) {
      const auto taken = stream->take();
      CHECK(taken.has_ended);
      CHECK(as_chars(taken.piece).find("d1") == std::string_view::npos);
    }
    const auto taken = other->take();
    CHECK_FALSE(taken.has_ended);
    CHECK(as_chars(taken.piece).find("d1") != std::string_view::npos);
    hub.stop();
  });
}

TEST_CASE("officers do not hear of what is an organisation's own yet") {
  db::on_each_engine([](db::Database& database) {
    const auto at = Instant(std::chrono::seconds(1'800'000'000));
    OneSession sessions;
    EventHub hub(database, sessions);
    must(hub.poll(at));
    const Caller officer{"a1", "a@example.vn", "Nguyễn Văn A", "o1", {Role::receiving}, "", "s1"};
    const net::ServerRequest http = request("GET", {});
    const auto stream = must(hub.routes().at(0).handler({http, officer, at})).events;
    must(database.write([&](db::Transaction& transaction) -> Result<> {
      KYSO_TRY(announce(transaction, {"dossier", "d1", "o2", false}, at));
      return announce(transaction, {"dossier", "d2", "o2"}, at);
    }));
    must(hub.poll(at));
    CHECK(as_chars(stream->take().piece) == "event: dossier\ndata: {\"subject\":\"d2\"}\n\n");
    hub.stop();
  });
}

}  // namespace
}  // namespace kyso::registry
