#pragma once
#include "kyso/signing_session.h"

namespace CLI {
class App;
}

namespace kyso::app {

// Options that `sign` and `prepare` have in common: role, place, appearance, Decree 30 texts, profile.
void add_signing_options(CLI::App& command, SigningOptions& options, const Console& console);
// How to get the PIN.
void add_pin_options(CLI::App& command, PinOptions& options, const Console& console);

}  // namespace kyso::app
