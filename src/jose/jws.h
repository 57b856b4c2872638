#pragma once
#include <string>
#include <string_view>

#include "crypto/key_holder.h"

// JSON Web Signatures in compact form (RFC 7515) by certificates. Only ES256, ES384, RS256 and PS256 exist here. The
// header has exactly "alg", "typ" and "x5t#S256", in any order: whatever could change the meaning of the signature
// ("none", symmetric algorithms, "b64", "crit") or bring its own key ("jwk", "jku", "x5c", "x5u") is refused, stricter
// than RFC 7515 section 4, which lets unknown members pass.
namespace kyso::jose {

inline constexpr std::size_t kMaxJws = 8U << 20U;

// Signs with {"alg","typ","x5t#S256"}: the signer is named by the SHA-256 of his certificate (RFC 7515 section 4.1.8).
// `type` is checked by readers, so that a signature for one purpose is none for another. `shown_text` goes to holders
// with a display. jose.algorithm {algorithm} for keys without an algorithm here (Ed25519), jose.limit {limit}, and the
// errors of the holder.
Result<std::string> sign_jws(std::string_view type, std::string_view payload, crypto::KeyHolder& signer,
                             std::string shown_text = {});

// A JWS that was read but not yet verified.
class Jws {
 public:
  // jose.malformed {reason}, jose.algorithm {algorithm}, jose.type {type} (another than expected), jose.limit {limit}
  // (more than kMaxJws).
  static Result<Jws> parse(std::string_view compact, std::string_view expected_type);
  const std::string& payload() const { return m_payload; }
  const Bytes& certificate_sha256() const { return m_certificate_sha256; }  // x5t#S256: required
  // jose.signature: not made by this certificate's key over these bytes; jose.certificate: x5t#S256 names another.
  // jose.algorithm {algorithm}: not one of this key, or an RSA key below 2048 bits (RFC 7518 section 3.3).
  Result<> verify(const crypto::Certificate& signer) const;
  // The same when the caller found the certificate by its SHA-256 already.
  Result<> verify_by_key(const crypto::PublicKey& key) const;

 private:
  Jws() = default;
  std::string m_signing_input, m_payload, m_algorithm;
  Bytes m_signature, m_certificate_sha256;
};

}  // namespace kyso::jose
