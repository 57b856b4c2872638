#pragma once
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace kyso {

// The names of an enumeration whose values count from 0:
//   constexpr auto kStates = enum_names<State>("open", "closed");
template <typename E, std::size_t N>
struct EnumNames {
  std::array<std::string_view, N> names;
  constexpr std::string_view of(E value) const { return names.at(static_cast<std::size_t>(value)); }
  constexpr std::optional<E> find(std::string_view name) const {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<E>(found - names.begin());
  }
};
template <typename E, typename... Names>
consteval EnumNames<E, sizeof...(Names)> enum_names(Names... names) {
  return {{std::string_view(names)...}};
}

}  // namespace kyso
