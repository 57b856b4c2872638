#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/text.h"
#include "json/json.h"

// What is read can be written, reads as the same again, and is valid UTF-8.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = kyso::json::parse(kyso::as_chars({data, size}));
  if (!value) return 0;
  const std::string text = kyso::json::serialize(*value);
  if (!kyso::is_valid_utf8(text)) std::abort();
  const auto again = kyso::json::parse(text);
  if (!again || kyso::json::serialize(*again) != text) std::abort();
  const auto indented = kyso::json::parse(kyso::json::serialize(*value, kyso::json::Style::indented));
  if (!indented || kyso::json::serialize(*indented) != text) std::abort();
  return 0;
}
