#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <array>
#include <mutex>

#include "crypto/algorithm_identifier.h"
#include "crypto/certificate.h"
#include "crypto/der.h"
#include "crypto/key_object_ids.h"
#include "crypto/public_key_support.h"

namespace kyso::crypto {
namespace {

// Verification time grows with the cube of the modulus; nobody issues larger keys.
constexpr std::size_t kMaxModulusBytes = 2048;
constexpr std::size_t kMaxExponentBytes = 8;

Error unsupported(std::string_view what) {
  return fail("crypto.key.unsupported", "{}", what).with("algorithm", what);
}

ByteView without_leading_zeros(ByteView bytes) {
  while (!bytes.empty() && bytes.front() == 0) bytes = bytes.subspan(1);
  return bytes;
}

int bit_length(ByteView big_endian) {
  if (big_endian.empty()) return 0;
  return static_cast<int>(big_endian.size() * 8) - std::countl_zero(big_endian.front());
}

}  // namespace

struct PublicKey::State {
  Bytes spki;
  KeyType type = KeyType::rsa;
  int bits = 0;
  Bytes modulus;   // RSA
  Bytes exponent;  // RSA
  Bytes point;     // EC and Ed25519
  bool pss_only = false;
  std::optional<PssParameters> pss;

  // OpenSSL's object is made at the first verification: whoever only signs never pays for it.
  const EVP_PKEY* openssl_key() const {
    std::call_once(once, [this] { key = make(); });
    return key.get();
  }
  openssl::PkeyPtr make() const;
  Result<> read_rsa(ByteView bits_of_key);
  Result<> read_ec(ByteView parameters, ByteView bits_of_key);

 private:
  mutable std::once_flag once;
  mutable openssl::PkeyPtr key;
};

openssl::PkeyPtr PublicKey::State::make() const {
  openssl::initialise();
  if (type == KeyType::ed25519)
    return openssl::PkeyPtr(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, point.data(), point.size()));
  openssl::KeyParameters parameters;
  if (type == KeyType::rsa) {
    parameters.add_number(OSSL_PKEY_PARAM_RSA_N, modulus);
    parameters.add_number(OSSL_PKEY_PARAM_RSA_E, exponent);
    return parameters.build("RSA", EVP_PKEY_PUBLIC_KEY);
  }
  parameters.add_text(OSSL_PKEY_PARAM_GROUP_NAME, type == KeyType::ec_p256 ? "P-256" : "P-384");
  parameters.add_octets(OSSL_PKEY_PARAM_PUB_KEY, point);
  return parameters.build("EC", EVP_PKEY_PUBLIC_KEY);
}

// RSAPublicKey (RFC 8017 appendix A.1.1).
Result<> PublicKey::State::read_rsa(ByteView bits_of_key) {
  der::Reader outer(bits_of_key);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  const ByteView n = without_leading_zeros(KYSO_TRY(fields.expect(der::kInteger)).content);
  const ByteView e = without_leading_zeros(KYSO_TRY(fields.expect(der::kInteger)).content);
  KYSO_TRY(fields.finish());
  if (n.empty() || n.size() > kMaxModulusBytes || (n.back() & 1U) == 0) return unsupported("RSA modulus");
  if (e.empty() || e.size() > kMaxExponentBytes || (e.back() & 1U) == 0 || (e.size() == 1 && e.front() == 1))
    return unsupported("RSA exponent");
  type = KeyType::rsa;
  bits = bit_length(n);
  modulus.assign(n.begin(), n.end());
  exponent.assign(e.begin(), e.end());
  return {};
}

Result<> PublicKey::State::read_ec(ByteView parameters, ByteView bits_of_key) {
  der::Reader reader(parameters);
  if (reader.peek_tag() != der::kOid) return unsupported("elliptic curve without name");
  const std::string curve = KYSO_TRY(der::read_oid(KYSO_TRY(reader.next()).content));
  if (curve != kP256 && curve != kP384) return unsupported(curve);
  type = curve == kP256 ? KeyType::ec_p256 : KeyType::ec_p384;
  bits = type == KeyType::ec_p256 ? 256 : 384;
  const std::size_t coordinate = static_cast<std::size_t>(bits) / 8;
  const bool uncompressed = bits_of_key.size() == 1 + 2 * coordinate && bits_of_key[0] == 4;
  const bool compressed = bits_of_key.size() == 1 + coordinate && (bits_of_key[0] == 2 || bits_of_key[0] == 3);
  if (!uncompressed && !compressed) return unsupported("elliptic curve point");
  point.assign(bits_of_key.begin(), bits_of_key.end());
  return {};
}

Result<PublicKey> PublicKey::from_spki(ByteView der) {
  der::Reader outer(der);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  der::Reader algorithm(KYSO_TRY(fields.expect(der::kSequence)).content);
  const ByteView bits = KYSO_TRY(fields.expect(der::kBitString)).content;
  KYSO_TRY(fields.finish());
  if (bits.empty() || bits[0] != 0) return fail("crypto.der.malformed", "BIT STRING of a key");
  const std::string oid = KYSO_TRY(der::read_oid(KYSO_TRY(algorithm.expect(der::kOid)).content));

  auto state = std::make_shared<State>();
  state->spki.assign(der.begin(), der.end());
  if (oid == kRsaEncryption || oid == kRsaPss) {
    state->pss_only = oid == kRsaPss;
    if (state->pss_only && algorithm.peek_tag() == der::kSequence)
      state->pss = KYSO_TRY(read_pss_parameters(algorithm.rest()));
    KYSO_TRY(state->read_rsa(bits.subspan(1)));
  } else if (oid == kEcPublicKey) {
    KYSO_TRY(state->read_ec(algorithm.rest(), bits.subspan(1)));
  } else if (oid == kEd25519 && bits.size() == 33) {
    state->type = KeyType::ed25519;
    state->bits = 256;
    state->point.assign(bits.begin() + 1, bits.end());
  } else {
    return unsupported(oid);
  }
  PublicKey key;
  key.m_state = std::move(state);
  return key;
}

KeyType PublicKey::type() const {
  return m_state->type;
}
int PublicKey::bits() const {
  return m_state->bits;
}
ByteView PublicKey::spki() const {
  return m_state->spki;
}

std::size_t PublicKey::max_signature_size() const {
  switch (m_state->type) {
    case KeyType::rsa:
      return m_state->modulus.size();
    case KeyType::ec_p256:
      return 72;
    case KeyType::ec_p384:
      return 104;
    case KeyType::ed25519:
      break;
  }
  return 64;
}

bool PublicKey::allows(SignatureScheme scheme) const {
  const State& state = *m_state;
  if (scheme.key != state.type) return false;
  if ((state.type == KeyType::rsa) == (scheme.padding == Padding::none)) return false;
  if (state.type == KeyType::ed25519) return scheme.digest == DigestAlgorithm::sha512;
  if (state.pss_only && scheme.padding != Padding::pss) return false;
  return !state.pss || state.pss->digest == scheme.digest;  // RFC 4055 section 3.3
}

bool PublicKey::verify(SignatureScheme scheme, ByteView digest, ByteView message, ByteView signature) const {
  if (!allows(scheme)) return false;
  auto* key = const_cast<EVP_PKEY*>(m_state->openssl_key());  // OpenSSL's functions are not const-correct
  const bool good =
      key != nullptr && (scheme.key == KeyType::ed25519 ? openssl::verify_message(key, message, signature)
                                                        : digest.size() == digest_size(scheme.digest) &&
                                                              openssl::verify_digest(key, scheme, digest, signature));
  ERR_clear_error();
  return good;
}

}  // namespace kyso::crypto
