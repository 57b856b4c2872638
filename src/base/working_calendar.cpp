#include "base/working_calendar.h"

#include <algorithm>
#include <array>

#include "base/config.h"

namespace kyso {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::int64_t kFirstYear = 2000, kLastYear = 2199;
constexpr days kLongestHoliday{20};
constexpr int kMostDays = 100'000;

struct FixedHoliday {
  std::chrono::month_day day;
  std::string_view name;
  year_month_day since;
};
// Labour Code 2019 Art. 112; Resolution 28/2026/QH16.
constexpr year_month_day kEver{std::chrono::year(1900), std::chrono::month(1), std::chrono::day(1)};
constexpr std::array<FixedHoliday, 5> kFixed{{
    {std::chrono::January / 1, "Tết Dương lịch", kEver},
    {std::chrono::April / 30, "Ngày Chiến thắng", kEver},
    {std::chrono::May / 1, "Ngày Quốc tế lao động", kEver},
    {std::chrono::September / 2, "Quốc khánh", kEver},
    {std::chrono::November / 24, "Ngày Văn hóa Việt Nam", std::chrono::year(2026) / 7 / 1},
}};

std::string_view fixed_holiday(year_month_day day) {
  for (const FixedHoliday& each : kFixed)
    if (each.day == day.month() / day.day() && day >= each.since) return each.name;
  return {};
}

bool is_weekend(sys_days day) {
  const std::chrono::weekday weekday(day);
  return weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
}

std::string text_of(sys_days day) {
  const year_month_day date(day);
  return fmt::format("{:02}/{:02}/{}", static_cast<unsigned>(date.day()), static_cast<unsigned>(date.month()),
                     static_cast<int>(date.year()));
}

// "2026-02-14", a day of that year.
Result<sys_days> read_day(const TomlReader& toml, const std::string& key, int year) {
  const std::string text = KYSO_TRY(toml.require_string(key));
  const auto instant = text.size() == 10 && text[4] == '-' ? parse_time(text) : fail("base.time.invalid");
  if (!instant) return toml.invalid(key, fmt::format("{} = \"{}\" (2026-02-14)", key, text));
  const year_month_day day = vietnam_day(*instant);
  if (day.year() != std::chrono::year(year)) return toml.invalid(key, fmt::format("{} ≠ {}", text, year));
  return sys_days(day);
}

struct Holiday {
  std::string name;
  sys_days from, to;
};

Result<Holiday> read_holiday(const TomlReader& toml, const std::string& table, int year) {
  Holiday holiday{.name = KYSO_TRY(toml.require_string(table + ".name")), .from = {}, .to = {}};
  if (holiday.name.empty()) return toml.invalid(table + ".name", "name = \"\"");
  holiday.from = KYSO_TRY(read_day(toml, table + ".from", year));
  holiday.to = toml.contains(table + ".to") ? KYSO_TRY(read_day(toml, table + ".to", year)) : holiday.from;
  if (holiday.to < holiday.from || holiday.to - holiday.from > kLongestHoliday)
    return toml.invalid(table + ".to", fmt::format("{} – {}", text_of(holiday.from), text_of(holiday.to)));
  return holiday;
}

std::string entry(const std::string& array, std::size_t index) {
  return fmt::format("{}[{}]", array, index);
}

}  // namespace

year_month_day vietnam_day(Instant instant) {
  return year_month_day(std::chrono::floor<days>(instant + kVietNamOffset));
}

Instant start_of_day(year_month_day day) {
  return Instant(sys_days(day)) - kVietNamOffset;
}

Result<WorkingCalendar::Year> WorkingCalendar::read_year(const TomlReader& toml, const std::string& table, int number) {
  Year year;
  year.is_provisional = KYSO_TRY(toml.get_bool(table + ".provisional")).value_or(false);
  for (std::size_t i = 0; i < toml.count(table + ".holiday"); ++i) {
    const std::string key = entry(table + ".holiday", i);
    const Holiday holiday = KYSO_TRY(read_holiday(toml, key, number));
    for (sys_days day = holiday.from; day <= holiday.to; day += days(1))
      if (!year.days_off.emplace(day, holiday.name).second) return toml.invalid(key + ".from", text_of(day) + " ×2");
  }
  for (std::size_t i = 0; i < toml.count(table + ".exchange"); ++i) {
    const std::string key = entry(table + ".exchange", i);
    const sys_days off = KYSO_TRY(read_day(toml, key + ".off", number));
    const sys_days work = KYSO_TRY(read_day(toml, key + ".work", number));
    if (is_weekend(off) || !year.days_off.emplace(off, "Nghỉ hoán đổi").second)
      return toml.invalid(key + ".off", "off = " + text_of(off));
    if (!is_weekend(work) || year.days_off.contains(work) || std::ranges::count(year.exchanged, work) != 0)
      return toml.invalid(key + ".work", "work = " + text_of(work));
    year.exchanged.push_back(work);
  }
  return year;
}

Result<WorkingCalendar> WorkingCalendar::load(const std::filesystem::path& path) {
  const TomlReader toml = KYSO_TRY(TomlReader::load(path));
  WorkingCalendar calendar;
  for (std::size_t i = 0; i < toml.count("year"); ++i) {
    const std::string table = entry("year", i);
    const std::int64_t number = KYSO_TRY(toml.require_int(table + ".number"));
    if (number < kFirstYear || number > kLastYear || calendar.m_years.contains(static_cast<int>(number)))
      return toml.invalid(table + ".number", fmt::format("number = {}", number));
    Year year = KYSO_TRY(read_year(toml, table, static_cast<int>(number)));
    calendar.m_years.emplace(static_cast<int>(number), std::move(year));
  }
  KYSO_TRY(toml.refuse_unknown_keys());
  return calendar;
}

bool WorkingCalendar::has_table(int year) const {
  return m_years.contains(year);
}

bool WorkingCalendar::is_provisional(int year) const {
  const auto found = m_years.find(year);
  return found == m_years.end() || found->second.is_provisional;
}

std::string WorkingCalendar::holiday_name(year_month_day day) const {
  if (const auto year = m_years.find(static_cast<int>(day.year())); year != m_years.end()) {
    const auto found = year->second.days_off.find(sys_days(day));
    if (found != year->second.days_off.end()) return found->second;
  }
  return std::string(fixed_holiday(day));
}

bool WorkingCalendar::is_working_day(year_month_day day) const {
  if (!holiday_name(day).empty()) return false;
  if (!is_weekend(sys_days(day))) return true;
  const auto year = m_years.find(static_cast<int>(day.year()));
  return year != m_years.end() && std::ranges::count(year->second.exchanged, sys_days(day)) != 0;
}

Instant WorkingCalendar::after_working_days(Instant from, int count) const {
  sys_days day(vietnam_day(from));
  for (int left = std::min(count, kMostDays); left > 0;) {
    day += days(1);
    if (is_working_day(day)) --left;
  }
  return start_of_day(day + days(1));
}

int WorkingCalendar::working_days_between(Instant from, Instant to) const {
  const sys_days last(vietnam_day(to));
  int count = 0;
  for (sys_days day = sys_days(vietnam_day(from)) + days(1); day <= last && count < kMostDays; day += days(1))
    if (is_working_day(day)) ++count;
  return count;
}

}  // namespace kyso
