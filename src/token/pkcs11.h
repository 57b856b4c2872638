#pragma once
#include <functional>
#include <memory>
#include <optional>
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

// Asked when a token wants a PIN, from whichever thread signs; never from two at once for one holder. Where
// protected_authentication_path is set it should tell the person to type on the device; what it returns isn't used
// then.
//
// Gets the token's state, so that the last try is spent only knowingly: when the state
// is final_try, the caller must have the person's explicit consent before it returns a PIN. An Error ends the attempt.
using PinSource = std::function<Result<Secret>(const TokenInfo& token)>;

struct Options {
  // Used when the URI has no module-path: an absolute path, or a name that known_modules.h lists ("softhsm2").
  std::string default_module;
  std::size_t max_sessions = 4;
  // For keys without a certificate in the token: it is this one, whatever else lies beside the key. The key must be its
  // own (token.key.mismatch, token.key.changed). Its issuers are those found in the token.
  std::optional<crypto::Certificate> certificate;
  // Also restarts the library under the other holders of this process, who heal themselves then: for programs all of
  // whose holders say so. At most once in some seconds.
  bool may_restart_shared_library = false;
};

// A label as it stands in an RFC 7512 URI.
std::string uri_escaped(std::string_view text);

// Tokens that a module (absolute path or known name) shows now; those that nobody initialised are left out.
Result<std::vector<TokenInfo>> list_tokens(const std::string& module_path);

// Opens the private key that an RFC 7512 URI names ("pkcs11:token=Kyso;object=leader?module-path=/usr/lib/…") together
// with its certificate (same CKA_ID) and the issuer certificates found in the token. The URI's pin-value is refused
// (a PIN never stands in a command line); pin-source=file:… is honoured.
//
// Errors: token.uri.invalid {reason}, token.uri.pin, token.module.unnamed, token.module.path {path},
// token.module.missing {path}, token.module.unusable {path}, token.not_found {uri}, token.several {uri} {count},
// token.key.not_found, token.key.several {uri} {count}, token.certificate.not_found, token.pin.incorrect {state},
// token.pin.final_try (no consent), token.pin.locked, token.pin.missing, token.pin.expired, token.pin.not_initialized,
// token.pin.cancelled (all token.pin.* with {state} {token}), token.device {call} {rv}, token.device.lost {call} {rv}.
// sign() also: token.scheme.unsupported {scheme}, token.signature.malformed, token.key.mismatch (the certificate beside
// the key is not its own), token.key.changed (another key or certificate came back under the URI).
//
// The holder heals itself: when the token is pulled out and put back, or re-created under it, sessions are opened and
// the key is found anew, logging in again with the same PIN at most once per re-insertion; a PIN that the token refuses
// is never tried twice. The library is restarted for that only while this holder is its one user in the process. A call
// into a vendor's library that hangs cannot be ended here: programs that need a deadline sign in a child process.
Result<std::unique_ptr<crypto::KeyHolder>> open_pkcs11(const std::string& uri, PinSource pin_source,
                                                       const Options& options = {});

// What somebody encrypted for the RSA key of a holder from open_pkcs11 with RSAES-OAEP (RFC 8017 section 7.1) with
// SHA-1 and MGF1 with SHA-1, which is all that some tokens know; heals first where it must. token.decrypt: not
// encrypted for this key, or the key may not decrypt.
Result<Secret> decrypt_oaep(crypto::KeyHolder& holder, ByteView ciphertext);

// Whether the token of a holder from open_pkcs11 answers now and still shows the key, without a signature: heals first
// where it must. Also keeps devices awake that forget idle sessions.
Result<> check_reachable(crypto::KeyHolder& holder);

}  // namespace kyso::token
