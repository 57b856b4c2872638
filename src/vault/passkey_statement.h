#pragma once
#include "jose/jws.h"
#include "vault/policy.h"
#include "webauthn/webauthn.h"

// Statements signed by passkeys: the same payloads as those signed by certificates (vault/statement.h), so that a
// browser can ask an officer for his consent to exactly what it shows him.
namespace kyso::vault {

// What the authenticator signs over: SHA-256("kyso-statement" || 0x00 || type || 0x00 || payload). The page computes it
// itself from the payload that it shows.
Bytes passkey_challenge(std::string_view type, std::string_view payload);

// Text form, at most jose::kMaxJws: "passkey." and six parts in base64url joined with ".": type, payload, credential
// id, authenticator data, client data, signature. Wherever a JWS of an officer is taken, this is taken too.
struct PasskeyStatement {
  std::string type, payload;
  webauthn::Assertion assertion;
};
bool is_passkey_statement(std::string_view text);
std::string serialize(const PasskeyStatement& statement);
// vault.statement.malformed {member} {reason}, jose.limit {limit}
Result<PasskeyStatement> parse_passkey_statement(std::string_view text);

// Who made a statement, whichever way it is signed, and its payload. Passkeys need user verification.
// vault.statement.signer {sha256}, vault.statement.certificate {person} (not valid now), vault.statement.passkey
// {credential} (no officer's), vault.statement.malformed, jose.type {type} (also of passkeys), jose.*, webauthn.*.
struct VerifiedStatement {
  const Officer* officer = nullptr;
  std::string payload;
};
Result<VerifiedStatement> verify_statement(const Policy& policy, std::string_view statement, std::string_view type,
                                           Instant now);

// What a statement of this type says, whichever way it is signed, without asking by whom: for those that were verified
// before, or are about to be. vault.statement.malformed, jose.*.
Result<std::string> payload_of(std::string_view statement, std::string_view type);

}  // namespace kyso::vault
