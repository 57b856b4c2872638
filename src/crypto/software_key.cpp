#include "crypto/software_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>

#include "crypto/der.h"
#include "crypto/key_object_ids.h"
#include "crypto/public_key_support.h"

namespace kyso::crypto {
namespace {

Error malformed(std::string_view what) {
  return fail("crypto.key.malformed", "{}: {}", what, openssl::drain_errors());
}

// The reader's own complaints carry another code.
template <typename T>
Result<T> as_malformed_key(Result<T> result) {
  if (result || result.error().code != "crypto.der.malformed") return result;
  return fail("crypto.key.malformed", "{}", result.error().detail);
}

Result<KeyType> read_curve(ByteView parameters) {
  der::Reader reader(parameters);
  if (reader.peek_tag() != der::kOid) return fail("crypto.key.unsupported").with("algorithm", "EC");
  const std::string curve = KYSO_TRY(der::read_oid(KYSO_TRY(reader.next()).content));
  if (curve == kP256) return KeyType::ec_p256;
  if (curve == kP384) return KeyType::ec_p384;
  return fail("crypto.key.unsupported", "curve {}", curve).with("algorithm", curve);
}

ByteView without_leading_zeros(ByteView bytes) {
  while (!bytes.empty() && bytes.front() == 0) bytes = bytes.subspan(1);
  return bytes;
}

struct RsaNumber {
  const char* name;
  ByteView value;
};
// n, e, d, p, q, d mod (p-1), d mod (q-1), q^-1 mod p.
Result<std::array<RsaNumber, 8>> read_rsa_numbers(ByteView der) {
  std::array<RsaNumber, 8> out{{{OSSL_PKEY_PARAM_RSA_N, {}},
                                {OSSL_PKEY_PARAM_RSA_E, {}},
                                {OSSL_PKEY_PARAM_RSA_D, {}},
                                {OSSL_PKEY_PARAM_RSA_FACTOR1, {}},
                                {OSSL_PKEY_PARAM_RSA_FACTOR2, {}},
                                {OSSL_PKEY_PARAM_RSA_EXPONENT1, {}},
                                {OSSL_PKEY_PARAM_RSA_EXPONENT2, {}},
                                {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, {}}}};
  der::Reader outer(der);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  const std::int64_t version = KYSO_TRY(der::read_integer(KYSO_TRY(fields.expect(der::kInteger)).content));
  if (version != 0) return fail("crypto.key.unsupported", "multi-prime RSA").with("algorithm", "RSA");
  for (RsaNumber& number : out) number.value = without_leading_zeros(KYSO_TRY(fields.expect(der::kInteger)).content);
  KYSO_TRY(fields.finish());
  return out;
}

Result<SoftwareKey> read_pkcs8(ByteView der) {
  der::Reader outer(der);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(fields.expect(der::kInteger));
  der::Reader algorithm(KYSO_TRY(fields.expect(der::kSequence)).content);
  const std::string oid = KYSO_TRY(der::read_oid(KYSO_TRY(algorithm.expect(der::kOid)).content));
  const ByteView key = KYSO_TRY(fields.expect(der::kOctetString)).content;
  if (oid == kRsaEncryption || oid == kRsaPss) return SoftwareKey::from_rsa_private_key(key);
  if (oid == kEcPublicKey) return SoftwareKey::from_ec_private_key(key, KYSO_TRY(read_curve(algorithm.rest())));
  if (oid == kEd25519) return SoftwareKey::from_ed25519(key);
  return fail("crypto.key.unsupported", "algorithm {}", oid).with("algorithm", oid);
}

struct EcParts {
  ByteView number;
  std::optional<KeyType> curve;
  ByteView point;
};
Result<EcParts> read_ec_parts(ByteView der) {
  der::Reader outer(der);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(fields.expect(der::kInteger));
  EcParts out;
  out.number = KYSO_TRY(fields.expect(der::kOctetString)).content;
  if (const auto parameters = KYSO_TRY(fields.maybe(der::context(0))))
    out.curve = KYSO_TRY(read_curve(parameters->content));
  if (const auto point = KYSO_TRY(fields.maybe(der::context(1)))) {
    der::Reader inner(point->content);
    const ByteView bits = KYSO_TRY(inner.expect(der::kBitString)).content;
    if (!bits.empty()) out.point = bits.subspan(1);
  }
  return out;
}

}  // namespace

WipedBytes::~WipedBytes() {
  if (!m_bytes.empty()) OPENSSL_cleanse(m_bytes.data(), m_bytes.size());
}

Result<SoftwareKey> SoftwareKey::from_pkcs8(ByteView der) {
  return as_malformed_key(read_pkcs8(der));
}

Result<SoftwareKey> SoftwareKey::from_rsa_private_key(ByteView der) {
  const auto numbers = KYSO_TRY(as_malformed_key(read_rsa_numbers(der)));
  openssl::KeyParameters parameters;
  for (const RsaNumber& number : numbers) parameters.add_number(number.name, number.value);
  openssl::PkeyPtr key = parameters.build("RSA", EVP_PKEY_KEYPAIR);
  if (!key) return malformed("RSA key");
  return SoftwareKey(KeyType::rsa, std::move(key), Bytes(numbers[0].value.begin(), numbers[0].value.end()));
}

Result<SoftwareKey> SoftwareKey::from_ec_private_key(ByteView der, std::optional<KeyType> curve) {
  const EcParts parts = KYSO_TRY(as_malformed_key(read_ec_parts(der)));
  if (!curve) curve = parts.curve;
  if (!curve || (parts.curve && *parts.curve != *curve)) return malformed("EC key without curve");
  openssl::KeyParameters parameters;
  parameters.add_text(OSSL_PKEY_PARAM_GROUP_NAME, *curve == KeyType::ec_p256 ? "P-256" : "P-384");
  parameters.add_number(OSSL_PKEY_PARAM_PRIV_KEY, parts.number);
  if (!parts.point.empty()) parameters.add_octets(OSSL_PKEY_PARAM_PUB_KEY, parts.point);
  openssl::PkeyPtr key = parameters.build("EC", EVP_PKEY_KEYPAIR);
  if (!key) return malformed("EC key");
  return SoftwareKey(*curve, std::move(key), Bytes(parts.point.begin(), parts.point.end()));
}

// CurvePrivateKey (RFC 8410 section 7).
Result<SoftwareKey> SoftwareKey::from_ed25519(ByteView private_key) {
  der::Reader reader(private_key);
  const ByteView seed = KYSO_TRY(reader.expect(der::kOctetString)).content;
  openssl::initialise();
  openssl::PkeyPtr key(EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, seed.data(), seed.size()));
  Bytes public_part(32);
  std::size_t size = public_part.size();
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), public_part.data(), &size) != 1) return malformed("Ed25519 key");
  return SoftwareKey(KeyType::ed25519, std::move(key), std::move(public_part));
}

bool SoftwareKey::matches(const PublicKey& key) const {
  if (key.type() != m_type) return false;
  if (!m_public_part.empty()) {
    // The modulus or point stands in the SubjectPublicKeyInfo as it is.
    return std::ranges::search(key.spki(), m_public_part).size() == m_public_part.size();
  }
  const SignatureScheme scheme{m_type, Padding::none, DigestAlgorithm::sha256};
  const Bytes probe = random_bytes(digest_size(scheme.digest));
  const auto signature = sign(scheme, probe, {});
  return signature && key.verify(scheme, probe, {}, *signature);
}

Result<Bytes> SoftwareKey::sign(SignatureScheme scheme, ByteView digest, ByteView message) const {
  if (scheme.key != m_type) return fail("crypto.algorithm.unsupported").with("algorithm", name_of(scheme));
  Bytes out = m_type == KeyType::ed25519 ? openssl::sign_message(m_key.get(), message)
                                         : openssl::sign_digest(m_key.get(), scheme, digest);
  if (out.empty()) return fail("crypto.sign.failed", "{}", openssl::drain_errors());
  return out;
}

}  // namespace kyso::crypto
