#pragma once
#include <algorithm>
#include <string_view>

namespace kyso {

// TOML 1.0, "Keys": a key that needs no quotation marks.
inline bool is_bare_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

}  // namespace kyso
