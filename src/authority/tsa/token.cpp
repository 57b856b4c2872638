#include "authority/tsa/token.h"

#include <array>

#include "authority/tsa/precise_time.h"
#include "crypto/algorithm_identifier.h"
#include "crypto/der.h"

namespace kyso::authority::tsa {
namespace {

namespace der = crypto::der;

constexpr std::string_view kSignedData = "1.2.840.113549.1.7.2";
constexpr std::string_view kTstInfo = "1.2.840.113549.1.9.16.1.4";
constexpr std::string_view kContentType = "1.2.840.113549.1.9.3";
constexpr std::string_view kMessageDigest = "1.2.840.113549.1.9.4";
constexpr std::string_view kSigningCertificateV2 = "1.2.840.113549.1.9.16.2.47";

Bytes attribute(std::string_view oid, ByteView value) {
  return der::sequence(der::encode_oid(oid), der::encode(der::kSet, value));
}

const Bytes& encoded(std::string_view oid) {
  static const Bytes signed_data = der::encode_oid(kSignedData), info = der::encode_oid(kTstInfo),
                     digest = der::encode_oid(kMessageDigest);
  return oid == kSignedData ? signed_data : oid == kTstInfo ? info : digest;
}

// Accuracy (RFC 3161 section 2.4.2): millis and micros are 1 to 999, what is zero is left out.
Bytes encode_accuracy(std::int64_t microseconds) {
  constexpr std::int64_t kThousand = 1'000;
  Bytes content;
  const auto part = [&](std::uint8_t tag, std::int64_t value) {
    if (value == 0) return;
    Bytes number = der::encode_integer(value);
    number[0] = tag;
    append(content, ByteView(number));
  };
  part(der::kInteger, microseconds / (kThousand * kThousand));
  part(der::context(0, false), microseconds / kThousand % kThousand);
  part(der::context(1, false), microseconds % kThousand);
  return der::encode(der::kSequence, content);
}

}  // namespace

TokenWriter::TokenWriter(crypto::Certificate certificate, std::span<const crypto::Certificate> chain,
                         crypto::SignatureScheme scheme, bool has_name)
    : m_certificate(std::move(certificate)), m_scheme(scheme) {
  // tsa [0] GeneralName, a CHOICE and so tagged explicitly; directoryName [4] likewise.
  if (has_name) m_name = der::encode(der::context(0), der::encode(der::context(4), m_certificate.subject_der()));
  std::vector<Bytes> certificates{Bytes(m_certificate.der().begin(), m_certificate.der().end())};
  for (const crypto::Certificate& issuer : chain) certificates.emplace_back(issuer.der().begin(), issuer.der().end());
  m_certificates = der::encode_set_of(std::move(certificates), der::context(0));
  m_signer_id = der::sequence(m_certificate.issuer_der(), der::encode(der::kInteger, m_certificate.serial()));
  m_digest_algorithm = crypto::encode_digest_algorithm(scheme.digest);
  m_signature_algorithm = crypto::encode_cms_signature_algorithm(scheme);
  m_content_type_attribute = attribute(kContentType, der::encode_oid(kTstInfo));
  // RFC 5035 section 4: SHA-256 is the default and so not written.
  const Bytes id = der::sequence(der::encode(der::kOctetString, m_certificate.sha256()));
  m_signing_certificate_attribute = attribute(kSigningCertificateV2, der::sequence(der::sequence(id)));
}

Bytes TokenWriter::info(const TokenInfo& info) const {
  constexpr std::array<std::uint8_t, 3> kVersion{0x02, 0x01, 0x01}, kTrue{0x01, 0x01, 0xff};
  Bytes content;
  content.reserve(256);
  append(content, ByteView(kVersion));
  append(content, ByteView(der::encode_oid(info.policy)));
  append(content, ByteView(der::sequence(info.imprint_algorithm, der::encode(der::kOctetString, info.imprint))));
  append(content, ByteView(der::encode_unsigned(info.serial)));
  append(content, ByteView(der::encode(der::kGeneralizedTime, as_bytes(generalized_time(info.time_us)))));
  if (info.accuracy_us > 0) append(content, ByteView(encode_accuracy(info.accuracy_us)));
  if (info.is_ordered) append(content, ByteView(kTrue));
  append(content, info.nonce);
  append(content, ByteView(m_name));
  return der::encode(der::kSequence, content);
}

Bytes TokenWriter::signed_attributes(ByteView info) const {
  const Bytes digest = der::encode(der::kOctetString, crypto::digest(m_scheme.digest, info));
  return der::encode_set_of({m_content_type_attribute,
                             der::sequence(encoded(kMessageDigest), der::encode(der::kSet, digest)),
                             m_signing_certificate_attribute});
}

Bytes TokenWriter::token(ByteView info, ByteView signed_attributes, ByteView signature, bool with_certificates) const {
  constexpr std::array<std::uint8_t, 3> kSignedDataVersion{0x02, 0x01, 0x03}, kSignerVersion{0x02, 0x01, 0x01};
  Bytes attributes(signed_attributes.begin(), signed_attributes.end());
  attributes[0] = der::context(0);  // RFC 5652 section 5.3: IMPLICIT in the message, SET OF when it is digested
  const Bytes signer = der::sequence(ByteView(kSignerVersion), m_signer_id, m_digest_algorithm, attributes,
                                     m_signature_algorithm, der::encode(der::kOctetString, signature));
  const Bytes content =
      der::sequence(encoded(kTstInfo), der::encode(der::context(0), der::encode(der::kOctetString, info)));
  const Bytes signed_data =
      der::sequence(ByteView(kSignedDataVersion), der::encode(der::kSet, m_digest_algorithm), content,
                    with_certificates ? ByteView(m_certificates) : ByteView(), der::encode(der::kSet, signer));
  return der::sequence(encoded(kSignedData), der::encode(der::context(0), signed_data));
}

}  // namespace kyso::authority::tsa
