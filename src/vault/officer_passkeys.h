#pragma once
#include <set>

#include "base/config.h"
#include "vault/policy.h"

// Private to the module: passkeys in officers.toml.
namespace kyso::vault {

// [webauthn]; nullopt when there is none. base.config.*.
Result<std::optional<webauthn::RelyingParty>> read_relying_party(const TomlReader& toml);

// Reads the [[officer.passkey]] of all officers, and finds what stands there twice: a credential or a key that two
// persons had would let one of them count twice.
class PasskeyReader {
 public:
  explicit PasskeyReader(const TomlReader& toml) : m_toml(toml) {}
  // `at`: "officer[2].". base.config.*.
  Result<std::vector<Passkey>> read(const std::string& at);
  // Whether this SubjectPublicKeyInfo has the key of a passkey that was read.
  bool has_key(ByteView spki) const;

 private:
  Result<Passkey> read_one(const std::string& at);

  const TomlReader& m_toml;
  std::set<Bytes> m_credentials, m_keys;
};

}  // namespace kyso::vault
