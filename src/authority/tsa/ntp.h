#pragma once
#include <array>
#include <chrono>
#include <string>

#include "authority/tsa/clock_guard.h"
#include "base/bytes.h"

// SNTP (RFC 5905 section 14): one question, one answer. No authentication: the quorum of several servers, and that none
// of them is heard when it moves, is what protects.
namespace kyso::authority::tsa {

inline constexpr std::size_t kNtpSize = 48;

// A question carries no time of ours: the transmit field is random, and the answer must return it (RFC 9769, data
// minimisation; also against answers that were not asked for).
struct NtpQuestion {
  Bytes packet;
  std::array<std::uint8_t, 8> cookie{};
};
NtpQuestion make_ntp_question();

// `sent` and `received` are moments of the steady clock; `utc_near` any system time within decades of now, for the era
// of NTP's 32-bit seconds. Errors: authority.clock.answer {reason}: not an answer to this question; not synchronised
// (leap 3, stratum 0 or above 15); times that contradict each other.
Result<ClockSample> read_ntp_answer(ByteView packet, const NtpQuestion& question, Nanoseconds sent,
                                    Nanoseconds received, Nanoseconds utc_near);

// A source of time, asked by the monitor in a thread of its own: may wait, but not beyond the deadline.
class TimeSource {
 public:
  virtual ~TimeSource() = default;
  virtual const std::string& name() const = 0;
  virtual Result<ClockSample> ask(std::chrono::milliseconds timeout) = 0;
};
// "ntp.example.vn" or "ntp.example.vn:123", "[::1]:123". The name is resolved again when the server is silent.
std::unique_ptr<TimeSource> ntp_source(std::string address, const PreciseClock& clock);
// The system clock itself, for trials: always agrees.
std::unique_ptr<TimeSource> own_clock_source(const PreciseClock& clock);

// adjtimex(); nullopt when the kernel does not tell.
std::optional<KernelClock> read_kernel_clock();

}  // namespace kyso::authority::tsa
