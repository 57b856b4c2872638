#pragma once
#include "vault/passkey_statement.h"
#include "vault/statement_memory.h"

// Private to the module.
namespace kyso::vault {

// verify_statement() of those that are asked about again.
struct Speaker {
  const Officer* officer = nullptr;
  std::shared_ptr<const HeardStatement> statement;
};
Result<Speaker> hear(const Policy& policy, std::string_view text, std::string_view type, Instant now);

// verify_statement() of those that only a certificate can sign, each once.
Result<VerifiedStatement> hear_jws(const Policy& policy, std::string_view compact, std::string_view type, Instant now);

}  // namespace kyso::vault
