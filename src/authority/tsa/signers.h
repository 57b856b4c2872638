#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "authority/tsa/token.h"
#include "vault/vault.h"

// Which of the vault's keys signs now. A key is replaced by adding the next one to the vault: tokens are signed by the
// newest certificate that is valid, so that nothing has to be stopped.
namespace kyso::authority::tsa {

struct ActiveSigner {
  std::string name;  // of the vault's key
  TokenWriter writer;
  Instant from{}, until{};  // of the private key: privateKeyUsagePeriod within the certificate's validity; inclusive
};

struct SignerRules {
  std::string name;  // empty: any for time-stamps
  bool has_name = true;
  bool sends_root = false;
};

// The usable ones, the newest first. Passed over, with a reason in `reasons`: other purposes, certificates that are not
// for time-stamping alone (RFC 3161 section 2.3: extendedKeyUsage critical and with nothing else), algorithms that Kyso
// does not sign with.
std::vector<std::shared_ptr<const ActiveSigner>> usable_signers(const std::vector<vault::Signer>& all,
                                                                const SignerRules& rules,
                                                                std::vector<std::string>& reasons);
// The first whose time it is; null when none.
std::shared_ptr<const ActiveSigner> signer_at(const std::vector<std::shared_ptr<const ActiveSigner>>& signers,
                                              Instant now);

}  // namespace kyso::authority::tsa
