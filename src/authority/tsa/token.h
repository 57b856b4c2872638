#pragma once
#include <span>
#include <string>
#include <vector>

#include "authority/tsa/query.h"
#include "crypto/certificate.h"

// Writing time-stamp tokens: TSTInfo (RFC 3161 section 2.4.2) in a CMS SignedData (RFC 5652) with the attributes of
// RFC 5816: contentType, messageDigest, ESSCertIDv2 with SHA-256. EN 319 422 section 5.
namespace kyso::authority::tsa {

struct TokenInfo {
  std::string_view policy;  // dotted
  ByteView imprint_algorithm, imprint;
  ByteView serial;               // big-endian, positive
  std::int64_t time_us = 0;      // genTime, since 1970
  std::int64_t accuracy_us = 0;  // 0: the policy says it
  bool is_ordered = false;
  ByteView nonce;  // the whole INTEGER, or empty
};

// What all tokens of one key have in common, encoded once.
class TokenWriter {
 public:
  // `chain` are the issuers that go into tokens with the certificate. `has_name`: the field tsa with the certificate's
  // subject.
  TokenWriter(crypto::Certificate certificate, std::span<const crypto::Certificate> chain,
              crypto::SignatureScheme scheme, bool has_name);
  const crypto::Certificate& certificate() const { return m_certificate; }
  crypto::SignatureScheme scheme() const { return m_scheme; }

  Bytes info(const TokenInfo& info) const;  // TSTInfo
  // SET OF Attribute over these bytes of TSTInfo: what is signed.
  Bytes signed_attributes(ByteView info) const;
  // ContentInfo.
  Bytes token(ByteView info, ByteView signed_attributes, ByteView signature, bool with_certificates) const;

 private:
  crypto::Certificate m_certificate;
  crypto::SignatureScheme m_scheme;
  Bytes m_name;          // [0] GeneralName, or empty
  Bytes m_certificates;  // [0] of SignedData
  Bytes m_signer_id, m_digest_algorithm, m_signature_algorithm;
  Bytes m_content_type_attribute, m_signing_certificate_attribute;
};

}  // namespace kyso::authority::tsa
