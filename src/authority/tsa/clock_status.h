#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <source_location>
#include <string_view>
#include <vector>

#include "authority/tsa/precise_time.h"
#include "base/result.h"

// What the clock monitor says about the system clock, and whether a token may be issued by it.
//
// EN 319 421 section 7.7.2: the clock is held within the declared accuracy of UTC; where that is lost, no time-stamp is
// issued until it is restored.
namespace kyso::authority::tsa {

enum class ClockState : std::uint8_t {
  starting,        // not enough measured yet
  trusted,         //
  no_quorum,       // too few sources agree
  sources_jumped,  // all sources together moved in a way that no clock drifts
  drift,           // the machine's oscillator runs too fast or too slow
  unsynchronised,  // the kernel says that nobody disciplines its clock
  stopped,         // the monitor ended
};
std::string_view name_of(ClockState state);
std::string_view vietnamese(ClockState state);  // for people

enum class LeapSecond : std::uint8_t { none, insertion, deletion };

// One measurement, as the monitor publishes it several times a second.
struct ClockStatus {
  ClockState state = ClockState::starting;
  bool is_trial = false;   // the system clock was compared with itself: for trials, never for real time-stamps
  ClockReading measured;   // when
  Nanoseconds offset = 0;  // system clock − UTC at that moment, as the agreeing sources have it
  Nanoseconds bound = 0;   // how far this may be wrong
  std::int64_t drift_bound_ppb = 0;  // how fast both may grow worse
  Nanoseconds expires = 0;           // on the steady clock
  LeapSecond leap = LeapSecond::none;
  std::int64_t leap_at = 0;  // seconds since 1970 of the midnight at which the leap second ends the day
  std::int64_t drift_ppb = 0;
  std::uint32_t sources = 0, agreeing = 0;
  std::uint64_t count = 0;  // of publications
  friend bool operator==(const ClockStatus&, const ClockStatus&) = default;
};

// Why a token may not be issued at this moment.
enum class ClockRefusal : std::uint8_t { none, missing, stale, untrusted, outside, jumped, leap_second, trial };
std::string_view name_of(ClockRefusal refusal);  // English words
// authority.tsa.time.* for each.
Error refused_time(ClockRefusal refusal, std::source_location where = std::source_location::current());

struct ClockVerdict {
  ClockRefusal refusal = ClockRefusal::missing;
  Nanoseconds error_bound = 0;  // |system clock − UTC| is at most this, when it is not refused
};
// A pure function: may a token with this declared accuracy be issued by a system clock that reads `now`?
//
// The system clock's step since the measurement shows against the steady clock, so that a clock that was set is refused
// at once, before any source was asked again. Around a leap second (one second before to one after) UTC cannot be told
// from a clock that repeats or skips a second: refused.
ClockVerdict judge(const ClockStatus& status, const ClockReading& now, Nanoseconds accuracy, bool allows_trial = false);

// Who knows the present status; asked for every token.
class ClockStatusSource {
 public:
  virtual ~ClockStatusSource() = default;
  virtual std::optional<ClockStatus> status()
      const = 0;  // nullopt: none that can be believed. Thread-safe, never waits.
};

// The status in this process: the monitor runs in a thread here.
class SharedClockStatus final : public ClockStatusSource {
 public:
  SharedClockStatus();
  ~SharedClockStatus() override;
  void publish(const ClockStatus& status);
  std::optional<ClockStatus> status() const override;

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

// The status of another process: a small memory-mapped file in /run, of which the owner is checked. A file that others
// may write, of a foreign owner, or of another start of the machine is not believed.
class ClockStatusFile {
 public:
  // Takes over the file of an earlier monitor or makes it. authority.clock.file {path} {reason}.
  static Result<std::unique_ptr<ClockStatusFile>> create(const std::filesystem::path& path);
  ~ClockStatusFile();
  void publish(const ClockStatus& status);

 private:
  struct State;
  explicit ClockStatusFile(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};
// `owners`: user ids that may publish; empty: root and the present user. A file that appears later, or is made anew, is
// found within a tenth of a second.
std::unique_ptr<ClockStatusSource> watch_clock_status(const std::filesystem::path& path,
                                                      std::vector<unsigned> owners = {});

}  // namespace kyso::authority::tsa
