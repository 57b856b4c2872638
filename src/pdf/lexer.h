#pragma once
#include "pdf/limits.h"
#include "pdf/source.h"

namespace kyso::pdf {

struct Token {
  enum class Kind { end, integer, real, name, string, hex_string, array_begin, array_end, dict_begin, dict_end, keyword, invalid };
  Kind kind = Kind::end;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;          // name, string contents (decoded), keyword
  std::uint64_t offset = 0;  // of the first byte, relative to the lexer's bytes
  std::uint64_t end = 0;
};

// Lexical conventions of ISO 32000-2 section 7.2 over borrowed bytes. Serves files and content streams.
class Lexer {
 public:
  explicit Lexer(ByteView bytes, std::uint64_t position = 0) : m_bytes(bytes), m_position(position) {}
  Token next();
  Token peek();
  std::uint64_t position() const { return m_position; }
  void seek(std::uint64_t position) { m_position = position; }
  ByteView bytes() const { return m_bytes; }
  void skip_white_space();  // and comments

 private:
  ByteView m_bytes;
  std::uint64_t m_position;
};

// One direct object (references included: "12 0 R"). pdf.syntax with {offset}; pdf.limit.
Result<Object> parse_object(Lexer& lexer, const Limits& limits = {});

}  // namespace kyso::pdf
