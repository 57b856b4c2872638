#include "jose/base64url.h"

#include <array>

namespace kyso::jose {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kInvalid = 0xFF;

constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kInvalid);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}();

}  // namespace

std::string to_base64url(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16U;
    if (count > 1) group |= static_cast<std::uint32_t>(bytes[i + 1]) << 8U;
    if (count > 2) group |= bytes[i + 2];
    for (std::size_t digit = 0; digit <= count; ++digit) text += kAlphabet[(group >> (18U - 6U * digit)) & 0x3FU];
  }
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  const std::size_t tail = text.size() % 4;
  if (tail == 1) return std::nullopt;
  std::string bytes(text.size() / 4 * 3 + (tail == 0 ? 0 : tail - 1), '\0');
  std::uint8_t seen = 0;  // kInvalid alone has the two highest bits
  std::size_t at = 0;
  const auto value = [&](std::size_t i) {
    const std::uint8_t digit = kValues[static_cast<unsigned char>(text[i])];
    seen |= digit;
    return static_cast<std::uint32_t>(digit);
  };
  std::size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    const std::uint32_t group = value(i) << 18U | value(i + 1) << 12U | value(i + 2) << 6U | value(i + 3);
    bytes[at++] = static_cast<char>(group >> 16U);
    bytes[at++] = static_cast<char>(group >> 8U);
    bytes[at++] = static_cast<char>(group);
  }
  std::uint32_t unused = 0;
  if (tail == 2) {
    const std::uint32_t group = value(i) << 6U | value(i + 1);
    bytes[at++] = static_cast<char>(group >> 4U);
    unused = group & 0x0FU;
  } else if (tail == 3) {
    const std::uint32_t group = value(i) << 12U | value(i + 1) << 6U | value(i + 2);
    bytes[at++] = static_cast<char>(group >> 10U);
    bytes[at++] = static_cast<char>(group >> 2U);
    unused = group & 0x03U;
  }
  if ((seen & 0xC0U) != 0 || unused != 0) return std::nullopt;
  return bytes;
}

}  // namespace kyso::jose
