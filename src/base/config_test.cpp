#include "base/config.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>

#include "base/error_text.h"
#include "base/file.h"
#include "base/test_support.h"
#include "base/text.h"

namespace kyso {
namespace {

TomlReader reader_of(std::string_view text) {
  return TomlReader::parse(text, "a.toml").value();
}

void check_error(const Error& error, std::string_view code, int line) {
  CHECK(error.code == code);
  CHECK(parameter(error, "path") == "a.toml");
  CHECK(parameter(error, "line") == std::to_string(line));
  CHECK(parameter(error, "problem") != "");
  CHECK(describe(error, Language::vietnamese).exit_code == 81);
  CHECK(describe(error, Language::vietnamese).message.find('?') == std::string::npos);
}

constexpr std::string_view kSample = R"(# mẫu
name = "Nguyễn Văn A"
count = 3
[tsa]
url = 'http://tsa.example'
timeout = 2.5
on = true
list = ["a", "b"]
none = []
box = [1, 2.5]
when = 2026-09-06
[tsa.deep]
n = -1
[[mark]]
text = "x"
[[mark]]
text = "y"
)";

TEST_CASE("typed values by dotted key") {
  const TomlReader reader = reader_of(kSample);
  CHECK(reader.get_string("name").value() == "Nguyễn Văn A");
  CHECK(reader.get_int("count").value() == 3);
  CHECK(reader.get_double("count").value() == 3.0);
  CHECK(reader.get_string("tsa.url").value() == "http://tsa.example");
  CHECK(reader.get_double("tsa.timeout").value() == 2.5);
  CHECK(reader.get_bool("tsa.on").value() == true);
  CHECK(reader.get_strings("tsa.list").value() == std::vector<std::string>{"a", "b"});
  CHECK(reader.get_strings("tsa.none").value()->empty());
  CHECK(reader.get_doubles("tsa.none").value()->empty());
  CHECK(reader.get_doubles("tsa.box").value() == std::vector<double>{1, 2.5});
  CHECK(reader.get_int("tsa.deep.n").value() == -1);
  CHECK(reader.count("mark") == 2);
  CHECK(reader.require_string("mark[1].text").value() == "y");
  CHECK(reader.count("name") == 0);

  CHECK_FALSE(reader.get_string("tsa.other").value().has_value());
  CHECK(reader.contains("tsa"));
  CHECK(reader.contains("tsa.url"));
  CHECK(reader.contains("mark"));
  CHECK_FALSE(reader.contains("tsa.other"));
  CHECK(reader.children("tsa.deep") == std::vector<std::string>{"n"});
  CHECK(reader.children("") == std::vector<std::string>{"count", "mark", "name", "tsa"});
  CHECK(reader.children("mark[0]") == std::vector<std::string>{"text"});
  CHECK(reader.children("nowhere").empty());
}

TEST_CASE("a wrong type names the line and how the value should look") {
  const TomlReader reader = reader_of(kSample);
  check_error(reader.get_int("name").error(), "base.config.wrong_type", 2);
  check_error(reader.get_string("count").error(), "base.config.wrong_type", 3);
  check_error(reader.get_string("tsa").error(), "base.config.wrong_type", 4);
  check_error(reader.get_int("tsa.timeout").error(), "base.config.wrong_type", 6);
  check_error(reader.get_bool("tsa.url").error(), "base.config.wrong_type", 5);
  check_error(reader.get_strings("tsa.box").error(), "base.config.wrong_type", 10);
  check_error(reader.get_doubles("tsa.list").error(), "base.config.wrong_type", 8);
  check_error(reader.get_string("tsa.when").error(), "base.config.wrong_type", 11);
  check_error(reader.get_string("mark").error(), "base.config.wrong_type", 14);
  check_error(reader_of("x = nan").get_double("x").error(), "base.config.wrong_type", 1);
  check_error(reader_of("x = [1, 'a']").get_strings("x").error(), "base.config.wrong_type", 1);
  check_error(reader_of("x = [1, inf]").get_doubles("x").error(), "base.config.wrong_type", 1);
  const Error error = reader.get_int("name").error();
  CHECK(describe(error, Language::vietnamese).message ==
        "Tệp a.toml, dòng 2: giá trị của “name” không đúng kiểu; phải viết theo dạng 123.");
}

TEST_CASE("a required key that is absent") {
  const TomlReader reader = reader_of(kSample);
  check_error(reader.require_string("tsa.name").error(), "base.config.missing", 4);
  check_error(reader.require_int("mark[1].n").error(), "base.config.missing", 16);
  check_error(reader.require_double("nowhere.x").error(), "base.config.missing", 1);
  CHECK(parameter(reader.require_string("tsa.name").error(), "key") == "tsa.name");
}

TEST_CASE("keys that nobody read are unknown; the first in the file is named") {
  const TomlReader reader = reader_of("z = 1\n[t]\nb = 2\na = 3\n");
  check_error(reader.refuse_unknown_keys().error(), "base.config.unknown_key", 1);
  CHECK(reader.get_int("z").has_value());
  CHECK(parameter(reader.refuse_unknown_keys().error(), "key") == "t.b");
  CHECK(reader.contains("t.b"));  // not a reading
  CHECK_FALSE(reader.refuse_unknown_keys());
  const TomlReader copy = reader;
  CHECK(copy.get_int("t.b").has_value());
  CHECK(copy.get_int("t.a").has_value());
  CHECK(reader.refuse_unknown_keys());
}

TEST_CASE("text that is not TOML") {
  const auto error_of = [](std::string_view text) { return TomlReader::parse(text, "a.toml").error(); };
  check_error(error_of("a = 1\nb = \n"), "base.config.invalid", 2);
  check_error(error_of("a = 1\na = 2\n"), "base.config.invalid", 2);
  check_error(error_of("a = \"\xFF\"\n"), "base.config.invalid", 1);
  check_error(error_of("x = 1\n\"a.b\" = 1"), "base.config.invalid", 2);
  CHECK(TomlReader::parse("a = " + std::string(100'000, '['), "a.toml").error().code == "base.config.invalid");
  CHECK(reader_of("\xEF\xBB\xBF"
                  "a = 1\r\n")
            .get_int("a")
            .value() == 1);
  CHECK(reader_of("").refuse_unknown_keys());
}

TEST_CASE("hostile nesting ends in an error, not in an exhausted stack") {
  const auto dotted = [](int parts, std::string_view before, std::string_view after) {
    std::string text(before);
    for (int i = 1; i < parts; ++i) text += "a.";
    return text + "a" + std::string(after);
  };
  CHECK(reader_of(dotted(32, "", " = 1")).children("").size() == 1);
  for (const int parts : {34, 4000, 5000, 500'000}) {
    for (const auto& text :
         {dotted(parts, "", " = 1"), dotted(parts, "[", "]\nx = 1"), dotted(parts, "x = {", " = 1}")}) {
      CHECK(TomlReader::parse(text, "a.toml").error().code == "base.config.invalid");
    }
  }
  const std::string dots(10'000, '.');
  const std::string harmless = "# " + dots + "\na = \"\\\"" + dots + "\"\nb = '" + dots + "'\nc = \"\"\"\n\"" + dots +
                               "\"\"\"\nd = '''" + dots + "'''";
  CHECK(reader_of(harmless).require_string("d").value() == dots);
  CHECK(TomlReader::parse("a = \"" + std::string(1U << 20U, 'x') + "\"", "a.toml").error().code ==
        "base.config.invalid");
}

TEST_CASE("invalid() points at the line of the key") {
  const TomlReader reader = reader_of(kSample);
  const Error error = reader.invalid("tsa.timeout", "tsa.timeout = 2.5 (3…60)");
  check_error(error, "base.config.invalid", 6);
  CHECK(parameter(error, "problem") == "tsa.timeout = 2.5 (3…60)");
  CHECK(std::string_view(error.where.file_name()).ends_with("config_test.cpp"));
}

TEST_CASE("load") {
  const TestFolder folder;
  const auto path = folder.path() / "kyso.toml";
  CHECK(TomlReader::load(path).error().code == "base.file.missing");
  auto file = OutputFile::create(path).value();
  REQUIRE(file.write(as_bytes(kSample)));
  REQUIRE(file.commit());
  CHECK(TomlReader::load(path).value().get_int("count").value() == 3);
}

TEST_CASE("the writer") {
  TomlWriter writer;
  writer.comment("một\nhai").set("s", "a\"\\\n\x01").set("i", 5).set("tên có dấu", true);
  writer.table("t").set("d", 2.0).set("l", std::vector<std::string>{"x", "ý"}).set("e", std::vector<std::string>());
  writer.table_entry("m").set("n", std::int64_t{-1});
  CHECK(writer.text() ==
        "# một\n# hai\ns = \"a\\\"\\\\\\n\\u0001\"\ni = 5\n\"tên có dấu\" = true\n\n[t]\nd = 2.0\nl = [\"x\", "
        "\"ý\"]\ne = []\n\n[[m]]\nn = -1\n");
}

TEST_CASE("what is written is read again") {
  CHECK(
      rc::check([](const std::string& text, std::int64_t integer, bool boolean, const std::vector<std::string>& list) {
        const double number =
            *rc::gen::map(rc::gen::arbitrary<double>(), [](double d) { return std::isfinite(d) ? d : 0.5; });
        TomlWriter writer;
        writer.comment(text)
            .set("text", text)
            .set("integer", integer)
            .table("t")
            .set("boolean", boolean)
            .set("list", list)
            .set("number", number);
        const auto reader = TomlReader::parse(writer.text(), "w");
        RC_ASSERT(reader.has_value());
        RC_ASSERT(reader->require_int("integer").value() == integer);
        RC_ASSERT(reader->get_bool("t.boolean").value() == boolean);
        RC_ASSERT(reader->require_double("t.number").value() == number);
        RC_ASSERT(reader->get_strings("t.list").value()->size() == list.size());
        const std::string expected = to_utf8(to_utf32(text));
        RC_ASSERT(reader->require_string("text").value() == expected);
      }));
}

}  // namespace
}  // namespace kyso
