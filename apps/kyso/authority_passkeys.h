#pragma once
#include "vault/policy.h"

namespace kyso::app {

// A passkey that shall be an officer's: as options give it, or the file that the portal lets an officer download
// ({"person","credential","public_key","label"}, all text, the first two of the key in base64url).
struct PasskeySpec {
  std::string person, credential, public_key, label, file;
};

// The files of `present` with the passkey added, as the vault will read them. kyso.passkey.missing (neither file nor
// options), kyso.passkey.file {path} {problem}, kyso.passkey.person {person} {path} (the file is another's), and those
// of vault::with_passkey().
Result<std::vector<vault::PolicyFile>> files_with_passkey(const vault::Policy& present, PasskeySpec spec, Instant now);

}  // namespace kyso::app
