#include "registry/organisation/routes.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/file.h"
#include "registry/organisation/test_tree.h"

namespace kyso::registry {
namespace {

using namespace test;
using net::ServerResponse;

Caller caller(Role role, std::string organisation = {}) {
  Caller out;
  out.account = "1";
  out.organisation = std::move(organisation);
  out.roles = {role};
  return out;
}

struct Answer {
  int status = 0;
  std::string code;  // of an error or a problem
  json::Value body;
  std::string content;  // as it was sent
  std::string text(std::string_view name) const {
    const json::Value* value = body.find(name);
    return value == nullptr ? "" : std::string(value->as_string().value_or(""));
  }
  std::size_t count(std::string_view name) const {
    const json::Value* value = body.find(name);
    return value == nullptr || value->as_array() == nullptr ? 0 : value->as_array()->size();
  }
  const json::Value& item(std::string_view name, std::size_t at) const { return body.find(name)->as_array()->at(at); }
};

// Calls a route as the web layer does, after it has let the caller in.
class Portal {
 public:
  explicit Portal(db::Database& database, OrganisationUses uses = {})
      : m_routes(organisation_routes(database, std::move(uses))) {}

  Answer call(const std::string& method, const std::string& where, const std::string& body = {},
              const Caller& who = caller(Role::administrator), const std::string& type = "application/json") {
    net::ServerRequest http;
    http.method = method;
    http.id = "r";
    http.body = to_bytes(body);
    http.headers = {{"content-type", type}};
    const std::size_t mark = std::min(where.find('?'), where.size());
    for (std::string_view rest = std::string_view(where).substr(mark); !rest.empty();) {
      rest.remove_prefix(1);
      const std::string_view pair = rest.substr(0, rest.find('&'));
      http.query.emplace_back(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
      rest.remove_prefix(pair.size());
    }
    const PortalRoute& route = find(method, where.substr(0, mark), http);
    PortalRequest request{http, who, kNow};
    if (route.access.kind == Access::Kind::public_) request.caller.reset();
    auto answer = route.handler(request);
    if (!answer) return {portal_status_of(answer.error()), std::string(answer.error().code), {}, {}};
    Answer out{answer->status, {}, {}, std::string(as_chars(*answer->body))};
    if (answer->content_type.find("json") != std::string::npos) out.body = must(json::parse(out.content));
    out.code = out.text("code");
    return out;
  }
  const std::vector<PortalRoute>& routes() const { return m_routes; }

 private:
  const PortalRoute& find(const std::string& method, const std::string& path, net::ServerRequest& http) const {
    const std::string base = "/api/v1";
    for (const PortalRoute& route : m_routes) {
      const std::size_t open = route.where.find("{id}");
      if (route.method != method) continue;
      if (open == std::string::npos) {
        if (route.where == base + path) return route;
        continue;
      }
      const std::string before = route.where.substr(0, open), after = route.where.substr(open + 4);
      const std::string whole = base + path;
      if (!whole.starts_with(before) || !whole.ends_with(after) || whole.size() <= before.size() + after.size())
        continue;
      const std::string id = whole.substr(before.size(), whole.size() - before.size() - after.size());
      if (id.find('/') != std::string::npos || id == "import") continue;
      http.captures = {{"id", id}};
      return route;
    }
    FAIL("no route ", method, " ", path);
    return m_routes.front();
  }
  std::vector<PortalRoute> m_routes;
};

std::string multipart(const std::vector<std::pair<std::string, std::string>>& fields, std::string_view file_field = {},
                      std::string_view file = {}) {
  std::string out;
  for (const auto& [name, value] : fields)
    out += "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  if (!file_field.empty())
    out += "--b\r\nContent-Disposition: form-data; name=\"" + std::string(file_field) +
           "\"; filename=\"a.csv\"\r\nContent-Type: application/octet-stream\r\n\r\n" + std::string(file) + "\r\n";
  return out + "--b--\r\n";
}
const std::string kForm = "multipart/form-data; boundary=b";

TEST_CASE("the routes are those of the contract, with its roles") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  const std::string contract(as_chars(must(read_file(KYSO_SOURCE_DIR "/api/openapi.yaml"))));
  const Portal portal(*database);
  std::size_t in_contract = 0;
  for (std::size_t at = contract.find("tags: [organisations]"); at != std::string::npos;
       at = contract.find("tags: [organisations]", at + 1))
    ++in_contract;
  CHECK(portal.routes().size() == in_contract);
  for (const PortalRoute& route : portal.routes()) {
    CAPTURE(route.where);
    const std::size_t path = contract.find("\n  " + route.where + ":\n");
    REQUIRE(path != std::string::npos);
    std::string method = "\n    ";
    for (const char c : route.method) method += static_cast<char>(c + 32);
    const std::size_t line = contract.find(method + ":", path);
    REQUIRE(line != std::string::npos);
    const std::size_t access = contract.find("x-access: ", line) + 10;
    std::string wanted = "signed-in";
    if (route.access.kind == Access::Kind::public_) wanted = "public";
    if (route.access.kind == Access::Kind::roles) {
      wanted = "[";
      std::size_t roles = 0;
      for (const Role role : route.access.roles) {
        CHECK(contract.substr(access, contract.find(']', access) - access).find(name_of(role)) != std::string::npos);
        ++roles;
      }
      const std::string list = contract.substr(access, contract.find(']', access) - access);
      CHECK(static_cast<std::size_t>(std::ranges::count(list, ',')) + 1 == roles);
    }
    CHECK(contract.substr(access, wanted.size()) == wanted);
  }
}

TEST_CASE("an administrator tends the tree, everybody looks at it") {
  db::on_each_engine([](db::Database& database) {
    Portal portal(database);
    const Answer added = portal.call("POST", "/organisations",
                                     R"({"name": "Tỉnh Lạng Sơn", "kind": "province", "province": "20", "code": "H37",
                                        "mail_domains": ["langson.gov.vn"], "from": "2020-01-01"})");
    CHECK(added.status == 201);
    const std::string province = added.text("id");
    CHECK(added.text("province_name") == "Lạng Sơn");
    CHECK(added.text("valid_from") == "2020-01-01");
    const Answer office = portal.call(
        "POST", "/organisations",
        R"({"name": "Sở Mẫu", "parent": ")" + province + R"(", "kind": "department", "from": "2020-01-01"})");
    REQUIRE(office.status == 201);
    const std::string id = office.text("id");

    const Answer list = portal.call("GET", "/organisations");
    REQUIRE(list.count("items") == 1);
    CHECK(list.item("items", 0).find("has_children")->as_bool() == true);
    CHECK(portal.call("GET", "/organisations?parent=" + province).count("items") == 1);
    CHECK(portal.call("GET", "/organisations?q=so mau").count("items") == 1);
    CHECK(portal.call("GET", "/organisations?q=so mau&at=2019-12-31").count("items") == 0);
    CHECK(portal.call("GET", "/organisations?at=tomorrow").status == 400);
    CHECK(portal.call("GET", "/organisations?limit=1000").status == 400);
    CHECK(portal.call("GET", "/organisations?q=" + std::string(201, 'a')).status == 400);

    const Answer renamed = portal.call("PATCH", "/organisations/" + id,
                                       R"({"name": "Sở Mẫu Mới", "from": "2026-01-01", "instrument": "QĐ mẫu",
                                          "tax_code": "0100109106", "revision": 1})");
    CHECK(renamed.status == 200);
    CHECK(renamed.count("history") == 2);
    CHECK(renamed.text("tax_code") == "0100109106");
    CHECK(renamed.item("mail_domains", 0).as_string() == "langson.gov.vn");
    CHECK(renamed.item("history", 0).find("to")->as_string() == "2025-12-31");
    CHECK(renamed.item("history", 1).find("instrument")->as_string() == "QĐ mẫu");
    CHECK(renamed.item("history", 1).find("parent_name")->as_string() == "Tỉnh Lạng Sơn");
    CHECK(portal.call("PATCH", "/organisations/" + id, R"({"name": "X", "revision": 1})").status == 409);
    CHECK(portal.call("GET", "/organisations/" + id + "?at=2025-12-31").text("name") == "Sở Mẫu");
    CHECK(portal.call("GET", "/organisations/" + id + "?at=2019-12-31").status == 404);
    CHECK(portal.call("GET", "/organisations/nobody").status == 404);

    const Answer wrong = portal.call(
        "POST", "/organisations", R"({"name": "", "kind": "circus", "tax_code": "1", "mail_domains": ["gmail.com"]})");
    CHECK(wrong.status == 422);
    CHECK(wrong.count("fields") == 4);
    CHECK(portal.call("POST", "/organisations", R"({"name": 1})").status == 400);
    CHECK(portal.call("POST", "/organisations", R"({"name": "Tỉnh Lạng Sơn", "from": "2021-01-01"})").status == 409);

    const Answer aliases = portal.call("PUT", "/organisations/" + id + "/aliases",
                                       R"({"aliases": [{"kind": "code", "value": "H37.05", "note": "QĐ 20/2020"}]})");
    CHECK(aliases.status == 200);
    CHECK(aliases.count("aliases") == 1);
    CHECK(portal.call("PUT", "/organisations/" + id + "/aliases", R"({"aliases": [{"kind": "x", "value": "a"}]})")
              .status == 400);
    CHECK(portal
              .call("PUT", "/organisations/" + province + "/aliases",
                    R"({"aliases": [{"kind": "code", "value": "H37.05"}]})")
              .status == 409);

    const auto audited = must(database.read([](db::Transaction& tx) {
      return tx.one("SELECT COUNT(*) FROM audit_event WHERE actor = 'account:1' AND kind LIKE 'organisation.%'");
    }));
    CHECK(must(audited.get<int>(0)) == 4);
  });
}

TEST_CASE("many are changed together: preview, done, undone") {
  db::on_each_engine([](db::Database& database) {
    OrganisationUses uses;
    uses.accounts = [](db::Transaction&, const std::vector<std::string>& ids) {
      return Result<std::int64_t>(static_cast<std::int64_t>(ids.size()) * 10);
    };
    uses.name_of_actor = [](db::Transaction&, const std::string& actor) -> Result<std::string> {
      return actor == "account:1" ? std::string("Nguyễn Văn D") : actor;
    };
    Portal portal(database, uses);
    const std::string a = add(database, "Tỉnh A"), b = add(database, "Tỉnh B"), c = add(database, "Sở Mẫu", b);
    const auto order = [&](const std::string& rest) {
      return R"({"instrument": "NQ mẫu", "from": "2025-07-01", )" + rest + "}";
    };
    const std::string merge = R"("kind": "merge", "sources": [")" + b + R"("], "into": {"id": ")" + a + R"("})";
    const Answer preview = portal.call("POST", "/organisation-changes", order(merge + R"(, "preview": true)"));
    CHECK(preview.status == 200);
    CHECK(preview.text("id").empty());
    CHECK(preview.count("effects") == 2);
    CHECK(preview.body.find("affected_accounts")->as_integer() == 20);
    CHECK(portal.call("GET", "/organisation-changes").count("items") == 3);
    const Answer done = portal.call("POST", "/organisation-changes", order(merge));
    CHECK(done.status == 201);
    CHECK(portal.call("GET", "/organisation-changes").item("items", 0).find("by")->as_string() == "Nguyễn Văn D");
    const Answer after = portal.call("GET", "/organisations/" + b);
    CHECK(after.text("valid_to") == "2025-06-30");
    REQUIRE(after.count("successors") == 1);
    CHECK(after.item("successors", 0).find("name")->as_string() == "Tỉnh A");
    CHECK(portal.call("GET", "/organisations/" + a).count("predecessors") == 1);
    CHECK(portal.call("POST", "/organisation-changes/" + done.text("id") + "/undo").status == 200);
    CHECK(portal.call("POST", "/organisation-changes/" + done.text("id") + "/undo").status == 409);
    CHECK(portal.call("POST", "/organisation-changes/nothing/undo").status == 404);

    CHECK(portal
              .call("POST", "/organisation-changes",
                    order(R"("kind": "move", "sources": [")" + c + R"("], "parent": ")" + a + R"(")"))
              .status == 201);
    CHECK(portal
              .call("POST", "/organisation-changes",
                    order(R"("kind": "split", "sources": [")" + a +
                          R"("], "parts": [{"name": "Tỉnh A1"}, {"name": "Tỉnh A2"}])"))
              .status == 201);
    CHECK(portal.call("POST", "/organisation-changes", order(R"("kind": "dissolve", "sources": [")" + b + R"("])"))
              .status == 201);
    for (const char* wrong :
         {R"("kind": "merge", "sources": [])", R"("kind": "paint", "sources": ["x"])",
          R"("kind": "split", "sources": ["x"])", R"("kind": "merge", "sources": ["x"])",
          R"("kind": "move", "sources": [1], "parent": "root")", R"("kind": "move", "sources": ["x"])"}) {
      const int status = portal.call("POST", "/organisation-changes", order(wrong)).status;
      CHECK_MESSAGE((status == 400 || status == 422), wrong);
    }
    CHECK(portal.call("POST", "/organisation-changes", R"({"kind": "move"})").status == 422);
  });
}

TEST_CASE("files: imports and seals") {
  db::on_each_engine([](db::Database& database) {
    Portal portal(database);
    const std::string id = add(database, "Tỉnh A");
    const std::string csv = "Tên CQTC cấp 1,Tên CQTC cấp 2,Mã số thuế\nTỉnh A,Sở Mẫu,\n";
    const std::string good = multipart({{"instrument", "QĐ mẫu"}}, "file", csv);
    const Caller administrator = caller(Role::administrator);
    const Answer preview = portal.call("POST", "/organisation-changes/import", good, administrator, kForm);
    CHECK(preview.status == 200);
    CHECK(preview.count("effects") == 1);
    CHECK(portal.call("GET", "/organisations?parent=" + id).count("items") == 0);
    const Answer done = portal.call("POST", "/organisation-changes/import?confirm=true", good, administrator, kForm);
    CHECK_FALSE(done.text("id").empty());
    CHECK(portal.call("GET", "/organisations?parent=" + id).count("items") == 1);
    // What is downloaded to be filled in is read back.
    const Answer form = portal.call("GET", "/organisation-changes/template.xlsx");
    REQUIRE(form.status == 200);
    CHECK(form.content.starts_with("PK"));
    CHECK(portal.call("POST", "/organisation-changes/import", multipart({}, "file", form.content), administrator, kForm)
              .status == 200);
    const std::string bad = multipart({}, "file", csv + "Tỉnh A,Sở Hai,123\n");
    const Answer faults = portal.call("POST", "/organisation-changes/import", bad, administrator, kForm);
    REQUIRE(faults.count("faults") == 1);
    CHECK(faults.item("faults", 0).find("column")->as_string() == "C");
    CHECK(faults.item("faults", 0).find("row")->as_integer() == 3);
    CHECK(faults.item("faults", 0).find("level")->as_string() == "block");
    CHECK(portal.call("POST", "/organisation-changes/import?confirm=true", bad, administrator, kForm).status == 422);
    CHECK(portal.call("POST", "/organisation-changes/import", multipart({}), administrator, kForm).status == 422);

    const Bytes png = must(read_file(KYSO_SOURCE_DIR "/share/images/sample-seal-red-37mm.png"));
    const std::string seal = multipart({{"valid_from", "2025-01-01"}, {"diameter_mm", "37"}}, "image", as_chars(png));
    const std::string where = "/organisations/" + id + "/seals";
    CHECK(portal.call("POST", where, seal, caller(Role::head, "another"), kForm).status == 404);
    const Answer put = portal.call("POST", where, seal, caller(Role::head, id), kForm);
    CHECK(put.status == 201);
    REQUIRE(put.count("seals") == 1);
    CHECK(put.item("seals", 0).find("valid_from")->as_string() == "2025-01-01");
    CHECK(portal
              .call("POST", where,
                    multipart({{"valid_from", "2026-01-01"}, {"diameter_mm", "x"}}, "image", as_chars(png)),
                    administrator, kForm)
              .status == 400);
    CHECK(portal
              .call("POST", where, multipart({{"valid_from", "2026-01-01"}}, "image", as_chars(png)), administrator,
                    kForm)
              .code == "registry.input.missing");
  });
}

}  // namespace
}  // namespace kyso::registry
