#include "pdf/syntax/lexer.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace kyso::pdf {
namespace {

Token only(std::string_view text) {
  Lexer lexer(as_bytes(text));
  return lexer.next();
}

std::string_view code_of(std::string_view text, const Limits& limits = {}) {
  Lexer lexer(as_bytes(text));
  const auto object = parse_object(lexer, limits);
  return object ? std::string_view("ok") : object.error().code;
}

}  // namespace

TEST_CASE("numbers, also as careless writers put them") {
  struct Case {
    std::string_view text;
    Token::Kind kind;
    double value;
  };
  using enum Token::Kind;
  const std::vector<Case> cases = {
      {"12", integer, 12},
      {"+17", integer, 17},
      {"-98", integer, -98},
      {"34.5", real, 34.5},
      {"-.002", real, -.002},
      {"4.", real, 4},
      {".5", real, .5},
      {"+-.5", real, -.5},
      {"--5", integer, -5},
      {"1.2.3", real, 1.2},
      {"5-3", integer, 5},
      {"-", integer, 0},
      {".", real, 0},
      {"1e3", real, 1000},
      {"2.5E-1", real, .25},
      {"0000000016", integer, 16},
      {"9223372036854775807", integer, 9223372036854775807.0},
      {"9223372036854775808", real, 9223372036854775808.0},
      {"1e999999999", real, 0},
      {"0.1234567890123456789012345", real, 0.12345678901234568},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    const Token token = only(c.text);
    CHECK(token.kind == c.kind);
    CHECK(token.real == doctest::Approx(c.value));
    CHECK(token.end == c.text.size());
  }
  Lexer glued(as_bytes("1rg"));
  CHECK(glued.next().integer == 1);
  CHECK(glued.next().text == "rg");
}

TEST_CASE("strings") {
  CHECK(only("(a(b)c)").text == "a(b)c");
  CHECK(only("(\\n\\r\\t\\b\\f\\(\\)\\\\\\x)").text == "\n\r\t\b\f()\\x");
  CHECK(only("(\\0533\\53\\5x)").text == "+3+\005x");
  CHECK(only("(a\\\nb\\\r\nc\\\rd)").text == "abcd");
  CHECK(only("(a\r\nb\rc\nd)").text == "a\nb\nc\nd");
  CHECK(only("<4E6f 76\n6>").text == "Nov`");
  CHECK(only("<>").text.empty());
  CHECK(only("<4zE>").text == "N");
  CHECK(only("(open").kind == Token::Kind::invalid);
  CHECK(only("<4E").kind == Token::Kind::invalid);
  CHECK(only(")").kind == Token::Kind::invalid);
}

TEST_CASE("names, comments, white space of every kind") {
  CHECK(only("/A#42#20c").text == "AB c");
  CHECK(only("/A#4").text == "A#4");
  CHECK(only("/A#zz").text == "A#zz");
  CHECK(only("/").text.empty());
  CHECK(only("% a comment\r/N").text == "N");
  CHECK(only(std::string_view("\0\t\f\r\n /N", 8)).text == "N");
  CHECK(only("% comment to the end").kind == Token::Kind::end);
  CHECK(only(std::string(200, 'x')).kind == Token::Kind::invalid);
  CHECK(only("{").text == "{");
}

TEST_CASE("references are seen only where they are") {
  Lexer lexer(as_bytes("[1 0 R 2 0 3 0 R 4 0 RG 5 70000 R 6 % comment\n 0 R]"));
  const Token open = lexer.next();
  CHECK(open.kind == Token::Kind::array_begin);
  Lexer again(as_bytes("[1 0 R 2 0 3 0 R 5 6 % comment\n 0 R]"));
  const auto array = parse_object(again);
  REQUIRE(array);
  const Array expected = {ObjectId{1, 0}, 2, 0, ObjectId{3, 0}, 5, ObjectId{6, 0}};
  CHECK(*array == Object(expected));
}

TEST_CASE("what is broken or too much is refused") {
  CHECK(code_of("[1 2") == "pdf.syntax");
  CHECK(code_of("<< /A 1") == "pdf.syntax");
  CHECK(code_of("<< 1 2 >>") == "pdf.syntax");
  CHECK(code_of("endobj") == "pdf.syntax");
  CHECK(code_of("") == "pdf.syntax");
  CHECK(code_of("<< /A >>") == "ok");
  CHECK(code_of(std::string(127, '[') + std::string(127, ']')) == "ok");
  CHECK(code_of(std::string(1'000'000, '[')) == "pdf.limit");
  std::string dictionaries;
  for (int i = 0; i < 1000; ++i) dictionaries += "<</A";
  CHECK(code_of(dictionaries) == "pdf.limit");
  Limits few;
  few.values = 10;
  CHECK(code_of("[1 1 1 1 1 1 1 1 1]", few) == "ok");
  CHECK(code_of("[1 1 1 1 1 1 1 1 1 1]", few) == "pdf.limit");
}

TEST_CASE("any bytes are tokens that move forwards and end at the end") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& bytes) {
    Lexer lexer(bytes);
    std::uint64_t position = 0;
    for (Token token = lexer.next(); token.kind != Token::Kind::end; token = lexer.next()) {
      RC_ASSERT(token.offset >= position);
      RC_ASSERT(token.end > token.offset);
      RC_ASSERT(token.end <= bytes.size());
      position = token.end;
    }
  }));
}

TEST_CASE("peek changes nothing, and more bytes change only what touched the end") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& bytes, const std::vector<std::uint8_t>& more) {
    Lexer lexer(bytes);
    const Token peeked = lexer.peek();
    CHECK(lexer.position() == 0);
    const Token token = lexer.next();
    RC_ASSERT((token.kind == peeked.kind && token.end == peeked.end));
    if (lexer.reached_end()) return;
    Bytes longer = bytes;
    append(longer, more);
    const Token same = Lexer(longer).next();
    RC_ASSERT((same.kind == token.kind && same.text == token.text && same.end == token.end));
  }));
}

}  // namespace kyso::pdf
