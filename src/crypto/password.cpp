#include "crypto/password.h"

#include <argon2.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <new>
#include <optional>
#include <semaphore>
#include <vector>

#include "base/text.h"
#include "crypto/algorithm.h"

namespace kyso::crypto {
namespace {

constexpr std::uint32_t kMaxMemoryKib = 1U << 20U;  // 1 GiB
constexpr std::uint32_t kMaxIterations = 1'000;
constexpr std::uint32_t kMaxLanes = 64;
constexpr std::size_t kMinSalt = 8, kSalt = 16, kMaxSalt = 64;  // RFC 9106 section 3.1
constexpr std::size_t kMinTag = 16, kTag = 32, kMaxTag = 64;
constexpr std::size_t kMaxText = 512;

struct Parts {
  PasswordCost cost;
  Bytes salt, tag;
};

Error malformed(std::string_view why, std::source_location where = std::source_location::current()) {
  return Error("crypto.password.malformed", std::string(why), where);
}

bool is_within_limits(const PasswordCost& cost) {
  return cost.memory_kib <= kMaxMemoryKib && cost.iterations >= 1 && cost.iterations <= kMaxIterations &&
         cost.lanes >= 1 && cost.lanes <= kMaxLanes && cost.memory_kib >= 8 * cost.lanes;
}

// What is hashed: composed and half-composed Vietnamese are one password. Ill-formed text stays as it is, because
// U+FFFD would make different passwords equal.
Secret normalised(const Secret& password) {
  return is_valid_utf8(password.reveal()) ? Secret(to_nfc(password.reveal())) : password.clone();
}

std::counting_semaphore<2>& places() {
  static std::counting_semaphore<2> semaphore(2);
  return semaphore;
}

Bytes compute(const Secret& password, const PasswordCost& cost, ByteView salt, std::size_t tag_size) {
  const Secret text = normalised(password);
  Bytes tag(tag_size);
  argon2_context context{};
  context.out = tag.data();
  context.outlen = static_cast<std::uint32_t>(tag.size());
  // The library takes pointers to non-const, but changes neither without being asked to (flags).
  context.pwd = reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.reveal().data()));
  context.pwdlen = static_cast<std::uint32_t>(text.reveal().size());
  context.salt = const_cast<std::uint8_t*>(salt.data());
  context.saltlen = static_cast<std::uint32_t>(salt.size());
  context.t_cost = cost.iterations;
  context.m_cost = cost.memory_kib;
  context.lanes = cost.lanes;
  context.threads = 1;
  context.version = ARGON2_VERSION_13;
  context.flags = ARGON2_DEFAULT_FLAGS;

  places().acquire();
  const int outcome = argon2id_ctx(&context);  // wipes its blocks of memory itself
  places().release();
  if (outcome != ARGON2_OK) throw std::bad_alloc();  // the limits leave no other reason
  return tag;
}

// The B64 of PHC: RFC 4648 section 4 without padding.
std::string to_phc_base64(ByteView bytes) {
  std::string text = to_base64(bytes);
  text.erase(std::min(text.find('='), text.size()));
  return text;
}

std::optional<Bytes> from_phc_base64(std::string_view text) {
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

Result<Parts> read_phc(std::string_view text) {
  if (text.size() > kMaxText) return malformed("length");
  Parts parts;
  const auto version = read_number(text, "$argon2id$v=");
  if (version != static_cast<std::uint32_t>(ARGON2_VERSION_13)) return malformed("algorithm or version");
  const auto memory = read_number(text, "$m=");
  const auto iterations = memory ? read_number(text, ",t=") : std::nullopt;
  const auto lanes = iterations ? read_number(text, ",p=") : std::nullopt;
  if (!lanes || !text.starts_with('$')) return malformed("parameters");
  parts.cost = {*memory, *iterations, *lanes};
  if (!is_within_limits(parts.cost)) return malformed("cost");
  text.remove_prefix(1);
  const std::size_t between = text.find('$');
  if (between == std::string_view::npos) return malformed("parts");
  auto salt = from_phc_base64(text.substr(0, between));
  auto tag = from_phc_base64(text.substr(between + 1));
  if (!salt || salt->size() < kMinSalt || salt->size() > kMaxSalt) return malformed("salt");
  if (!tag || tag->size() < kMinTag || tag->size() > kMaxTag) return malformed("hash");
  parts.salt = *std::move(salt);
  parts.tag = *std::move(tag);
  return parts;
}

bool is_weaker(const Parts& parts, const PasswordCost& wanted) {
  return parts.cost.memory_kib < wanted.memory_kib || parts.cost.iterations < wanted.iterations ||
         parts.salt.size() < kSalt || parts.tag.size() < kTag;
}

}  // namespace

Result<std::string> hash_password(const Secret& password, const PasswordCost& cost) {
  if (!is_within_limits(cost)) return malformed("cost");
  const Bytes salt = random_bytes(kSalt);
  const Bytes tag = compute(password, cost, salt, kTag);
  return fmt::format("$argon2id$v={}$m={},t={},p={}${}${}", static_cast<int>(ARGON2_VERSION_13), cost.memory_kib,
                     cost.iterations, cost.lanes, to_phc_base64(salt), to_phc_base64(tag));
}

Result<PasswordCheck> check_password(const Secret& password, std::string_view hash, const PasswordCost& wanted) {
  const Parts parts = KYSO_TRY(read_phc(hash));
  const Bytes tag = compute(password, parts.cost, parts.salt, parts.tag.size());
  return PasswordCheck{.is_right = equal_in_constant_time(as_chars(tag), as_chars(parts.tag)),
                       .needs_rehash = is_weaker(parts, wanted)};
}

void pretend_password_check(const Secret& password, const PasswordCost& wanted) {
  static const Bytes salt = random_bytes(kSalt);
  const PasswordCost cost = is_within_limits(wanted) ? wanted : PasswordCost{};
  const Bytes tag = compute(password, cost, salt, kTag);
  (void)equal_in_constant_time(as_chars(tag), as_chars(ByteView(tag)));
}

std::string random_uuid() {
  Bytes bytes = random_bytes(16);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);  // version 4
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);  // variant of RFC 9562
  std::string text = to_hex(bytes);
  for (const std::size_t at : {8U, 13U, 18U, 23U}) text.insert(at, 1, '-');
  return text;
}

std::string random_token(std::size_t bytes) {
  std::string text = to_phc_base64(random_bytes(bytes));
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace kyso::crypto
