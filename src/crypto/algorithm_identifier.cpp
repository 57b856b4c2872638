#include "crypto/algorithm_identifier.h"

#include <array>

#include "crypto/der.h"
#include "crypto/key_object_ids.h"

namespace kyso::crypto {
namespace {

using enum DigestAlgorithm;

struct DigestOid {
  DigestAlgorithm algorithm;
  std::string_view digest;
  std::string_view with_rsa;
  std::string_view with_ecdsa;
  std::string_view with_dsa;
};
// In the order of the enumeration. FIPS 186, RFC 5758, RFC 8702; SHA-3: NIST's registry of algorithms.
constexpr std::array<DigestOid, 8> kOids{{
    {sha1, "1.3.14.3.2.26", "1.2.840.113549.1.1.5", "1.2.840.10045.4.1", "1.2.840.10040.4.3"},
    {sha256, "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2", "2.16.840.1.101.3.4.3.2"},
    {sha384, "2.16.840.1.101.3.4.2.2", "1.2.840.113549.1.1.12", "1.2.840.10045.4.3.3", "2.16.840.1.101.3.4.3.3"},
    {sha512, "2.16.840.1.101.3.4.2.3", "1.2.840.113549.1.1.13", "1.2.840.10045.4.3.4", "2.16.840.1.101.3.4.3.4"},
    {sha224, "2.16.840.1.101.3.4.2.4", "1.2.840.113549.1.1.14", "1.2.840.10045.4.3.1", "2.16.840.1.101.3.4.3.1"},
    {sha3_256, "2.16.840.1.101.3.4.2.8", "2.16.840.1.101.3.4.3.14", "2.16.840.1.101.3.4.3.10",
     "2.16.840.1.101.3.4.3.6"},
    {sha3_384, "2.16.840.1.101.3.4.2.9", "2.16.840.1.101.3.4.3.15", "2.16.840.1.101.3.4.3.11",
     "2.16.840.1.101.3.4.3.7"},
    {sha3_512, "2.16.840.1.101.3.4.2.10", "2.16.840.1.101.3.4.3.16", "2.16.840.1.101.3.4.3.12",
     "2.16.840.1.101.3.4.3.8"},
}};
constexpr std::string_view kMgf1 = "1.2.840.113549.1.1.8";

const DigestOid& oids_of(DigestAlgorithm algorithm) {
  return kOids.at(static_cast<std::size_t>(algorithm));
}

Error unsupported(std::string_view oid) {
  return fail("crypto.algorithm.unsupported", "algorithm {}", oid).with("algorithm", oid);
}

struct Identifier {
  std::string oid;
  ByteView parameters;  // empty when absent
};
Result<Identifier> read_identifier(ByteView der) {
  der::Reader outer(der);
  der::Reader inner(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  Identifier out;
  out.oid = KYSO_TRY(der::read_oid(KYSO_TRY(inner.expect(der::kOid)).content));
  if (!inner.at_end()) out.parameters = KYSO_TRY(inner.next()).whole;
  KYSO_TRY(inner.finish());
  return out;
}

Bytes null() {
  return der::encode(der::kNull, {});
}

// RFC 4055 section 2.1: hash identifiers inside the PSS parameters carry NULL.
Bytes encode_pss_parameters(DigestAlgorithm digest) {
  const Bytes hash = der::sequence(der::encode_oid(oids_of(digest).digest), null());
  const Bytes mask = der::sequence(der::encode_oid(kMgf1), hash);
  return der::sequence(
      der::encode(der::context(0), hash), der::encode(der::context(1), mask),
      der::encode(der::context(2), der::encode_integer(static_cast<std::int64_t>(digest_size(digest)))));
}

Result<DigestAlgorithm> read_mask(ByteView identifier) {
  const Identifier mask = KYSO_TRY(read_identifier(identifier));
  if (mask.oid != kMgf1) return unsupported(mask.oid);
  return read_digest_algorithm(mask.parameters);
}

Result<SignatureScheme> read_rsa(const Identifier& id, std::optional<DigestAlgorithm> digest) {
  if (id.oid == kRsaEncryption && digest) return SignatureScheme{KeyType::rsa, Padding::pkcs1_v15, *digest};
  if (id.oid == kRsaPss) {
    const PssParameters pss = KYSO_TRY(read_pss_parameters(id.parameters));
    if (pss.mask_digest != pss.digest || pss.salt_length != static_cast<std::int64_t>(digest_size(pss.digest)) ||
        (digest && *digest != pss.digest))
      return fail("crypto.algorithm.unsupported", "unusual PSS parameters").with("algorithm", "RSASSA-PSS");
    return SignatureScheme{KeyType::rsa, Padding::pss, pss.digest};
  }
  for (const DigestOid& row : kOids)
    if (row.with_rsa == id.oid) return SignatureScheme{KeyType::rsa, Padding::pkcs1_v15, row.algorithm};
  return unsupported(id.oid);
}

}  // namespace

Bytes encode_digest_algorithm(DigestAlgorithm algorithm) {
  return der::sequence(der::encode_oid(oids_of(algorithm).digest));
}

Bytes encode_cms_signature_algorithm(SignatureScheme scheme) {
  switch (scheme.key) {
    case KeyType::rsa:
      if (scheme.padding == Padding::pss)
        return der::sequence(der::encode_oid(kRsaPss), encode_pss_parameters(scheme.digest));
      return der::sequence(der::encode_oid(kRsaEncryption), null());
    case KeyType::ed25519:
      return der::sequence(der::encode_oid(kEd25519));
    case KeyType::dsa:
      return der::sequence(der::encode_oid(oids_of(scheme.digest).with_dsa));
    case KeyType::ec_p256:
    case KeyType::ec_p384:
    case KeyType::ec_p521:
    case KeyType::other:
      break;
  }
  return der::sequence(der::encode_oid(oids_of(scheme.digest).with_ecdsa));
}

Bytes encode_x509_signature_algorithm(SignatureScheme scheme) {
  if (scheme.key == KeyType::rsa && scheme.padding == Padding::pkcs1_v15)
    return der::sequence(der::encode_oid(oids_of(scheme.digest).with_rsa), null());
  return encode_cms_signature_algorithm(scheme);
}

Result<DigestAlgorithm> read_digest_algorithm(ByteView der) {
  const Identifier id = KYSO_TRY(read_identifier(der));
  for (const DigestOid& row : kOids)
    if (row.digest == id.oid) return row.algorithm;
  return unsupported(id.oid);
}

Result<SignatureScheme> read_signature_algorithm(ByteView der, KeyType key, std::optional<DigestAlgorithm> digest) {
  const Identifier id = KYSO_TRY(read_identifier(der));
  switch (key) {
    case KeyType::rsa:
      return read_rsa(id, digest);
    case KeyType::ed25519:
      if (id.oid != kEd25519) return unsupported(id.oid);
      return SignatureScheme{KeyType::ed25519, Padding::none, sha512};
    case KeyType::other:
      return unsupported(id.oid);
    case KeyType::dsa:
    case KeyType::ec_p256:
    case KeyType::ec_p384:
    case KeyType::ec_p521:
      break;
  }
  for (const DigestOid& row : kOids)
    if ((key == KeyType::dsa ? row.with_dsa : row.with_ecdsa) == id.oid)
      return SignatureScheme{key, Padding::none, row.algorithm};
  return unsupported(id.oid);
}

Result<PssParameters> read_pss_parameters(ByteView der) {
  der::Reader outer(der);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  PssParameters out;
  if (const auto hash = KYSO_TRY(fields.maybe(der::context(0))))
    out.digest = KYSO_TRY(read_digest_algorithm(hash->content));
  if (const auto mask = KYSO_TRY(fields.maybe(der::context(1)))) out.mask_digest = KYSO_TRY(read_mask(mask->content));
  if (const auto salt = KYSO_TRY(fields.maybe(der::context(2)))) {
    der::Reader inner(salt->content);
    out.salt_length = KYSO_TRY(der::read_integer(KYSO_TRY(inner.expect(der::kInteger)).content));
  }
  KYSO_TRY(fields.maybe(der::context(3)));  // trailerField, always 1
  KYSO_TRY(fields.finish());
  return out;
}

}  // namespace kyso::crypto
