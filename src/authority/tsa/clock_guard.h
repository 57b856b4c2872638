#pragma once
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "authority/tsa/clock_status.h"

// The judgement of the clock monitor: which sources agree, how far the system clock is from them, how it drifts.
//
// Everything is measured against the steady clock, so that setting the system clock spoils no measurement. No sockets
// and no threads here: samples come in, a status comes out.
namespace kyso::authority::tsa {

// One answer of a source of time. `utc_minus_steady` is its time at the steady moment `steady`, less that moment.
struct ClockSample {
  Nanoseconds steady = 0;
  Nanoseconds utc_minus_steady = 0;
  // How far the source itself may be wrong, and half of the way there and back: the way may be all on one side.
  Nanoseconds bound = 0;
  LeapSecond leap = LeapSecond::none;  // announced for the end of the present day
};

// What the kernel says of its clock (adjtimex).
struct KernelClock {
  bool is_synchronised = false;
  Nanoseconds maximal_error = 0;
  LeapSecond leap = LeapSecond::none;
};

struct ClockGuardOptions {
  std::size_t quorum = 3;  // sources that must agree, and more than half of those that are configured
  std::int64_t max_drift_ppb = 500'000;
  Nanoseconds max_source_bound = 250 * kMillisecond;  // a source that knows no better is not heard
  Nanoseconds sample_life = 4 * kSecond;              // older ones are forgotten
  Nanoseconds status_life = kSecond;
  std::size_t settle = 3;  // good evaluations in a row before the clock is trusted (again)
  // Where all sources move together, this long they must then agree with each other and with the system clock.
  Nanoseconds jump_quarantine = 10 * kSecond;
  bool needs_kernel = true;  // the kernel must say that its clock is disciplined
  bool is_trial = false;
};

// What happened, for the log and the audit log.
struct ClockEvent {
  std::string kind;    // "clock.trusted", "clock.lost", "clock.source.false", "clock.jumped", "clock.leap"
  std::string detail;  // English
};

class ClockGuard {
 public:
  ClockGuard(ClockGuardOptions options, std::vector<std::string> sources);
  void add(std::size_t source, const ClockSample& sample);
  void set_kernel(std::optional<KernelClock> kernel) { m_kernel = kernel; }
  // The status now; called several times within `status_life`.
  ClockStatus evaluate(const ClockReading& now);
  // Those since the last call.
  std::vector<ClockEvent> take_events() { return std::exchange(m_events, {}); }

 private:
  struct Interval {
    std::size_t source = 0;
    Nanoseconds low = 0, high = 0;
    LeapSecond leap = LeapSecond::none;
    Nanoseconds middle() const { return low + (high - low) / 2; }
  };
  struct Agreement {
    Nanoseconds low = 0, high = 0;
    std::vector<std::size_t> sources;
    LeapSecond leap = LeapSecond::none;
  };

  Nanoseconds grown(const ClockSample& sample, Nanoseconds now) const;
  std::vector<Interval> intervals(Nanoseconds now);
  std::optional<Agreement> agree(const std::vector<Interval>& intervals) const;
  void tell_false_sources(const std::vector<Interval>& intervals, const Agreement& agreement);
  bool check_jump(const Agreement& agreement, const ClockReading& now);
  bool check_drift(const Agreement& agreement, Nanoseconds now);
  void watch_leap(const Agreement& agreement, const ClockReading& now);
  ClockState assess(const std::optional<Agreement>& agreement, const ClockReading& now);
  void enter(ClockState state, std::string_view detail);

  const ClockGuardOptions m_options;
  const std::vector<std::string> m_names;
  std::vector<std::deque<ClockSample>> m_samples;
  std::vector<bool> m_is_false;
  std::optional<KernelClock> m_kernel;

  // The last agreement that was believed.
  struct Memory {
    Nanoseconds steady = 0, low = 0, high = 0;
  };
  std::optional<Memory> m_memory;
  std::optional<Nanoseconds> m_first, m_quarantine_until;
  std::deque<std::pair<Nanoseconds, Nanoseconds>> m_track;  // steady, utc − steady: for the drift
  std::int64_t m_drift_ppb = 0;
  LeapSecond m_leap = LeapSecond::none;
  std::int64_t m_leap_at = 0;
  std::size_t m_good = 0;
  ClockState m_state = ClockState::starting;
  std::uint64_t m_count = 0;
  std::vector<ClockEvent> m_events;
};

}  // namespace kyso::authority::tsa
