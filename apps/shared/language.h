#pragma once
#include "base/error_text.h"

namespace kyso::app {

// The language is needed before the options are parsed: help is in it too. --lang, then KYSO_LANG, then Vietnamese.
Language choose_language(int argc, char** argv);

}  // namespace kyso::app
