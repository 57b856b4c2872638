#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "crypto/algorithm.h"

namespace kyso::crypto {

// A public key that can check signatures. Cheap to copy.
class PublicKey {
 public:
  // SubjectPublicKeyInfo. Anything but RSA (also id-RSASSA-PSS), P-256, P-384, P-521, Ed25519 and DSA, and numbers that
  // Kyso refuses, give a key of type `other`, with which nothing verifies; not DER: crypto.der.malformed. Numbers that
  // make no key (a point off the curve) are found out by verify().
  static Result<PublicKey> from_spki(ByteView der);
  KeyType type() const;
  int bits() const;  // 0 for `other`
  // For people: "RSA", "P-256", "Ed25519"; the object identifier or what is wrong with it for `other`.
  const std::string& algorithm() const;
  // The greatest length of a signature value: RSA = modulus; ECDSA-Sig-Value in DER: 72 (P-256), 104 (P-384).
  std::size_t max_signature_size() const;
  ByteView spki() const;
  // Whether such a signature can be of this key: its type, and the limits of an id-RSASSA-PSS key (RFC 4055
  // section 1.2).
  bool allows(SignatureScheme scheme) const;
  // `signature` in the form that X.509 and CMS carry (ECDSA as DER). `digest` is the digest of the message; Ed25519
  // checks `message` itself and ignores `digest`.
  bool verify(SignatureScheme scheme, ByteView digest, ByteView message, ByteView signature) const;
  // A DSA key without parameters, completed by those of the key that certified it (RFC 3279 section 2.3.2); any other
  // key as it is.
  PublicKey with_inherited_parameters(const PublicKey& issuer) const;

 private:
  struct State;
  std::shared_ptr<const State> m_state;
};

enum class KeyUsage : std::uint16_t {  // RFC 5280 section 4.2.1.3, bit numbers
  digital_signature = 1 << 0,
  non_repudiation = 1 << 1,
  key_cert_sign = 1 << 5,
  crl_sign = 1 << 6,
};

struct CertificateExtension {
  std::string oid;
  bool is_critical = false;
  ByteView value;  // content of extnValue; points into the certificate
};

// An X.509 certificate parsed once; keeps its exact bytes. Cheap to copy.
//
// Generous: a key that Kyso can't use, signature algorithms that differ and extensions that can't be read don't hinder
// reading. Such a keyUsage allows nothing; such a basicConstraints makes no authority. pki::ParsedCertificate is
// strict.
class Certificate {
 public:
  static Result<Certificate> from_der(ByteView der);  // crypto.certificate.malformed
  // One or many; text and other blocks between them are skipped. None: crypto.certificate.malformed.
  static Result<std::vector<Certificate>> from_pem(std::string_view pem);
  ByteView der() const;
  Bytes sha256() const;

  int version() const;                   // 1, 2 or 3
  ByteView tbs() const;                  // what is signed
  ByteView signature_algorithm() const;  // AlgorithmIdentifier, the outer one
  ByteView signature() const;            // the signature value; empty when it isn't whole octets
  // RFC 5280 section 4.1.1.2: the outer identifier, which isn't signed, must be the same as the inner one.
  bool signature_algorithms_agree() const;
  std::span<const CertificateExtension> extensions() const;  // in the order of the file, repeated ones too
  // How it is signed, by a key of this kind. crypto.algorithm.unsupported.
  Result<SignatureScheme> signature_scheme(KeyType issuer_key) const;
  bool verify_signature(const PublicKey& issuer) const;  // false too when the two identifiers differ

  const PublicKey& public_key() const;
  ByteView serial() const;         // content octets of the INTEGER
  std::string serial_hex() const;  // upper case, e.g. "1A2B03"
  ByteView issuer_der() const;     // Name
  ByteView subject_der() const;
  // Attributes of the subject as UTF-8 NFC, most specific first; empty when absent.
  std::string common_name() const;
  std::string organisation() const;         // O
  std::string organisational_unit() const;  // OU
  std::string title() const;                // 2.5.4.12, chức vụ
  std::string email() const;                // emailAddress, else the rfc822Name of the subject alternative names
  bool has_personal_name() const;           // GN, SN, or a personal identifier (CCCD:, uid) is there
  std::string subject_text() const;         // RFC 4514, for people
  std::string issuer_text() const;

  Instant not_before() const;
  Instant not_after() const;
  bool is_ca() const;
  bool is_self_issued() const;
  // nullopt: no keyUsage extension, everything is allowed.
  std::optional<std::uint16_t> key_usage() const;
  bool allows(KeyUsage usage) const;
  // Dotted OIDs; empty when there is no extendedKeyUsage extension.
  const std::vector<std::string>& extended_key_usage() const;
  bool extended_key_usage_is_critical() const;
  ByteView subject_key_id() const;                     // content of the subjectKeyIdentifier, empty when absent
  bool is_issued_by(const Certificate& issuer) const;  // names match and the signature verifies

 private:
  struct State;
  std::shared_ptr<const State> m_state;
};

}  // namespace kyso::crypto
