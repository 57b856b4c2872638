#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kyso {

using Instant = std::chrono::sys_seconds;

// The source of "now". Injected, so that documents and tests are reproducible.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};
const Clock& system_clock();
class FixedClock final : public Clock {
 public:
  explicit FixedClock(Instant instant) : m_instant(instant) {}
  Instant now() const override { return m_instant; }

 private:
  Instant m_instant;
};

// Viet Nam has used UTC+7 without summer time since 1975.
inline constexpr std::chrono::hours kVietNamOffset{7};

struct CivilTime {  // wall-clock time in Viet Nam
  int year, month, day, hour, minute, second;
};
CivilTime vietnam_time(Instant instant);

// "2026-09-06T16:01:42+07:00" (ISO 8601).
std::string iso8601_vietnam(Instant instant);
// "06/09/2026 16:01:42 +07:00", for people.
std::string display_vietnam(Instant instant);
// "D:20260906160142+07'00'" (ISO 32000-1 section 7.9.4).
std::string pdf_date(Instant instant);
// ISO 32000-1 section 7.9.4, all parts after the year optional; without offset the time is taken as Viet Nam's.
// base.time.invalid.
Result<Instant> parse_pdf_date(std::string_view text);
// Accepts "2026-09-06", "06/09/2026", and ISO 8601 with offset or Z. A date alone means 00:00 in Viet Nam.
// Anything else, or a day that does not exist, is base.time.invalid.
Result<Instant> parse_time(std::string_view text);

}  // namespace kyso
