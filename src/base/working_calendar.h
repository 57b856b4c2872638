#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"

namespace kyso {

class TomlReader;

// WorkingCalendar: which days offices work in Viet Nam. A table for each year (share/calendar/holidays.toml), because
// holidays of the lunar calendar, days off in lieu and exchanged working days are announced anew every year (Labour
// Code 2019 Art. 112; from 01/7/2026 also 24/11). Days are Viet Nam's.
class WorkingCalendar {
 public:
  // base.config.*
  static Result<WorkingCalendar> load(const std::filesystem::path& path);
  // A year without a table: weekends and the fixed holidays only, and has_table() says so.
  bool has_table(int year) const;
  // The table stands there before the days are announced, or there is none.
  bool is_provisional(int year) const;
  bool is_working_day(std::chrono::year_month_day day) const;
  // The name of the holiday ("Tết Nguyên đán"), or empty.
  std::string holiday_name(std::chrono::year_month_day day) const;
  // The end (24:00) of the n-th working day after the day of `from`; the clock starts on the next working day.
  Instant after_working_days(Instant from, int days) const;
  // Working days that begin after the day of `from` and end before or with that of `to`; 0 when there are none.
  int working_days_between(Instant from, Instant to) const;

 private:
  struct Year {
    bool is_provisional = false;
    std::map<std::chrono::sys_days, std::string> days_off;
    std::vector<std::chrono::sys_days> exchanged;  // weekends on which one works
  };
  static Result<Year> read_year(const TomlReader& toml, const std::string& table, int number);
  std::map<int, Year> m_years;
};

std::chrono::year_month_day vietnam_day(Instant instant);
// 00:00 in Viet Nam.
Instant start_of_day(std::chrono::year_month_day day);

}  // namespace kyso
