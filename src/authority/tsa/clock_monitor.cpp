#include "authority/tsa/clock_monitor.h"

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/log.h"

namespace kyso::authority::tsa {

struct ClockMonitor::State {
  State(ClockMonitorOptions given, std::vector<std::unique_ptr<TimeSource>> all, const PreciseClock& time, Outlets out)
      : options(given),
        sources(std::move(all)),
        clock(time),
        outlets(std::move(out)),
        guard(options.guard, names_of(sources)) {}

  static std::vector<std::string> names_of(const std::vector<std::unique_ptr<TimeSource>>& sources) {
    std::vector<std::string> names;
    for (const auto& source : sources) names.push_back(source->name());
    return names;
  }

  const ClockMonitorOptions options;
  const std::vector<std::unique_ptr<TimeSource>> sources;
  const PreciseClock& clock;
  const Outlets outlets;
  std::mutex mutex;  // guards guard
  std::condition_variable_any woken;
  ClockGuard guard;
  std::vector<std::jthread> threads;  // last: they end before what they use

  void pause(const std::stop_token& stop, std::chrono::milliseconds time) {
    std::unique_lock lock(mutex);
    woken.wait_for(lock, stop, time, [] { return false; });
  }

  void follow(const std::stop_token& stop, std::size_t index) {
    std::string last_failure;
    while (!stop.stop_requested()) {
      const auto begun = std::chrono::steady_clock::now();
      const auto sample = sources[index]->ask(options.timeout);
      if (sample) {
        const std::scoped_lock lock(mutex);
        guard.add(index, *sample);
        last_failure.clear();
      } else if (sample.error().detail != last_failure) {
        last_failure = sample.error().detail;
        log::write(log::Level::warning, "clock.source.silent",
                   {{"source", sources[index]->name()}, {"reason", last_failure}});
      }
      const auto spent =
          std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
      pause(stop, std::max(options.poll - spent, std::chrono::milliseconds(10)));
    }
  }

  void publish_once() {
    const std::optional<KernelClock> kernel = outlets.kernel ? outlets.kernel() : std::nullopt;
    std::vector<ClockEvent> events;
    ClockStatus status;
    {
      const std::scoped_lock lock(mutex);
      guard.set_kernel(kernel);
      status = guard.evaluate(clock.read());
      events = guard.take_events();
    }
    outlets.publish(status);
    for (const ClockEvent& event : events)
      if (outlets.tell) outlets.tell(event);
  }

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      publish_once();
      pause(stop, options.publish);
    }
  }
};

ClockMonitor::ClockMonitor(std::unique_ptr<State> state) : m_state(std::move(state)) {}

ClockMonitor::~ClockMonitor() {
  for (std::jthread& thread : m_state->threads) thread.request_stop();
  m_state->threads.clear();
  ClockStatus last;
  last.state = ClockState::stopped;
  last.measured = m_state->clock.read();
  last.expires = last.measured.steady;
  m_state->outlets.publish(last);
}

std::unique_ptr<ClockMonitor> ClockMonitor::start(ClockMonitorOptions options,
                                                  std::vector<std::unique_ptr<TimeSource>> sources,
                                                  const PreciseClock& clock, Outlets outlets) {
  auto state = std::make_unique<State>(options, std::move(sources), clock, std::move(outlets));
  State* shared = state.get();
  for (std::size_t i = 0; i < shared->sources.size(); ++i)
    shared->threads.emplace_back([shared, i](const std::stop_token& stop) { shared->follow(stop, i); });
  shared->threads.emplace_back([shared](const std::stop_token& stop) { shared->run(stop); });
  return std::unique_ptr<ClockMonitor>(new ClockMonitor(std::move(state)));
}

}  // namespace kyso::authority::tsa
