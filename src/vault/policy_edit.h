#pragma once
#include "vault/policy.h"

// Changes of a policy's texts that keep everything else as people wrote it, comments too.
namespace kyso::vault {

// officers.toml with one more passkey of this person. vault.policy.person {person}: no such officer; base.config.* when
// the passkey doesn't fit (its key or credential stands there already, no [webauthn], …) or when the file is written in
// a way that can't be extended so.
Result<std::string> with_passkey(std::string_view officers_toml, std::string_view person, const Passkey& passkey);

}  // namespace kyso::vault
