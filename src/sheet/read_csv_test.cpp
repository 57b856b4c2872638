#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/text.h"
#include "sheet/sheet_test_support.h"

namespace kyso::sheet {
namespace {

Result<std::vector<Row>> csv(std::string_view text, const ReadLimits& limits = {}) {
  std::vector<Row> rows;
  KYSO_TRY(read_csv(as_bytes(text), limits, [&](Row&& row) -> Result<bool> {
    rows.push_back(std::move(row));
    return true;
  }));
  return rows;
}
// "1:a|b 3:c": row numbers and cells.
std::string flat(std::string_view text) {
  std::string result;
  for (const Row& row : must(csv(text))) {
    result += fmt::format("{}{}:", result.empty() ? "" : " ", row.number);
    for (std::size_t i = 0; i < row.cells.size(); ++i) result += (i == 0 ? "" : "|") + row.cells[i].text;
  }
  return result;
}

TEST_CASE("Separators are told by the first line") {
  CHECK(flat("a,b\n1,2\n") == "1:a|b 2:1|2");
  CHECK(flat("a;b,c;d\r\n1;2\r\n") == "1:a|b,c|d 2:1|2");
  CHECK(flat("a\tb\r1\t2") == "1:a|b 2:1|2");
  CHECK(flat("\"x;y;z\",b\n1,2") == "1:x;y;z|b 2:1|2");
  CHECK(flat("sep=;\r\na;b,c") == "1:a|b,c");
  CHECK(flat("a") == "1:a");
}

TEST_CASE("Quotation marks, line ends within them, empty cells and rows") {
  CHECK(flat("\"a \"\"b\"\"\",\"c\nd\"\n") == "1:a \"b\"|c\nd");
  CHECK(flat("a,b\n\n,,\n,x\n") == "1:a|b 4:|x");
  CHECK(flat("a \"b\",c") == "1:a \"b\"|c");
  CHECK(flat("\"a\"b,c") == "1:ab|c");
  CHECK(flat("0912345678,012345678910,=1+1") == "1:0912345678|012345678910|=1+1");
  CHECK(must(csv("0912345678")).at(0).cells.at(0).kind == Cell::Kind::text);
  CHECK(code_of(csv("a,\"b\nc")) == "sheet.malformed");
}

TEST_CASE("Unicode with and without marks; other encodings are refused") {
  CHECK(flat("Nguyễn,A") == "1:Nguyễn|A");
  CHECK(flat("\xEF\xBB\xBFNguye\u0302\u0303n,A") == "1:Nguyễn|A");
  const std::string big = std::string(as_chars(to_utf16be_bom("Nguyễn;A\r\n")));
  CHECK(flat(big) == "1:Nguyễn|A");
  std::string little = big;
  for (std::size_t i = 0; i + 1 < little.size(); i += 2) std::swap(little[i], little[i + 1]);
  CHECK(flat(little) == "1:Nguyễn|A");
  CHECK(code_of(csv(little + "x")) == "sheet.encoding");
  CHECK(code_of(csv("Nguy\xD4n V\xE3n")) == "sheet.encoding");
  CHECK(code_of(csv("")) == "sheet.empty");
  CHECK(code_of(csv("PK\x03\x04")) == "sheet.kind");
  CHECK(code_of(csv("%PDF-1.4")) == "sheet.kind");
}

TEST_CASE("Limits, and the end by the receiver") {
  CHECK(code_of(csv("a\nb\nc", {.max_rows = 2})) == "sheet.limit.rows");
  CHECK(code_of(csv("a,b,c", {.max_columns = 2})) == "sheet.limit.columns");
  CHECK(code_of(csv("a,b,,", {.max_columns = 2})) == "ok");
  CHECK(code_of(csv("ễễễ", {.max_text = 2})) == "sheet.limit.text");
  CHECK(code_of(csv("abc", {.max_file = 2})) == "sheet.limit.size");
  int seen = 0;
  must(read_csv(as_bytes("a\nb\nc"), {}, [&](Row&&) -> Result<bool> { return ++seen < 2; }));
  CHECK(seen == 2);
}

TEST_CASE("What is written after RFC 4180 is read as it was") {
  CHECK(rc::check([] {
    const auto field = rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab ,;\t\"\n0=")));
    const auto table = *rc::gen::container<std::vector<std::vector<std::string>>>(
        rc::gen::container<std::vector<std::string>>(3, field));
    std::string text = "x,y,z\n";
    std::vector<std::vector<std::string>> expected;
    for (const auto& record : table) {
      std::vector<std::string> cells;
      for (std::size_t i = 0; i < record.size(); ++i) {
        std::string quoted = "\"";
        for (const char c : record[i]) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
        text += (i == 0 ? "" : ",") + quoted + "\"";
        cells.emplace_back(trim(record[i]));
      }
      text += "\n";
      while (!cells.empty() && cells.back().empty()) cells.pop_back();
      if (!cells.empty()) expected.push_back(cells);
    }
    const auto rows = must(csv(text));
    RC_ASSERT(rows.size() == expected.size() + 1);
    for (std::size_t r = 0; r < expected.size(); ++r) {
      RC_ASSERT(rows[r + 1].cells.size() == expected[r].size());
      for (std::size_t i = 0; i < expected[r].size(); ++i) RC_ASSERT(rows[r + 1].cells[i].text == expected[r][i]);
    }
  }));
}

TEST_CASE("A table is read as whichever of both it is") {
  std::string seen;
  const auto each = [&](Row&& row) -> Result<bool> {
    seen += row.cells.at(0).text;
    return true;
  };
  must(read_table(as_bytes("a,b"), {}, each));
  must(read_table(TestWorkbook().rows("<row><c><v>1</v></c></row>").bytes(), {}, each));
  CHECK(seen == "a1");
  CHECK(code_of(read_table(as_bytes("%PDF-1.4"), {}, each)) == "sheet.kind");
}

}  // namespace
}  // namespace kyso::sheet
