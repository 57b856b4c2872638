#include "base/working_calendar.h"

#include <rapidcheck.h>

#include <algorithm>
#include <array>

#include "base/config.h"
#include "base/test_support.h"

namespace kyso {
namespace {

using std::chrono::year_month_day;

WorkingCalendar shipped() {
  return must(WorkingCalendar::load(KYSO_SOURCE_DIR "/share/calendar/holidays.toml"));
}

year_month_day day(std::string_view text) {
  return vietnam_day(must(parse_time(text)));
}

std::string deadline(const WorkingCalendar& calendar, std::string_view from, int days) {
  return iso8601_vietnam(calendar.after_working_days(must(parse_time(from)), days));
}

int working_days(const WorkingCalendar& calendar, std::string_view from, std::string_view to) {
  return calendar.working_days_between(must(parse_time(from)), must(parse_time(to)));
}

TEST_CASE("a day of Viet Nam begins at 17:00 UTC") {
  CHECK(vietnam_day(must(parse_time("2026-11-20T16:59:59Z"))) == day("2026-11-20"));
  CHECK(vietnam_day(must(parse_time("2026-11-20T17:00:00Z"))) == day("2026-11-21"));
  CHECK(vietnam_day(must(parse_time("2024-02-29T23:59:59+07:00"))) == day("2024-02-29"));
  CHECK(iso8601_vietnam(start_of_day(day("2026-11-20"))) == "2026-11-20T00:00:00+07:00");
  CHECK(vietnam_day(must(parse_time("1969-12-31T23:00:00Z"))) == day("1970-01-01"));
}

TEST_CASE("three working days start on the next working day, and end at 24:00") {
  const WorkingCalendar calendar = shipped();
  // Monday
  CHECK(deadline(calendar, "2026-10-12T09:00:00+07:00", 3) == "2026-10-16T00:00:00+07:00");
  // One second before and at midnight
  CHECK(deadline(calendar, "2026-10-12T23:59:59+07:00", 3) == "2026-10-16T00:00:00+07:00");
  CHECK(deadline(calendar, "2026-10-13T00:00:00+07:00", 3) == "2026-10-17T00:00:00+07:00");
  // Friday evening, Saturday and Sunday are the same
  for (const std::string_view from :
       {"2026-10-16T18:30:00+07:00", "2026-10-17T10:00:00+07:00", "2026-10-18T23:59:59+07:00"})
    CHECK_MESSAGE(deadline(calendar, from, 3) == "2026-10-22T00:00:00+07:00", from);
  CHECK(deadline(calendar, "2026-10-12T09:00:00+07:00", 0) == "2026-10-13T00:00:00+07:00");
  CHECK(deadline(calendar, "2026-10-12T09:00:00+07:00", -5) == "2026-10-13T00:00:00+07:00");
}

TEST_CASE("the clock stands still over Tết, days in lieu and exchanged days") {
  const WorkingCalendar calendar = shipped();
  // Friday 13/02/2026, the last day before Tết: Monday 23, Tuesday 24, Wednesday 25
  CHECK(deadline(calendar, "2026-02-13T16:00:00+07:00", 3) == "2026-02-26T00:00:00+07:00");
  CHECK(deadline(calendar, "2026-02-17T00:00:00+07:00", 1) == "2026-02-24T00:00:00+07:00");
  CHECK(deadline(calendar, "2025-01-24T08:00:00+07:00", 3) == "2025-02-06T00:00:00+07:00");
  CHECK(deadline(calendar, "2024-02-07T08:00:00+07:00", 2) == "2024-02-17T00:00:00+07:00");
  // Giỗ Tổ is Sunday 26/04/2026, so Monday 27 is off; Thursday 30 and Friday 1 too
  CHECK(deadline(calendar, "2026-04-24T08:00:00+07:00", 3) == "2026-05-05T00:00:00+07:00");
  // Friday 02/01/2026 is off, Saturday 10/01/2026 is worked
  CHECK(deadline(calendar, "2025-12-31T08:00:00+07:00", 1) == "2026-01-06T00:00:00+07:00");
  CHECK(deadline(calendar, "2026-01-08T08:00:00+07:00", 2) == "2026-01-11T00:00:00+07:00");
  CHECK(deadline(calendar, "2026-08-20T08:00:00+07:00", 2) == "2026-08-23T00:00:00+07:00");
  CHECK(deadline(calendar, "2026-08-28T17:00:00+07:00", 1) == "2026-09-04T00:00:00+07:00");
  CHECK(deadline(calendar, "2026-11-23T08:00:00+07:00", 1) == "2026-11-26T00:00:00+07:00");
}

TEST_CASE("holidays have their names") {
  const WorkingCalendar calendar = shipped();
  CHECK(calendar.holiday_name(day("2026-02-17")) == "Tết Nguyên đán");
  CHECK(calendar.holiday_name(day("2026-04-27")) == "Giỗ Tổ Hùng Vương");
  CHECK(calendar.holiday_name(day("2026-08-31")) == "Nghỉ hoán đổi");
  CHECK(calendar.holiday_name(day("2026-11-24")) == "Ngày Văn hóa Việt Nam");
  CHECK(calendar.holiday_name(day("2025-11-24")).empty());
  CHECK(calendar.holiday_name(day("2026-02-13")).empty());
  CHECK(calendar.is_working_day(day("2025-11-24")));
  CHECK(calendar.is_working_day(day("2026-08-22")));
  CHECK(calendar.holiday_name(day("2026-08-22")).empty());
}

// Labour Code 2019 Art. 112: 11 days with pay, 12 since Ngày Văn hóa Việt Nam; whatever the weekends do.
TEST_CASE("each year of the shipped table has as many days off on working days as the law gives") {
  const WorkingCalendar calendar = shipped();
  const std::array<std::pair<int, int>, 4> expected{{{2024, 11}, {2025, 11}, {2026, 12}, {2027, 12}}};
  for (const auto& [year, off] : expected) {
    CHECK(calendar.has_table(year));
    CHECK(calendar.is_provisional(year) == (year == 2027));
    int week_days = 0;
    const std::chrono::sys_days end(std::chrono::year(year + 1) / 1 / 1);
    for (std::chrono::sys_days each(std::chrono::year(year) / 1 / 1); each < end; each += std::chrono::days(1)) {
      const std::chrono::weekday weekday(each);
      if (weekday != std::chrono::Saturday && weekday != std::chrono::Sunday) ++week_days;
    }
    const std::string before = fmt::format("{}-12-31", year - 1), last = fmt::format("{}-12-31", year);
    CHECK_MESSAGE(week_days - working_days(calendar, before, last) == off, year);
  }
}

TEST_CASE("a year without a table has weekends and the fixed holidays") {
  const WorkingCalendar calendar = shipped();
  CHECK(!calendar.has_table(2031));
  CHECK(calendar.is_provisional(2031));
  CHECK(!calendar.is_working_day(day("2031-01-01")));
  CHECK(!calendar.is_working_day(day("2031-04-30")));
  CHECK(!calendar.is_working_day(day("2031-05-01")));
  CHECK(!calendar.is_working_day(day("2031-09-02")));
  CHECK(calendar.holiday_name(day("2031-11-24")) == "Ngày Văn hóa Việt Nam");
  CHECK(calendar.is_working_day(day("2031-01-23")));  // Tết, but nobody said so
}

TEST_CASE("working days between two moments") {
  const WorkingCalendar calendar = shipped();
  CHECK(working_days(calendar, "2026-10-12T09:00:00+07:00", "2026-10-12T17:00:00+07:00") == 0);
  CHECK(working_days(calendar, "2026-10-12T09:00:00+07:00", "2026-10-15T00:00:00+07:00") == 3);
  CHECK(working_days(calendar, "2026-10-16T09:00:00+07:00", "2026-10-18T09:00:00+07:00") == 0);
  CHECK(working_days(calendar, "2026-02-13T09:00:00+07:00", "2026-02-22T23:59:59+07:00") == 0);
  CHECK(working_days(calendar, "2026-10-16T09:00:00+07:00", "2026-10-12T09:00:00+07:00") == 0);
}

TEST_CASE("the n-th working day is n working days away, at any hour of any day") {
  const WorkingCalendar calendar = shipped();
  rc::check("deadline and count agree", [&] {
    const Instant from = Instant(std::chrono::sys_days(std::chrono::year(2024) / 1 / 1)) +
                         std::chrono::seconds(*rc::gen::inRange(0, 4 * 365 * 86'400));
    const int count = *rc::gen::inRange(1, 40);
    const Instant end = calendar.after_working_days(from, count);
    const Instant last_second = end - std::chrono::seconds(1);
    RC_ASSERT(calendar.working_days_between(from, last_second) == count);
    RC_ASSERT(calendar.is_working_day(vietnam_day(last_second)));
    RC_ASSERT(end == start_of_day(vietnam_day(end)));
  });
}

TEST_CASE("a table with a mistake is refused, with its line") {
  const TestFolder folder;
  const auto code_with = [&](std::string_view text) {
    const auto calendar = WorkingCalendar::load(folder.write("holidays.toml", text));
    return code_of(calendar);
  };
  const std::string year = "[[year]]\nnumber = 2030\n";
  const std::string holiday = "[[year.holiday]]\nname = \"Tết\"\n";
  CHECK(code_with("") == "ok");
  CHECK(code_with(year) == "ok");
  CHECK(code_with(year + holiday + "from = \"2030-02-02\"\nto = \"2030-02-06\"\n") == "ok");
  CHECK(code_with(year + year) == "base.config.invalid");
  CHECK(code_with("[[year]]\nnumber = 30\n") == "base.config.invalid");
  CHECK(code_with("[[year]]\n") == "base.config.missing");
  CHECK(code_with(year + "works = true\n") == "base.config.unknown_key");
  CHECK(code_with(year + holiday) == "base.config.missing");
  for (const std::string_view wrong : {"2031-02-02", "2030-02-30", "02/02/2030", "2030-02-02T00:00:00Z", ""})
    CHECK_MESSAGE(code_with(fmt::format("{}{}from = \"{}\"\n", year, holiday, wrong)) == "base.config.invalid", wrong);
  CHECK(code_with(year + holiday + "from = \"2030-02-02\"\nto = \"2030-02-01\"\n") == "base.config.invalid");
  CHECK(code_with(year + holiday + "from = \"2030-02-02\"\nto = \"2030-12-01\"\n") == "base.config.invalid");
  CHECK(code_with(year + holiday + "from = \"2030-02-02\"\n" + holiday + "from = \"2030-02-02\"\n") ==
        "base.config.invalid");
  const auto exchange = [&](std::string_view off, std::string_view work) {
    return code_with(fmt::format("{}[[year.exchange]]\noff = \"{}\"\nwork = \"{}\"\n", year, off, work));
  };
  CHECK(exchange("2030-02-04", "2030-02-09") == "ok");
  CHECK(exchange("2030-02-03", "2030-02-09") == "base.config.invalid");  // a Sunday off
  CHECK(exchange("2030-02-04", "2030-02-08") == "base.config.invalid");  // a Friday is worked anyway
  CHECK(code_of(WorkingCalendar::load(folder / "missing.toml")) == "base.file.missing");
}

}  // namespace
}  // namespace kyso
