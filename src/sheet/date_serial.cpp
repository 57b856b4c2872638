#include "sheet/date_serial.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

namespace kyso::sheet {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr double kEndOf1900 = 2'958'466, kEndOf1904 = 2'957'004;
constexpr std::chrono::sys_days kDay1904 = std::chrono::year{1904} / 1 / 1;
constexpr std::chrono::sys_days kDayZero = std::chrono::year{1899} / 12 / 31;

Date civil(std::chrono::sys_days day) {
  const std::chrono::year_month_day date(day);
  return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day()))};
}

std::chrono::year_month_day calendar(const Date& date) {
  return std::chrono::year{date.year} / date.month / date.day;
}

std::string clock_text(std::int64_t hours, std::int64_t minutes, std::int64_t seconds) {
  std::string text = fmt::format("{:02}:{:02}", hours, minutes);
  if (seconds != 0) text += fmt::format(":{:02}", seconds);
  return text;
}

// "0930" of the given count of digits; -1 when there is anything else.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() < at + count) return -1;
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

bool is_date(const Date& date) {
  return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.day >= 1 && calendar(date).ok();
}

std::optional<Moment> moment_of(double serial, DateSystem system) {
  const double end = system == DateSystem::from_1900 ? kEndOf1900 : kEndOf1904;
  if (!(serial >= 0) || serial >= end) return std::nullopt;
  const std::int64_t seconds = std::llround(serial * static_cast<double>(kDaySeconds));
  const std::int64_t day = seconds / kDaySeconds, rest = seconds % kDaySeconds;
  if (static_cast<double>(day) >= end) return std::nullopt;
  Moment moment;
  moment.hour = static_cast<int>(rest / 3600);
  moment.minute = static_cast<int>(rest / 60 % 60);
  moment.second = static_cast<int>(rest % 60);
  if (system == DateSystem::from_1904) {
    moment.date = civil(kDay1904 + std::chrono::days(day));
  } else if (day == 0 || day == 60) {
    moment.date = day == 0 ? Date{1900, 1, 0} : Date{1900, 2, 29};
    moment.exists = false;
  } else {
    moment.date = civil(kDayZero + std::chrono::days(day > 60 ? day - 1 : day));
  }
  return moment;
}

std::optional<double> serial_of(const Date& date, DateSystem system) {
  if (!is_date(date)) return std::nullopt;
  const std::chrono::sys_days day(calendar(date));
  if (system == DateSystem::from_1904)
    return day < kDay1904 ? std::nullopt : std::optional(static_cast<double>((day - kDay1904).count()));
  const auto count = (day - kDayZero).count();
  if (count < 1) return std::nullopt;
  return static_cast<double>(count >= 60 ? count + 1 : count);
}

std::string show_date(const Date& date) {
  return fmt::format("{:02}/{:02}/{:04}", date.day, date.month, date.year);
}

std::string show_time(double serial) {
  const std::int64_t seconds = std::llround(std::fabs(serial) * static_cast<double>(kDaySeconds));
  return (serial < 0 && seconds != 0 ? "-" : "") + clock_text(seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string show_time(const Moment& moment) {
  return clock_text(moment.hour, moment.minute, moment.second);
}

std::optional<Moment> parse_iso_moment(std::string_view text) {
  Moment moment;
  moment.date = {digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)};
  if (!is_date(moment.date) || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (text.size() == 10) return moment;
  moment.hour = digits(text, 11, 2);
  moment.minute = digits(text, 14, 2);
  moment.second = digits(text, 17, 2);
  const bool is_clock = moment.hour >= 0 && moment.hour < 24 && moment.minute >= 0 && moment.minute < 60 &&
                        moment.second >= 0 && moment.second < 60;
  if (!is_clock || text[10] != 'T' || text[13] != ':' || text[16] != ':') return std::nullopt;
  return moment;
}

}  // namespace kyso::sheet
