#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

// Days and what they are added up to. Days are Viet Nam's.
namespace kyso::registry {

enum class Unit : std::uint8_t { day, week, month, quarter, year };
std::optional<Unit> unit_by_name(std::string_view name);

// From the first to the last day, both counted.
struct Period {
  std::chrono::sys_days first, last;
  Instant begins() const;
  Instant ends() const;                                                        // the first moment after it
  int length() const { return static_cast<int>((last - first).count()) + 1; }  // days
};

// Exactly "YYYY-MM-DD": registry.input.parameter {name}.
Result<std::chrono::sys_days> read_day(std::string_view text, std::string_view name);
std::string iso_day(std::chrono::sys_days day);    // "2026-11-20"
std::string shown_day(std::chrono::sys_days day);  // "20/11/2026"
std::chrono::sys_days day_of(Instant instant);

// The first day of the unit that a day is in. Weeks begin on Monday (ISO 8601).
std::chrono::sys_days start_of(Unit unit, std::chrono::sys_days day);
std::chrono::sys_days next_of(Unit unit, std::chrono::sys_days start);
// "20/11/2026", "Tuần 47/2026", "11/2026", "Quý IV/2026", "2026"; "Week 47/2026", "Q4/2026".
std::string label_of(Unit unit, std::chrono::sys_days start, bool is_english);
// The starts of all units that a period touches.
std::vector<std::chrono::sys_days> units_of(Unit unit, const Period& period);

}  // namespace kyso::registry
