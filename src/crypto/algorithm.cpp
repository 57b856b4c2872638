#include "crypto/algorithm.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include "crypto/openssl_support.h"

namespace kyso::crypto {
namespace {

struct DigestRow {
  std::string_view name;
  const char* openssl_name;
  std::size_t size;
};
constexpr std::array<DigestRow, 4> kDigests{{
    {"sha1", "SHA1", 20},
    {"sha256", "SHA2-256", 32},
    {"sha384", "SHA2-384", 48},
    {"sha512", "SHA2-512", 64},
}};

const DigestRow& row_of(DigestAlgorithm algorithm) {
  return kDigests.at(static_cast<std::size_t>(algorithm));
}

struct SchemeRow {
  std::string_view name;
  SignatureScheme scheme;
};
using enum DigestAlgorithm;
using enum KeyType;
constexpr std::array<SchemeRow, 17> kSchemes{{
    {"rsa-pkcs1-sha1", {rsa, Padding::pkcs1_v15, sha1}},
    {"rsa-pkcs1-sha256", {rsa, Padding::pkcs1_v15, sha256}},
    {"rsa-pkcs1-sha384", {rsa, Padding::pkcs1_v15, sha384}},
    {"rsa-pkcs1-sha512", {rsa, Padding::pkcs1_v15, sha512}},
    {"rsa-pss-sha1", {rsa, Padding::pss, sha1}},
    {"rsa-pss-sha256", {rsa, Padding::pss, sha256}},
    {"rsa-pss-sha384", {rsa, Padding::pss, sha384}},
    {"rsa-pss-sha512", {rsa, Padding::pss, sha512}},
    {"ecdsa-p256-sha1", {ec_p256, Padding::none, sha1}},
    {"ecdsa-p256-sha256", {ec_p256, Padding::none, sha256}},
    {"ecdsa-p256-sha384", {ec_p256, Padding::none, sha384}},
    {"ecdsa-p256-sha512", {ec_p256, Padding::none, sha512}},
    {"ecdsa-p384-sha1", {ec_p384, Padding::none, sha1}},
    {"ecdsa-p384-sha256", {ec_p384, Padding::none, sha256}},
    {"ecdsa-p384-sha384", {ec_p384, Padding::none, sha384}},
    {"ecdsa-p384-sha512", {ec_p384, Padding::none, sha512}},
    {"ed25519", {ed25519, Padding::none, sha512}},
}};

}  // namespace

namespace openssl {

void initialise() {
  static const int done = OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr);
  static_cast<void>(done);
}

const EVP_MD* fetched(DigestAlgorithm algorithm) {
  initialise();
  const auto fetch = [](DigestAlgorithm which) {
    return require(EVP_MD_fetch(nullptr, row_of(which).openssl_name, nullptr));
  };
  switch (algorithm) {
    case sha1: {
      static const EVP_MD* const kept = fetch(sha1);
      return kept;
    }
    case sha256: {
      static const EVP_MD* const kept = fetch(sha256);
      return kept;
    }
    case sha384: {
      static const EVP_MD* const kept = fetch(sha384);
      return kept;
    }
    case sha512:
      break;
  }
  static const EVP_MD* const kept = fetch(sha512);
  return kept;
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
  for (const SchemeRow& row : kSchemes)
    if (row.scheme == scheme) return row.name;
  return "unknown";
}

std::optional<SignatureScheme> scheme_by_name(std::string_view name) {
  for (const SchemeRow& row : kSchemes)
    if (row.name == name) return row.scheme;
  return std::nullopt;
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
