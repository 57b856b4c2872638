#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "json/json.h"

// The relying party's side of OpenID Connect Core 1.0 (code flow with PKCE), as pure functions: whoever calls moves the
// bytes.
namespace kyso::jose {

// A set of public keys (RFC 7517); keys of other kinds or uses are passed over. jose.malformed.
class KeySet {
 public:
  static Result<KeySet> parse(std::string_view json);
  struct Key {
    std::string id, algorithm;
    Bytes spki;  // SubjectPublicKeyInfo, DER
  };
  const std::vector<Key>& keys() const { return m_keys; }

 private:
  std::vector<Key> m_keys;
};

struct IdTokenExpectations {
  std::string issuer, client_id, nonce;
  Instant now{};
  std::chrono::seconds leeway{60};
  std::string access_token{};  // that came with it; empty: none
};
struct IdToken {
  std::string subject;
  std::optional<std::string> email, name;
  bool is_email_verified = false;
  json::Value claims;
};
// RS256, PS256 and ES256 only. jose.malformed {reason}, jose.algorithm {algorithm}, jose.signature, jose.key.unknown
// (fetch the key set again), jose.id_token {claim} (iss, aud, azp, exp, iat, nbf, nonce, sub, at_hash).
Result<IdToken> verify_id_token(std::string_view token, const KeySet& keys, const IdTokenExpectations& expected);

// RFC 7636: base64url of the SHA-256 of the verifier.
std::string pkce_challenge(std::string_view verifier);

}  // namespace kyso::jose
