#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "crypto/password_text.h"

// A hash that is read has one text, the one it was read from, and a cost within the limits.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = kyso::as_chars({data, size});
  const auto hash = kyso::crypto::parse_password_hash(text);
  if (!hash) return 0;
  if (!kyso::crypto::is_within_limits(hash->cost) || kyso::crypto::serialize(*hash) != text) std::abort();
  return 0;
}
