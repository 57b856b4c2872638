#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace kyso::crypto {

// Kyso signs with sha256, sha384 and sha512; the others are for reading what exists.
enum class DigestAlgorithm : std::uint8_t { sha1, sha256, sha384, sha512, sha224, sha3_256, sha3_384, sha3_512 };
// ec_p521 and dsa verify only; `other`: a key that Kyso can't use.
enum class KeyType : std::uint8_t { rsa, ec_p256, ec_p384, ed25519, ec_p521, dsa, other };
enum class Padding : std::uint8_t { none, pkcs1_v15, pss };  // none for all but RSA

// How a signature is made: e.g. RSA-PSS with SHA-256 (salt as long as the digest, MGF1 with the same digest).
// Ed25519 (RFC 8032, RFC 8419) signs the message itself; its `digest` is what CMS uses for the content: SHA-512.
struct SignatureScheme {
  KeyType key = KeyType::rsa;
  Padding padding = Padding::pkcs1_v15;
  DigestAlgorithm digest = DigestAlgorithm::sha256;
  friend bool operator==(const SignatureScheme&, const SignatureScheme&) = default;
};
// "rsa-pkcs1-sha256", "rsa-pss-sha384", "ecdsa-p256-sha256", "ed25519".
std::string_view name_of(SignatureScheme scheme);
std::optional<SignatureScheme> scheme_by_name(std::string_view name);
// Whether Kyso makes new signatures this way.
bool is_for_signing(SignatureScheme scheme);
bool is_for_signing(KeyType key);

std::string_view name_of(DigestAlgorithm algorithm);  // "sha256"
std::optional<DigestAlgorithm> digest_by_name(std::string_view name);
std::size_t digest_size(DigestAlgorithm algorithm);

Bytes digest(DigestAlgorithm algorithm, ByteView data);

// Incremental digest; copyable, so that one pass over a file serves several ranges.
class Digester {
 public:
  explicit Digester(DigestAlgorithm algorithm);
  Digester(const Digester&);
  Digester(Digester&&) noexcept;
  Digester& operator=(Digester&&) noexcept;
  ~Digester();
  void update(ByteView data);
  Bytes finish();

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

// Cryptographically strong random bytes.
Bytes random_bytes(std::size_t count);

}  // namespace kyso::crypto
