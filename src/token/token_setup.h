#pragma once
#include <optional>
#include <string>

#include "token/pkcs11.h"

// Tokens as those who give them to people prepare them: initialised, unlocked, with a certificate written beside the
// key. Errors: token.module.*, token.device {call} {rv}, token.device.lost.
namespace kyso::token {

struct NewToken {
  std::string label;  // 1 to 32 octets of text; token.label {label}
  Secret so_pin, user_pin;
};
// Makes a token new: whatever it held is gone. `serial` names the token; without it, the one token in a reader that
// nobody has initialised yet is meant: token.setup.blank {count} when there is none or several. A token that is
// initialised wants its present SO-PIN in `so_pin`, which stays; a blank one takes the new one. token.pin.incorrect.
// The serial number may be another afterwards: what the token says then is in the answer.
Result<TokenInfo> initialize_token(const std::string& module, const std::optional<std::string>& serial,
                                   const NewToken& token);

// Gives the token with this serial number a new user PIN, by its SO-PIN; the count of tries begins anew. What the token
// holds stays. token.not_found {uri}, token.pin.incorrect (the SO-PIN), token.pin.locked.
Result<> unlock_token(const std::string& module, const std::string& serial, const Secret& so_pin,
                      const Secret& user_pin);

// Writes a certificate beside its key, which the token must show without login: token.key.not_found {uri}. Certificates
// are public objects; only a token that wants a login for them asks for the user's PIN.
Result<> write_certificate(const std::string& module, const std::string& serial, const crypto::Certificate& certificate,
                           PinSource pin_source);

}  // namespace kyso::token
