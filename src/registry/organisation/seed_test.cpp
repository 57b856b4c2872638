#include "registry/organisation/seed.h"

#include <doctest/doctest.h>

#include <fstream>
#include <set>

#include "registry/organisation/provinces.h"
#include "registry/organisation/test_tree.h"

namespace kyso::registry {
namespace {

using namespace test;

const std::filesystem::path kFolder = KYSO_SOURCE_DIR "/share/organisations";
const std::filesystem::path kSample = KYSO_SOURCE_DIR "/share/organisations-sample";

std::vector<Organisation> top_level(db::Database& database, std::string_view day) {
  std::vector<Organisation> out;
  std::string after;
  for (;;) {
    auto page = must(Organisations(database).children("root", on(day), after, 50));
    for (Organisation& item : page.items) out.push_back(std::move(item));
    if (!page.next) return out;
    after = *page.next;
  }
}
std::size_t count_of(const std::vector<Organisation>& list, const std::set<std::string>& kinds) {
  return static_cast<std::size_t>(
      std::ranges::count_if(list, [&](const Organisation& item) { return kinds.contains(item.kind); }));
}
std::string named(db::Database& database, const std::vector<std::string>& names, std::string_view day) {
  const auto found = database.read([&](db::Transaction& tx) { return Organisations::by_names(tx, names, on(day)); });
  return found ? found->name : std::string(found.error().code);
}

TEST_CASE("the seeds are the provinces and ministries of before and after the mergers") {
  db::on_each_engine([](db::Database& database) {
    const FixedClock clock(kNow);
    const SeedReport first = must(seed_organisations(database, kFolder, clock));
    CHECK(first.known == 0);
    CHECK(whole_tree(database).size() == first.added);
    // What nobody asked for is not there; a folder may build on the one before it.
    must(database.read([&](db::Transaction& tx) -> Result<> {
      CHECK_FALSE(must(store::exists(tx, seeded_id("sample/so"))));
      return {};
    }));
    const SeedReport sample = must(seed_organisations(database, kSample, clock));
    CHECK(sample.added > 0);
    const auto tree = whole_tree(database);
    CHECK(tree.size() == first.added + sample.added);
    const SeedReport second = must(seed_organisations(database, kFolder, clock));
    CHECK(second.added == 0);
    CHECK(second.known == first.added);
    CHECK(whole_tree(database) == tree);

    const std::set<std::string> provincial = {"province", "city"};
    CHECK(count_of(top_level(database, "2025-06-30"), provincial) == 63);
    const auto today = top_level(database, "2026-09-14");
    CHECK(count_of(today, provincial) == 34);
    CHECK(count_of(top_level(database, "2025-07-01"), {"city"}) == 6);
    CHECK(count_of(today, {"city"}) == 7);
    std::set<std::string> codes;
    for (const Organisation& item : today) {
      if (!provincial.contains(item.kind)) continue;
      codes.insert(item.province);
      CHECK(province_by_name(item.name) == item.province);
    }
    CHECK(codes.size() == provinces().size());

    CHECK(named(database, {"Tỉnh Hà Giang"}, "2025-06-30") == "Tỉnh Hà Giang");
    CHECK(named(database, {"Tỉnh Hà Giang"}, "2025-07-01") == "Tỉnh Tuyên Quang");
    CHECK(named(database, {"Bộ Kế hoạch và Đầu tư"}, "2025-02-28") == "Bộ Kế hoạch và Đầu tư");
    CHECK(named(database, {"Bộ Kế hoạch và Đầu tư"}, "2025-03-01") == "Bộ Tài chính");
    CHECK(named(database, {"Bộ Giao thông vận tải"}, "2026-01-01") == "Bộ Xây dựng");
    CHECK(named(database, {"Bộ Tài nguyên và Môi trường"}, "2026-01-01") == "Bộ Nông nghiệp và Môi trường");
    CHECK(named(database, {"Bộ Lao động - Thương binh và Xã hội"}, "2026-01-01") == "registry.organisation.chain");
    CHECK(named(database, {"Thành phố Huế"}, "2024-12-31") == "registry.organisation.chain");
    CHECK(named(database, {"Ban Cơ yếu Chính phủ", "Cục Chứng thực số và Bảo mật thông tin"}, "2026-09-14") ==
          "Cục Chứng thực số và Bảo mật thông tin");
    must(database.read([&](db::Transaction& tx) -> Result<> {
      const auto code = [&](std::string_view text, std::string_view day) {
        const auto found = must(Organisations::by_code(tx, std::string(text), on(day)));
        return found ? found->name : std::string();
      };
      CHECK(code("G05", "2025-02-28") == "Bộ Kế hoạch và Đầu tư");
      CHECK(code("G05", "2025-03-01") == "Bộ Tài chính");
      CHECK(code("g12.18", "2026-01-01") == "Cục Thuế");
      CHECK(code("H37", "2026-01-01") == "Tỉnh Lạng Sơn");
      // One to many.
      const auto links = must(store::links(tx, seeded_id("central/G14")));
      CHECK(links.size() == 2);
      CHECK(links.at(0).at == on("2025-03-01"));

      const auto centre = must(Organisations::find(tx, seeded_id("sample/trung-tam"), kNow));
      CHECK(centre.chain == std::vector<std::string>{"Tỉnh Lạng Sơn", "Cơ quan mẫu: Ủy ban nhân dân tỉnh",
                                                     "Cơ quan mẫu: Sở Mẫu", "Cơ quan mẫu: Trung tâm Mẫu"});
      CHECK(centre.province == "20");
      CHECK(centre.mail_domains == std::vector<std::string>{"gov.vn", "edu.vn"});
      CHECK(must(Organisations::find(tx, seeded_id("sample/truong"), kNow)).sector == "education");
      CHECK(must(Organisations::find(tx, seeded_id("sample/xa"), on("2025-06-30"))).level == 3);
      CHECK(must(Organisations::find(tx, seeded_id("sample/xa"), on("2025-07-01"))).level == 2);
      return {};
    }));
  });
}

TEST_CASE("a seed file with a mistake changes nothing") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  const TestFolder folder;
  const auto attempt = [&](const std::string& text) {
    std::ofstream(folder / "a.toml") << text;
    const auto done = seed_organisations(*database, folder.path(), FixedClock(kNow));
    CHECK(whole_tree(*database).empty());
    return code_of(done);
  };
  CHECK(attempt("from = \"2020-01-01\"\n[[organisation]]\nkey = \"a\"\nname = \"A\"\nkind = \"circus\"\n") ==
        "base.config.invalid");
  CHECK(attempt("from = \"2020-01-01\"\n[[organisation]]\nkey = \"a\"\nname = \"A\"\nkind = \"unit\"\nx = 1\n") ==
        "base.config.unknown_key");
  CHECK(attempt("from = \"2020-13-01\"\n") == "base.config.invalid");
  CHECK(attempt("from = \"2020-01-01\"\n[[organisation]]\nkey = \"a\"\nname = \"A\"\nkind = \"unit\"\nparent = "
                "\"nobody\"\n") == "registry.organisation.missing");
  CHECK(attempt("from = \"2020-01-01\"\n[[organisation]]\nkey = \"a\"\nname = \"A\"\nkind = \"unit\"\n"
                "[[organisation]]\nkey = \"b\"\nname = \"a\"\nkind = \"unit\"\n") == "registry.organisation.twice");
  CHECK(code_of(seed_organisations(*database, folder / "none", FixedClock(kNow))) == "base.file.missing");
}

TEST_CASE("seeded ids are UUIDs that never change") {
  CHECK(seeded_id("sample/so") == seeded_id("sample/so"));
  CHECK(seeded_id("sample/so") != seeded_id("sample/ubnd"));
  const std::string id = seeded_id("province/020");
  CHECK(id.size() == 36);
  CHECK(id[14] == '8');
  CHECK(std::string_view("89ab").find(id[19]) != std::string_view::npos);
}

TEST_CASE("provinces by the names that people write") {
  CHECK(province_by_name("tỉnh lạng sơn") == "20");
  CHECK(province_by_name("TP. HCM") == "79");
  CHECK(province_by_name("Thành phố Hồ Chí Minh") == "79");
  CHECK(province_by_name("Hoà Bình") == "25");
  CHECK(province_by_name("Bà Rịa - Vũng Tàu") == "79");
  CHECK(province_by_name("Lào Cai") == "15");
  CHECK(province_by_name("Tỉnh Mẫu").empty());
  CHECK(province_name("24") == "Bắc Ninh");
  CHECK(province_name("02").empty());
}

}  // namespace
}  // namespace kyso::registry
