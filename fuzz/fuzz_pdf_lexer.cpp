// Lexer, parser and serializer. Seeds: tests/data/pdf.
#include <cstdlib>

#include "pdf/syntax/lexer.h"

using namespace kyso;
using namespace kyso::pdf;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes{data, size};
  Lexer lexer(bytes);
  std::uint64_t position = 0;
  for (Token token = lexer.next(); token.kind != Token::Kind::end; token = lexer.next()) {
    if (token.end <= position || token.end > size) std::abort();  // every token moves forwards, none beyond the end
    position = token.end;
  }
  Lexer objects(bytes);
  while (objects.position() < size) {
    const std::uint64_t before = objects.position();
    const auto object = parse_object(objects);
    if (!object) {
      if (objects.position() <= before) break;
      continue;
    }
    const std::string text = serialize(*object);
    Lexer again(as_bytes(text));
    const auto second = parse_object(again);
    if (!second) std::abort();                     // what was written can be read
    if (serialize(*second) != text) std::abort();  // and is written the same way
  }
  return 0;
}
