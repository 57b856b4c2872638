#pragma once
#include <algorithm>
#include <string>
#include <string_view>

namespace kyso::registry {

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}
// What people put between digits is taken out: blanks (also the one that does not break) and these signs.
inline std::string without_separators(std::string_view text, std::string_view separators = " .-\t\n\r") {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\xC2\xA0") {
      ++i;
    } else if (separators.find(text[i]) == std::string_view::npos) {
      out += text[i];
    }
  }
  return out;
}

}  // namespace kyso::registry
