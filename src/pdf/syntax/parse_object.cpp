#include "pdf/syntax/lexer.h"

namespace kyso::pdf {

namespace {

class Parser {
 public:
  Parser(Lexer& lexer, const Limits& limits, std::size_t& values)
      : m_lexer(lexer), m_limits(limits), m_values(values) {}

  Result<Object> value(Token token, std::size_t depth) {
    if (m_values == 0) return fail("pdf.limit", "values in one object").with("limit", "values");
    --m_values;
    switch (token.kind) {
      case Token::Kind::integer:
        if (const auto reference = m_lexer.try_reference(token.integer)) return Object(*reference);
        return Object(token.integer);
      case Token::Kind::real:
        return Object(token.real);
      case Token::Kind::name:
        return Object(Name{std::move(token.text)});
      case Token::Kind::string:
        return Object(String{std::move(token.text), false});
      case Token::Kind::hex_string:
        return Object(String{std::move(token.text), true});
      case Token::Kind::array_begin:
        return array(depth);
      case Token::Kind::dict_begin:
        return dictionary(depth);
      case Token::Kind::keyword:
        if (token.text == "true") return Object(true);
        if (token.text == "false") return Object(false);
        if (token.text == "null") return Object();
        break;
      default:
        break;
    }
    return syntax(token, "no object");
  }

 private:
  static Error syntax(const Token& token, std::string_view what) {
    return fail("pdf.syntax", "{} at {}", what, token.offset).with("offset", token.offset);
  }

  Result<> check_depth(std::size_t depth) const {
    if (depth < m_limits.nesting) return {};
    return fail("pdf.limit", "nesting at {}", m_lexer.position()).with("limit", "nesting");
  }

  Result<Object> array(std::size_t depth) {
    KYSO_TRY(check_depth(depth));
    Array items;
    for (;;) {
      Token token = m_lexer.next();
      if (token.kind == Token::Kind::array_end) return Object(std::move(items));
      items.push_back(KYSO_TRY(value(std::move(token), depth + 1)));
    }
  }

  Result<Object> dictionary(std::size_t depth) {
    KYSO_TRY(check_depth(depth));
    Dictionary entries;
    for (;;) {
      Token key = m_lexer.next();
      if (key.kind == Token::Kind::dict_end) return Object(std::move(entries));
      if (key.kind != Token::Kind::name) return syntax(key, "no key");
      Token token = m_lexer.next();
      if (token.kind == Token::Kind::dict_end) {
        entries.add(std::move(key.text), Object());
        return Object(std::move(entries));
      }
      Object entry = KYSO_TRY(value(std::move(token), depth + 1));
      entries.add(std::move(key.text), std::move(entry));
    }
  }

  Lexer& m_lexer;
  const Limits& m_limits;
  std::size_t& m_values;
};

}  // namespace

Result<Object> parse_object(Lexer& lexer, const Limits& limits, std::size_t& values) {
  Token token = lexer.next();
  return Parser(lexer, limits, values).value(std::move(token), 0);
}

Result<Object> parse_object(Lexer& lexer, const Limits& limits) {
  std::size_t values = limits.values;
  return parse_object(lexer, limits, values);
}

}  // namespace kyso::pdf
