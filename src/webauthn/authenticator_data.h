#pragma once
#include <optional>

#include "base/bytes.h"

// Private to the module: Level 2 section 6.1.
namespace kyso::webauthn {

struct AttestedCredential {
  ByteView aaguid, id, public_key;
};
// Over borrowed bytes.
struct AuthenticatorData {
  ByteView party_id_hash;
  bool is_user_present = false, is_user_verified = false, is_backup_eligible = false, is_backed_up = false;
  std::uint32_t sign_count = 0;
  std::optional<AttestedCredential> credential;
};
// Extensions are read past. webauthn.malformed {reason}.
Result<AuthenticatorData> read_authenticator_data(ByteView bytes);

inline constexpr std::size_t kMaxCredentialId = 1023;  // Level 2 section 4, "Credential ID"

}  // namespace kyso::webauthn
