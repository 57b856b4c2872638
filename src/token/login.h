#pragma once
#include <mutex>
#include <optional>
#include <string>

#include "token/pkcs11.h"
#include "token/session_pool.h"

namespace kyso::token {

// PinKeeper: gives PINs to logins, so that no try is spent carelessly. Thread-safe.
//
// It keeps a PIN that the token accepted, for logging in again after the token was pulled out and put back. A PIN that
// the token refused is never sent again, nor one after which the token failed without telling why. The last try is
// spent only by a PIN that the source gave while it knew (PinState::final_try); a pin-source file cannot consent:
// token.pin.final_try.
class PinKeeper {
 public:
  PinKeeper(PinSource source, std::optional<std::string> file) : m_source(std::move(source)), m_file(std::move(file)) {}

  // login: CKU_USER or CKU_CONTEXT_SPECIFIC. Errors: token.pin.*, those of the source, token.device, token.device.lost.
  Result<> login(const Session& session, CK_USER_TYPE user);

 private:
  Result<Secret> pin_for(const TokenInfo& token);
  Result<Secret> ask(const TokenInfo& token);
  Result<> conclude(const Session& session, const TokenInfo& before, CK_RV rv, Secret pin);

  const PinSource m_source;
  const std::optional<std::string> m_file;
  std::mutex m_mutex;
  Secret m_accepted;
  Secret m_refused;
  Secret m_doubtful;  // sent when the token failed in a way that may have meant a wrong PIN
};

}  // namespace kyso::token
