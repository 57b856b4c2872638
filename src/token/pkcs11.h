#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/key_holder.h"

// Keys in USB tokens and HSMs through PKCS#11 v2.40.
namespace kyso::token {

// What a person should know before a PIN is tried. PKCS#11 has no counter, only flags.
enum class PinState { normal, count_low, final_try, locked, to_be_changed };

struct TokenInfo {
  std::string module_path;
  std::string label, manufacturer, model, serial;
  PinState pin_state = PinState::normal;
  bool protected_authentication_path = false;  // PIN pad: the PIN is typed on the device
  bool login_required = true;
};

// Asked when a token wants a PIN. Gets the token's state, so that the last try is spent only knowingly: when the state is
// final_try, the caller must have the person's explicit consent before it returns a PIN. An Error ends the attempt.
using PinSource = std::function<Result<Secret>(const TokenInfo& token)>;

struct Options {
  // Used when the URI has no module-path: e.g. /usr/lib/softhsm/libsofthsm2.so.
  std::string default_module;
  std::size_t max_sessions = 4;
};

// Tokens that a module shows now.
Result<std::vector<TokenInfo>> list_tokens(const std::string& module_path);

// Opens the private key that an RFC 7512 URI names ("pkcs11:token=Kyso;object=leader?module-path=/usr/lib/…") together
// with its certificate (same CKA_ID) and the issuer certificates found in the token. The URI's pin-value is refused
// (a PIN never stands in a command line); pin-source=file:… is honoured.
//
// Errors: token.uri.invalid, token.module.missing {path}, token.not_found {uri}, token.several {uri} {count},
// token.key.not_found, token.certificate.not_found, token.pin.incorrect {state}, token.pin.final_try (no consent),
// token.pin.locked, token.device {call} {rv}.
//
// The holder heals itself: when the token is pulled out and put back, or re-created under it, sessions are opened and the
// key is found anew, logging in again with the same PIN at most once per re-insertion; a PIN that the token refuses is
// never tried twice.
Result<std::unique_ptr<crypto::KeyHolder>> open_pkcs11(const std::string& uri, PinSource pin_source,
                                                       const Options& options = {});

}  // namespace kyso::token
