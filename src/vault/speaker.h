#pragma once
#include "vault/passkey_statement.h"

// Private to the module.
namespace kyso::vault {

// verify_statement() of those that only a certificate can sign.
Result<VerifiedStatement> hear_jws(const Policy& policy, std::string_view compact, std::string_view type, Instant now);

}  // namespace kyso::vault
