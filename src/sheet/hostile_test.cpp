#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/text.h"
#include "sheet/sheet_test_support.h"

// Files that are not what they should be, or want to do harm.
namespace kyso::sheet {
namespace {

std::string refusal_of(std::string_view content) {
  return refusal(read_all(as_bytes(content)));
}
std::string refusal_of(const Bytes& content) {
  return refusal(read_all(content));
}
std::string refusal_of(const TestWorkbook& book) {
  return refusal(read_all(book.bytes()));
}

void put(Bytes& out, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// A ZIP file written by hand, so that it can lie.
struct RawEntry {
  std::string name, local_name, packed;
  std::uint64_t unpacked = 0;
  std::uint32_t crc = 0;
  int method = 8, flags = 0;
  std::int64_t start = -1;  // of another entry's data
};
std::uint64_t get(ByteView bytes, std::size_t at, int size) {
  std::uint64_t value = 0;
  for (int i = size; i-- > 0;) value = value << 8U | bytes[at + static_cast<std::size_t>(i)];
  return value;
}
RawEntry deflated(const std::string& name, const std::string& content) {
  const Bytes package = must(write_package({{name, to_bytes(content)}}));
  const std::size_t directory = get(package, package.size() - 6, 4);
  RawEntry entry{name, name, {}, get(package, directory + 24, 4), 0, 0, 0, -1};
  entry.crc = static_cast<std::uint32_t>(get(package, directory + 16, 4));
  entry.method = static_cast<int>(get(package, directory + 10, 2));
  const std::size_t data = 30 + get(package, 26, 2) + get(package, 28, 2);
  entry.packed = as_chars(ByteView(package).subspan(data, get(package, directory + 20, 4)));
  return entry;
}
Bytes raw_zip(const std::vector<RawEntry>& entries, bool is_zip64 = false) {
  Bytes file, directory;
  for (const RawEntry& e : entries) {
    const std::uint64_t start = e.start >= 0 ? static_cast<std::uint64_t>(e.start) : file.size();
    if (e.start < 0) {
      put(file, 0x04034b50, 4), put(file, 20, 2), put(file, static_cast<std::uint64_t>(e.flags), 2);
      put(file, static_cast<std::uint64_t>(e.method), 2), put(file, 0, 4), put(file, e.crc, 4);
      put(file, e.packed.size(), 4), put(file, e.unpacked, 4), put(file, e.local_name.size(), 2), put(file, 0, 2);
      append(file, e.local_name), append(file, e.packed);
    }
    put(directory, 0x02014b50, 4), put(directory, 20, 2), put(directory, 20, 2);
    put(directory, static_cast<std::uint64_t>(e.flags), 2), put(directory, static_cast<std::uint64_t>(e.method), 2);
    put(directory, 0, 4), put(directory, e.crc, 4);
    put(directory, is_zip64 ? 0xFFFFFFFF : e.packed.size(), 4), put(directory, is_zip64 ? 0xFFFFFFFF : e.unpacked, 4);
    put(directory, e.name.size(), 2), put(directory, is_zip64 ? 20 : 0, 2), put(directory, 0, 2), put(directory, 0, 2);
    put(directory, 0, 2), put(directory, 0, 4), put(directory, start, 4), append(directory, e.name);
    if (is_zip64)
      put(directory, 1, 2), put(directory, 16, 2), put(directory, e.unpacked, 8), put(directory, e.packed.size(), 8);
  }
  const std::size_t offset = file.size();
  append(file, ByteView(directory));
  const std::size_t end64 = file.size();
  if (is_zip64) {
    put(file, 0x06064b50, 4), put(file, 44, 8), put(file, 45, 2), put(file, 45, 2), put(file, 0, 8);
    put(file, entries.size(), 8), put(file, entries.size(), 8), put(file, directory.size(), 8), put(file, offset, 8);
    put(file, 0x07064b50, 4), put(file, 0, 4), put(file, end64, 8), put(file, 1, 4);
  }
  put(file, 0x06054b50, 4), put(file, 0, 4), put(file, is_zip64 ? 0xFFFF : entries.size(), 2);
  put(file, is_zip64 ? 0xFFFF : entries.size(), 2), put(file, is_zip64 ? 0xFFFFFFFF : directory.size(), 4);
  put(file, is_zip64 ? 0xFFFFFFFF : offset, 4), put(file, 0, 2);
  return file;
}
std::vector<RawEntry> entries_of(const TestWorkbook& book) {
  std::vector<RawEntry> entries;
  for (const PackagePart& part : must(read_package(book.bytes())))
    entries.push_back(deflated(part.name, std::string(as_chars(part.content))));
  return entries;
}

Bytes compound_file(std::string_view stream) {
  Bytes file = to_bytes(std::string_view("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"));
  file.resize(512 + 128);
  for (const char c : stream) put(file, static_cast<std::uint8_t>(c), 2);
  file.resize(640 + 64);
  put(file, 2 * stream.size() + 2, 2);
  file.resize(1'024);
  return file;
}

TEST_CASE("What is no workbook gets an answer that names what it is") {
  CHECK(refusal_of("") == "sheet.empty");
  CHECK(refusal_of(compound_file("Workbook")) == "sheet.kind Excel 97-2003 (.xls)");
  CHECK(refusal_of(compound_file("Book")) == "sheet.kind Excel 97-2003 (.xls)");
  CHECK(refusal_of(compound_file("WordDocument")) == "sheet.kind Word 97-2003 (.doc)");
  CHECK(refusal_of(compound_file("EncryptedPackage")) == "sheet.encrypted");
  CHECK(refusal_of(compound_file("Something")) == "sheet.kind OLE2");
  CHECK(refusal_of("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") == "sheet.kind OLE2");
  CHECK(refusal_of("%PDF-1.7\n") == "sheet.kind PDF");
  CHECK(refusal_of("{\\rtf1}") == "sheet.kind RTF");
  CHECK(refusal_of("\x89PNG\r\n\x1A\n") == "sheet.kind PNG");
  CHECK(refusal_of("<html><table></table></html>") == "sheet.kind HTML");
  CHECK(refusal_of("\xEF\xBB\xBF\r\n  <!DOCTYPE HTML PUBLIC>") == "sheet.kind HTML");
  CHECK(refusal_of(as_chars(to_utf16be_bom("<Table>"))) == "sheet.kind HTML");
  CHECK(refusal_of("MIME-Version: 1.0\r\n") == "sheet.kind MHTML");
  CHECK(refusal_of("<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>") ==
        "sheet.kind XML Spreadsheet 2003");
  CHECK(refusal_of("STT,Họ tên\n1,Nguyễn Văn A\n") == "sheet.kind CSV (.csv, .txt)");
  CHECK(refusal_of(std::string("\x01\x02\x00\x03", 4)) == "sheet.malformed neither a ZIP archive nor text");
  CHECK(refusal_of(must(write_package({{"a.txt", {1}}}))) == "sheet.kind ZIP");
  CHECK(refusal_of(must(write_package({{"mimetype", to_bytes("application/vnd.oasis.opendocument.spreadsheet")}}))) ==
        "sheet.kind OpenDocument (.ods)");
  const auto with_type = [](const std::string& type) {
    return refusal_of(TestWorkbook().replace(
        "[Content_Types].xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", type));
  };
  CHECK(with_type("application/vnd.ms-excel.sheet.binary.macroEnabled.main") == "sheet.kind Excel Binary (.xlsb)");
  CHECK(with_type("application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml") ==
        "sheet.kind Word (.docx)");
  CHECK(with_type("text/plain") == "sheet.malformed the main part is no workbook");
}

TEST_CASE("Packages with missing or strange parts are refused") {
  CHECK(refusal_of(TestWorkbook().set("[Content_Types].xml", "")) == "sheet.kind ZIP");
  CHECK(refusal_of(TestWorkbook().set("_rels/.rels", "")) == "sheet.malformed no relationship to a workbook");
  CHECK(refusal_of(TestWorkbook().set("xl/workbook.xml", "")) == "sheet.malformed part missing: xl/workbook.xml");
  CHECK(refusal_of(TestWorkbook().set("xl/_rels/workbook.xml.rels", "")) ==
        "sheet.malformed sheet without relationship");
  CHECK(refusal_of(TestWorkbook().set("xl/sharedStrings.xml", "")) ==
        "sheet.malformed part missing: xl/sharedStrings.xml");
  CHECK(refusal_of(TestWorkbook().set("xl/worksheets/sheet1.xml", "")) ==
        "sheet.malformed part missing: xl/worksheets/sheet1.xml");
  const std::string rels = "xl/_rels/workbook.xml.rels";
  CHECK(refusal_of(TestWorkbook().replace(rels, "worksheets/sheet1.xml", "../../../etc/passwd")) ==
        "sheet.malformed relationship to outside the package");
  CHECK(refusal_of(TestWorkbook().replace(rels, "worksheets/sheet1.xml", "file:///etc/passwd")) ==
        "sheet.malformed relationship to outside the package");
  CHECK(refusal_of(
            TestWorkbook().replace(rels, "worksheets/sheet1.xml\"", "http://a.example/\" TargetMode=\"External\"")) ==
        "sheet.malformed a part outside the package");
  CHECK(refusal_of(TestWorkbook().replace(rels, "rId2", "rId1")) ==
        "sheet.malformed relationship's id missing or twice");
  CHECK(refusal_of(TestWorkbook().replace("[Content_Types].xml", "/xl/worksheets/sheet1.xml", "/XL/workbook.xml")) ==
        "sheet.malformed content type twice");
  CHECK(refusal_of(TestWorkbook().replace("xl/workbook.xml", "<sheet ", "<sheet2 ")) == "sheet.none");
}

TEST_CASE("XML with a document type, entities, too much depth or none at all is refused") {
  const auto sheet = [](const std::string& xml) {
    return refusal_of(TestWorkbook().set("xl/worksheets/sheet1.xml", xml));
  };
  const std::string bomb =
      "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c "
      "\"&b;&b;&b;&b;&b;&b;\">]>";
  CHECK(sheet(bomb + in_rows("<row><c r=\"&c;\"><v>&c;</v></c></row>").substr(38)) ==
        "sheet.malformed xl/worksheets/sheet1.xml: document type");
  CHECK(sheet("<!DOCTYPE a SYSTEM \"file:///etc/passwd\">" + in_rows("").substr(38)) ==
        "sheet.malformed xl/worksheets/sheet1.xml: document type");
  CHECK(sheet(in_rows("<row><c><v>&undefined;</v></c></row>"))
            .starts_with("sheet.malformed xl/worksheets/sheet1.xml: line"));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  CHECK(sheet(in_rows(deep)) == "sheet.malformed xl/worksheets/sheet1.xml: nested too deeply");
  CHECK(sheet("not XML").starts_with("sheet.malformed xl/worksheets/sheet1.xml: line 1"));
  CHECK(sheet(in_rows("<q:row/>")) == "ok");  // behind the last row nothing matters
  CHECK(sheet("<?xml version=\"1.0\" encoding=\"x-none\"?><worksheet/>").starts_with("sheet.malformed"));
}

TEST_CASE("ZIP bombs are stopped while they unpack, whatever the directory says") {
  const std::string zeros(64U << 20U, ' ');
  TestWorkbook book;
  auto entries = entries_of(book);
  auto bomb = entries;
  bomb.back() = deflated("xl/worksheets/sheet1.xml", in_rows(zeros));
  CHECK(refusal_of(raw_zip(bomb)) == "sheet.bomb");

  bomb.back().unpacked = 1'000;  // a lie
  CHECK(refusal_of(raw_zip(bomb)) ==
        "sheet.malformed xl/worksheets/sheet1.xml: not of the size that the ZIP directory says");

  // The total of parts that are each well behaved.
  ReadOptions options;
  options.limits.max_ratio = 10'000;
  options.limits.max_unpacked = 32U << 20U;
  bomb.back().unpacked = in_rows(zeros).size();
  CHECK(refusal(read_all(raw_zip(bomb), options)) == "sheet.limit.size 32");

  // A part with the data of another one: a few kilobytes that unpack to anything.
  auto overlapping = entries;
  RawEntry again = overlapping.back();
  again.name = "xl/worksheets/sheet2.xml";
  again.start = 0;
  overlapping.push_back(again);
  CHECK(refusal_of(raw_zip(overlapping)).starts_with("sheet.malformed ZIP entry with two names"));
  RawEntry inner = deflated("xl/inner.bin", "abc");
  const Bytes nested = raw_zip({inner});
  RawEntry outer{"xl/outer.bin", "xl/outer.bin", std::string(as_chars(nested)), nested.size(), 0, 0, 0, -1};
  Bytes prefix = raw_zip(entries);
  RawEntry into = inner;
  into.start = static_cast<std::int64_t>(30 + outer.name.size());
  CHECK(refusal_of(raw_zip({outer, into})) == "sheet.bomb");
  CHECK(refusal_of(raw_zip(entries)) == "ok");
}

TEST_CASE("A package within a package is a part like any other") {
  const Bytes inner = TestWorkbook().bytes();
  TestWorkbook outer;
  outer.set("xl/embeddings/inner.xlsx", std::string(as_chars(inner)));
  CHECK(refusal_of(outer) == "ok");
}

TEST_CASE("Broken ZIP files are refused") {
  const auto entries = entries_of(TestWorkbook());
  const auto changed = [&](auto change) {
    auto copy = entries;
    change(copy.back());
    return refusal_of(raw_zip(copy));
  };
  CHECK(changed([](RawEntry& e) { e.crc ^= 1; }) == "sheet.malformed xl/worksheets/sheet1.xml: ZIP error 7");
  CHECK(changed([](RawEntry& e) { e.packed[e.packed.size() / 2] ^= 0x55; }).starts_with("sheet.malformed"));
  CHECK(changed([](RawEntry& e) { e.flags = 1; }) == "sheet.encrypted");
  CHECK(changed([](RawEntry& e) { e.method = 14; }) ==
        "sheet.malformed xl/worksheets/sheet1.xml: compression method 14");
  CHECK(changed([](RawEntry& e) { e.local_name = "xl/worksheets/sheet2.xml"; }) ==
        "sheet.malformed ZIP entry with two names: xl/worksheets/sheet1.xml");
  for (const std::string name : {"/abs", "../up", "a/../b", "a//b", "a\\b", "C:/x", "./a", "a\nb", "\xFF"})
    CHECK(changed([&](RawEntry& e) { e.name = e.local_name = name; }) ==
          "sheet.malformed a ZIP entry whose name is not a part's name");
  CHECK(changed([](RawEntry& e) { e.name = e.local_name = std::string("a\0b", 3); }) ==
        "sheet.malformed a ZIP entry whose name is not a part's name");
  CHECK(changed([](RawEntry& e) { e.name = e.local_name = "XL/Workbook.XML"; }) ==
        "sheet.malformed part twice: xl/workbook.xml");

  Bytes file = raw_zip(entries);
  CHECK(refusal_of(Bytes(file.begin(), file.end() - 1)).starts_with("sheet.malformed ZIP directory missing"));
  Bytes longer = file;
  longer.push_back(0);
  CHECK(refusal_of(longer).starts_with("sheet.malformed ZIP directory missing"));
  CHECK(refusal_of(std::string("PK\x03\x04")).starts_with("sheet.malformed ZIP directory missing"));
  CHECK(refusal_of(std::string("PK\x05\x06") + std::string(18, '\0')) == "sheet.malformed ZIP archive without entries");

  auto many = entries;
  for (int i = 0; i < 2'000; ++i) many.push_back(deflated(fmt::format("x{}", i), "x"));
  CHECK(refusal_of(raw_zip(many)) == "sheet.limit 2000 ZIP entries");
  auto folders = entries;
  folders.push_back(RawEntry{"xl/", "xl/", "", 0, 0, 0, 0, -1});
  CHECK(refusal_of(raw_zip(folders)) == "ok");
}

TEST_CASE("ZIP64 fields are understood") {
  TestWorkbook book;
  book.rows("<row><c><v>1</v></c></row>");
  CHECK(must(read_all(raw_zip(entries_of(book), true))).rows.at(0).cells.at(0).text == "1");
}

TEST_CASE("Whatever bytes of a workbook are changed or lost, there is an answer") {
  TestWorkbook book;
  book.rows("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" s=\"1\"><v>31970</v></c></row>");
  book.set("xl/sharedStrings.xml", TestWorkbook::strings("<si><t>Nguyễn Văn A</t></si>"));
  book.set("xl/styles.xml", TestWorkbook::styles({"dd/mm/yyyy"}));
  const Bytes good = book.bytes();
  REQUIRE(refusal_of(good) == "ok");
  CHECK(rc::check([&] {
    Bytes bad = good;
    const int changes = *rc::gen::inRange(1, 5);
    for (int i = 0; i < changes; ++i)
      bad[*rc::gen::inRange<std::size_t>(0, bad.size())] = *rc::gen::arbitrary<std::uint8_t>();
    if (*rc::gen::arbitrary<bool>()) bad.resize(*rc::gen::inRange<std::size_t>(0, bad.size()));
    const auto result = read_all(bad);
    const bool is_answer = result.has_value() || result.error().code.starts_with("sheet.");
    RC_ASSERT(is_answer);
  }));
}

TEST_CASE("Many merged ranges, long tags and attributes take no more than linear time") {
  std::string merges;
  for (int i = 1; i <= 100'000; ++i) merges += fmt::format("<mergeCell ref=\"A{}:IV{}\"/>", i, i);
  TestWorkbook book;
  book.set("xl/worksheets/sheet1.xml",
           in_worksheet("<sheetData><row r=\"100000\"><c r=\"A100000\"><v>1</v></c></row></sheetData><mergeCells>" +
                        merges + "</mergeCells>"));
  CHECK(must(read_all(book.bytes())).rows.at(0).cells.size() == 256);
  book.replace("xl/worksheets/sheet1.xml", "</mergeCells>", "<mergeCell ref=\"A100001:B100001\"/></mergeCells>");
  CHECK(refusal_of(book) == "sheet.limit 100000 merged ranges");
}

}  // namespace
}  // namespace kyso::sheet
