#include <doctest/doctest.h>
#include <fmt/ranges.h>

#include <cmath>
#include <set>

#include "base/file.h"
#include "registry/organisation/import.h"
#include "registry/organisation/seals.h"
#include "registry/organisation/stale.h"
#include "registry/organisation/test_tree.h"
#include "sheet/workbook.h"

namespace kyso::registry {
namespace {

using namespace test;
using Subject = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("names of certificates that are none of today's") {
  Organisation today;
  today.name = "Trường Mẫu";
  today.chain = {"Thành phố Huế", "Sở Giáo dục", "Trường Mẫu"};
  today.province = "46";
  const Subject good = {{"C", "VN"},  {"O", "thành phố  huế"}, {"OU", "Sở Giáo dục"}, {"OU", "Trường Mẫu"},
                        {"L", "Huế"}, {"CN", "Nguyễn Văn A"}};
  CHECK_FALSE(is_stale(good, today));
  CHECK(stale_names(good, today, true) == std::vector<StaleName>{{"CN", "Nguyễn Văn A", "Trường Mẫu"}});
  CHECK(stale_names({{"O", "Tỉnh Thừa Thiên Huế"}, {"L", "Thừa Thiên Huế"}, {"OU", "Trường Mẫu"}}, today) ==
        std::vector<StaleName>{{"O", "Tỉnh Thừa Thiên Huế", ""}});
  CHECK(stale_names({{"L", "Quảng Nam"}}, today) == std::vector<StaleName>{{"L", "Quảng Nam", "Huế"}});
  CHECK_FALSE(is_stale({{"L", "Thành phố Huế"}}, today));
  CHECK(stale_names({{"O", "Thành phố Huế"}, {"CN", "A"}}, std::nullopt).size() == 1);
  today.province = "08";
  CHECK(is_stale({{"L", "Hà Giang"}}, today));  // absorbed: the name is another one
  today.province = "";
  CHECK_FALSE(is_stale({{"L", "Hà Giang"}}, today));
}

TEST_CASE("changes mark the organisations whose certificates must be looked at") {
  db::on_each_engine([](db::Database& database) {
    const std::string top = add(database, "Một"), middle = add(database, "Hai", top), low = add(database, "Ba", middle);
    const auto marked = [&](std::string_view day) {
      return must(database.read([&](db::Transaction& tx) { return marked_organisations(tx, on(day), {}, 10); }));
    };
    CHECK(marked("2026-12-31").empty());
    OrganisationForm address;
    address.address = "Số 1 phố Mẫu";
    must(database.write([&](db::Transaction& tx) { return change_organisation(tx, middle, address, {}, by()); }));
    CHECK(marked("2026-12-31").empty());
    must(database.write([&](db::Transaction& tx) {
      return change_organisation(tx, middle, form("Hai mới", {}, "2026-10-01"), {}, by());
    }));
    CHECK(marked("2026-09-30").empty());
    const auto seen = marked("2026-10-01");
    REQUIRE(seen.size() == 2);
    CHECK(std::set{seen[0].organisation, seen[1].organisation} == std::set{middle, low});
    must(database.write([&](db::Transaction& tx) { return take_mark_off(tx, seen[0]); }));
    CHECK(marked("2026-10-01").size() == 1);
    // A later change keeps its mark.
    must(database.write(
        [&](db::Transaction& tx) { return mark_organisations(tx, {seen[1].organisation}, on("2026-11-01")); }));
    must(database.write([&](db::Transaction& tx) { return take_mark_off(tx, seen[1]); }));
    CHECK(marked("2026-11-01").size() == 1);
  });
}

TEST_CASE("seals have their periods, and their files nothing but the drawing") {
  const Bytes png = must(read_file(KYSO_SOURCE_DIR "/share/images/sample-seal-red-37mm.png"));
  db::on_each_engine([&](db::Database& database) {
    const std::string id = add(database, "Bộ Mẫu");
    const auto put = [&](Bytes image, std::string_view from, std::optional<Instant> to = {}, double diameter = 37,
                         const std::string& whose = {}) {
      return database.write([&](db::Transaction& tx) {
        return add_seal(tx, {whose.empty() ? id : whose, image, diameter, on(from), to}, by());
      });
    };
    Bytes tail = png;
    for (const char c : std::string_view("<script>")) tail.push_back(static_cast<std::uint8_t>(c));
    CHECK(code_of(put(tail, "2020-01-01")) == "ok");
    CHECK(code_of(put(png, "2025-03-01")) == "ok");
    CHECK(code_of(put(png, "2024-01-01")) == "registry.organisation.seal_period");
    CHECK(code_of(put(png, "2026-01-01", on("2025-12-31"))) == "registry.organisation.seal_period");
    CHECK(code_of(put(png, "2026-01-01", {}, 5)) == "registry.organisation.seal");
    CHECK(code_of(put(png, "2026-01-01", {}, std::nan(""))) == "registry.organisation.seal");
    CHECK(code_of(put(to_bytes("GIF89a"), "2026-01-01")) == "pdf.image.not_png");
    CHECK(code_of(put(Bytes(png.begin(), png.begin() + 900), "2026-01-01")) == "pdf.image.malformed");
    CHECK(code_of(put(Bytes(kMaxSealFile + 1, 0), "2026-01-01")) == "registry.organisation.seal");
    CHECK(code_of(put(png, "2026-01-01", {}, 37, "nobody")) == "registry.organisation.missing");

    must(database.read([&](db::Transaction& tx) -> Result<> {
      const auto all = must(seals_of(tx, id));
      REQUIRE(all.size() == 2);
      CHECK(all[0].valid_to == on("2025-03-01"));
      CHECK_FALSE(all[1].valid_to.has_value());
      CHECK(all[1].diameter_mm == doctest::Approx(37));
      const auto then = must(seal_at(tx, id, on("2025-02-28")));
      REQUIRE(then.has_value());
      CHECK(then->seal.id == all[0].id);
      CHECK(then->png.size() <= png.size());
      CHECK(as_chars(then->png).find("script") == std::string_view::npos);
      CHECK_FALSE(must(seal_at(tx, id, on("2019-12-31"))).has_value());
      return {};
    }));
  });
}

OrganisationImport import(db::Database& database, const std::string& csv, bool is_preview = false) {
  ChangeBy who = by();
  who.is_preview = is_preview;
  return must(
      database.write([&](db::Transaction& tx) { return import_organisations(tx, as_bytes(csv), "QĐ mẫu", who); }));
}

constexpr std::string_view kHead =
    "Tên CQTC cấp 1*,Tên CQTC cấp 2,Tên CQTC cấp 3,Tên CQTC cấp 4,Loại cơ quan,Tỉnh/TP,"
    "Mã định danh,Mã số thuế,Mã QHNS,Địa chỉ,Tên miền thư công vụ,Lĩnh vực,Từ ngày\n";

TEST_CASE("organisations come from a table, with a preview, and can be taken back") {
  db::on_each_engine([](db::Database& database) {
    add(database, "Tỉnh Lạng Sơn");
    const auto before = whole_tree(database);
    const std::string csv = "Danh sách cơ quan,,,\n" + std::string(kHead) +
                            "Tỉnh Lạng Sơn,Sở Mẫu,,,\"Cục, vụ, sở, ngành\",Lạng Sơn,H37.05,0100109106,1053399,Số 1,"
                            "langson.gov.vn; soyte.langson.gov.vn,Y tế,01/01/2021\n"
                            "tinh lang son,Sở Mẫu,Trung tâm Mẫu,,,,,,,,,,2024-02-01\n"
                            "Tỉnh Lạng Sơn,,,,,,,,,Số 9 phố Mẫu,,,\n";
    const auto preview = import(database, csv, true);
    CHECK(preview.blocking == 0);
    CHECK(preview.added == 2);
    CHECK(preview.changed == 1);
    CHECK(preview.change.id.empty());
    CHECK(whole_tree(database) == before);
    const auto done = import(database, csv);
    CHECK(done.change.effects.size() == 3);
    must(database.read([&](db::Transaction& tx) -> Result<> {
      const auto centre = must(Organisations::by_names(tx, {"Tỉnh Lạng Sơn", "Sở Mẫu", "Trung tâm Mẫu"}, kNow));
      CHECK(centre.mail_domains == std::vector<std::string>{"langson.gov.vn", "soyte.langson.gov.vn"});
      CHECK(centre.sector == "health");
      CHECK(centre.valid_from == on("2024-02-01"));
      const auto office = must(Organisations::find(tx, *centre.parent, kNow));
      CHECK(office.kind == "department");
      CHECK(office.tax_code == "0100109106");
      CHECK(office.code == "H37.05");
      CHECK(office.province == "20");
      return {};
    }));
    CHECK(import(database, csv).unchanged == 3);
    must(database.write([&](db::Transaction& tx) { return undo_change(tx, done.change.id, {}, by()); }));
    CHECK(whole_tree(database) == before);
  });
}

TEST_CASE("faults of a table are told by cell, and nothing is done") {
  db::on_each_engine([](db::Database& database) {
    add(database, "Tỉnh Lạng Sơn");
    const auto before = whole_tree(database);
    const auto done = import(database, std::string(kHead) +
                                           "Tỉnh Lạng Sơn,Sở Một,,,Rạp xiếc,,,,,,,,\n"    // 2
                                           "Tỉnh Lạng Sơn,Sở Hai,,,,Sao Hỏa,,,,,,,\n"     // 3
                                           "Tỉnh Lạng Sơn,Sở Ba,,,,,,0100109107,,,,,\n"   // 4
                                           "Tỉnh Lạng Sơn,Sở Bốn,,,,,X1,,,,,,\n"          // 5: a hint
                                           "Tỉnh Lạng Sơn,Sở Năm,,,,,,,,,gmail.com,,\n"   // 6
                                           "Tỉnh Lạng Sơn,Sở Sáu,,,,,,,,,,,31/02/2024\n"  // 7
                                           "Tỉnh Lạng Sơn,,Phòng Mẫu,,,,,,,,,,\n"         // 8
                                           "Tỉnh Không Có,Sở Bảy,,,,,,,,,,,\n"            // 9
                                           ",,,,,,,,,Số 1,,,\n"                           // 10
                                           "Tỉnh Lạng Sơn,Sở Tám,,,,,,,,,,,01/01/2019\n"  // 11
                                           "Tỉnh Lạng Sơn,Sở \u202EChín,,,,,,,,,,,\n");   // 12
    std::vector<std::string> told;
    for (const CellFault& fault : done.faults)
      told.push_back(
          fmt::format("{}{} {} {}", fault.column, fault.row, name_of(fault.finding.level), fault.finding.code));
    std::ranges::sort(told);
    CAPTURE(fmt::format("{}", fmt::join(told, " | ")));
    CHECK(told == std::vector<std::string>{
                      "A10 block registry.input.missing", "B11 block registry.organisation.chain",
                      "B12 block registry.check.text.hidden", "B8 block registry.input.missing",
                      "B9 block registry.organisation.chain", "C8 block registry.organisation.chain",
                      "E2 block registry.organisation.kind", "F3 block registry.organisation.province",
                      "G5 warn registry.check.organisation_code.shape", "H4 block registry.check.tax_code.digit",
                      "K6 block registry.organisation.domain", "M7 block registry.check.day.unreadable"});
    CHECK(done.change.id.empty());
    CHECK(whole_tree(database) == before);
    const auto no_head = database.write(
        [&](db::Transaction& tx) { return import_organisations(tx, as_bytes("a,b\nc,d\n"), "x", by()); });
    CHECK(code_of(no_head) == "registry.organisation.columns");
  });
}

TEST_CASE("the template is a workbook that is read back") {
  const Bytes file = must(organisation_template());
  std::vector<std::string> titles;
  must(sheet::read_xlsx(file, {}, [&](sheet::Row&& row) -> Result<bool> {
    for (const sheet::Cell& cell : row.cells) titles.push_back(cell.text);
    return true;
  }));
  REQUIRE(titles.size() >= 13);
  CHECK(titles[0].starts_with("Tên CQTC cấp 1"));
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  const auto done =
      must(database->write([&](db::Transaction& tx) { return import_organisations(tx, file, "x", by()); }));
  CHECK(done.added == 0);
  CHECK(done.blocking == 0);
}

}  // namespace
}  // namespace kyso::registry
