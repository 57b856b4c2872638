#pragma once
#include "pdf/file/source.h"
#include "pdf/syntax/limits.h"

namespace kyso::pdf {

struct Token {
  enum class Kind {
    end,
    integer,
    real,
    name,
    string,
    hex_string,
    array_begin,
    array_end,
    dict_begin,
    dict_end,
    keyword,
    invalid
  };
  Kind kind = Kind::end;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;          // name, string contents (decoded), keyword
  std::uint64_t offset = 0;  // of the first byte, relative to the lexer's bytes
  std::uint64_t end = 0;
};

// Lexical conventions of ISO 32000-2 section 7.2 over borrowed bytes. Serves files and content streams.
//
// Read as established readers read it, beyond the standard: several signs before a number count as one ("--5" is -5),
// a number ends at its second point or at an inner sign ("1.2.3" is 1.2, and the rest is swallowed), exponents are
// understood, a lone sign or point is 0, a number directly followed by letters is two tokens ("1rg"). Bytes in a
// hexadecimal string that are no digits are skipped. "#" without two digits stands for itself in a name. Keywords
// longer than 128 bytes, a lone ")" or ">" and unterminated strings are `invalid`.
class Lexer {
 public:
  explicit Lexer(ByteView bytes, std::uint64_t position = 0) : m_bytes(bytes), m_position(position) {}
  Token next();
  Token peek();
  std::uint64_t position() const { return m_position; }
  void seek(std::uint64_t position) { m_position = position; }
  ByteView bytes() const { return m_bytes; }
  // True when a token was cut off or might go on where the bytes end: with more bytes the answer could differ.
  bool reached_end() const { return m_reached_end; }
  // After an integer: the rest of "12 0 R". Consumes nothing when it isn't there.
  std::optional<ObjectId> try_reference(std::int64_t number);
  void skip_white_space();  // and comments

 private:
  Token number();
  double real_value(std::uint64_t begin, std::uint64_t end) const;
  Token name();
  Token literal_string();
  Token hex_string();
  Token keyword();
  void escape(std::string& out);
  int at(std::uint64_t position);  // the byte, or -1 at the end

  ByteView m_bytes;
  std::uint64_t m_position;
  bool m_reached_end = false;
};

// One direct object (references included: "12 0 R"). A key without value before ">>" gets null.
// pdf.syntax with {offset} (relative to the lexer's bytes); pdf.limit (nesting, values).
Result<Object> parse_object(Lexer& lexer, const Limits& limits = {});
// The same; `values` is lowered by the number of values in the object and must not run out.
Result<Object> parse_object(Lexer& lexer, const Limits& limits, std::size_t& values);

}  // namespace kyso::pdf
