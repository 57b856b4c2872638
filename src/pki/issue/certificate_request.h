#pragma once
#include <optional>
#include <string>
#include <vector>

#include "crypto/key_holder.h"
#include "pki/parsed_certificate.h"

namespace kyso::pki::issue {

// One attribute of a subject as people write it. Types: C, ST, L, O, OU (may repeat, nearest unit first), CN, GN, SN,
// serialNumber, organizationIdentifier, title, UID, E, DC, street, postalCode, pseudonym; or a dotted OID.
struct SubjectAttribute {
  std::string type, value;
  friend bool operator==(const SubjectAttribute&, const SubjectAttribute&) = default;
};

// What officers request, see and approve: everything that decides the content of one certificate.
struct CertificateRequest {
  std::string reference;  // of the dossier and line, for people; unique within a request statement
  std::string profile;    // "PERSON_5Y"
  std::vector<SubjectAttribute> subject = {};
  std::vector<GeneralName> alternative_names = {};  // rfc822, dns, ip, uri, directory
  Bytes pkcs10 = {};  // CertificationRequest (RFC 2986): the key with its proof of possession
  std::optional<Instant> not_before = {}, not_after = {};  // absent: now, and as the profile says
  // Renewal, re-key, change of information: the certificate that this one replaces (revoked with its reason later).
  std::optional<std::string> replaces_serial = {};  // hexadecimal, upper case
  std::optional<std::string> replaces_issuer = {};  // when it is not the issuer of this request
  friend bool operator==(const CertificateRequest&, const CertificateRequest&) = default;
};

// PKCS#10 (RFC 2986), strict DER, at most 64 KiB.
class CertificationRequest {
 public:
  // Also PEM. issue.csr.malformed {reason}; issue.csr.signature (no proof of possession); crypto.algorithm.unsupported.
  static Result<CertificationRequest> from_bytes(ByteView der_or_pem);
  ByteView der() const { return m_der; }
  const crypto::PublicKey& public_key() const { return m_key; }
  ByteView subject_der() const { return m_subject; }
  std::vector<SubjectAttribute> subject() const;
  // extensionRequest (RFC 2985): only the names are read; everything else is the profile's business.
  const std::vector<GeneralName>& alternative_names() const { return m_alternative_names; }

 private:
  explicit CertificationRequest(crypto::PublicKey key) : m_key(std::move(key)) {}
  Bytes m_der, m_subject;
  crypto::PublicKey m_key;
  std::vector<GeneralName> m_alternative_names;
};

// A PKCS#10 of a key in one's own hands, without names: for key ceremonies and keys that renew their certificates. The
// holder's certificate may be a bare one, only its key counts. Errors of the holder.
Result<Bytes> make_certification_request(const crypto::PublicKey& key, crypto::SignatureScheme scheme,
                                         crypto::KeyHolder& holder);

// Whether a key may be certified: kind and length, RSA exponent (65537 and more, odd), modulus (no small factor, not
// ROCA, not of close primes, not on the list of blocked keys), EC point on its curve. issue.key.kind, issue.key.weak
// {reason}, issue.key.blocked.
class BlockedKeys {
 public:
  // A text file with one SHA-256 of a SubjectPublicKeyInfo per line, "#" comments.
  static Result<BlockedKeys> load(std::string_view text);
  bool contains(const crypto::PublicKey& key) const;

 private:
  std::vector<Bytes> m_sha256;  // sorted
};
Result<> check_key(const crypto::PublicKey& key, const BlockedKeys* blocked = nullptr);

}  // namespace kyso::pki::issue
