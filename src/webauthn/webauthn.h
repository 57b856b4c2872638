#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

// Passkeys: W3C Web Authentication Level 2, the relying party's side (section 7). Algorithms ES256, RS256, EdDSA.
namespace kyso::webauthn {

struct RelyingParty {
  std::string id;                    // a domain: "kyso.example.vn", "localhost"
  std::vector<std::string> origins;  // "https://kyso.example.vn"
};

enum class UserVerification : std::uint8_t { preferred, required };

// What navigator.credentials.create() gave.
struct Registration {
  Bytes client_data_json, attestation_object;
};
struct Credential {
  Bytes id;          // at most 1023 bytes
  Bytes public_key;  // COSE_Key (RFC 9053), canonical CBOR as the authenticator sent it
  std::uint32_t sign_count = 0;
  Bytes aaguid;
  bool is_user_verified = false, is_backup_eligible = false, is_backed_up = false;
};
// Section 7.1. The attestation statement is not judged (attestation "none" is asked for; others are read past).
// webauthn.malformed {reason}, webauthn.challenge, webauthn.origin {origin}, webauthn.party, webauthn.presence,
// webauthn.verification, webauthn.algorithm {algorithm}.
Result<Credential> verify_registration(const RelyingParty& party, ByteView challenge, const Registration& registration,
                                       UserVerification verification);

// What navigator.credentials.get() gave.
struct Assertion {
  Bytes credential_id, authenticator_data, client_data_json, signature;
};
struct AssertionFacts {
  std::uint32_t sign_count = 0;  // 0: the authenticator does not count
  bool is_user_verified = false, is_backed_up = false;
};
// Section 7.2, over exactly this challenge. The caller finds the key by credential_id and judges the counter.
// Errors as above, and webauthn.signature.
Result<AssertionFacts> verify_assertion(const RelyingParty& party, ByteView challenge, ByteView cose_public_key,
                                        const Assertion& assertion, UserVerification verification);

// A COSE_Key that this module can verify with: kind and length are checked. webauthn.malformed, webauthn.algorithm.
Result<> check_public_key(ByteView cose_public_key);

}  // namespace kyso::webauthn
