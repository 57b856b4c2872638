#include "crypto/algorithm.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "crypto/openssl_support.h"

namespace kyso::crypto {
namespace {

struct DigestRow {
  std::string_view name;
  const char* openssl_name;
  std::size_t size;
};
constexpr std::array<DigestRow, 8> kDigests{{
    {"sha1", "SHA1", 20},
    {"sha256", "SHA2-256", 32},
    {"sha384", "SHA2-384", 48},
    {"sha512", "SHA2-512", 64},
    {"sha224", "SHA2-224", 28},
    {"sha3-256", "SHA3-256", 32},
    {"sha3-384", "SHA3-384", 48},
    {"sha3-512", "SHA3-512", 64},
}};

const DigestRow& row_of(DigestAlgorithm algorithm) {
  return kDigests.at(static_cast<std::size_t>(algorithm));
}

using enum DigestAlgorithm;
using enum KeyType;

struct SchemeRow {
  std::string name;
  SignatureScheme scheme;
};

const std::vector<SchemeRow>& schemes() {
  struct Family {
    std::string_view prefix;
    KeyType key;
    Padding padding;
  };
  constexpr std::array<Family, 6> kFamilies{{{"rsa-pkcs1-", rsa, Padding::pkcs1_v15},
                                             {"rsa-pss-", rsa, Padding::pss},
                                             {"ecdsa-p256-", ec_p256, Padding::none},
                                             {"ecdsa-p384-", ec_p384, Padding::none},
                                             {"ecdsa-p521-", ec_p521, Padding::none},
                                             {"dsa-", dsa, Padding::none}}};
  static const std::vector<SchemeRow> rows = [&] {
    std::vector<SchemeRow> out{{"ed25519", {ed25519, Padding::none, sha512}}};
    for (const Family& family : kFamilies)
      for (std::size_t i = 0; i < kDigests.size(); ++i)
        out.push_back({std::string(family.prefix).append(kDigests[i].name),
                       {family.key, family.padding, static_cast<DigestAlgorithm>(i)}});
    return out;
  }();
  return rows;
}

}  // namespace

namespace openssl {

void initialise() {
  static const int done = OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr);
  static_cast<void>(done);
}

const EVP_MD* fetched(DigestAlgorithm algorithm) {
  initialise();
  static const std::array<const EVP_MD*, kDigests.size()> kept = [] {
    std::array<const EVP_MD*, kDigests.size()> out{};
    for (std::size_t i = 0; i < kDigests.size(); ++i)
      out[i] = require(EVP_MD_fetch(nullptr, kDigests[i].openssl_name, nullptr));
    return out;
  }();
  return kept.at(static_cast<std::size_t>(algorithm));
}

std::string drain_errors() {
  std::string out;
  while (const unsigned long code = ERR_get_error()) {
    std::array<char, 256> text{};
    ERR_error_string_n(code, text.data(), text.size());
    if (!out.empty()) out += "; ";
    if (out.size() < 1000) out += text.data();
  }
  return out;
}

}  // namespace openssl

std::string_view name_of(SignatureScheme scheme) {
  for (const SchemeRow& row : schemes())
    if (row.scheme == scheme) return row.name;
  return "unknown";
}

std::optional<SignatureScheme> scheme_by_name(std::string_view name) {
  for (const SchemeRow& row : schemes())
    if (row.name == name) return row.scheme;
  return std::nullopt;
}

bool is_for_signing(KeyType key) {
  return key == rsa || key == ec_p256 || key == ec_p384 || key == ed25519;
}

bool is_for_signing(SignatureScheme scheme) {
  return is_for_signing(scheme.key) && (scheme.digest == sha256 || scheme.digest == sha384 || scheme.digest == sha512);
}

std::string_view name_of(DigestAlgorithm algorithm) {
  return row_of(algorithm).name;
}

std::optional<DigestAlgorithm> digest_by_name(std::string_view name) {
  for (std::size_t i = 0; i < kDigests.size(); ++i)
    if (kDigests[i].name == name) return static_cast<DigestAlgorithm>(i);
  return std::nullopt;
}

std::size_t digest_size(DigestAlgorithm algorithm) {
  return row_of(algorithm).size;
}

Bytes digest(DigestAlgorithm algorithm, ByteView data) {
  Digester digester(algorithm);
  digester.update(data);
  return digester.finish();
}

struct Digester::State {
  DigestAlgorithm algorithm;
  openssl::MdCtxPtr context{openssl::require(EVP_MD_CTX_new())};

  void start() const {
    if (EVP_DigestInit_ex(context.get(), openssl::fetched(algorithm), nullptr) != 1) throw std::bad_alloc();
  }
};

Digester::Digester(DigestAlgorithm algorithm) : m_state(std::make_unique<State>(algorithm)) {
  m_state->start();
}
Digester::Digester(const Digester& other) : m_state(std::make_unique<State>(other.m_state->algorithm)) {
  if (EVP_MD_CTX_copy_ex(m_state->context.get(), other.m_state->context.get()) != 1) throw std::bad_alloc();
}
Digester::Digester(Digester&&) noexcept = default;
Digester& Digester::operator=(Digester&&) noexcept = default;
Digester::~Digester() = default;

void Digester::update(ByteView data) {
  if (EVP_DigestUpdate(m_state->context.get(), data.data(), data.size()) != 1)
    throw std::logic_error("digest update refused");
}

Bytes Digester::finish() {
  Bytes out(digest_size(m_state->algorithm));
  if (EVP_DigestFinal_ex(m_state->context.get(), out.data(), nullptr) != 1)
    throw std::logic_error("digest final refused");
  m_state->start();
  return out;
}

Bytes random_bytes(std::size_t count) {
  // The kernel's generator: no state of our own that a fork could duplicate, and nothing to seed at start.
  Bytes out(count);
  std::size_t filled = 0;
  while (filled < count) {
    const ssize_t got = getrandom(out.data() + filled, count - filled, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw std::runtime_error("the kernel gives no random bytes");
    filled += static_cast<std::size_t>(got);
  }
  return out;
}

}  // namespace kyso::crypto
