#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// The vocabulary types of the whole house live in namespace kyso itself.
namespace kyso {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_chars(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(std::string_view text) {
  return {text.begin(), text.end()};
}
inline void append(Bytes& out, ByteView more) {
  out.insert(out.end(), more.begin(), more.end());
}
inline void append(Bytes& out, std::string_view more) {
  out.insert(out.end(), more.begin(), more.end());
}

// Lower-case hexadecimal.
std::string to_hex(ByteView bytes);
// Accepts both cases; an odd length or another character is base.hex.invalid.
Result<Bytes> from_hex(std::string_view text);

// RFC 4648 section 4, with padding, on one line.
std::string to_base64(ByteView bytes);
// Strict: canonical padding, no white space. Anything else is base.base64.invalid.
Result<Bytes> from_base64(std::string_view text);

}  // namespace kyso
