#pragma once
#include <optional>

#include "base/bytes.h"

namespace kyso::jose {

// RFC 4648 section 5 without padding, as RFC 7515 section 2 wants it.
std::string to_base64url(ByteView bytes);
// Strict: no padding, no white space, the unused bits of the last digit zero. nullopt for anything else.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace kyso::jose
