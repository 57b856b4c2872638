#include "crypto/password.h"

#include <argon2.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <new>
#include <semaphore>

#include "base/text.h"
#include "crypto/algorithm.h"
#include "crypto/password_text.h"

namespace kyso::crypto {
namespace {

constexpr std::size_t kSalt = 16, kTag = 32;  // RFC 9106 section 4

// What is hashed, wiped afterwards. Composed and half-composed Vietnamese are one password; ill-formed text stays as it
// is, because U+FFFD would make different passwords equal.
class Normalised {
 public:
  explicit Normalised(std::string_view password) : m_text(password) {
    if (std::ranges::all_of(password, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return;
    if (!is_valid_utf8(password)) return;
    m_composed = to_nfc(password);
    m_text = m_composed;
  }
  Normalised(const Normalised&) = delete;
  Normalised& operator=(const Normalised&) = delete;
  ~Normalised() { OPENSSL_cleanse(m_composed.data(), m_composed.size()); }
  std::string_view text() const { return m_text; }

 private:
  std::string m_composed;
  std::string_view m_text;
};

std::counting_semaphore<2>& places() {
  static std::counting_semaphore<2> semaphore(2);
  return semaphore;
}

Bytes compute(const Secret& password, const PasswordCost& cost, ByteView salt, std::size_t tag_size) {
  const Normalised normalised(password.reveal());
  Bytes tag(tag_size);
  argon2_context context{};
  context.out = tag.data();
  context.outlen = static_cast<std::uint32_t>(tag.size());
  // The library takes pointers to non-const, but changes neither without being asked to (flags).
  context.pwd = reinterpret_cast<std::uint8_t*>(const_cast<char*>(normalised.text().data()));
  context.pwdlen = static_cast<std::uint32_t>(normalised.text().size());
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

bool is_weaker(const PasswordHash& hash, const PasswordCost& wanted) {
  return hash.cost.memory_kib < wanted.memory_kib || hash.cost.iterations < wanted.iterations ||
         hash.salt.size() < kSalt || hash.tag.size() < kTag;
}

}  // namespace

Result<std::string> hash_password(const Secret& password, const PasswordCost& cost) {
  if (!is_within_limits(cost)) return fail("crypto.password.malformed", "cost");
  PasswordHash hash{.cost = cost, .salt = random_bytes(kSalt), .tag = {}};
  hash.tag = compute(password, cost, hash.salt, kTag);
  return serialize(hash);
}

Result<PasswordCheck> check_password(const Secret& password, std::string_view text, const PasswordCost& wanted) {
  const PasswordHash hash = KYSO_TRY(parse_password_hash(text));
  const Bytes tag = compute(password, hash.cost, hash.salt, hash.tag.size());
  return PasswordCheck{.is_right = equal_in_constant_time(as_chars(tag), as_chars(hash.tag)),
                       .needs_rehash = is_weaker(hash, wanted)};
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
  std::string text = to_unpadded_base64(random_bytes(bytes));
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace kyso::crypto
