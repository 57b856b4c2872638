#include "json/json.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

#include "base/text.h"

namespace kyso::json {
namespace {

std::string compact(std::string_view text) {
  return serialize(parse(text).value());
}

// A tree of at most `depth` levels.
Value arbitrary_value(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 7 : 5)) {
    case 0:
      return {};
    case 1:
      return *rc::gen::arbitrary<bool>();
    case 2:
      return *rc::gen::arbitrary<std::int64_t>();
    case 3:
      return *rc::gen::arbitrary<double>();
    case 4:
      return to_utf8(to_utf32(*rc::gen::arbitrary<std::string>()));
    case 5: {
      Value array = Value::array();
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i) array.push_back(arbitrary_value(depth - 1));
      return array;
    }
    default: {
      Value object = Value::object();
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
        object.set(to_utf8(to_utf32(*rc::gen::arbitrary<std::string>())), arbitrary_value(depth - 1));
      }
      return object;
    }
  }
}

TEST_CASE("reading") {
  const Value value =
      parse(R"( {"b":true,"i":-5,"d":1.5,"s":"\u00e9\ud83d\ude00\n","n":null,"a":[1,[2],{}],"e":1e3} )").value();
  CHECK(value.find("b")->as_bool() == true);
  CHECK(value.find("i")->as_integer() == -5);
  CHECK(value.find("i")->as_number() == -5.0);
  CHECK(value.find("d")->as_number() == 1.5);
  CHECK_FALSE(value.find("d")->as_integer());
  CHECK_FALSE(value.find("e")->as_integer());
  CHECK(value.find("s")->as_string() == "é😀\n");
  CHECK(value.find("n")->is_null());
  CHECK_FALSE(value.find("b")->is_null());
  CHECK(value.find("a")->as_array()->size() == 3);
  CHECK(value.find("z") == nullptr);
  CHECK(value.find("a")->find("x") == nullptr);
  CHECK(value.as_object()->size() == 7);
  CHECK(value.as_object()->front().first == "b");
  CHECK(value.as_array() == nullptr);
  CHECK_FALSE(value.as_string());
  CHECK_FALSE(value.as_bool());
}

TEST_CASE("building: keys keep their order, copies are independent") {
  Value list = Value::array();
  list.push_back(1).push_back("hai").push_back(Value());
  Value object = Value::object();
  object.set("z", list).set("a", 2.5).set("size", std::size_t{7}).set("small", 7U).set("z", false);
  CHECK(serialize(object) == R"({"z":false,"a":2.5,"size":7,"small":7})");
  const Value copy = list;
  list.push_back(list);
  CHECK(serialize(copy) == R"([1,"hai",null])");
  CHECK(serialize(list) == R"([1,"hai",null,[1,"hai",null]])");
  Value nothing;
  CHECK(serialize(nothing.set("k", std::string("v"))) == R"({"k":"v"})");
  Value text("x");
  CHECK(serialize(text.push_back(1)) == "[1]");
}

TEST_CASE("writing") {
  CHECK(serialize(Value("\"\\/\n\r\t\b\x01\x7F é \u2028")) == "\"\\\"\\\\/\\n\\r\\t\\u0008\\u0001\x7F é \u2028\"");
  CHECK(serialize(Value(std::string_view("a\0b", 3))) == "\"a\\u0000b\"");
  CHECK(serialize(Value("\xFF")) == "\"\uFFFD\"");
  CHECK(serialize(Value(1.0)) == "1.0");
  CHECK(serialize(Value(-0.0)) == "-0.0");
  CHECK(serialize(Value(std::nan(""))) == "null");
  CHECK(serialize(Value(std::numeric_limits<double>::infinity())) == "null");
  CHECK(serialize(Value(std::numeric_limits<std::int64_t>::min())) == "-9223372036854775808");
  CHECK(serialize(parse(R"({"a":[1,{"b":[]}],"c":{}})").value(), Style::indented) ==
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n  ],\n  \"c\": {}\n}");
}

TEST_CASE("numbers keep their exact value") {
  CHECK(parse("9223372036854775807").value().as_integer() == std::numeric_limits<std::int64_t>::max());
  CHECK_FALSE(parse("9223372036854775808").value().as_integer());
  CHECK(parse("9223372036854775808").value().as_number() == 9223372036854775808.0);
  CHECK(parse("0.1").value().as_number() == 0.1);
  CHECK(parse("5e-324").value().as_number() == 5e-324);
  CHECK(parse("2.2250738585072011e-308").value().as_number() == 2.2250738585072011e-308);
  CHECK(parse("123456789012345678901234567890.5").value().as_number() == 123456789012345678901234567890.5);
  CHECK(parse("1e400").error().code == "json.limit");
}

TEST_CASE("what is not JSON is refused (RFC 8259)") {
  const char* bad[] = {"", " ", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "{a:1}", "[1 2]", "01", "+1", "1.", ".5", "1e",
                       "NaN", "Infinity", "nul", "TRUE", "\"a", "\"\t\"", "\"\\x\"", "\"\\u12g4\"", "\"\\ud800\"",
                       "\"\\udc00\"", "\"\\ud800\\u0041\"", "// c\n1", "/* c */1", "1 2", "1]", "\xEF\xBB\xBF 1",
                       // UTF-8: overlong, surrogate, beyond U+10FFFF, cut short, lone continuation
                       "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xE1\xBB\"", "\"\x80\"",
                       "{\"\xFF\":1}"};
  for (const char* text : bad) CHECK_MESSAGE(parse(text).error().code == "json.malformed", text);
  CHECK(parse(std::string_view("1\0", 2)).error().code == "json.malformed");
  CHECK(parse("\"\\u0000\"").value().as_string() == std::string_view("\0", 1));
}

TEST_CASE("the offset of a mistake") {
  const auto offset = [](std::string_view text) { return parse(text).error().params.at(0).second; };
  CHECK(offset("[1, x]") == "4");
  CHECK(offset("{} {}") == "3");
  CHECK(offset("[1") == "2");
}

TEST_CASE("a key may stand only once in an object") {
  CHECK(parse(R"({"a":1,"b":{"a":2},"a":3})").error().code == "json.malformed");
  CHECK(parse(R"({"a":1,"\u0061":3})").error().code == "json.malformed");
  CHECK(compact(R"({"a":1,"b":{"a":2},"A":3})") == R"({"a":1,"b":{"a":2},"A":3})");
}

TEST_CASE("limits") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(parse(nested(64)).has_value());
  CHECK(parse(nested(65)).error().code == "json.limit");
  CHECK(parse(std::string(1'000'000, '[')).error().code == "json.limit");
  CHECK(parse("\"" + std::string((64U << 20U) - 2, 'x') + "\"").has_value());
  CHECK(parse("\"" + std::string((64U << 20U) - 1, 'x') + "\"").error().code == "json.limit");
  std::string many = "[";
  for (int i = 0; i < 2'000'000; ++i) many += "0,";
  CHECK(parse(many + "0]").error().code == "json.limit");
}

TEST_CASE("an object with very many keys does not take quadratic time") {
  std::string text = "{";
  for (int i = 0; i < 500'000; ++i) text += fmt::format("\"key{}\":0,", i);
  text += "\"last\":1}";
  CHECK(parse(text).value().as_object()->size() == 500'001);
}

TEST_CASE("required members") {
  const Value value = parse(R"({"s":"x","i":5,"d":5.5})").value();
  CHECK(require_string(value, "s").value() == "x");
  CHECK(require_integer(value, "i").value() == 5);
  CHECK(require_string(value, "i").error().code == "json.member");
  CHECK(require_integer(value, "d").error().code == "json.member");
  CHECK(require_integer(value, "none").error().params.at(0).second == "none");
  CHECK(require_string(Value(5), "s").error().code == "json.member");
}

TEST_CASE("properties") {
  CHECK(rc::check("what is written is read again", [] {
    const Value value = arbitrary_value(4);
    const std::string text = serialize(value);
    RC_ASSERT(serialize(parse(text).value()) == text);
    RC_ASSERT(serialize(parse(serialize(value, Style::indented)).value()) == text);
  }));
  CHECK(rc::check("numbers come back exactly", [](double number) {
    const auto again = parse(serialize(Value(number))).value().as_number();
    RC_ASSERT(again == number);
  }));
  CHECK(rc::check("any bytes give a value or an error", [](const std::string& bytes) {
    const auto value = parse("[\"" + bytes + "\"]");
    const bool fits = !value || is_valid_utf8(bytes);
    RC_ASSERT(fits);
  }));
}

}  // namespace
}  // namespace kyso::json
