#pragma once
#include <string_view>

// Private to the module: which addresses of certificates are asked.
namespace kyso::verify {

// http or https with a host and without user information, in printable ASCII, of at most 2048 characters.
bool is_fetchable(std::string_view url);

}  // namespace kyso::verify
