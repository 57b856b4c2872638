#pragma once
#include <string>
#include <string_view>

#include "crypto/key_holder.h"

// JSON Web Signatures in compact form (RFC 7515) by certificates. Only ES256, ES384, RS256 and PS256 exist here;
// "none", symmetric algorithms, unencoded payloads, "crit", "jku", "jwk" and "x5u" are refused.
namespace kyso::jose {

// Signs with {"alg","typ","x5t#S256"}: the signer is named by the SHA-256 of his certificate (RFC 7515 section 4.1.8).
// `type` is checked by readers, so that a signature for one purpose is none for another. Errors of the holder.
Result<std::string> sign_jws(std::string_view type, std::string_view payload, crypto::KeyHolder& signer);

// A JWS that was read but not yet verified.
class Jws {
 public:
  // jose.malformed {reason}, jose.algorithm {algorithm}, jose.type {type} (another than expected). At most 8 MiB.
  static Result<Jws> parse(std::string_view compact, std::string_view expected_type);
  const std::string& payload() const { return m_payload; }
  const Bytes& certificate_sha256() const { return m_certificate_sha256; }  // x5t#S256: required
  // jose.signature: not made by this certificate's key over these bytes; jose.certificate: x5t#S256 names another.
  Result<> verify(const crypto::Certificate& signer) const;

 private:
  Jws() = default;
  std::string m_signing_input, m_payload, m_algorithm;
  Bytes m_signature, m_certificate_sha256;
};

}  // namespace kyso::jose
