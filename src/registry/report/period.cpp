#include "registry/report/period.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/working_calendar.h"

namespace kyso::registry {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 5> kUnitNames = {"day", "week", "month", "quarter", "year"};

year_month_day civil(sys_days day) {
  return year_month_day(day);
}
int year_of(sys_days day) {
  return static_cast<int>(civil(day).year());
}
unsigned month_of(sys_days day) {
  return static_cast<unsigned>(civil(day).month());
}

sys_days monday_of(sys_days day) {
  return day - days(std::chrono::weekday(day).iso_encoding() - 1);
}

// ISO 8601: a week belongs to the year of its Thursday.
std::pair<int, int> week_of(sys_days monday) {
  const sys_days thursday = monday + days(3);
  const int year = year_of(thursday);
  const sys_days first = std::chrono::year(year) / std::chrono::January / 1;
  return {year, static_cast<int>((thursday - first).count()) / 7 + 1};
}

}  // namespace

std::optional<Unit> unit_by_name(std::string_view name) {
  const auto* found = std::ranges::find(kUnitNames, name);
  if (found == kUnitNames.end()) return std::nullopt;
  return static_cast<Unit>(found - kUnitNames.begin());
}

Instant Period::begins() const {
  return start_of_day(civil(first));
}

Instant Period::ends() const {
  return start_of_day(civil(last + days(1)));
}

Result<sys_days> read_day(std::string_view text, std::string_view name) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  bool is_shape = text.size() == 10 && text[4] == '-' && text[7] == '-';
  for (std::size_t i = 0; is_shape && i < text.size(); ++i) is_shape = i == 4 || i == 7 || is_digit(text[i]);
  const Result<Instant> time = is_shape ? parse_time(text) : Result<Instant>(fail("base.time.invalid"));
  if (!time) return fail("registry.input.parameter").with("name", name);
  return day_of(*time);
}

std::string iso_day(sys_days day) {
  return fmt::format("{:04}-{:02}-{:02}", year_of(day), month_of(day), static_cast<unsigned>(civil(day).day()));
}

std::string shown_day(sys_days day) {
  return fmt::format("{:02}/{:02}/{:04}", static_cast<unsigned>(civil(day).day()), month_of(day), year_of(day));
}

sys_days day_of(Instant instant) {
  return sys_days(vietnam_day(instant));
}

sys_days start_of(Unit unit, sys_days day) {
  const std::chrono::year year = civil(day).year();
  switch (unit) {
    case Unit::day:
      return day;
    case Unit::week:
      return monday_of(day);
    case Unit::month:
      return year / civil(day).month() / 1;
    case Unit::quarter:
      return year / std::chrono::month((month_of(day) - 1) / 3 * 3 + 1) / 1;
    case Unit::year:
      break;
  }
  return year / std::chrono::January / 1;
}

sys_days next_of(Unit unit, sys_days start) {
  const year_month_day date = civil(start);
  switch (unit) {
    case Unit::day:
      return start + days(1);
    case Unit::week:
      return start + days(7);
    case Unit::month:
      return date + std::chrono::months(1);
    case Unit::quarter:
      return date + std::chrono::months(3);
    case Unit::year:
      break;
  }
  return date + std::chrono::years(1);
}

std::string label_of(Unit unit, sys_days start, bool is_english) {
  static constexpr std::array<std::string_view, 4> kQuarters = {"I", "II", "III", "IV"};
  const unsigned quarter = (month_of(start) - 1) / 3;
  switch (unit) {
    case Unit::day:
      return shown_day(start);
    case Unit::week: {
      const auto [year, week] = week_of(start);
      return fmt::format("{} {:02}/{}", is_english ? "Week" : "Tuần", week, year);
    }
    case Unit::month:
      return fmt::format("{:02}/{}", month_of(start), year_of(start));
    case Unit::quarter:
      return is_english ? fmt::format("Q{}/{}", quarter + 1, year_of(start))
                        : fmt::format("Quý {}/{}", kQuarters[quarter], year_of(start));
    case Unit::year:
      break;
  }
  return std::to_string(year_of(start));
}

std::vector<sys_days> units_of(Unit unit, const Period& period) {
  std::vector<sys_days> out;
  for (sys_days at = start_of(unit, period.first); at <= period.last; at = next_of(unit, at)) out.push_back(at);
  return out;
}

}  // namespace kyso::registry
