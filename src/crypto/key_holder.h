#pragma once
#include <functional>
#include <span>
#include <string>

#include "base/secret.h"
#include "crypto/certificate.h"

namespace kyso::crypto {

// What a holder is asked to sign: a digest, never a document.
struct SignRequest {
  SignatureScheme scheme;
  ByteView digest;         // of `message`
  ByteView message;        // what was digested: for CMS the DER of the signed attributes (Ed25519 signs this)
  std::string shown_text;  // what the person is shown before consenting; may be empty for holders without a display
};

// KeyHolder: whatever holds a private key - a file, a USB token, an HSM, a SIM, a central service.
//
// sign() may take as long as a person needs; where that is hours, prepare and complete a signature in two processes
// (sign/prepare.h). Thread-safe: sign() may be called from several threads.
class KeyHolder {
 public:
  virtual ~KeyHolder() = default;
  virtual const Certificate& certificate() const = 0;
  // Issuer certificates that the holder knows, in the order leaf's issuer -> root; without the leaf; may be empty.
  virtual std::span<const Certificate> issuers() const = 0;
  virtual bool supports(SignatureScheme scheme) const = 0;
  // The signature value as X.509 and CMS carry it (ECDSA as DER Ecdsa-Sig-Value).
  virtual Result<Bytes> sign(const SignRequest& request) = 0;
};

// The scheme that a key of this type signs with unless a policy says otherwise: RSA PKCS#1 v1.5 with SHA-256 (what the
// receivers of today understand), P-256/SHA-256, P-384/SHA-384, Ed25519 (also for keys that Kyso doesn't sign with,
// which don't allow it).
SignatureScheme default_scheme(KeyType type);

// The issuers of `leaf` among `known` (any order, may contain the leaf and strangers), from its issuer to the root or
// as far as they reach. Each link is a verified signature.
std::vector<Certificate> order_chain(const Certificate& leaf, std::span<const Certificate> known);

// A key with its certificates from a PKCS#12 file (RFC 7292), also with the old ciphers (RC2, 3DES). Of several keys
// the one is taken whose certificate may sign and lasts longest. A password with Vietnamese letters is tried in its
// composed and decomposed forms. Wrong password: crypto.pkcs12.password; no key with certificate inside:
// crypto.pkcs12.empty; not a PKCS#12: crypto.pkcs12.malformed; RC2 without OpenSSL's legacy provider:
// crypto.pkcs12.legacy. A key for signing must be strong enough and of a known kind: crypto.key.weak (RSA below 2048
// bits), crypto.key.unsupported.
Result<std::unique_ptr<KeyHolder>> open_pkcs12(ByteView file, const Secret& password);
// A private key in PEM (PKCS#8, encrypted or not, or traditional) and its certificates in PEM, leaf first or anywhere.
// crypto.key.malformed, crypto.key.password (needed or wrong), crypto.key.mismatch (no certificate fits the key),
// crypto.key.weak, crypto.key.unsupported, crypto.certificate.malformed.
Result<std::unique_ptr<KeyHolder>> open_pem(std::string_view key_pem, std::string_view certificates_pem,
                                            const Secret& passphrase);

}  // namespace kyso::crypto
