#include "base/toml_scanner.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "base/config.h"
#include "base/error_text.h"
#include "base/file.h"
#include "base/test_support.h"
#include "base/toml_scalar.h"

namespace kyso {
namespace {

struct Row {
  std::string_view text;
  int line;
  std::string_view problem;
};

void check_refused(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto reader = TomlReader::parse(row.text, "a.toml");
    CHECK_FALSE(reader);
    if (reader) continue;
    CHECK(reader.error().code == "base.config.invalid");
    CHECK(parameter(reader.error(), "line") == std::to_string(row.line));
    CHECK(parameter(reader.error(), "problem") == row.problem);
  }
}

TEST_CASE("headers and keys that are none are refused with the line and what stands there") {
  check_refused({
      {"[ =", 1, "“[ =”"},
      {"[.a]", 1, "“[.”"},
      {"[a.]", 1, "“[a.]”"},
      {"[a..b]", 1, "“[a..”"},
      {"[]", 1, "“[]”"},
      {"[[]]", 1, "“[[]”"},
      {"[[a]", 1, "“[[a]”"},
      {"[ [a]]", 1, "“[ [”"},
      {"[a]]", 1, "“[a]]”"},
      {"[a] b = 1", 1, "“[a] b”"},
      {"[a\nb]", 1, "“[a”"},
      {"[", 1, "“[”"},
      {"[[", 1, "“[[”"},
      {"[\"a\"]", 1, "“[\"”"},
      {"[#]", 1, "“[#”"},
      {"a", 1, "“a”"},
      {"x = 1\na =", 2, "“a =”"},
      {"a. = 1", 1, "“a. =”"},
      {".a = 1", 1, "“.”"},
      {"= 1", 1, "“=”"},
      {"a b = 1", 1, "“a b”"},
      {"a = 1 b = 2", 1, "“a = 1 b”"},
      {"'a' = 1", 1, "“'”"},
      {"]", 1, "“]”"},
      {"}", 1, "“}”"},
      {"a = ]", 1, "“a = ]”"},
      {"a = }", 1, "“a = }”"},
      {"a = #", 1, "“a = #”"},
      {"a = _", 1, "“a = _”"},
      {"a = ,", 1, "“a = ,”"},
      {"[a.\n", 1, "“[a.”"},
      {"+ = 1", 1, "“+”"},
  });
}

TEST_CASE("characters that may stand only in strings and comments, or nowhere") {
  using namespace std::string_view_literals;
  check_refused({
      {"é = 1", 1, "“é”"},
      {"[ế]", 1, "“[ế”"},
      {"a = é", 1, "“a = é”"},
      {"a = 1é", 1, "“a = 1é”"},
      {"a\u00A0= 1", 1, "“a\u00A0”"},
      {"a = 1\u2028", 1, "“a = 1\u2028”"},
      {"\uFEFF\uFEFFa = 1", 1, "“\uFEFF”"},
      {"\na = 1\v", 2, "“a = 1\uFFFD”"},
      {"a = 1\rb = 2", 1, "“a = 1\uFFFD”"},
      {"a = 1\r", 1, "“a = 1\uFFFD”"},
      {"# \x7F", 1, "“# \uFFFD”"},
      {"a = '\x01'", 1, "“a = '\uFFFD”"},
      {"a = '''\n\f'''", 2, "“\uFFFD”"},
      {"a\0b = 1"sv, 1, "“a\uFFFD”"},
      {"\n\n# ế \xC0\x80", 3, "“# ế \uFFFD\uFFFD”"},
      {"a = '\xED\xA0\x80'", 1, "“a = '\uFFFD\uFFFD\uFFFD”"},
      {"a = 1 # \xE1\xBA", 1, "“a = 1 # \uFFFD”"},
      {"\x80", 1, "“\uFFFD”"},
  });
}

TEST_CASE("strings without an end or with escapes that are none") {
  check_refused({
      {"a = \"b\n\"", 1, "“a = \"b”"},
      {"a = 'b", 1, "“a = 'b”"},
      {"a = 'b\r\n'", 1, "“a = 'b”"},
      {"a = \"\\", 1, "“a = \"\\”"},
      {"a = \"\\q\"", 1, "“a = \"\\q”"},
      {"a = \"\\e\"", 1, "“a = \"\\e”"},
      {"a = \"\\é\"", 1, "“a = \"\\é”"},
      {"a = \"\\u12G4\"", 1, "“a = \"\\u12G”"},
      {"a = \"\\U0001\"", 1, "“a = \"\\U0001\"”"},
      {"a = \"\\\n\"", 1, "“a = \"\\”"},
      {"\na = \"\"\"x\ny\"\"\n", 2, "“a = \"”"},
      {"a = '''x\n''", 1, "“a = '”"},
      {"a = \"\"\"x\\ y\n\"\"\"", 1, "“a = \"\"\"x\\ y”"},
      {"a = '''''''''", 1, "“a = '''''''''”"},
      {"a = '' ''", 1, "“a = '' '”"},
  });
  CHECK(TomlReader::parse("a = '''''''''", "a.toml").error().code == "base.config.invalid");
}

TEST_CASE("numbers and dates that are none") {
  check_refused({
      {"a = 1x", 1, "“a = 1x”"},
      {"a = 01", 1, "“a = 01”"},
      {"a = +0x1", 1, "“a = +0x1”"},
      {"a = 0X1", 1, "“a = 0X1”"},
      {"a = 0x", 1, "“a = 0x”"},
      {"a = 0b2 # 0", 1, "“a = 0b2 ”"},
      {"a = 1__0", 1, "“a = 1__0”"},
      {"a = 1_", 1, "“a = 1_”"},
      {"a = .5", 1, "“a = .5”"},
      {"a = 5.", 1, "“a = 5.”"},
      {"a = 1e", 1, "“a = 1e”"},
      {"a = +", 1, "“a = +”"},
      {"a = True", 1, "“a = True”"},
      {"a = truest", 1, "“a = truest”"},
      {"a = 0x1p3", 1, "“a = 0x1p3”"},
      {"a = 2026-09", 1, "“a = 2026-09”"},
      {"a = 2026-09-06 1", 1, "“a = 2026-09-06 1”"},
      {"a = 2026-09-06 1\n", 1, "“a = 2026-09-06 1”"},
      {"a = 2026-09-06T07:32", 1, "“a = 2026-09-06T07:32”"},
      {"a = 07:32:00.", 1, "“a = 07:32:00.”"},
      {"a = 07:32:00Z", 1, "“a = 07:32:00Z”"},
      {"a = 2026-09-06T07:32:00+7", 1, "“a = 2026-09-06T07:32:00+7”"},
  });
  // Of good form, but no such thing: the parser's own judgement.
  for (const auto* text : {"a = 2026-02-30", "a = 24:00:00", "a = 9223372036854775808", "a = 1e400", "a = '\\uD800'",
                           "a = \"\\uD800\"", "a = \"\\UFFFFFFFF\"", "a.b = 1\na = 2", "[a]\n[a]", "a = []\n[[a]]"}) {
    CAPTURE(text);
    CHECK_FALSE(find_toml_flaw(text));
    if (std::string_view(text) != "a = '\\uD800'") CHECK_FALSE(TomlReader::parse(text, "a.toml"));
  }
}

TEST_CASE("arrays and inline tables that are none") {
  check_refused({
      {"x = 1\na = [1\n\n", 2, "“a = [”"},
      {"a = [", 1, "“a = [”"},
      {"a = [1,\n", 1, "“a = [”"},
      {"a = [1,,2]", 1, "“a = [1,,”"},
      {"a = [,]", 1, "“a = [,”"},
      {"a = [1 2]", 1, "“a = [1 2”"},
      {"a = [\n1\n  2]", 3, "“2”"},
      {"a = [1}", 1, "“a = [1}”"},
      {"a = [b = 1]", 1, "“a = [b ”"},
      {"a = {", 1, "“a = {”"},
      {"a = {b = 1,}", 1, "“a = {b = 1,}”"},
      {"a = {,}", 1, "“a = {,”"},
      {"a = {1}", 1, "“a = {1}”"},
      {"a = {b = 1\n}", 1, "“a = {b = 1”"},
      {"a = {b = 1 #}", 1, "“a = {b = 1 #”"},
      {"a = {b = 1]", 1, "“a = {b = 1]”"},
      {"a = {.b = 1}", 1, "“a = {.”"},
      {"a = {b = }", 1, "“a = {b = }”"},
  });
}

TEST_CASE("only the end of a long line is shown") {
  const std::string text = "a = [" + std::string(1000, ' ') + "é";
  const std::string problem = "“…" + std::string(39, ' ') + "é”";
  check_refused({{text, 1, problem}});
}

TEST_CASE("all forms of TOML with bare keys are read") {
  const auto reader =
      TomlReader::parse(
          "\ta.b . c-_9 = +1_000 # \t“ế”\r\n"
          "hex = [0xDEAD_beef, 0o755, 0b1101, 0, -0, +0,\n # ]\n\r\n 5,]\nlargest = 9_223_372_036_854_775_807\n"
          "real = [1.5, -0.5, 1e3, 1_0E+0_6, 6.25e-1, 0e0, +3.0]\n"
          "special = [inf, -inf, +nan]\n"
          "dates = [2026-09-06, 07:32:00.999, 2026-09-06T07:32:00Z, 2026-09-06 07:32:00.5+07:00]\n"
          "blank = 2026-09-06 # 1\n"
          "basic = \"\\b\\t\\n\\f\\r\\\"\\\\\\u1EBF\\U0001F600 #[]{}=.'\"\n"
          "long = \"\"\"\r\n\"ế\" \\  \n   \r\n x\"\"\"\"\"\n"
          "literal = '\\ \"'\n"
          "long_literal = '''\n'' \\'''''\n"
          "empty = [\"\", '', \"\"\"\"\"\", '''''']\n"
          "nested = [[], {}, [[1], [{ }]]]\n"
          "inline = {x = 1, y.z = [{w = \"}\"}], q = 2}\n"
          "[ d . e ] # [\n[[f]]\n[[ f ]]\n[f.g]",
          "a.toml")
          .value();
  CHECK(reader.require_int("a.b.c-_9").value() == 1000);
  CHECK(reader.get_doubles("hex").value()->at(0) == 0xDEADBEEF);
  CHECK(reader.get_doubles("hex").value()->at(2) == 13);
  CHECK(reader.require_int("largest").value() == std::numeric_limits<std::int64_t>::max());
  CHECK(reader.get_doubles("real").value() == std::vector<double>{1.5, -0.5, 1000, 1e7, 0.625, 0, 3});
  CHECK(reader.require_string("basic").value() == "\b\t\n\f\r\"\\ế😀 #[]{}=.'");
  CHECK(reader.require_string("long").value() == "\"ế\" x\"\"");
  CHECK(reader.require_string("literal").value() == "\\ \"");
  CHECK(reader.require_string("long_literal").value() == "'' \\''");
  CHECK(reader.get_strings("empty").value() == std::vector<std::string>(4));
  CHECK(reader.require_int("inline.q").value() == 2);
  CHECK(reader.require_string("inline.y.z[0].w").value() == "}");
  CHECK(reader.contains("d.e"));
  CHECK(reader.count("f") == 2);
  CHECK(reader.contains("f[1].g"));
}

TEST_CASE("limits are told") {
  const auto repeated = [](std::string_view piece, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += piece;
    return text;
  };
  check_refused({
      {"a = " + repeated("[", 33), 1, "[[[… > 32"},
      {"a = " + repeated("{a = ", 33), 1, "{{{… > 32"},
      {repeated("a.", 34), 1, "a.b.c… > 33"},
      {repeated("a = 1 # .\n", 3) + repeated("[a.b]\n", 4097), 4100, "a.b > 4096"},
      {repeated("[[a]]\n", 16'385), 16'385, "[…] > 16384"},
  });
  CHECK_FALSE(find_toml_flaw("a = " + repeated("[", 32) + repeated("]", 32)));
  CHECK_FALSE(find_toml_flaw("a = 0." + std::string(62, '1')));
  CHECK(find_toml_flaw("a = 0." + std::string(63, '1')));
}

TEST_CASE("a long name of a table with many keys does not take memory without limit") {
  std::string text = "[" + std::string(500'000, 'a') + "]\n";
  for (int i = 0; i < 50'000; ++i) text += fmt::format("k{}=1\n", i);
  const Error error = TomlReader::parse(text, "a.toml").error();
  CHECK(parameter(error, "problem") == "too large");
  std::string empty_tables = std::string(500'000, 'a') + " = [";
  for (int i = 0; i < 100'000; ++i) empty_tables += "{},";
  CHECK(parameter(TomlReader::parse(empty_tables + "]", "a.toml").error(), "problem") == "too large");
}

TEST_CASE("numbers as they are printed are of good form") {
  CHECK(rc::check([](double number, std::int64_t integer) {
    RC_ASSERT(is_toml_scalar(fmt::format("{}", number)));
    RC_ASSERT(is_toml_scalar(fmt::format("{:+e}", number)));
    RC_ASSERT(is_toml_scalar(fmt::format("{}", integer)));
    RC_ASSERT(!is_toml_scalar(fmt::format("{}-", integer)));
  }));
}

// Ends with a value or an error, whatever is taken out of or put into a good file.
TEST_CASE("damaged files end in an error or a reader") {
  static const std::string good =
      "a = \"x\\u00e9\" # é\n[t.u]\nb = [1, 2.5e3, {c = 'd', e.f = true}]\n[[m]]\nd = 2026-09-06 07:32:00Z\n";
  static const std::string pieces = "[]{}=.,#\"'\\\n\r\t +-_:0129abeftxzTZ\x7F\x80\xC3\xA9";
  CHECK(rc::check([] {
    std::string text = good;
    const int changes = *rc::gen::inRange(1, 5);
    for (int i = 0; i < changes; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
      const char piece = *rc::gen::elementOf(pieces);
      if (*rc::gen::arbitrary<bool>()) text.erase(at, *rc::gen::inRange<std::size_t>(1, 4));
      text.insert(std::min(at, text.size()), 1, piece);
    }
    const auto flaw = find_toml_flaw(text);
    const auto reader = TomlReader::parse(text, "a.toml");
    if (!flaw) return;
    RC_ASSERT(!reader);
    RC_ASSERT(flaw->line >= 1);
    RC_ASSERT(flaw->line <= 1 + std::ranges::count(text, '\n'));
  }));
}

TEST_CASE("every file of ours is of good form") {
  int files = 0;
  for (const char* folder : {"/share", "/deploy", "/tests"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(std::string(KYSO_SOURCE_DIR) + folder)) {
      if (entry.path().extension() != ".toml") continue;
      CAPTURE(entry.path().string());
      CHECK(TomlReader::load(entry.path()));
      ++files;
    }
  }
  CHECK(files > 30);
}

}  // namespace
}  // namespace kyso
