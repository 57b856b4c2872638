#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "sheet/sheet_test_support.h"

namespace kyso::sheet {
namespace {

using Value = WorkbookWriter::Value;
using Table = std::vector<std::vector<Value>>;

Bytes written(const Sheet& sheet, const Table& table) {
  WorkbookWriter writer = must(WorkbookWriter::create());
  must(writer.begin_sheet(sheet));
  for (const auto& row : table) must(writer.row(row));
  return must(writer.finish());
}
std::string part_of(const Bytes& book, std::string_view name) {
  const auto parts = must(read_package(book));
  const auto found = std::ranges::find(parts, name, &PackagePart::name);
  REQUIRE(found != parts.end());
  return std::string(as_chars(found->content));
}
Column column(const std::string& title) {
  Column made;
  made.title = title;
  return made;
}
Sheet sample() {
  Sheet sheet;
  sheet.name = "Danh sách";
  sheet.head = {"Danh sách đề nghị cấp chứng thư số", "Các cột có dấu * là bắt buộc"};
  Column name = column("Họ tên");
  name.is_required = true;
  name.note = "Viết có dấu, như trên căn cước";
  Column born = column("Ngày sinh");
  born.format = Column::Format::date;
  Column operator_name = column("SIM PKI");
  operator_name.choices = {"Viettel", "Vinaphone", "Mobifone"};
  Column province = column("Tỉnh, thành phố");
  for (int i = 1; i <= 34; ++i) province.choices.push_back(fmt::format("Tỉnh, thành phố thứ {}", i));
  Column count = column("Số lượng");
  count.format = Column::Format::number;
  sheet.columns = {name, born, column("Số định danh"), operator_name, province, count};
  return sheet;
}

TEST_CASE("A template with rows is read back as it was meant") {
  const Bytes book = written(sample(), {{"Nguyễn Văn A", Date{1987, 7, 12}, "012345678910", "Viettel", {}, 12.5},
                                        {"=1+1", Date{1899, 1, 2}, " 0912 "}});
  const ReadSheet sheet = must(read_all(book));
  CHECK(sheet.remarks.sheet == "Danh sách");
  CHECK(sheet.remarks.has_hidden_sheets);
  CHECK_FALSE(sheet.remarks.has_macros);
  REQUIRE(sheet.rows.size() == 5);
  CHECK(sheet.rows[0].cells.at(0).text == "Danh sách đề nghị cấp chứng thư số");
  CHECK(sheet.rows[2].number == 4);
  CHECK(sheet.rows[2].cells.at(0).text == "Họ tên *");
  CHECK(bare_title(sheet.rows[2].cells.at(0).text) == "Họ tên");
  CHECK(sheet.rows[2].cells.at(1).text == "Ngày sinh");
  const auto& first = sheet.rows[3].cells;
  REQUIRE(first.size() == 6);
  CHECK(first[1].kind == Cell::Kind::date);
  CHECK(first[1].date == Date{1987, 7, 12});
  CHECK(first[2].text == "012345678910");
  CHECK(first[2].kind == Cell::Kind::text);
  CHECK(first[4].kind == Cell::Kind::empty);
  CHECK(first[5].number == 12.5);
  const auto& second = sheet.rows[4].cells;
  CHECK(second[0].text == "=1+1");
  CHECK_FALSE(second[0].is_formula);
  CHECK(second[1].text == "02/01/1899");
  CHECK(second[2].text == "0912");
}

TEST_CASE("Titles stay in sight, have notes and lists; long lists stand on a hidden sheet") {
  const Bytes book = written(sample(), {});
  const std::string sheet = part_of(book, "xl/worksheets/sheet1.xml");
  const auto has = [&](std::string_view text) { return sheet.find(text) != std::string::npos; };
  CHECK(has("<pane ySplit=\"4\""));
  CHECK(has("\"Viettel,Vinaphone,Mobifone\""));
  CHECK(has("<formula1>'Danh mục 1'!$A$1:$A$34</formula1>"));
  CHECK(has("D5:D1048576"));
  CHECK(part_of(book, "xl/comments1.xml").find("như trên căn cước") != std::string::npos);
  CHECK(part_of(book, "xl/workbook.xml").find("state=\"hidden\"") != std::string::npos);
  const auto lists = must(read_all(book, {.sheet = "Danh mục 1", .limits = {}}));
  REQUIRE(lists.rows.size() == 34);
  CHECK(lists.rows[33].cells.at(0).text == "Tỉnh, thành phố thứ 34");
}

TEST_CASE("The same calls give the same bytes, with several sheets") {
  const auto make = [] {
    WorkbookWriter writer = must(WorkbookWriter::create());
    Sheet sheet = sample();
    must(writer.begin_sheet(sheet));
    must(writer.row({"a"}));
    sheet.name = "Khác";
    must(writer.begin_sheet(sheet));
    must(writer.row({"b"}));
    return must(writer.finish());
  };
  const Bytes book = make();
  CHECK(make() == book);
  CHECK(must(read_all(book, {.sheet = "Khác", .limits = {}})).rows.back().cells.at(0).text == "b");
}

TEST_CASE("Text stays text, whatever it is") {
  CHECK(rc::check([] {
    const auto letters =
        rc::gen::elementOf(std::u32string(U"aB0 =+-@'\"<>&_x05Fễ\u0302\U0001F600\n\t\r\u0001\uFFFE;,"));
    const auto text = to_utf8(*rc::gen::container<std::u32string>(letters));
    const auto cells = must(read_all(written({"S", {}, {column("T")}}, {{text}, {"end"}}))).rows;
    std::string expected;
    for (const char32_t c : to_utf32(text))
      if (c != U'\r') append_utf8(expected, c == 1 || c == 0xFFFE ? U'\uFFFD' : c);
    expected = to_nfc(trim(expected));
    RC_ASSERT(cells.size() == (expected.empty() ? 2U : 3U));
    if (!expected.empty()) {
      RC_ASSERT(cells[1].cells.at(0).text == expected);
      RC_ASSERT(!cells[1].cells.at(0).is_formula);
    }
  }));
}

TEST_CASE("What looks like an escape stays as it is") {
  for (const std::string text : {"_x0041_", "a_x0041_x0042_", "_x005F_x000D_", "__x0041__", "_x_x0041_"})
    CHECK(must(read_all(written({"S", {}, {column("T")}}, {{text}}))).rows.at(1).cells.at(0).text == text);
}

TEST_CASE("Numbers and days come back") {
  CHECK(rc::check([] {
    const auto number = *rc::gen::inRange<std::int64_t>(-999'999'999'999, 999'999'999'999);
    const Date date{*rc::gen::inRange(1901, 9999), *rc::gen::inRange(1, 12), *rc::gen::inRange(1, 28)};
    Sheet sheet{"S", {}, {column("N"), column("D")}};
    sheet.columns[0].format = Column::Format::number;
    sheet.columns[1].format = Column::Format::date;
    const auto rows = must(read_all(written(sheet, {{static_cast<double>(number), date}}))).rows;
    RC_ASSERT(rows.at(1).cells.at(0).text == std::to_string(number));
    RC_ASSERT(rows.at(1).cells.at(1).date == std::optional(date));
  }));
}

TEST_CASE("What a workbook cannot hold is refused") {
  const auto with_name = [](const std::string& name) {
    WorkbookWriter writer = must(WorkbookWriter::create());
    return code_of(writer.begin_sheet({name, {}, {column("T")}}));
  };
  for (const std::string name : {"", "a/b", "a[b", "\xFF", "một cái tên dài hơn ba mươi mốt ký tự"})
    CHECK(with_name(name) == "sheet.unwritable");
  CHECK(with_name("Đúng") == "ok");
  WorkbookWriter writer = must(WorkbookWriter::create());
  CHECK(code_of(writer.row({"a"})) == "sheet.unwritable");
  CHECK(code_of(writer.begin_sheet({"S", {}, {}})) == "sheet.unwritable");
  must(writer.begin_sheet({"S", {}, {column("T")}}));
  CHECK(code_of(writer.begin_sheet({"s", {}, {column("T")}})) == "sheet.unwritable");
  CHECK(code_of(writer.row({"a", "b"})) == "sheet.unwritable");
  CHECK(code_of(writer.row({Date{2023, 2, 29}})) == "sheet.unwritable");
  CHECK(code_of(writer.row({std::nan("")})) == "sheet.unwritable");
  CHECK(code_of(writer.row({std::string(32'768, 'a')})) == "sheet.unwritable");
  CHECK(code_of(writer.row({std::string(32'767, 'a')})) == "ok");
  must(writer.finish());
  CHECK(code_of(writer.finish()) == "sheet.unwritable");
  CHECK(code_of(writer.row({"a"})) == "sheet.unwritable");
}

}  // namespace
}  // namespace kyso::sheet
