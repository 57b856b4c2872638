#pragma once
#include <span>

#include "pki/issue/profile.h"

// Private to the module: the extensions of a certificate, encoded directly (RFC 5280 section 4.2).
namespace kyso::pki::issue {

// RFC 7093 section 2, method 1: the leftmost 160 bits of the SHA-256 of the key's bits.
Bytes key_identifier(const crypto::PublicKey& key);
// The subjectKeyIdentifier of the certificate, or what would stand in it.
Bytes key_identifier(const crypto::Certificate& certificate);

struct ExtensionInput {
  const CertificateProfile& profile;
  const IssuerSettings* issuer = nullptr;  // nullptr: self-signed, nothing points elsewhere
  ByteView subject_key_id, authority_key_id;
  std::span<const GeneralName> alternative_names;
  bool has_subject = true;  // else the alternative names are critical (section 4.2.1.6)
  ByteView serial;
};
// Extensions, with its tag [3]. issue.name.*.
Result<Bytes> encode_extensions(const ExtensionInput& input);

}  // namespace kyso::pki::issue
