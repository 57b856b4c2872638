#include "crypto/password_text.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace kyso::crypto {
namespace {

constexpr std::uint32_t kVersion = 19;
constexpr std::uint32_t kMaxMemoryKib = 1U << 20U;  // 1 GiB
constexpr std::uint32_t kMaxIterations = 1'000;
constexpr std::uint32_t kMaxLanes = 64;
constexpr std::size_t kMinSalt = 8, kMaxSalt = 64;  // RFC 9106 section 3.1
constexpr std::size_t kMinTag = 16, kMaxTag = 64;
constexpr std::size_t kMaxText = 512;

Error malformed(std::string_view why, std::source_location where = std::source_location::current()) {
  return Error("crypto.password.malformed", std::string(why), where);
}

std::optional<Bytes> from_unpadded_base64(std::string_view text) {
  if (text.find('=') != std::string_view::npos) return std::nullopt;
  std::string padded(text);
  padded.append((4 - text.size() % 4) % 4, '=');
  auto bytes = from_base64(padded);
  return bytes ? std::optional(*std::move(bytes)) : std::nullopt;
}

// "m=19456": a decimal without sign and needless zeros.
std::optional<std::uint32_t> read_number(std::string_view& text, std::string_view name) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end == text.data() || text.front() == '0') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

}  // namespace

bool is_within_limits(const PasswordCost& cost) {
  return cost.memory_kib <= kMaxMemoryKib && cost.iterations >= 1 && cost.iterations <= kMaxIterations &&
         cost.lanes >= 1 && cost.lanes <= kMaxLanes && cost.memory_kib >= 8 * cost.lanes;
}

std::string to_unpadded_base64(ByteView bytes) {
  std::string text = to_base64(bytes);
  text.erase(std::min(text.find('='), text.size()));
  return text;
}

std::string serialize(const PasswordHash& hash) {
  return fmt::format("$argon2id$v={}$m={},t={},p={}${}${}", kVersion, hash.cost.memory_kib, hash.cost.iterations,
                     hash.cost.lanes, to_unpadded_base64(hash.salt), to_unpadded_base64(hash.tag));
}

Result<PasswordHash> parse_password_hash(std::string_view text) {
  if (text.size() > kMaxText) return malformed("length");
  PasswordHash parts;
  const auto version = read_number(text, "$argon2id$v=");
  if (version != kVersion) return malformed("algorithm or version");
  const auto memory = read_number(text, "$m=");
  const auto iterations = memory ? read_number(text, ",t=") : std::nullopt;
  const auto lanes = iterations ? read_number(text, ",p=") : std::nullopt;
  if (!lanes || !text.starts_with('$')) return malformed("parameters");
  parts.cost = {*memory, *iterations, *lanes};
  if (!is_within_limits(parts.cost)) return malformed("cost");
  text.remove_prefix(1);
  const std::size_t between = text.find('$');
  if (between == std::string_view::npos) return malformed("parts");
  auto salt = from_unpadded_base64(text.substr(0, between));
  auto tag = from_unpadded_base64(text.substr(between + 1));
  if (!salt || salt->size() < kMinSalt || salt->size() > kMaxSalt) return malformed("salt");
  if (!tag || tag->size() < kMinTag || tag->size() > kMaxTag) return malformed("hash");
  parts.salt = *std::move(salt);
  parts.tag = *std::move(tag);
  return parts;
}

}  // namespace kyso::crypto
