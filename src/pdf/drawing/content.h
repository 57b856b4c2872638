#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

// Operands of content streams.
namespace kyso::pdf {

// A number with at most three decimals (1/1000 pt is finer than any printer) and no more digits than it needs.
inline std::string number(double value) {
  if (!std::isfinite(value)) return "0";
  std::string text = fmt::format("{:.3f}", std::clamp(value, -1e9, 1e9));
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

template <typename... Numbers>
std::string numbers(Numbers... values) {
  std::string out;
  ((out += number(values), out += ' '), ...);
  out.pop_back();
  return out;
}

}  // namespace kyso::pdf
