#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "json/json.h"

namespace kyso::json {

inline constexpr std::size_t kMaxSize = 64U << 20U;
inline constexpr std::size_t kMaxDepth = 64;
inline constexpr std::size_t kMaxValues = 2'000'000;

struct Value::Node {
  using Array = std::vector<Value>;
  using Object = std::vector<std::pair<std::string, Value>>;
  std::variant<bool, std::int64_t, double, std::string, Array, Object> content;
};

}  // namespace kyso::json
