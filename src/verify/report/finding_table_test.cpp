#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "base/error_text.h"
#include "base/file.h"
#include "base/text.h"
#include "verify/report/finding_row.h"
#include "verify/report/report.h"

namespace kyso::verify {
namespace {

namespace fs = std::filesystem;
using Matches = std::regex_iterator<std::string_view::const_iterator>;

std::set<std::string> families() {
  std::set<std::string> names;
  for (const FindingRow& row : finding_table()) names.emplace(row.code.substr(0, row.code.find('.')));
  return names;
}

std::string text_of(const fs::path& path) {
  const Bytes bytes = read_file(path).value();
  return std::string(as_chars(bytes));
}

bool is_source(const fs::path& path) {
  const std::string name = path.filename().string();
  return (name.ends_with(".cpp") || name.ends_with(".h")) && !name.ends_with("_test.cpp");
}

// All sources that make findings, without the explanations themselves.
std::map<std::string, std::string> sources() {
  std::map<std::string, std::string> texts;
  for (const char* folder : {"src/verify", "src/pki", "src/sign"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(KYSO_SOURCE_DIR) / folder)) {
      const std::string path = entry.path().lexically_relative(KYSO_SOURCE_DIR).string();
      if (is_source(entry.path()) && !path.starts_with("src/verify/report/"))
        texts.emplace(path, text_of(entry.path()));
    }
  }
  return texts;
}

// Notes about structure that pdf makes; facts give them codes of their own.
std::string pdf_sources() {
  std::string text;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(KYSO_SOURCE_DIR) / "src/pdf")) {
    if (is_source(entry.path())) text += text_of(entry.path());
  }
  return text;
}

// Literals that look like codes of the table's families, but for keys of policy files and codes of log lines.
std::map<std::string, std::string> literals() {
  static const std::regex literal(R"re("([a-z0-9-]+(\.[a-z0-9_-]+)+)")re");
  static const std::regex other(R"((read_\w+|get_\w+|log::write)\([^;]*$)");
  const std::set<std::string> known = families();
  std::map<std::string, std::string> found;
  for (const auto& [path, text] : sources()) {
    const std::string_view view = text;
    for (Matches match(view.begin(), view.end(), literal); match != Matches(); ++match) {
      const std::string code = (*match)[1];
      if (!known.contains(code.substr(0, code.find('.'))) || code.ends_with(".toml")) continue;
      const std::size_t line = view.rfind('\n', static_cast<std::size_t>(match->position()));
      const std::string before(view.substr(line + 1, static_cast<std::size_t>(match->position()) - line - 1));
      if (!std::regex_search(before, other)) found.emplace(code, path);
    }
  }
  return found;
}

std::multiset<std::string> places_of(std::string_view sentence) {
  static const std::regex place(R"(\{([a-z0-9_]+)\})");
  std::multiset<std::string> places;
  for (Matches match(sentence.begin(), sentence.end(), place); match != Matches(); ++match) places.insert((*match)[1]);
  return places;
}

TEST_CASE("every finding in the sources has a sentence of its own") {
  const std::string notes = pdf_sources();
  std::string missing;
  std::size_t count = 0;
  for (const auto& [code, where] : literals()) {
    if (has_explanation(code)) {
      ++count;
    } else if (find_error_row(code) == nullptr && notes.find('"' + code + '"') == std::string::npos) {
      missing += fmt::format("\n  {} ({})", code, where);
    }
  }
  CHECK_MESSAGE(missing.empty(), "codes without a row in src/verify/report/finding_table.inc:", missing);
  CHECK(count > 100);
}

TEST_CASE("every sentence is of a finding that the sources name") {
  std::string all;
  for (const auto& [path, text] : sources()) all += text;
  std::string unused;
  for (const FindingRow& row : finding_table()) {
    if (row.code.ends_with('*')) continue;
    const std::string code(row.code.substr(0, row.code.find('!')));
    if (all.find(code) == std::string::npos) unused += fmt::format("\n  {}", row.code);
  }
  CHECK_MESSAGE(unused.empty(), "rows whose code no source names:", unused);
}

TEST_CASE("the table has no row twice, and a row for anything") {
  const auto table = finding_table();
  for (std::size_t i = 1; i < table.size(); ++i) CHECK_MESSAGE(table[i - 1].code < table[i].code, table[i].code);
  CHECK(find_finding_row("*") != nullptr);
  CHECK(find_finding_row("no.such") == nullptr);
}

TEST_CASE("every row is complete, in both languages, with the same places") {
  for (const FindingRow& row : finding_table()) {
    CAPTURE(row.code);
    CHECK_FALSE(row.vietnamese.empty());
    CHECK(row.vietnamese_next.empty() == row.english_next.empty());
    for (const auto text : {row.vietnamese, row.vietnamese_next, row.english, row.english_next}) {
      CAPTURE(text);
      CHECK(trim(text) == text);
      CHECK(to_nfc(text) == text);
      CHECK((text.empty() || text.ends_with('.')));
      CHECK(text.find("  ") == std::string_view::npos);
      CHECK(std::ranges::count(text, '{') == static_cast<std::ptrdiff_t>(places_of(text).size()));
      CHECK(std::ranges::count(text, '}') == std::ranges::count(text, '{'));
      CHECK(std::ranges::count(text, '[') == std::ranges::count(text, ']'));
    }
    CHECK(places_of(row.vietnamese) == places_of(row.english));
    CHECK(places_of(row.vietnamese_next) == places_of(row.english_next));
    // A sentence that names a parameter outside of brackets would show "?" where the parameter is missing.
    const Explanation bare = explain(Finding(row.code), Language::vietnamese);
    const bool needs = row.code.starts_with("verify.fetch.");
    CHECK((needs || bare.what.find('?') == std::string::npos));
    CHECK((needs || bare.next_step.find('?') == std::string::npos));
  }
}

TEST_CASE("places are filled, parts without a value are left out") {
  Finding hole("byterange.hole", Severity::failure);
  CHECK(explain(hole, Language::english).what ==
        "The signature leaves a part unsigned: what stands there can be replaced unnoticed.");
  hole.at(4711, 60);
  CHECK(
      explain(hole, Language::english).what ==
      "The signature leaves a part unsigned at byte 4711, 60 bytes long: what stands there can be replaced unnoticed.");
  CHECK(explain(hole, Language::vietnamese)
            .what.starts_with("Chữ ký chừa lại một đoạn không được ký tại byte 4711, dài 60 byte:"));
  const auto expired = Finding("pki.certificate.expired")
                           .with("subject", "CN=Nguyễn Văn A\\, Sở,O=Sở Nội vụ,C=VN")
                           .with("not_after", "2026-12-01T09:00:00+07:00");
  CHECK(explain(expired, Language::vietnamese).what ==
        "Chứng thư số của Nguyễn Văn A, Sở đã hết hạn sử dụng từ 01/12/2026 09:00:00 +07:00.");
}

TEST_CASE("a finding that counts against the document says so") {
  CHECK(explain(Finding("form.filled", Severity::info).with("field", "Số"), Language::vietnamese).what ==
        "Biểu mẫu được điền sau khi ký: ô “Số”.");
  CHECK(explain(Finding("form.filled", Severity::failure).with("field", "Số"), Language::vietnamese).what ==
        "Biểu mẫu được điền sau khi ký: ô “Số”, điều mà chữ ký không cho phép.");
  CHECK_FALSE(has_explanation("form.filled!"));
}

TEST_CASE("unknown codes get the sentence of their family and keep their name") {
  CHECK(explain(Finding("change.new-thing"), Language::english).what ==
        "The document was changed after signing in a way that the signature does not allow (code change.new-thing).");
  CHECK(explain(Finding("pki.path.new"), Language::english).what ==
        "The certification path is not valid (code pki.path.new).");
  CHECK(explain(Finding("nobody.knows"), Language::english).what ==
        "The check found something that has no explanation yet (code nobody.knows).");
  CHECK_FALSE(explain(Finding(""), Language::vietnamese).what.empty());
  CHECK_FALSE(has_explanation("change.*"));
  CHECK_FALSE(has_explanation("nobody.knows"));
}

TEST_CASE("values from documents cannot turn a sentence around") {
  const auto finding = Finding("form.filled").with("field", "a\u202Egnp\u202C\x01\nb");
  const std::string text = explain(finding, Language::english).what;
  CHECK(text == "The form was filled in after signing: field “a\uFFFDgnp\uFFFD\uFFFD b”.");
  const auto longest = Finding("form.filled").with("field", std::string(100'000, 'x'));
  CHECK(explain(longest, Language::english).what.size() < 300);
}

}  // namespace
}  // namespace kyso::verify
