#pragma once
#include <cstdint>
#include <string_view>

namespace kyso::pdf {

// An operator's name (one to three characters) as a number to switch on; 0 for anything else.
constexpr std::uint32_t operator_code(std::string_view name) {
  if (name.empty() || name.size() > 3) return 0;
  std::uint32_t code = 0;
  for (char c : name) code = code << 8U | static_cast<unsigned char>(c);
  return code;
}

}  // namespace kyso::pdf
