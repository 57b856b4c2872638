#pragma once
#include "crypto/key_holder.h"
#include "pki/issue/profile.h"
#include "pki/lint/lint.h"

// From an approved request to a certificate, in steps that cannot be left out: to-be-signed -> linted -> signed.
namespace kyso::pki::issue {

// Serial numbers: one instance byte (0x01 to 0x7F) and 128 random bits: 17 octets, positive (RFC 5280 section 4.1.2.2).
Bytes draw_serial(std::uint8_t instance);

// The content of a certificate, not signed, not linted.
class ToBeSigned {
 public:
  // Checks the request against the profile: issue.subject.missing {type}, issue.subject.unexpected {type},
  // issue.subject.value {type} {reason}, issue.subject.too_long {type} {limit}, issue.name.unexpected {kind},
  // issue.name.value {kind} {reason}, issue.name.count {count} {min} {max}, issue.validity {reason}, issue.key.kind,
  // issue.profile {profile} (another than the request's), issue.serial, and those of check_key and
  // CertificationRequest.
  static Result<ToBeSigned> build(const CertificateProfile& profile, const IssuerSettings& issuer,
                                  const CertificateRequest& request, ByteView serial, Instant now,
                                  const BlockedKeys* blocked = nullptr);
  // A root's own certificate (issuer = subject, key identifiers of the same key), for the ceremony.
  static Result<ToBeSigned> build_self_signed(const CertificateProfile& profile, const CertificateRequest& request,
                                              crypto::SignatureScheme scheme, ByteView serial, Instant now);
  ByteView der() const { return m_der; }
  crypto::SignatureScheme scheme() const { return m_scheme; }
  int key_bits() const { return m_key_bits; }  // of the issuer's key

 private:
  ToBeSigned() = default;
  Bytes m_der;
  crypto::SignatureScheme m_scheme;
  int m_key_bits = 0;
};

// Linted: the one-shot right to sign these bytes. Only lint() makes one and sign() consumes it, so that signing without
// linting does not compile. Move-only.
class Linted {
 public:
  Linted(Linted&&) noexcept = default;
  Linted& operator=(Linted&&) noexcept = default;
  Linted(const Linted&) = delete;
  // The content that will be signed, signed with a throw-away key of the issuer's kind: worth nothing to anybody, but
  // every rule of a certificate can be checked on it, and it is what is recorded before signing.
  ByteView certificate() const { return m_certificate; }
  ByteView tbs() const { return m_tbs; }
  crypto::SignatureScheme scheme() const { return m_scheme; }
  const std::vector<lint::Breach>& warnings() const { return m_warnings; }

  // issue.lint {rules}: errors that the profile doesn't ignore.
  static Result<Linted> lint(ToBeSigned content, const CertificateProfile& profile, const ParsedCertificate* issuer);
  // From the recorded linting certificate, after a restart: checked again, byte for byte the same content.
  // crypto.certificate.malformed, crypto.algorithm.unsupported, issue.lint.
  static Result<Linted> restore(ByteView linting_certificate, const CertificateProfile& profile,
                                const ParsedCertificate* issuer);

 private:
  Linted() = default;
  Bytes m_certificate, m_tbs;
  crypto::SignatureScheme m_scheme;
  std::vector<lint::Breach> m_warnings;
};

// The certificate: signs the linted bytes, compares what came out byte for byte with what was linted and verifies the
// signature under the issuer's public key. issue.mismatch when it isn't so, and the errors of the holder.
Result<crypto::Certificate> sign(Linted linted, crypto::KeyHolder& issuer, const crypto::PublicKey& issuer_key);

}  // namespace kyso::pki::issue
