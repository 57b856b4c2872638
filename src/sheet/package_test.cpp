#include "sheet/package.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/test_support.h"
#include "base/text.h"

namespace kyso::sheet {
namespace {

TEST_CASE("A package has the same bytes each time, whatever the clock and the time zone say") {
  const std::vector<PackagePart> parts = {
      {"[Content_Types].xml", to_bytes("<Types/>")}, {"word/document.xml", Bytes(100'000, 'x')}, {"word/rỗng.xml", {}}};
  ::setenv("TZ", "America/New_York", 1);
  const Bytes first = must(write_package(parts));
  ::setenv("TZ", "Asia/Ho_Chi_Minh", 1);
  CHECK(must(write_package(parts)) == first);
  ::unsetenv("TZ");
  CHECK(first.size() < 1'000);
  const auto read = must(read_package(first));
  REQUIRE(read.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(read[i].name == parts[i].name);
    CHECK(read[i].content == parts[i].content);
  }
}

TEST_CASE("Other programs read the package") {
  TestFolder folder;
  const Bytes bytes = must(write_package({{"a/b.txt", to_bytes("nội dung")}, {"c", Bytes(70'000, 7)}}));
  const auto path = folder.write("package.zip", as_chars(bytes));
  const std::string seen = output_of(
      "python3 -c 'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); print(z.testzip(), [(i.filename, i.date_time, "
      "i.file_size) for i in z.infolist()])' " +
      path.string());
  CHECK(seen == "None [('a/b.txt', (1980, 1, 1, 0, 0, 0), 10), ('c', (1980, 1, 1, 0, 0, 0), 70000)]\n");
}

TEST_CASE("Packages are read as they were written") {
  CHECK(rc::check([] {
    const auto contents = *rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<Bytes>>());
    std::vector<PackagePart> parts;
    for (std::size_t i = 0; i < contents.size(); ++i) parts.push_back({fmt::format("p{}/x.bin", i), contents[i]});
    const auto read = must(read_package(must(write_package(parts))));
    RC_ASSERT(read.size() == parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) RC_ASSERT(read[i].content == parts[i].content);
  }));
}

TEST_CASE("Names that are no part's names, or twice, cannot be written") {
  for (const std::string name : {"", "/a", "a/", "../a", "a//b", "a\\b", "a\tb", "\xC3"})
    CHECK(code_of(write_package({{name, {}}})) == "sheet.unwritable");
  CHECK(code_of(write_package({{"a", {}}, {"A", {}}})) == "sheet.unwritable");
  CHECK(code_of(write_package({})) == "sheet.unwritable");
}

TEST_CASE("Limits of a package that is read whole") {
  const Bytes zeros = must(write_package({{"zeros", Bytes(8U << 20U)}}));
  CHECK(code_of(read_package(zeros)) == "sheet.bomb");
  CHECK(code_of(read_package(zeros, {.max_ratio = 2'000})) == "ok");
  CHECK(code_of(read_package(zeros, {.max_unpacked = 1U << 20U, .max_ratio = 2'000})) == "sheet.limit.size");
  CHECK(code_of(read_package(must(write_package({{"a", {}}, {"b", {}}})), {.max_entries = 1})) == "sheet.limit");
}

TEST_CASE("Text for XML is escaped for content and for attributes") {
  CHECK(escape_xml("a<b>&\"'") == "a&lt;b&gt;&amp;&quot;&apos;");
  CHECK(escape_xml("a\tb\r\n") == "a&#9;b&#13;&#10;");
  CHECK(escape_xml(std::string("\0\x01\x1F", 3)) == "\uFFFD\uFFFD\uFFFD");
  CHECK(escape_xml("\xFF") == "\uFFFD");
  CHECK(escape_xml("\xEF\xBF\xBE\xEF\xBF\xBF") == "\uFFFD\uFFFD");
  CHECK(escape_xml("Nguyễn \U0001F600") == "Nguyễn \U0001F600");
}

}  // namespace
}  // namespace kyso::sheet
