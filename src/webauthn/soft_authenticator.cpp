#include "webauthn/soft_authenticator.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <array>
#include <new>

#include "crypto/algorithm.h"
#include "jose/base64url.h"
#include "json/json.h"

namespace kyso::webauthn {
namespace {

constexpr std::uint8_t kUserPresent = 0x01, kUserVerified = 0x04, kAttested = 0x40;
constexpr std::size_t kIdSize = 32, kAaguidSize = 16, kPointSize = 65, kCoordinate = 32;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

template <typename T>
T* require(T* pointer) {
  if (pointer == nullptr) throw std::bad_alloc();
  return pointer;
}

Bytes client_data(std::string_view type, ByteView challenge, std::string_view origin) {
  json::Value data = json::Value::object();
  data.set("type", type).set("challenge", jose::to_base64url(challenge)).set("origin", origin);
  data.set("crossOrigin", false);
  return to_bytes(json::serialize(data));
}

Bytes authenticator_data(std::string_view party_id, std::uint8_t flags, std::uint32_t count) {
  Bytes data = crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(party_id));
  data.push_back(flags);
  for (const unsigned shift : {24U, 16U, 8U, 0U}) data.push_back(static_cast<std::uint8_t>(count >> shift));
  return data;
}

// {1: 2, 3: -7, -1: 1, -2: x, -3: y}
Bytes cose_key(EVP_PKEY* key) {
  std::array<unsigned char, kPointSize> point{};
  std::size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) != 1 ||
      size != kPointSize)
    throw std::bad_alloc();
  Bytes out{0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20};
  append(out, ByteView(point).subspan(1, kCoordinate));
  append(out, Bytes{0x22, 0x58, 0x20});
  append(out, ByteView(point).subspan(1 + kCoordinate));
  return out;
}

// {"fmt": "none", "attStmt": {}, "authData": …}
Bytes attestation_object(ByteView data) {
  Bytes out{0xA3};
  append(out,
         "\x63"
         "fmt"
         "\x64"
         "none"
         "\x67"
         "attStmt"
         "\xA0"
         "\x68"
         "authData");
  out.push_back(0x58);  // of 24 to 255 bytes
  out.push_back(static_cast<std::uint8_t>(data.size()));
  append(out, data);
  return out;
}

Bytes sign(EVP_PKEY* key, ByteView message) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(require(EVP_MD_CTX_new()), EVP_MD_CTX_free);
  Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
  std::size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1)
    throw std::bad_alloc();
  signature.resize(size);
  return signature;
}

}  // namespace

struct SoftAuthenticator::State {
  std::string party_id, origin;
  Key key{require(EVP_EC_gen("P-256")), EVP_PKEY_free};
  Bytes id = crypto::random_bytes(kIdSize);
  std::uint32_t count = 0;
};

SoftAuthenticator::SoftAuthenticator(std::string party_id, std::string origin) : m_state(std::make_unique<State>()) {
  m_state->party_id = std::move(party_id);
  m_state->origin = std::move(origin);
}
SoftAuthenticator::~SoftAuthenticator() = default;

const Bytes& SoftAuthenticator::credential_id() const {
  return m_state->id;
}

Registration SoftAuthenticator::register_for(ByteView challenge) {
  Bytes data = authenticator_data(m_state->party_id, kUserPresent | kUserVerified | kAttested, m_state->count);
  data.resize(data.size() + kAaguidSize);
  append(data, Bytes{0, kIdSize});
  append(data, m_state->id);
  append(data, cose_key(m_state->key.get()));
  return {.client_data_json = client_data("webauthn.create", challenge, m_state->origin),
          .attestation_object = attestation_object(data)};
}

Assertion SoftAuthenticator::assert_for(ByteView challenge, bool user_verified) {
  Assertion assertion{
      .credential_id = m_state->id,
      .authenticator_data = authenticator_data(
          m_state->party_id, user_verified ? kUserPresent | kUserVerified : kUserPresent, ++m_state->count),
      .client_data_json = client_data("webauthn.get", challenge, m_state->origin),
      .signature = {}};
  Bytes message = assertion.authenticator_data;
  append(message, crypto::digest(crypto::DigestAlgorithm::sha256, assertion.client_data_json));
  assertion.signature = sign(m_state->key.get(), message);
  return assertion;
}

}  // namespace kyso::webauthn
