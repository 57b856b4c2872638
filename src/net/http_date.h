#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace kyso::net {

// An HTTP date in its present form, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string http_date(Instant instant);
std::optional<Instant> parse_http_date(std::string_view text);

}  // namespace kyso::net
