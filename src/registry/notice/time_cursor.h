#pragma once
#include <charconv>
#include <optional>
#include <string>

#include "base/time.h"

// Where a list that is ordered by time and id goes on: "1790000000.id".
namespace kyso::registry {

using TimePlace = std::pair<Instant, std::string>;

inline std::string time_cursor(Instant at, const std::string& id) {
  return fmt::format("{}.{}", at.time_since_epoch().count(), id);
}

// registry.input.parameter {name}: not such a text.
inline Result<std::optional<TimePlace>> read_time_cursor(const std::string& after) {
  if (after.empty()) return std::optional<TimePlace>();
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(after.data(), after.data() + after.size(), seconds);
  if (error != std::errc() || end == after.data() + after.size() || *end != '.')
    return fail("registry.input.parameter").with("name", "after");
  return std::optional(TimePlace{Instant(std::chrono::seconds(seconds)), std::string(end + 1)});
}

}  // namespace kyso::registry
