#include <algorithm>

#include "cms/object_ids.h"
#include "cms/signed_data.h"
#include "crypto/algorithm_identifier.h"
#include "crypto/der.h"
#include "crypto/signed_data_reader.h"

namespace kyso::cms {
namespace {

namespace der = crypto::der;

// Leaf first: DER sorts a SET OF, but CertificateSet stays in this order by custom, and receivers that take the first
// certificate for the signer's are met.
Bytes encode_certificates(const SignerParameters& signer) {
  Bytes content(signer.certificate.der().begin(), signer.certificate.der().end());
  for (const crypto::Certificate& issuer : signer.issuers)
    if (!std::ranges::equal(issuer.der(), signer.certificate.der())) append(content, issuer.der());
  return der::encode(der::context(0), content);
}

// SignerInfo version 1 (RFC 5652 section 5.3). `attributes` is the SET OF; here it stands under an implicit tag.
Bytes encode_signer_info(const SignerParameters& signer, ByteView attributes, ByteView signature,
                         std::optional<ByteView> time_stamp) {
  const Bytes identifier =
      der::sequence(signer.certificate.issuer_der(), der::encode(der::kInteger, signer.certificate.serial()));
  Bytes tagged(attributes.begin(), attributes.end());
  tagged[0] = der::context(0);
  Bytes content =
      der::concat(der::encode_integer(1), identifier, crypto::encode_digest_algorithm(signer.scheme.digest), tagged,
                  crypto::encode_cms_signature_algorithm(signer.scheme), der::encode(der::kOctetString, signature));
  if (time_stamp) {
    const Bytes attribute =
        der::sequence(der::encode_oid(kSignatureTimeStampToken), der::encode(der::kSet, *time_stamp));
    append(content, ByteView(der::encode(der::context(1), attribute)));
  }
  return der::encode(der::kSequence, content);
}

Bytes encode_signed_data(const SignerParameters& signer, ByteView attributes, ByteView signature,
                         std::optional<ByteView> time_stamp) {
  const Bytes signed_data = der::sequence(
      der::encode_integer(1), der::encode(der::kSet, crypto::encode_digest_algorithm(signer.scheme.digest)),
      der::sequence(der::encode_oid(kData)), encode_certificates(signer),
      der::encode(der::kSet, encode_signer_info(signer, attributes, signature, time_stamp)));
  return der::sequence(der::encode_oid(kSignedData), der::encode(der::context(0), signed_data));
}

// Attributes that name another certificate of the same key would pass the check of the signature.
Result<> check_attributes(ByteView signed_attributes, const crypto::Certificate& certificate) {
  der::Reader reader(signed_attributes);
  const auto set = reader.expect(der::kSet);
  if (!set || set->content.empty() || !reader.at_end()) return fail("cms.malformed", "signed attributes");
  const auto attributes = crypto::read_cms_attributes(set->content);
  if (!attributes) return fail("cms.malformed", "signed attributes: {}", attributes.error().detail);
  const auto binding = crypto::check_ess(*attributes, certificate);
  if (!binding || *binding == crypto::EssBinding::differs) return fail("cms.certificate.mismatch");
  return {};
}

Result<> check_token(ByteView time_stamp) {
  der::Reader reader(time_stamp);
  if (!reader.expect(der::kSequence) || !reader.at_end()) return fail("cms.malformed", "time-stamp token");
  return {};
}

}  // namespace

Result<Bytes> build_signed_data(const SignerParameters& signer, ByteView signed_attributes, ByteView signature,
                                std::optional<ByteView> time_stamp) {
  if (signed_attributes.empty()) return fail("cms.malformed", "no signed attributes");
  if (time_stamp) KYSO_TRY(check_token(*time_stamp));
  const Bytes digest = crypto::digest(signer.scheme.digest, signed_attributes);
  if (!signer.certificate.public_key().verify(signer.scheme, digest, signed_attributes, signature))
    return fail("cms.signature.mismatch", "{} over {} octets of attributes", name_of(signer.scheme),
                signed_attributes.size());
  KYSO_TRY(check_attributes(signed_attributes, signer.certificate));
  return encode_signed_data(signer, signed_attributes, signature, time_stamp);
}

std::size_t max_signed_data_size(const SignerParameters& signer, std::size_t time_stamp_size) {
  const Bytes attributes = build_signed_attributes(signer, Bytes(crypto::digest_size(signer.scheme.digest)));
  const Bytes signature(signer.certificate.public_key().max_signature_size());
  const Bytes token(time_stamp_size);
  return encode_signed_data(signer, attributes, signature,
                            time_stamp_size == 0 ? std::nullopt : std::optional<ByteView>(token))
      .size();
}

}  // namespace kyso::cms
