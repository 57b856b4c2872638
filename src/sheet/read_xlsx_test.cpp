#include <doctest/doctest.h>

#include <algorithm>

#include "base/text.h"
#include "sheet/sheet_test_support.h"

namespace kyso::sheet {
namespace {

using Kind = Cell::Kind;

std::vector<Row> rows_of(const TestWorkbook& book, const ReadOptions& options = {}) {
  return must(read_all(book.bytes(), options)).rows;
}
Cell only_cell(const std::string& cell, const std::vector<std::string>& formats = {}, const std::string& strings = {}) {
  TestWorkbook book;
  book.rows("<row r=\"1\">" + cell + "</row>");
  book.set("xl/styles.xml", TestWorkbook::styles(formats)).set("xl/sharedStrings.xml", TestWorkbook::strings(strings));
  const auto rows = rows_of(book);
  REQUIRE(rows.size() == 1);
  REQUIRE(rows[0].cells.size() == 1);
  return rows[0].cells[0];
}
std::string refusal_of(const TestWorkbook& book, const ReadOptions& options = {}) {
  return refusal(read_all(book.bytes(), options));
}

TEST_CASE("Every type of cell is read as a person sees it") {
  CHECK(only_cell("<c r=\"A1\"><v>12345678910</v></c>").text == "12345678910");
  CHECK(only_cell("<c r=\"A1\"><v>1.2345678910E10</v></c>").text == "12345678910");
  CHECK(only_cell("<c r=\"A1\" s=\"1\"><v>12345678910</v></c>", {"000000000000"}).text == "012345678910");
  CHECK(only_cell("<c r=\"A1\" s=\"1\"><v>912345678</v></c>", {"0000000000"}).text == "0912345678");
  CHECK(only_cell("<c r=\"A1\" s=\"99\"><v>7</v></c>", {"000"}).text == "7");

  const Cell date = only_cell("<c r=\"A1\" s=\"1\"><v>31970</v></c>", {"dd/mm/yyyy;@"});
  CHECK(date.kind == Kind::date);
  CHECK(date.text == "12/07/1987");
  CHECK(date.number == 31970.0);
  CHECK(date.date == Date{1987, 7, 12});

  const Cell iso = only_cell("<c r=\"A1\" t=\"d\"><v>1987-07-12T00:00:00Z</v></c>");
  CHECK(iso.kind == Kind::date);
  CHECK(iso.text == "12/07/1987");
  CHECK(iso.number == 31970.0);

  const Cell truth = only_cell("<c r=\"A1\" t=\"b\"><v>1</v></c>");
  CHECK(truth.kind == Kind::boolean);
  CHECK(truth.text == "TRUE");
  CHECK(only_cell("<c r=\"A1\" t=\"b\"><v>0</v></c>").text == "FALSE");

  const Cell error = only_cell("<c r=\"A1\" t=\"e\"><f>NA()</f><v>#N/A</v></c>");
  CHECK(error.kind == Kind::error);
  CHECK(error.text == "#N/A");
  CHECK(error.is_formula);

  const Cell shared = only_cell("<c r=\"A1\" t=\"s\"><v>1</v></c>", {}, "<si><t>a</t></si><si><t>b</t></si>");
  CHECK(shared.kind == Kind::text);
  CHECK(shared.text == "b");
  CHECK_FALSE(shared.is_formula);
  CHECK(only_cell("<c r=\"A1\" t=\"inlineStr\"><is><t>trong ô</t></is></c>").text == "trong ô");
}

TEST_CASE("A formula counts as the value stored with it, and is never calculated") {
  const Cell text = only_cell("<c r=\"A1\" t=\"str\"><f>\"Nguyễn\"&amp;\" A\"</f><v>Nguyễn A</v></c>");
  CHECK(text.is_formula);
  CHECK(text.text == "Nguyễn A");
  const Cell number = only_cell("<c r=\"A1\"><f t=\"shared\" si=\"0\"/><v>42</v></c>");
  CHECK(number.is_formula);
  CHECK(number.text == "42");
  const Cell empty = only_cell("<c r=\"A1\"><f>1+1</f></c>");
  CHECK(empty.is_formula);
  CHECK(empty.kind == Kind::empty);
  CHECK(empty.text.empty());
}

TEST_CASE("Text is joined from its runs, composed, trimmed and freed of what nobody sees") {
  const auto shared = [](const std::string& item) {
    return only_cell("<c r=\"A1\" t=\"s\"><v>0</v></c>", {}, item).text;
  };
  CHECK(shared("<si><r><t>Nguyễn </t></r><r><rPr><b/></rPr><t>Văn A</t></r></si>") == "Nguyễn Văn A");
  CHECK(shared("<si><t>東</t><rPh sb=\"0\" eb=\"1\"><t>ヒガシ</t></rPh><phoneticPr fontId=\"1\"/></si>") == "東");
  CHECK(shared("<si><t>Nguye\u0302\u0303n</t></si>") == "Nguyễn");
  CHECK(shared("<si><t xml:space=\"preserve\">  \u00A0a\u200B \uFEFF</t></si>") == "a");
  CHECK(shared("<si><t>a_x000D_\nb</t></si>") == "a\nb");
  CHECK(shared("<si><t>a_x000d_b</t></si>") == "a\nb");
  CHECK(shared("<si><t>_x005F_x000D_</t></si>") == "_x000D_");
  CHECK(shared("<si><t>a_xD83D__xDE00_</t></si>") == "a\U0001F600");
  CHECK(shared("<si><t>a_xD83D_b</t></si>") == "a\uFFFDb");
  CHECK(shared("<si><t>a_x0000_b_xZZZZ_</t></si>") == "a\uFFFDb_xZZZZ_");
  CHECK(shared("<si><t>a &lt;b&gt; &#x1EC5; <![CDATA[<c>]]></t></si>") == "a <b> ễ <c>");
}

TEST_CASE("Rows and cells keep their places; what is empty is left out") {
  TestWorkbook book;
  book.rows(
      "<row r=\"2\"><c r=\"B2\"><v>1</v></c><c r=\"D2\" s=\"1\"/></row><row r=\"3\"><c r=\"A3\" s=\"1\"/></row>"
      "<row r=\"7\" hidden=\"1\"><c r=\"C7\"><v>2</v></c></row><row><c><v>3</v></c><c><v>4</v></c></row>");
  const ReadSheet sheet = must(read_all(book.bytes()));
  REQUIRE(sheet.rows.size() == 3);
  CHECK(sheet.rows[0].number == 2);
  REQUIRE(sheet.rows[0].cells.size() == 2);
  CHECK(sheet.rows[0].cells[0].kind == Kind::empty);
  CHECK(sheet.rows[0].cells[1].text == "1");
  CHECK_FALSE(sheet.rows[0].is_hidden);
  CHECK(sheet.rows[1].number == 7);
  CHECK(sheet.rows[1].is_hidden);
  CHECK(sheet.remarks.has_hidden_rows);
  CHECK(sheet.rows[2].number == 8);
  REQUIRE(sheet.rows[2].cells.size() == 2);
  CHECK(sheet.rows[2].cells[1].text == "4");
}

TEST_CASE("Cells of merged ranges are marked, though the sheet tells of them behind its rows") {
  TestWorkbook book;
  book.set("xl/worksheets/sheet1.xml",
           in_worksheet("<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>"
                        "<row r=\"4\"><c r=\"A4\"><v>1</v></c><c r=\"B4\"><v>2</v></c></row>"
                        "<row r=\"5\"><c r=\"A5\"><v>3</v></c><c r=\"B5\"><v>4</v></c></row>"
                        "<row r=\"6\"><c r=\"A6\"><v>5</v></c></row></sheetData>"
                        "<mergeCells><mergeCell ref=\"B4:C5\"/><mergeCell ref=\"A2:B2\"/></mergeCells>"));
  const ReadSheet sheet = must(read_all(book.bytes()));
  CHECK(sheet.remarks.merged_ranges == std::vector<std::string>{"B4:C5", "A2:B2"});
  REQUIRE(sheet.rows.size() == 4);
  CHECK(sheet.rows[0].cells.size() == 1);
  REQUIRE(sheet.rows[1].cells.size() == 3);
  CHECK_FALSE(sheet.rows[1].cells[1].is_merged);
  CHECK(sheet.rows[1].cells[2].is_merged);
  REQUIRE(sheet.rows[2].cells.size() == 3);
  CHECK_FALSE(sheet.rows[2].cells[0].is_merged);
  CHECK(sheet.rows[2].cells[1].is_merged);
  CHECK(sheet.rows[2].cells[1].text == "4");
  CHECK(sheet.rows[2].cells[2].is_merged);
  CHECK(sheet.rows[3].cells.size() == 1);

  book.replace("xl/worksheets/sheet1.xml", "A2:B2", "A4:B5");
  CHECK(refusal_of(book) == "sheet.malformed merged ranges overlap");
  book.replace("xl/worksheets/sheet1.xml", "A4:B5", "B5:A4");
  CHECK(refusal_of(book) == "sheet.malformed merged range");
}

TEST_CASE("The first visible sheet is read, or the one of a name") {
  TestWorkbook book;
  const std::string office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  book.set("xl/workbook.xml", TestWorkbook::workbook("<sheet name=\"Biểu đồ\" sheetId=\"9\" r:id=\"rId9\"/>"
                                                     "<sheet name=\"Ẩn\" sheetId=\"1\" state=\"hidden\" r:id=\"rId1\"/>"
                                                     "<sheet name=\"Danh sách\" sheetId=\"2\" r:id=\"rId2\"/>"));
  book.set("xl/_rels/workbook.xml.rels",
           TestWorkbook::relationships({{"rId9", office + "/chartsheet", "chartsheets/sheet1.xml"},
                                        {"rId1", office + "/worksheet", "worksheets/sheet1.xml"},
                                        {"rId2", office + "/worksheet", "/xl/worksheets/../worksheets/./sheet2.xml"}}));
  book.rows("<row><c><v>1</v></c></row>");
  book.set("xl/worksheets/sheet2.xml", in_rows("<row><c><v>2</v></c></row>"));
  const ReadSheet first = must(read_all(book.bytes()));
  CHECK(first.remarks.sheet == "Danh sách");
  CHECK(first.remarks.has_hidden_sheets);
  CHECK(first.rows.at(0).cells.at(0).text == "2");
  CHECK(rows_of(book, {.sheet = "ẨN", .limits = {}}).at(0).cells.at(0).text == "1");
  CHECK(refusal_of(book, {.sheet = "Khác", .limits = {}}) == "sheet.missing Khác");
  CHECK(refusal_of(book, {.sheet = "Biểu đồ", .limits = {}}) == "sheet.missing Biểu đồ");
  book.replace("xl/workbook.xml", "name=\"Danh sách\"", "name=\"Danh sách\" state=\"veryHidden\"");
  CHECK(refusal_of(book) == "sheet.none");
}

TEST_CASE("The 1904 system moves every date") {
  TestWorkbook book;
  book.set("xl/workbook.xml",
           TestWorkbook::workbook("<sheet name=\"S\" sheetId=\"1\" r:id=\"rId1\"/>", "<workbookPr date1904=\"1\"/>"));
  book.set("xl/styles.xml", TestWorkbook::styles({"d/m/yyyy"}));
  book.rows("<row><c s=\"1\"><v>30508</v></c></row>");
  CHECK(rows_of(book).at(0).cells.at(0).text == "12/07/1987");
}

TEST_CASE("Strict workbooks and other prefixes are read, foreign elements are not mistaken for cells") {
  TestWorkbook strict;
  strict.rows("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>");
  strict.replace("xl/worksheets/sheet1.xml", "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                 "http://purl.oclc.org/ooxml/spreadsheetml/main");
  strict.replace("_rels/.rels", "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                 "http://purl.oclc.org/ooxml/officeDocument/relationships");
  CHECK(rows_of(strict).at(0).cells.at(0).text == "1");

  TestWorkbook prefixed;
  prefixed.set(
      "xl/worksheets/sheet1.xml",
      "<x:worksheet xmlns:x=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:z=\"urn:z\">"
      "<x:sheetData><x:row><z:c><z:v>9</z:v></z:c><x:c><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>");
  CHECK(rows_of(prefixed).at(0).cells.size() == 1);

  TestWorkbook utf16;
  const std::string xml = in_rows("<row><c t=\"inlineStr\"><is><t>Nguyễn</t></is></c></row>");
  std::string declared = xml;
  declared.replace(declared.find("UTF-8"), 5, "UTF-16");
  utf16.set("xl/worksheets/sheet1.xml", std::string(as_chars(to_utf16be_bom(declared))));
  CHECK(rows_of(utf16).at(0).cells.at(0).text == "Nguyễn");
}

TEST_CASE("Macros and links to other workbooks are told") {
  TestWorkbook book;
  CHECK_FALSE(must(read_all(book.bytes())).remarks.has_macros);
  CHECK_FALSE(must(read_all(book.bytes())).remarks.has_external_links);
  TestWorkbook macros;
  macros.replace("[Content_Types].xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                 "application/vnd.ms-excel.sheet.macroEnabled.main+xml");
  CHECK(must(read_all(macros.bytes())).remarks.has_macros);
  TestWorkbook project;
  project.replace("xl/_rels/workbook.xml.rels", "</Relationships>",
                  "<Relationship Id=\"m\" Type=\"http://schemas.microsoft.com/office/2006/relationships/vbaProject\" "
                  "Target=\"vbaProject.bin\"/><Relationship Id=\"e\" "
                  "Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink\" "
                  "Target=\"externalLinks/externalLink1.xml\"/></Relationships>");
  CHECK(must(read_all(project.bytes())).remarks.has_macros);
  CHECK(must(read_all(project.bytes())).remarks.has_external_links);
}

TEST_CASE("The receiver ends the reading, and its error is handed back") {
  TestWorkbook book;
  book.rows("<row><c><v>1</v></c></row><row><c><v>2</v></c></row><row><c><v>broken</v></c></row>");
  int seen = 0;
  must(read_xlsx(book.bytes(), {}, [&](Row&&) -> Result<bool> { return ++seen < 2; }));
  CHECK(seen == 2);
  const auto failed = read_xlsx(book.bytes(), {}, [](Row&&) -> Result<bool> { return fail("sheet.none"); });
  CHECK(code_of(failed) == "sheet.none");
}

TEST_CASE("What breaks the rules of a sheet is refused with its place") {
  const auto refused = [](const std::string& rows) { return refusal_of(TestWorkbook().rows(rows)); };
  CHECK(refused("<row r=\"1\"/><row r=\"1\"/>") == "sheet.malformed row 1, column 0: row number");
  CHECK(refused("<row r=\"0\"/>") == "sheet.malformed row 0, column 0: row number");
  CHECK(refused("<row r=\"1048577\"/>") == "sheet.malformed row 0, column 0: row number");
  CHECK(refused("<row r=\"1\"><c r=\"B1\"/><c r=\"A1\"/></row>") == "sheet.malformed row 1, column 2: cell reference");
  CHECK(refused("<row r=\"1\"><c r=\"A2\"/></row>") == "sheet.malformed row 1, column 0: cell reference");
  CHECK(refused("<row r=\"1\"><c r=\"XFE1\"/></row>") == "sheet.malformed row 1, column 0: cell reference");
  CHECK(refused("<row r=\"1\"><c r=\"A1\" t=\"zz\"/></row>") == "sheet.malformed row 1, column 1: cell type");
  CHECK(refused("<row r=\"1\"><c r=\"A1\"><v>1,5</v></c></row>") == "sheet.malformed row 1, column 1: number");
  CHECK(refused("<row r=\"1\"><c r=\"A1\"><v>nan</v></c></row>") == "sheet.malformed row 1, column 1: number");
  CHECK(refused("<row r=\"1\"><c r=\"A1\"><v>1e999</v></c></row>") == "sheet.malformed row 1, column 1: number");
  CHECK(refused("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>") ==
        "sheet.malformed row 1, column 1: shared string missing");
  CHECK(refused("<row r=\"1\"><c r=\"A1\" t=\"d\"><v>2023-02-29</v></c></row>") ==
        "sheet.malformed row 1, column 1: date");
  CHECK(refused("<row r=\"1\"><c r=\"A1\"><c r=\"B1\"/></c></row>") ==
        "sheet.malformed row 1, column 1: cell in a cell");
  CHECK(refused("<row r=\"1\"><row r=\"2\"/></row>") == "sheet.malformed row 1, column 0: row in a row");
  CHECK(refused("<row").starts_with("sheet.malformed xl/worksheets/sheet1.xml: line 1: XML error"));
}

TEST_CASE("Limits of rows, columns and text") {
  TestWorkbook book;
  book.rows("<row><c r=\"A1\"><v>1</v></c><c r=\"D1\"><v>1</v></c></row><row/><row><c r=\"A3\"><v>1</v></c></row>");
  ReadOptions options;
  options.limits.max_columns = 4;
  options.limits.max_rows = 2;
  CHECK(refusal_of(book, options) == "ok");
  options.limits.max_rows = 1;
  CHECK(refusal_of(book, options) == "sheet.limit.rows 1");
  options.limits.max_columns = 3;
  CHECK(refusal_of(book, options) == "sheet.limit.columns 1");
  TestWorkbook styled;
  styled.rows("<row><c r=\"A1\"><v>1</v></c><c r=\"XFD1\" s=\"1\"/></row>");
  CHECK(refusal_of(styled, options) == "ok");
  TestWorkbook text;
  text.rows("<row><c t=\"inlineStr\"><is><t>ễễễễ</t></is></c></row>");
  options.limits.max_text = 4;
  CHECK(refusal_of(text, options) == "ok");
  options.limits.max_text = 3;
  CHECK(refusal_of(text, options) == "sheet.limit.text 3");
  options = {};
  options.limits.max_file = 100;
  CHECK(refusal_of(book, options) == "sheet.limit.size 0");
  options = {};
  options.limits.max_entries = 3;
  CHECK(refusal_of(book, options) == "sheet.limit 3 ZIP entries");
}

}  // namespace
}  // namespace kyso::sheet
