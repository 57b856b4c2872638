#pragma once
#include <cstdint>
#include <string>

#include "base/time.h"

// Time finer than seconds, and the second clock by which a change of the first is seen.
namespace kyso::authority::tsa {

using Nanoseconds = std::int64_t;
inline constexpr Nanoseconds kSecond = 1'000'000'000;
inline constexpr Nanoseconds kMillisecond = 1'000'000;
inline constexpr Nanoseconds kMicrosecond = 1'000;

// Both clocks at one moment. `utc` is the system clock since 1970 (it can be set); `steady` counts since the machine
// started, also while it sleeps, and is never set (CLOCK_BOOTTIME).
struct ClockReading {
  Nanoseconds utc = 0;
  Nanoseconds steady = 0;
  friend bool operator==(const ClockReading&, const ClockReading&) = default;
};

class PreciseClock {
 public:
  virtual ~PreciseClock() = default;
  virtual ClockReading read() const = 0;
};

// The machine's clocks. A reading during which the thread was suspended is made again, so that the two belong together
// to some microseconds.
const PreciseClock& machine_clock();

inline Instant to_instant(Nanoseconds utc) {
  return Instant(std::chrono::seconds(utc >= 0 ? utc / kSecond : -((-utc + kSecond - 1) / kSecond)));
}
// "20260906090142.123456Z": GeneralizedTime as DER and RFC 3161 section 2.4.2 demand: microseconds, without trailing
// zeros, without a dot when there is no fraction.
std::string generalized_time(std::int64_t microseconds);

}  // namespace kyso::authority::tsa
