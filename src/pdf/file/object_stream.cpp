#include "pdf/file/object_stream.h"

#include <algorithm>

namespace kyso::pdf {

ObjectStreamIndex ObjectStreamIndex::of(const Dictionary& dictionary, ByteView decoded) {
  ObjectStreamIndex index;
  const std::int64_t count = dictionary.get("N").as_integer().value_or(0);
  const std::int64_t first = dictionary.get("First").as_integer().value_or(-1);
  if (count <= 0 || first < 0 || static_cast<std::uint64_t>(first) > decoded.size()) return index;
  Lexer lexer(decoded.first(static_cast<std::size_t>(first)));
  for (std::int64_t i = 0; i < count && index.objects.size() < kMost; ++i) {
    const Token number = lexer.next(), offset = lexer.next();
    if (number.kind != Token::Kind::integer || offset.kind != Token::Kind::integer) break;
    if (number.integer < 0 || number.integer > UINT32_MAX) break;
    const std::uint64_t room = decoded.size() - static_cast<std::uint64_t>(first);
    const bool is_inside = offset.integer >= 0 && static_cast<std::uint64_t>(offset.integer) < room;
    index.objects.emplace_back(static_cast<std::uint32_t>(number.integer),
                               is_inside ? static_cast<std::uint64_t>(first + offset.integer) : kNowhere);
  }
  index.objects.shrink_to_fit();
  return index;
}

}  // namespace kyso::pdf
