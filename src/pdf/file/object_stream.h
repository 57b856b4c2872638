#pragma once
#include <utility>
#include <vector>

#include "pdf/syntax/lexer.h"

namespace kyso::pdf {

// An object stream's header (ISO 32000-2 section 7.5.7): object numbers with offsets into the decoded data. Lying /N
// and /First give fewer or no entries; offsets outside are left out as kNowhere. Private to the module.
struct ObjectStreamIndex {
  static constexpr std::uint64_t kNowhere = UINT64_MAX;
  static constexpr std::size_t kMost = 1'000'000;  // entries; writers put some hundred into one stream
  std::vector<std::pair<std::uint32_t, std::uint64_t>> objects;
  static ObjectStreamIndex of(const Dictionary& dictionary, ByteView decoded);
};

}  // namespace kyso::pdf
