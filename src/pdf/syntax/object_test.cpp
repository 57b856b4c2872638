#include "pdf/syntax/object.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "pdf/syntax/lexer.h"

namespace kyso::pdf {
namespace {

Object parse(std::string_view text) {
  Lexer lexer(as_bytes(text));
  const auto object = parse_object(lexer);
  REQUIRE_MESSAGE(object, text);
  return *object;
}

rc::Gen<Object> any_object(int depth) {
  const auto name =
      rc::gen::map(rc::gen::arbitrary<std::string>(), [](std::string s) { return Object(Name{std::move(s)}); });
  const auto string = rc::gen::map(rc::gen::pair(rc::gen::arbitrary<std::string>(), rc::gen::arbitrary<bool>()),
                                   [](auto p) { return Object(String{p.first, p.second}); });
  const auto integer = rc::gen::map(rc::gen::arbitrary<std::int64_t>(),
                                    [](std::int64_t v) { return Object(v == INT64_MIN ? std::int64_t{0} : v); });
  // Multiples of 1/1024 are exact in five decimals only when small: halves, quarters and eighths are.
  const auto real = rc::gen::map(rc::gen::inRange(-800'000, 800'000), [](int v) { return Object(v / 8.0); });
  const auto reference =
      rc::gen::map(rc::gen::pair(rc::gen::arbitrary<std::uint32_t>(), rc::gen::arbitrary<std::uint16_t>()),
                   [](auto p) { return Object(ObjectId{p.first, p.second}); });
  const auto scalar = rc::gen::oneOf(name, string, integer, real, reference, rc::gen::just(Object()),
                                     rc::gen::just(Object(true)), rc::gen::just(Object(false)));
  if (depth == 0) return scalar;
  const auto array = rc::gen::map(rc::gen::container<std::vector<Object>>(any_object(depth - 1)),
                                  [](std::vector<Object> items) { return Object(std::move(items)); });
  const auto dictionary = rc::gen::map(rc::gen::container<std::vector<std::pair<std::string, Object>>>(
                                           rc::gen::pair(rc::gen::arbitrary<std::string>(), any_object(depth - 1))),
                                       [](std::vector<std::pair<std::string, Object>> entries) {
                                         Dictionary result;
                                         for (auto& [key, value] : entries) result.add(key, value);
                                         return Object(std::move(result));
                                       });
  return rc::gen::oneOf(scalar, array, dictionary);
}

}  // namespace

TEST_CASE("what is written is read as the same value") {
  CHECK(rc::check([] {
    const Object object = *rc::gen::scale(0.25, any_object(2));
    const std::string text = serialize(object);
    Lexer lexer(as_bytes(text));
    const auto again = parse_object(lexer);
    RC_ASSERT(bool(again));
    RC_ASSERT(*again == object);
    RC_ASSERT(serialize(*again) == text);
    RC_ASSERT(lexer.position() == text.size());
  }));
}

TEST_CASE("a written real is read as the number that was written, however large") {
  CHECK(rc::check([] {
    const double value =
        std::ldexp(static_cast<double>(*rc::gen::arbitrary<std::int32_t>()), *rc::gen::inRange(-40, 90));
    const std::string text = serialize(Object(value));
    const Object again = parse(text);
    RC_ASSERT(serialize(again) == text);
    if (std::abs(value) > 1e16) RC_ASSERT(*again.as_number() == value);
  }));
}

TEST_CASE("numbers are written without exponent and with the decimals that matter") {
  CHECK(serialize(Object(0.1)) == "0.1");
  CHECK(serialize(Object(1.0)) == "1");
  CHECK(serialize(Object(-0.000001)) == "-0.000001");
  CHECK(serialize(Object(0.000123456)) == "0.000123456");
  CHECK(serialize(Object(595.2756)) == "595.2756");
  CHECK(serialize(Object(1e10)) == "10000000000");
  CHECK(serialize(Object(0.0 / -1.0)) == "0");
  CHECK(serialize(Object(std::numeric_limits<double>::infinity())) == "0");
}

TEST_CASE("equality is by value") {
  CHECK(Object(1) == Object(1.0));
  CHECK(Object(Array{1, 2}) == Object(Array{1.0, 2}));
  CHECK(!(Object(Array{1, 2}) == Object(Array{2, 1})));
  CHECK(parse("<</A 1/B 2>>") == parse("<</B 2/A 1>>"));
  CHECK(parse("<</A 1/A 2>>") == parse("<</A 2>>"));
  CHECK(!(parse("<</A 1>>") == parse("<</A 1/B null>>")));
  CHECK(parse("(a)") == parse("<61>"));
  CHECK(!(parse("/a") == parse("(a)")));
}

TEST_CASE("a dictionary keeps duplicates and gives the last") {
  const Object object = parse("<</A 1/#41 2/B 3>>");
  const Dictionary& dictionary = *object.as_dictionary();
  CHECK(dictionary.size() == 3);
  CHECK(dictionary.has_duplicate_keys());
  CHECK(dictionary.get("A") == Object(2));
  Dictionary changed = dictionary;
  changed.set("A", 9);
  CHECK(changed.get("A") == Object(9));
  CHECK(dictionary.get("A") == Object(2));
  changed.erase("A");
  CHECK(!changed.has("A"));
  CHECK(!changed.has_duplicate_keys());
}

TEST_CASE("a large dictionary behaves as a small one") {
  CHECK(rc::check([](const std::vector<std::pair<std::uint8_t, int>>& operations) {
    Dictionary tested;
    std::vector<std::pair<std::string, Object>> model;
    for (int i = 0; i < 60; ++i) {
      tested.add("k" + std::to_string(i), i);
      model.emplace_back("k" + std::to_string(i), i);
    }
    const Dictionary untouched = tested;
    for (const auto& [key_number, value] : operations) {
      const std::string key = "k" + std::to_string(key_number % 80);
      if (value % 3 == 0) {
        tested.erase(key);
        std::erase_if(model, [&](const auto& entry) { return entry.first == key; });
      } else if (value % 3 == 1) {
        tested.add(key, value);
        model.emplace_back(key, value);
      } else {
        tested.set(key, value);
        const auto last =
            std::find_if(model.rbegin(), model.rend(), [&](const auto& entry) { return entry.first == key; });
        if (last != model.rend()) {
          last->second = value;
        } else {
          model.emplace_back(key, value);
        }
      }
    }
    RC_ASSERT(std::equal(tested.begin(), tested.end(), model.begin(), model.end()));
    for (int i = 0; i < 80; ++i) {
      const std::string key = "k" + std::to_string(i);
      const auto last =
          std::find_if(model.rbegin(), model.rend(), [&](const auto& entry) { return entry.first == key; });
      RC_ASSERT(tested.has(key) == (last != model.rend()));
      if (last != model.rend()) RC_ASSERT(tested.get(key) == last->second);
    }
    RC_ASSERT(untouched.size() == 60U);
    RC_ASSERT(untouched.get("k59") == Object(59));
  }));
}

TEST_CASE("text strings") {
  CHECK(text_of({std::string("\xFE\xFF\x1E\xBF\0A", 6), false}) == "ếA");
  CHECK(text_of({"\xEF\xBB\xBFNguy\xE1\xBB\x85n", false}) == "Nguyễn");
  CHECK(text_of({"caf\xE9 \x80 \xA0", false}) == "café • €");
  CHECK(text_of({std::string("\xFF\xFE\xBF\x1E", 4), false}) == "ế");
  CHECK(text_of({std::string("\xFE\xFF\0\x1B\0v\0i\0\x1B\0x", 12), false}) == "x");
  CHECK(text_string("plain").bytes == "plain");
  CHECK(text_string("Đà").bytes == std::string("\xFE\xFF\x01\x10\0\xE0", 6));
  CHECK(text_of(text_string("Nguyễn Văn A, Trưởng phòng")) == "Nguyễn Văn A, Trưởng phòng");
}

}  // namespace kyso::pdf
