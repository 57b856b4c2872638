#pragma once
#include <memory>

#include "crypto/certificate.h"
#include "crypto/openssl_support.h"

// Private to the module: a private key in this process.
namespace kyso::crypto {

// Wiped on destruction.
class WipedBytes {
 public:
  explicit WipedBytes(Bytes bytes) : m_bytes(std::move(bytes)) {}
  WipedBytes(WipedBytes&&) noexcept = default;
  WipedBytes& operator=(WipedBytes&&) = delete;
  ~WipedBytes();
  operator ByteView() const { return m_bytes; }

 private:
  Bytes m_bytes;
};

class SoftwareKey {
 public:
  // PrivateKeyInfo (RFC 5958), RSAPrivateKey (RFC 8017) or ECPrivateKey (RFC 5915). Not one of these:
  // crypto.key.malformed; another algorithm or curve: crypto.key.unsupported.
  static Result<SoftwareKey> from_pkcs8(ByteView der);
  static Result<SoftwareKey> from_rsa_private_key(ByteView der);
  static Result<SoftwareKey> from_ec_private_key(ByteView der, std::optional<KeyType> curve = std::nullopt);
  static Result<SoftwareKey> from_ed25519(ByteView private_key);  // CurvePrivateKey (RFC 8410)

  KeyType type() const { return m_type; }
  bool matches(const PublicKey& key) const;
  Result<Bytes> sign(SignatureScheme scheme, ByteView digest, ByteView message) const;

 private:
  SoftwareKey(KeyType type, openssl::PkeyPtr key, Bytes public_part)
      : m_type(type), m_key(std::move(key)), m_public_part(std::move(public_part)) {}

  KeyType m_type;
  openssl::PkeyPtr m_key;
  Bytes m_public_part;  // modulus, point or Ed25519 key; empty for an EC key that came without
};

}  // namespace kyso::crypto
