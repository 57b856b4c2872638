#include "base/time.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace kyso {
namespace {

using namespace std::chrono;

// 2026-09-06 09:01:42 UTC
constexpr Instant kSample = sys_days(year(2026) / 9 / 6) + hours(9) + minutes(1) + seconds(42);

TEST_CASE("the three written forms, in Viet Nam time") {
  CHECK(iso8601_vietnam(kSample) == "2026-09-06T16:01:42+07:00");
  CHECK(display_vietnam(kSample) == "06/09/2026 16:01:42 +07:00");
  CHECK(pdf_date(kSample) == "D:20260906160142+07'00'");
  const Instant evening = sys_days(year(2025) / 12 / 31) + hours(17);
  CHECK(iso8601_vietnam(evening) == "2026-01-01T00:00:00+07:00");
  const Instant before_1970 = sys_days(year(1945) / 9 / 1) + hours(16) + minutes(59) + seconds(59);
  CHECK(iso8601_vietnam(before_1970) == "1945-09-01T23:59:59+07:00");
  const CivilTime leap = vietnam_time(sys_days(year(2024) / 2 / 28) + hours(17));
  CHECK(leap.month == 2);
  CHECK(leap.day == 29);
}

TEST_CASE("parse_time reads what people and machines write") {
  const auto at = [](const char* text) { return parse_time(text).value(); };
  CHECK(at("2026-09-06T16:01:42+07:00") == kSample);
  CHECK(at("2026-09-06T09:01:42Z") == kSample);
  CHECK(at("2026-09-06T09:01:42.999Z") == kSample);
  CHECK(at("2026-09-06T04:31:42-0430") == kSample);
  CHECK(at("2026-09-06T16:01+07") == kSample - seconds(42));
  const Instant midnight = sys_days(year(2026) / 9 / 5) + hours(17);
  CHECK(at("2026-09-06") == midnight);
  CHECK(at("06/09/2026") == midnight);
  CHECK(at("29/02/2024") == sys_days(year(2024) / 2 / 28) + hours(17));
}

TEST_CASE("parse_time refuses everything else") {
  for (const char* bad : {"",
                          "2026",
                          "2026-09",
                          "2026-9-6",
                          "6/9/2026",
                          "29/02/2025",
                          "31/04/2026",
                          "00/01/2026",
                          "01/13/2026",
                          "2026-02-30",
                          "0000-01-01",
                          "2026-09-06T",
                          "2026-09-06T16:01:42",
                          "2026-09-06 16:01:42Z",
                          "2026-09-06T24:00:00Z",
                          "2026-09-06T16:60:00Z",
                          "2026-09-06T16:00:60Z",
                          "2026-09-06T16:01:42+24:00",
                          "2026-09-06T16:01:42+07:",
                          "2026-09-06T16:01:42+07:0",
                          "2026-09-06T16:01:42Zx",
                          "2026-09-06T16:01:42.Z",
                          "06/09/2026T16:01:42Z",
                          "2026-09-06 ",
                          " 2026-09-06",
                          "-026-09-06",
                          "2026-09-06T1a:01:42Z",
                          "99999-01-01",
                          "hôm nay"}) {
    const auto result = parse_time(bad);
    CHECK_MESSAGE(!result, bad);
    if (!result) CHECK(result.error().code == "base.time.invalid");
  }
}

TEST_CASE("iso8601_vietnam and parse_time are inverse") {
  CHECK(rc::check([] {
    const Instant instant{seconds(*rc::gen::inRange<std::int64_t>(-62'135'571'600, 253'402'275'600))};
    RC_ASSERT(parse_time(iso8601_vietnam(instant)).value() == instant);
  }));
}

TEST_CASE("PDF dates with all, some or none of their optional parts") {
  CHECK(parse_pdf_date(pdf_date(kSample)).value() == kSample);
  const auto text = [](std::string_view date) { return iso8601_vietnam(parse_pdf_date(date).value()); };
  CHECK(text("D:20260906160142+07'00'") == "2026-09-06T16:01:42+07:00");
  CHECK(text("D:20260906160142+07'00") == "2026-09-06T16:01:42+07:00");
  CHECK(text("20260906090142Z") == "2026-09-06T16:01:42+07:00");
  CHECK(text("D:20260906090142Z00'00'") == "2026-09-06T16:01:42+07:00");
  CHECK(text("D:20260906040142-05'00'") == "2026-09-06T16:01:42+07:00");
  CHECK(text("D:202609061601") == "2026-09-06T16:01:00+07:00");
  CHECK(text("D:2026") == "2026-01-01T00:00:00+07:00");
  for (const std::string_view bad :
       {"", "D:", "D:20", "D:20261301", "D:20260231", "D:2026090624", "D:20260906x", "D:20260906160142+7"}) {
    CAPTURE(bad);
    CHECK(parse_pdf_date(bad).error().code == "base.time.invalid");
  }
}

TEST_CASE("clocks") {
  CHECK(FixedClock(kSample).now() == kSample);
  CHECK(system_clock().now() > sys_days(year(2024) / 1 / 1));
}

}  // namespace
}  // namespace kyso
