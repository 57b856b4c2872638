#include "base/error_text.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "base/file.h"
#include "base/text.h"

namespace kyso {
namespace {

namespace fs = std::filesystem;

const fs::path kTableFolder = fs::path(KYSO_SOURCE_DIR) / "src/base/error_table";

using Matches = std::regex_iterator<std::string_view::const_iterator>;

std::multiset<std::string> places_of(std::string_view sentence) {
  static const std::regex place(R"(\{([a-z0-9_]+)\})");
  std::multiset<std::string> places;
  for (Matches match(sentence.begin(), sentence.end(), place); match != Matches(); ++match) places.insert((*match)[1]);
  return places;
}

// A literal that looks like a code: two or more parts, the first one a module or program that has an error table.
bool is_code(const std::string& text) {
  static const std::set<std::string> modules = [] {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(kTableFolder)) names.insert(entry.path().stem().string());
    return names;
  }();
  static const std::regex shape(R"(([a-z0-9_]+)(\.[a-z0-9_]+)+)");
  std::smatch match;
  return std::regex_match(text, match, shape) && modules.contains(match[1]);
}

struct Uses {
  std::map<std::string, std::string> made;  // in the first argument of fail(…), Error(…) or error(…): where
  std::set<std::string> mentioned;          // any literal of that shape: a code may be chosen first and used later
};

// "pdf.limit" or, in `fail(late ? "a.b" : "c.d", …)`, both: up to the comma or parenthesis that ends the argument.
std::string_view first_argument(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == ';' || (depth == 0 && (c == ',' || c == ')'))) return text.substr(0, i);
    if (c == '(' || c == '{') ++depth;
    if (c == ')' || c == '}') --depth;
  }
  return text;
}

std::set<std::string> codes_in(std::string_view text) {
  static const std::regex literal(R"re("([a-z0-9_.]+)")re");
  std::set<std::string> codes;
  for (Matches match(text.begin(), text.end(), literal); match != Matches(); ++match) {
    if (is_code((*match)[1])) codes.insert((*match)[1]);
  }
  return codes;
}

void scan_file(const fs::path& path, Uses& uses) {
  static const std::regex call(R"(\b(fail|Error|error)\()");
  const Bytes content = read_file(path).value();
  const std::string_view text = as_chars(content);
  uses.mentioned.merge(codes_in(text));
  for (Matches match(text.begin(), text.end(), call); match != Matches(); ++match) {
    const auto after = static_cast<std::size_t>(match->position() + match->length());
    for (const std::string& code : codes_in(first_argument(text.substr(after)))) {
      uses.made.emplace(code, path.lexically_relative(KYSO_SOURCE_DIR).string());
    }
  }
}

const Uses& uses_in_sources() {
  static const Uses uses = [] {
    Uses all;
    for (const char* folder : {"src", "apps"}) {
      for (const auto& entry : fs::recursive_directory_iterator(fs::path(KYSO_SOURCE_DIR) / folder)) {
        const std::string name = entry.path().filename().string();
        const bool is_source = (name.ends_with(".cpp") || name.ends_with(".h")) && !name.ends_with("_test.cpp");
        if (is_source) scan_file(entry.path(), all);
      }
    }
    return all;
  }();
  return uses;
}

TEST_CASE("every code in the sources has a row") {
  std::string missing;
  for (const auto& [code, where] : uses_in_sources().made) {
    if (find_error_row(code) == nullptr) missing += fmt::format("\n  {} ({})", code, where);
  }
  CHECK_MESSAGE(missing.empty(), "codes without a row in src/base/error_table:", missing);
  CHECK(uses_in_sources().made.size() > 20);
}

TEST_CASE("every row is used") {
  std::string unused;
  for (const ErrorRow& row : error_table()) {
    if (!uses_in_sources().mentioned.contains(std::string(row.code))) unused += fmt::format("\n  {}", row.code);
  }
  CHECK_MESSAGE(unused.empty(), "rows whose code no source names:", unused);
}

TEST_CASE("the table is sorted and has no row twice") {
  const auto table = error_table();
  for (std::size_t i = 1; i < table.size(); ++i) CHECK_MESSAGE(table[i - 1].code < table[i].code, table[i].code);
}

TEST_CASE("every row is complete, in both languages, with the same places") {
  for (const ErrorRow& row : error_table()) {
    CAPTURE(row.code);
    CHECK(is_code(std::string(row.code)));
    CHECK(row.exit_code >= 3);
    CHECK(row.exit_code <= 127);
    for (const auto text : {row.vietnamese, row.vietnamese_next, row.english, row.english_next}) {
      CAPTURE(text);
      CHECK_FALSE(trim(text).empty());
      CHECK(trim(text) == text);
      CHECK(to_nfc(text) == text);
      CHECK(std::ranges::count(text, '{') == static_cast<std::ptrdiff_t>(places_of(text).size()));
      CHECK(std::ranges::count(text, '}') == std::ranges::count(text, '{'));
      CHECK((text.ends_with('.') || text.ends_with("”") || text.ends_with('}') || text.ends_with(')')));
    }
    CHECK(places_of(row.vietnamese) == places_of(row.english));
    CHECK(places_of(row.vietnamese_next) == places_of(row.english_next));
  }
}

TEST_CASE("describe fills the places") {
  const Error error = fail("base.file.too_large").with("path", "{limit}").with("limit", 5);
  CHECK(describe(error, Language::english).message == "The file {limit} is larger than the limit of 5 bytes.");
  CHECK(describe(error, Language::vietnamese).message == "Tệp {limit} lớn hơn mức cho phép là 5 byte.");
  CHECK(describe(error, Language::vietnamese).next_step == "Dùng tệp nhỏ hơn.");
  CHECK(describe(error, Language::english).exit_code == 23);
  CHECK(describe(fail("base.file.missing"), Language::english).message == "There is no file ?.");
}

TEST_CASE("a parameter that is a word is Vietnamese in the Vietnamese sentence") {
  const Error error = fail("base.file.too_large").with("path", "drawing").with("path.vi", "bản vẽ").with("limit", 5);
  CHECK(describe(error, Language::english).message == "The file drawing is larger than the limit of 5 bytes.");
  CHECK(describe(error, Language::vietnamese).message == "Tệp bản vẽ lớn hơn mức cho phép là 5 byte.");
}

TEST_CASE("a code without a row is an internal error, and keeps its name") {
  const ErrorText text = describe(Error("no.such.code"), Language::english);
  CHECK(text.exit_code == 5);
  CHECK(text.message == "Kyso met an internal error (code no.such.code).");
  CHECK(find_error_row("no.such.code") == nullptr);
  CHECK(find_error_row("") == nullptr);
  CHECK(find_error_row("zzz") == nullptr);
}

}  // namespace
}  // namespace kyso
