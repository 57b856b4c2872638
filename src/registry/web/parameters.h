#pragma once
#include "net/http_server.h"

// What requests say in their addresses and cookies.
namespace kyso::registry {

// registry.input.parameter {name}: it can't be read.
Error bad_parameter(std::string_view name);
// Empty when it is not there.
std::string query_of(const net::ServerRequest& request, std::string_view name);
// "true", "false", or not there.
Result<bool> flag_of(const net::ServerRequest& request, std::string_view name);
// "YYYY-MM-DD" or "dd/MM/yyyy", the beginning of that day in Viet Nam; or not there.
Result<std::optional<Instant>> day_of(const net::ServerRequest& request, std::string_view name);
// Decimal digits, with a sign or without, and nothing else.
std::optional<std::int64_t> whole_number(std::string_view text);
// Such a number that is not negative; or not there.
Result<std::optional<std::int64_t>> number_of(const net::ServerRequest& request, std::string_view name);
// The value of a cookie (RFC 6265 section 4.2.1), or empty.
std::string_view cookie_of(const net::ServerRequest& request, std::string_view name);

}  // namespace kyso::registry
