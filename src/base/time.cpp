#include "base/time.h"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace kyso {
namespace {

using std::chrono::days;
using std::chrono::seconds;

class SystemClock final : public Clock {
 public:
  Instant now() const override { return std::chrono::floor<seconds>(std::chrono::system_clock::now()); }
};

// Reads fixed-width fields; once something does not fit, everything after it fails too.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : m_rest(text) {}

  int digits(std::size_t count) {
    if (m_rest.size() < count) return reject();
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (m_rest[i] < '0' || m_rest[i] > '9') return reject();
      value = value * 10 + (m_rest[i] - '0');
    }
    m_rest.remove_prefix(count);
    return value;
  }
  bool accept(char c) {
    if (!m_ok || m_rest.empty() || m_rest[0] != c) return false;
    m_rest.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) reject();
  }
  void skip_digits() {
    digits(1);
    while (m_ok && !m_rest.empty() && m_rest[0] >= '0' && m_rest[0] <= '9') m_rest.remove_prefix(1);
  }
  int reject() {
    m_ok = false;
    m_rest = {};
    return 0;
  }
  bool ok() const { return m_ok; }
  bool at_end() const { return m_rest.empty(); }
  bool peek_is_digit() const { return !m_rest.empty() && m_rest[0] >= '0' && m_rest[0] <= '9'; }

 private:
  std::string_view m_rest;
  bool m_ok = true;
};

std::chrono::year_month_day scan_date(Scanner& scanner, bool year_first) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (year_first) {
    year = scanner.digits(4);
    scanner.expect('-');
    month = scanner.digits(2);
    scanner.expect('-');
    day = scanner.digits(2);
  } else {
    day = scanner.digits(2);
    scanner.expect('/');
    month = scanner.digits(2);
    scanner.expect('/');
    year = scanner.digits(4);
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1 || !date.ok()) scanner.reject();
  return date;
}

// "T16:01[:42[.5]]" as seconds since midnight; fractions are cut off.
seconds scan_time_of_day(Scanner& scanner) {
  scanner.expect('T');
  const int hour = scanner.digits(2);
  scanner.expect(':');
  const int minute = scanner.digits(2);
  int second = 0;
  if (scanner.accept(':')) {
    second = scanner.digits(2);
    if (scanner.accept('.') || scanner.accept(',')) scanner.skip_digits();
  }
  if (hour > 23 || minute > 59 || second > 59) scanner.reject();
  return std::chrono::hours(hour) + std::chrono::minutes(minute) + seconds(second);
}

// "Z", "+07", "+07:00" or "+0700".
seconds scan_offset(Scanner& scanner) {
  if (scanner.accept('Z')) return {};
  const bool negative = scanner.accept('-');
  if (!negative) scanner.expect('+');
  const int hour = scanner.digits(2);
  int minute = 0;
  if (scanner.accept(':') || !scanner.at_end()) minute = scanner.digits(2);
  if (hour > 23 || minute > 59) scanner.reject();
  const seconds offset = std::chrono::hours(hour) + std::chrono::minutes(minute);
  return negative ? -offset : offset;
}

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

CivilTime vietnam_time(Instant instant) {
  const Instant local = instant + kVietNamOffset;
  const auto midnight = std::chrono::floor<days>(local);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss time(local - midnight);
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(time.hours().count()),
          static_cast<int>(time.minutes().count()),
          static_cast<int>(time.seconds().count())};
}

std::string iso8601_vietnam(Instant instant) {
  const CivilTime t = vietnam_time(instant);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+07:00", t.year, t.month, t.day, t.hour, t.minute, t.second);
}

std::string display_vietnam(Instant instant) {
  const CivilTime t = vietnam_time(instant);
  return fmt::format("{:02}/{:02}/{:04} {:02}:{:02}:{:02} +07:00", t.day, t.month, t.year, t.hour, t.minute, t.second);
}

std::string pdf_date(Instant instant) {
  const CivilTime t = vietnam_time(instant);
  return fmt::format("D:{:04}{:02}{:02}{:02}{:02}{:02}+07'00'", t.year, t.month, t.day, t.hour, t.minute, t.second);
}

Result<Instant> parse_pdf_date(std::string_view text) {
  Scanner scanner(text.starts_with("D:") ? text.substr(2) : text);
  const int year = scanner.digits(4);
  std::array<int, 5> parts{1, 1, 0, 0, 0};  // month, day, hour, minute, second
  for (int& part : parts) {
    if (!scanner.peek_is_digit()) break;
    part = scanner.digits(2);
  }
  seconds offset = kVietNamOffset;
  if (scanner.ok() && !scanner.at_end()) {
    const bool utc = scanner.accept('Z');
    const bool negative = !utc && scanner.accept('-');
    if (!utc && !negative) scanner.expect('+');
    const int hours = scanner.peek_is_digit() ? scanner.digits(2) : 0;
    (void)scanner.accept('\'');
    const int minutes = scanner.peek_is_digit() ? scanner.digits(2) : 0;
    (void)scanner.accept('\'');
    if (hours > 23 || minutes > 59) scanner.reject();
    offset = (std::chrono::hours(hours) + std::chrono::minutes(minutes)) * (negative ? -1 : 1);
  }
  const auto [month, day, hour, minute, second] = parts;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  const bool in_range = year >= 1 && date.ok() && hour <= 23 && minute <= 59 && second <= 59;
  if (!scanner.ok() || !scanner.at_end() || !in_range) return fail("base.time.invalid").with("text", text);
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) + seconds(second) -
         offset;
}

Result<Instant> parse_time(std::string_view text) {
  const bool year_first = text.size() > 4 && text[4] == '-';
  Scanner scanner(text);
  const auto date = scan_date(scanner, year_first);
  seconds time_of_day{};
  seconds offset = kVietNamOffset;
  if (scanner.ok() && !scanner.at_end()) {
    if (!year_first) scanner.reject();
    time_of_day = scan_time_of_day(scanner);
    offset = scan_offset(scanner);
  }
  if (!scanner.ok() || !scanner.at_end()) return fail("base.time.invalid").with("text", text);
  return std::chrono::sys_days(date) + time_of_day - offset;
}

}  // namespace kyso
