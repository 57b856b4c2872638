#include <doctest/doctest.h>

#include <set>

#include "registry/organisation/search.h"
#include "registry/organisation/test_tree.h"

namespace kyso::registry {
namespace {

using namespace test;
using Names = std::vector<std::string>;

Names found(const OrganisationSearch& search, const std::string& query, std::string_view day = "2026-09-14",
            std::size_t limit = 3) {
  Names out;
  std::string after;
  for (;;) {
    const auto page = must(search.find(query, on(day), after, limit));
    CHECK(page.items.size() <= limit);
    for (const Organisation& item : page.items) out.push_back(item.name);
    if (!page.next) return out;
    after = *page.next;
  }
}

TEST_CASE("organisations are found without diacritics, in the order that people expect") {
  db::on_each_engine([](db::Database& database) {
    OrganisationForm top = form("Tỉnh Lạng Sơn");
    top.province = "20";
    top.code = "H37";
    const std::string province = add(database, top);
    const std::string health = add(database, "Sở Y tế", province);
    add(database, "Phòng Sở hữu trí tuệ", province);
    add(database, "Sở Giáo dục và Đào tạo", province);
    const std::string centre = add(database, "Trung tâm Y tế", health);
    add(database, "Bệnh viện Đa khoa", health);

    const OrganisationSearch search(database);
    CHECK(found(search, "so y te") == Names{"Sở Y tế"});
    CHECK(found(search, "SỞ") == Names{"Sở Giáo dục và Đào tạo", "Sở Y tế", "Tỉnh Lạng Sơn", "Phòng Sở hữu trí tuệ"});
    CHECK(found(search, "son te") == Names{"Sở Y tế", "Trung tâm Y tế"});
    CHECK(found(search, "lang so") ==
          Names{"Tỉnh Lạng Sơn", "Phòng Sở hữu trí tuệ", "Sở Giáo dục và Đào tạo", "Sở Y tế"});
    CHECK(found(search, "lan y te").empty());  // the province's words count as a whole
    CHECK(found(search, "y te") == Names{"Sở Y tế", "Trung tâm Y tế"});
    CHECK(found(search, "te y") == Names{"Sở Y tế", "Trung tâm Y tế"});
    CHECK(found(search, "dao tao giao") == Names{"Sở Giáo dục và Đào tạo"});
    CHECK(found(search, "da khoa lang son") == Names{"Bệnh viện Đa khoa"});  // by the province, too
    CHECK(found(search, "h37") == Names{"Tỉnh Lạng Sơn"});
    CHECK(found(search, "khong co").empty());
    CHECK(found(search, "").empty());
    CHECK(found(search, " ,;% ").empty());
    CHECK(found(search, "%").empty());
    CHECK(found(search, "_o").empty());
    CHECK(found(search, std::string(5'000, 'x')).empty());

    // A former name finds what it has become; on its own day it is the name.
    OrganisationForm renamed = form("Bệnh viện Mẫu", {}, "2026-01-01");
    must(database.write([&](db::Transaction& tx) { return change_organisation(tx, centre, renamed, {}, by()); }));
    CHECK(found(search, "trung tam y te") == Names{"Bệnh viện Mẫu"});
    CHECK(found(search, "trung tam", "2025-12-31") == Names{"Trung tâm Y tế"});
    CHECK(found(search, "mau", "2025-12-31").empty());

    CHECK(code_of(search.find("so", kNow, "x", 10)) == "registry.input.parameter");
    CHECK(code_of(search.find("so", kNow, "1.2.nobody", 10)) == "registry.input.parameter");
    CHECK(code_of(Organisations(database).children(province, kNow, "nobody", 10)) == "registry.input.parameter");
    const auto first = must(Organisations(database).children(province, kNow, {}, 2));
    REQUIRE(first.next.has_value());
    CHECK(first.items[0].name == "Phòng Sở hữu trí tuệ");
    CHECK(first.items[0].level == 2);
    CHECK_FALSE(first.items[0].has_children);
    const auto rest = must(Organisations(database).children(province, kNow, *first.next, 2));
    CHECK(rest.items.size() == 1);
    CHECK(rest.items[0].has_children);
    CHECK_FALSE(rest.next.has_value());
  });
}

TEST_CASE("a search sees at once what others change") {
  db::on_each_engine([](db::Database& database) {
    const std::string office = add(database, "Sở Y tế");
    const OrganisationSearch here(database);
    CHECK(found(here, "benh vien").empty());
    add(database, "Bệnh viện Đa khoa", office);
    CHECK(found(here, "benh vien") == Names{"Bệnh viện Đa khoa"});
    must(database.write(
        [&](db::Transaction& tx) { return set_aliases(tx, office, {{Alias::Kind::name, "Ty Y tế", ""}}, by()); }));
    CHECK(found(here, "ty y te") == Names{"Sở Y tế"});
    must(database.write([&](db::Transaction& tx) { return set_aliases(tx, office, {}, by()); }));
    CHECK(found(here, "ty y te").empty());
    // What was not committed is not found.
    const auto refused = database.write([&](db::Transaction& tx) -> Result<> {
      KYSO_TRY(add_organisation(tx, form("Trạm Y tế", office), by()));
      return fail("registry.input.json");
    });
    CHECK_FALSE(refused.has_value());
    CHECK(found(here, "tram").empty());
  });
}

TEST_CASE("pages of a search hold every hit once, in order, whatever their length") {
  db::on_each_engine([](db::Database& database) {
    std::vector<std::string> above = {std::string()};
    for (const char* name : {"Xã", "Trạm Y tế xã", "Trường xã"})
      for (const char* place : {"An Bình", "Bình An", "Xã Đàn"})
        for (const char* number : {"1", "2", "12"})
          above.push_back(add(database, fmt::format("{} {} {}", name, place, number), above[above.size() / 3]));
    const OrganisationSearch search(database);
    for (const char* query : {"xa", "xa binh", "binh an", "x", "1", "tram xa", "binh"}) {
      CAPTURE(query);
      const Names whole = found(search, query, "2026-09-14", 100);
      CHECK(whole.size() > 3);
      CHECK(std::set(whole.begin(), whole.end()).size() == whole.size());
      for (const std::size_t limit : {1U, 2U, 5U}) CHECK(found(search, query, "2026-09-14", limit) == whole);
    }
  });
}

}  // namespace
}  // namespace kyso::registry
