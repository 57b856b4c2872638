#pragma once
#include "jose/jws.h"
#include "vault/policy.h"

// Private to the module.
namespace kyso::vault {

// A verified statement of an officer of the policy whose certificate is valid now. vault.statement.signer {sha256},
// vault.statement.certificate {person}, jose.*.
struct Speaker {
  jose::Jws jws;
  const Officer* officer;
};
Result<Speaker> hear(const Policy& policy, std::string_view compact, std::string_view type, Instant now);

}  // namespace kyso::vault
