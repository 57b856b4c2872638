#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <chrono>

#include "base/error_text.h"
#include "registry/dossier/dossier_test_support.h"

namespace kyso::registry {
namespace {

using test::kNow;

using Row = std::vector<sheet::WorkbookWriter::Value>;

// A workbook with the titles of a kind's template and these rows.
Bytes workbook(DossierKind kind, const std::vector<Row>& rows) {
  sheet::Sheet sheet;
  sheet.name = "Danh sách";
  sheet.head = {"Danh sách"};
  for (const ImportColumn& column : import_columns(kind)) {
    sheet::Column out;
    out.title = column.title;
    out.is_required = column.is_required;
    out.format = column.format;
    sheet.columns.push_back(std::move(out));
  }
  sheet::WorkbookWriter writer = must(sheet::WorkbookWriter::create());
  must(writer.begin_sheet(sheet));
  for (const Row& row : rows) must(writer.row(row));
  return must(writer.finish());
}

Row person_row(int number) {
  const LineForm form = test::person(number);
  return {fmt::format("{}", number + 1),
          form.name,
          sheet::Date{1987, 7, 12},
          form.identity,
          form.identity_place,
          "06/04/2021",
          form.email,
          "ỦY BAN NHÂN DÂN TỈNH MẪU",
          "Sở giáo dục và đào tạo",
          std::string(),
          std::string(),
          "Lạng Sơn",
          "Chuyên viên",
          std::string()};
}

TEST_CASE("each kind's template is read back, with the titles of the guide") {
  for (const DossierKind kind : kDossierKinds) {
    INFO(code_of(kind));
    const Bytes file = must(excel_template(kind));
    CHECK(code_of(read_import(kind, file, 100, 1U << 20U)) == "registry.import.empty");
  }
  std::vector<std::string> titles;
  for (const ImportColumn& column : import_columns(DossierKind::person)) titles.push_back(column.title);
  titles.resize(17);
  CHECK(titles == std::vector<std::string>{"STT", "Họ tên", "Ngày sinh", "Số CMND, CCCD, HC", "Nơi cấp", "Ngày cấp",
                                           "Địa chỉ thư điện tử công vụ", "Tên CQTC cấp 1", "Tên CQTC cấp 2",
                                           "Tên CQTC cấp 3", "Tên CQTC cấp 4", "Tỉnh, thành phố", "Tên chức vụ",
                                           "Số điện thoại", "Số hiệu CTS cũ", "SIM PKI", "Chuyển số SIM PKI"});
}

TEST_CASE("people's own files are read: other titles, other order, other choices") {
  const std::string csv =
      "Danh sách;;;;;;;;\n"
      "Email;Họ và tên (Bắt buộc nhập);NGÀY SINH*;Số CCCD;Nơi cấp;Ngày cấp;Tổ chức cấp 1;Tỉnh/Thành phố;Thiết bị;SIM "
      "PKI (Nhà "
      "mạng: Mobifone, Viettel, Vinaphone);Chuyển số SIM PKI\n"
      "nva@mau.gov.vn;Nguyễn Văn A;12/07/1987;020087000001;Cục;06/04/2021;UBND tỉnh Mẫu;Lạng Sơn;RSSP;Viettel;x\n";
  const ReadImport read = must(read_import(DossierKind::person, to_bytes(csv), 100, 1U << 20U));
  REQUIRE(read.rows.size() == 1);
  const LineForm& form = read.rows[0].form;
  CHECK(read.rows[0].faults.empty());
  CHECK(read.rows[0].number == 3);
  CHECK(form.email == "nva@mau.gov.vn");
  CHECK(form.name == "Nguyễn Văn A");
  CHECK(form.device == Device::central);
  CHECK(form.sim_keep_number);
  CHECK(form.organisation_names == std::vector<std::string>{"UBND tỉnh Mẫu"});
  const LineFault fault =
      place_fault(read, read.rows[0], DossierKind::person, {"registry.line.required", Level::block, {}, "email", {}});
  CHECK(fault.column == "A");
  CHECK(fault.value == "nva@mau.gov.vn");
}

TEST_CASE("what is no list of people is refused by its name") {
  const auto refused = [](std::string_view text) {
    return code_of(read_import(DossierKind::person, to_bytes(text), 100, 1U << 20U));
  };
  CHECK(refused("a;b\n1;2\n") == "registry.import.head");
  CHECK(refused("Họ tên;Ngày sinh;Email;Nơi cấp;Ngày cấp;Tên CQTC cấp 1\n") == "registry.import.head");
  CHECK(refused(std::string("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) + std::string(600, '\0')) == "sheet.kind");
  CHECK(refused("%PDF-1.7\n") == "sheet.kind");
  const Result<ReadImport> head = read_import(DossierKind::person, to_bytes("a;b\n1;2\n"), 100, 1U << 20U);
  REQUIRE(!head);
  CHECK(parameter(head.error(), "titles").starts_with("Họ tên; Ngày sinh"));
  std::vector<Row> rows(4, person_row(0));
  CHECK(code_of(read_import(DossierKind::person, workbook(DossierKind::person, rows), 3, 1U << 20U)) ==
        "registry.import.rows");
}

TEST_CASE("zeros that Excel took away are put back, and said") {
  Row row = person_row(0);
  row[3] = 20'087'000'001.0;
  row[13] = 912'345'670.0;
  const ReadImport read = must(read_import(DossierKind::person, workbook(DossierKind::person, {row}), 100, 1U << 20U));
  REQUIRE(read.rows.size() == 1);
  CHECK(read.rows[0].form.identity == "020087000001");
  CHECK(read.rows[0].form.phone == "0912345670");
  REQUIRE(read.rows[0].faults.size() == 1);
  CHECK(read.rows[0].faults[0].finding.code == "registry.import.zeros");
  CHECK(read.rows[0].faults[0].column == "D");
}

TEST_CASE("a cell that no form takes is told before the list is confirmed") {
  const auto codes_of = [](std::size_t column, std::string text) {
    Row row = person_row(1);
    row[column] = std::move(text);
    const ReadImport read =
        must(read_import(DossierKind::person, workbook(DossierKind::person, {row}), 100, 1U << 20U));
    std::vector<std::string> codes;
    for (const LineFault& fault : read.rows.at(0).faults) codes.push_back(fault.finding.code);
    CHECK(line_form_from_json(to_json(read.rows[0].form)).has_value());
    return codes;
  };
  const std::vector<std::string> told = {"registry.import.text"};
  CHECK(codes_of(4, std::string(200, 'x')).empty());
  CHECK(codes_of(4, std::string(201, 'x')) == told);
  CHECK(codes_of(7, std::string(301, 'x')) == told);
  CHECK(codes_of(12, std::string(1'999, 'x')) == told);
  CHECK(codes_of(12, "Chuyên\nviên").empty());
}

TEST_CASE("whatever stands in the cells, reading ends well and faults are stored as they are") {
  rc::check([](const std::vector<std::vector<std::string>>& cells) {
    std::string csv = "Số hiệu CTS;Nội dung đề nghị;Lý do;Mã số thuế;Email\n";
    for (const auto& row : cells) {
      for (const std::string& cell : row) {
        std::string quoted = "\"";
        for (const char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
        csv += quoted + "\";";
      }
      csv += "\n";
    }
    const Result<ReadImport> read = read_import(DossierKind::revocation, to_bytes(csv), 1'000, 1U << 20U);
    if (!read) {
      RC_ASSERT(find_error_row(read.error().code) != nullptr);
      return;
    }
    for (const ImportedRow& row : read->rows) {
      std::vector<LineFault> back = must(faults_from_json(faults_to_json(row.faults)));
      RC_ASSERT(back.size() == row.faults.size());
      // What was read can be kept: the interface takes it.
      RC_ASSERT(line_form_from_json(to_json(row.form)).has_value());
    }
  });
}

TEST_CASE("an import is previewed, confirmed once, and its faults are a workbook") {
  db::on_each_engine([](db::Database& database) {
    test::World world(database);
    Dossiers dossiers = world.dossiers();
    const Dossier dossier = must(dossiers.create(world.clerk, {}));
    std::vector<Row> rows = {person_row(0), person_row(1), person_row(2), person_row(3), person_row(0)};
    rows[1][3] = "12345";                     // no identity number
    rows[2][7] = "Ủy ban nhân dân tỉnh Nào";  // no such organisation
    const auto record =
        must(dossiers.import(world.clerk, dossier.id, "danh-sach.xlsx", workbook(DossierKind::person, rows)));
    CHECK(record.rows_total == 5);
    CHECK(record.rows_compatible == 2);  // the last one repeats the first
    const auto stored = must(database.read([&](db::Transaction& transaction) {
      return dossier_store::import_rows(transaction, record.id, true, 0, 100);
    }));
    REQUIRE(stored.size() == 3);
    const auto faults = must(faults_from_json(stored[0].faults));
    REQUIRE(!faults.empty());
    CHECK(faults[0].column == "D");
    CHECK(faults[0].value == "12345");
    CHECK(must(faults_from_json(stored[1].faults))[0].column == "H");
    // For others it is not there.
    CHECK(code_of(dossiers.find_import(world.stranger, dossier.id, record.id)) == "registry.dossier.missing");
    CHECK(code_of(dossiers.confirm_import(world.clerk, dossier.id, "none", std::nullopt)) == "registry.import.missing");
    const auto done = must(dossiers.confirm_import(world.clerk, dossier.id, record.id, std::nullopt));
    CHECK(done.added.size() == 2);
    CHECK(done.line_count == 2);
    // A second click changes nothing and says the same.
    const auto again = must(dossiers.confirm_import(world.clerk, dossier.id, record.id, std::nullopt));
    CHECK(again.added.size() == 2);
    CHECK(again.line_count == 2);
    CHECK(again.revision == done.revision);
    // The same file again: all of it is there already.
    const auto second =
        must(dossiers.import(world.clerk, dossier.id, "danh-sach.xlsx", workbook(DossierKind::person, rows)));
    CHECK(second.rows_compatible == 0);
    std::size_t lines = 0;
    must(sheet::read_xlsx(must(dossiers.import_faults(world.clerk, dossier.id, record.id)), {},
                          [&](sheet::Row&&) -> Result<bool> { return ++lines > 0; }));
    CHECK(lines >= 5);  // head, titles and at least three faults
  });
}

TEST_CASE("who imports without end is told to wait") {
  db::on_each_engine([](db::Database& database) {
    test::World world(database);
    DossierSettings settings;
    settings.max_imports = 3;
    settings.max_imported_rows = 5;
    Dossiers dossiers = world.dossiers(settings);
    const auto import = [&](const Caller& caller, std::size_t rows) {
      const Dossier dossier = must(dossiers.create(caller, {}));  // another draft makes no difference
      std::vector<Row> list;
      for (std::size_t i = 0; i < rows; ++i) list.push_back(person_row(static_cast<int>(i)));
      return code_of(dossiers.import(caller, dossier.id, "a.xlsx", workbook(DossierKind::person, list)));
    };
    CHECK(import(world.clerk, 2) == "ok");
    CHECK(import(world.clerk, 4) == "registry.import.many");  // too many rows
    CHECK(import(world.clerk, 2) == "ok");
    CHECK(import(world.clerk, 1) == "ok");
    CHECK(import(world.clerk, 0) == "registry.import.many");  // too many files
    CHECK(import(world.above, 2) == "ok");
    world.clock.time += settings.import_life + std::chrono::seconds(1);
    CHECK(import(world.clerk, 2) == "ok");
  });
}

TEST_CASE("10,000 rows with faults of every kind are checked at once") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  test::World world(*database);
  DossierSettings settings;
  settings.max_lines = 10'000;
  Dossiers dossiers = world.dossiers(settings);
  const Dossier dossier = must(dossiers.create(world.clerk, {}));
  std::vector<Row> rows;
  for (int i = 0; i < 10'000; ++i) {
    rows.push_back(person_row(i));
    if (i % 10 == 1) rows.back()[3] = "1234";
    if (i % 10 == 2) rows.back()[6] = "a@gmail.com";
    if (i % 10 == 3) rows.back()[7] = "Cơ quan không có";
    if (i % 10 == 4) rows.back()[2] = "31/02/1990";
    if (i % 10 == 5) rows.back()[13] = "0123456789";
  }
  const Bytes file = workbook(DossierKind::person, rows);
  const auto start = std::chrono::steady_clock::now();
  const auto record = must(dossiers.import(world.clerk, dossier.id, "lon.xlsx", file));
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
  MESSAGE("import of 10,000 rows: ", took, " ms");
  CHECK(record.rows_total == 10'000);
  CHECK(record.rows_compatible == 6'000);  // an address of a mail box is an officer's matter
  const auto done = must(dossiers.confirm_import(world.clerk, dossier.id, record.id, std::nullopt));
  CHECK(done.line_count == 6'000);
  // Who was not asked about is asked later.
  CHECK(world.population.asked <= 50);
  CHECK(must(dossiers.check_waiting(20)) == 20);
}

}  // namespace
}  // namespace kyso::registry
