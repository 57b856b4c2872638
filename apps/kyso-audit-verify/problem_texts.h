#pragma once
#include <string_view>

#include "base/error_text.h"

namespace kyso::app {

// What a problem of an audit log means, for people; empty for an unknown code.
std::string_view problem_text(std::string_view code, Language language);

}  // namespace kyso::app
