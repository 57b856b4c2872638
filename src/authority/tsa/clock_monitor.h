#pragma once
#include <functional>
#include <memory>

#include "authority/tsa/ntp.h"

namespace kyso::authority::tsa {

// ClockMonitor: asks every source in a thread of its own and publishes a status several times a second. A source that
// is silent or slow delays no other.
struct ClockMonitorOptions {
  ClockGuardOptions guard;
  std::chrono::milliseconds poll{500};     // how often each source is asked
  std::chrono::milliseconds publish{100};  // how often a status is made
  std::chrono::milliseconds timeout{400};  // for an answer
};

class ClockMonitor {
 public:
  // `publish` and `tell` are called on the monitor's thread.
  struct Outlets {
    std::function<void(const ClockStatus&)> publish;
    std::function<void(const ClockEvent&)> tell;
    std::function<std::optional<KernelClock>()> kernel = read_kernel_clock;
  };
  static std::unique_ptr<ClockMonitor> start(ClockMonitorOptions options,
                                             std::vector<std::unique_ptr<TimeSource>> sources,
                                             const PreciseClock& clock, Outlets outlets);
  ~ClockMonitor();  // publishes that it stopped

 private:
  struct State;
  explicit ClockMonitor(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

}  // namespace kyso::authority::tsa
