#include "authority/tsa/precise_time.h"

#include <fmt/format.h>

#include <ctime>

namespace kyso::authority::tsa {
namespace {

Nanoseconds now_of(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return Nanoseconds{time.tv_sec} * kSecond + time.tv_nsec;
}

class MachineClock final : public PreciseClock {
 public:
  ClockReading read() const override {
    constexpr int kAttempts = 8;
    constexpr Nanoseconds kTogether = 20 * kMicrosecond;
    ClockReading best;
    Nanoseconds best_width = INT64_MAX;
    for (int i = 0; i < kAttempts && best_width > kTogether; ++i) {
      const Nanoseconds before = now_of(CLOCK_BOOTTIME);
      const Nanoseconds utc = now_of(CLOCK_REALTIME);
      const Nanoseconds width = now_of(CLOCK_BOOTTIME) - before;
      if (width >= best_width) continue;
      best_width = width;
      best = {.utc = utc, .steady = before + width / 2};
    }
    return best;
  }
};

}  // namespace

const PreciseClock& machine_clock() {
  static const MachineClock clock;
  return clock;
}

std::string generalized_time(std::int64_t microseconds) {
  using namespace std::chrono;
  const auto whole = floor<seconds>(sys_time<std::chrono::microseconds>(std::chrono::microseconds(microseconds)));
  const auto day = floor<days>(whole);
  const year_month_day date(day);
  const hh_mm_ss time(whole - day);
  std::string out = fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", static_cast<int>(date.year()),
                                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                time.hours().count(), time.minutes().count(), time.seconds().count());
  const std::int64_t fraction =
      microseconds - duration_cast<std::chrono::microseconds>(whole.time_since_epoch()).count();
  if (fraction != 0) {
    out += fmt::format(".{:06}", fraction);
    while (out.back() == '0') out.pop_back();
  }
  out += 'Z';
  return out;
}

}  // namespace kyso::authority::tsa
