#pragma once
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

// Private to the module: CBOR (RFC 8949) in the CTAP2 canonical form, the only one that Web Authentication knows
// (Level 2 section 2.1: decoders should reject anything else). Definite and shortest lengths, keys of maps in order and
// each once, no tags. At most 64 KiB, 8 levels and 2000 items.
namespace kyso::webauthn::cbor {

inline constexpr std::size_t kMaxSize = 64U << 10U;
inline constexpr int kMaxDepth = 8;
inline constexpr std::size_t kMaxItems = 2000;

enum class Kind : std::uint8_t { unsigned_number, negative_number, bytes, text, array, map, simple };

// One data item over borrowed bytes.
struct Item {
  Kind kind = Kind::simple;
  std::uint64_t argument = 0;  // the number; a negative one is -1 - argument; bits of a simple value or a float
  ByteView bytes;              // content of a byte or text string
  std::vector<Item> elements;  // of an array; of a map: key, value, key, value …
  ByteView whole;              // as it was encoded

  std::string_view text() const { return as_chars(bytes); }
  // Of a map: the value under this key, or null.
  const Item* find(std::string_view key) const;
  const Item* find(std::int64_t key) const;
};

// The item at the beginning of `bytes`; its length is whole.size(). webauthn.malformed {reason}.
Result<Item> read_first(ByteView bytes);
// One item and nothing after it.
Result<Item> read(ByteView bytes);

}  // namespace kyso::webauthn::cbor
