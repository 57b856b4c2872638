#pragma once
#include <optional>
#include <string>

#include "base/secret.h"
#include "shared/console.h"
#include "token/pkcs11.h"

// PINs and passwords: by prompt, file or descriptor.
namespace kyso::app {

struct PinOptions {
  std::string file;
  int descriptor = -1;
  bool use_last_try = false;  // the person's consent, given beforehand, to spend a token's last try
};

// First line, without its end. kyso.secret.unreadable {path}.
Result<Secret> read_secret_file(const std::string& path);
Result<Secret> read_secret_descriptor(int descriptor);
// Asks on the terminal without echo; kyso.secret.no_terminal when there is none.
Result<Secret> ask_secret(const std::string& question);

// The PIN of a key file or token from the options, else by prompt.
Result<Secret> obtain_pin(const PinOptions& options, const std::string& question);
token::PinSource pin_source(const PinOptions& options, const Console& console);

// A document's password: "prompt", "file:PATH", "fd:N", or the password itself.
Result<std::optional<Secret>> document_password(const std::string& option, const Console& console);

}  // namespace kyso::app
