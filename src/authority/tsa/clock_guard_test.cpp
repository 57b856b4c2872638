#include "authority/tsa/clock_guard.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <random>

namespace kyso::authority::tsa {
namespace {

// A machine and servers around it, under the test's control. `utc` is the true time.
struct World {
  explicit World(std::size_t sources, ClockGuardOptions options = {})
      : guard(options, names(sources)), servers(sources) {}

  static std::vector<std::string> names(std::size_t count) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back("s" + std::to_string(i));
    return out;
  }
  struct Server {
    Nanoseconds lie = 0;
    Nanoseconds bound = 5 * kMillisecond;
    LeapSecond leap = LeapSecond::none;
    bool is_silent = false;
  };

  ClockReading reading() const { return {.utc = utc + system_offset, .steady = steady}; }
  // The oscillator of the machine is wrong by `ppm`.
  void pass(Nanoseconds true_time) {
    utc += true_time;
    const Nanoseconds gained = true_time / 1'000'000 * ppm;
    steady += true_time + gained;
    if (!is_disciplined) system_offset += gained;
  }
  ClockStatus poll(Nanoseconds after = 500 * kMillisecond) {
    pass(after);
    for (std::size_t i = 0; i < servers.size(); ++i)
      if (!servers[i].is_silent)
        guard.add(i, {.steady = steady,
                      .utc_minus_steady = utc + servers[i].lie - steady,
                      .bound = servers[i].bound,
                      .leap = servers[i].leap});
    guard.set_kernel(kernel);
    status = guard.evaluate(reading());
    return status;
  }
  ClockStatus poll_for(Nanoseconds time) {
    for (Nanoseconds gone = 0; gone < time; gone += 500 * kMillisecond) poll();
    return status;
  }
  ClockRefusal verdict(Nanoseconds accuracy = kSecond) const { return judge(status, reading(), accuracy).refusal; }

  ClockGuard guard;
  std::vector<Server> servers;
  KernelClock kernel{.is_synchronised = true};
  Nanoseconds utc = 1'788'685'302 * kSecond, steady = 1'000 * kSecond, system_offset = 0;
  std::int64_t ppm = 0;
  bool is_disciplined = true;
  ClockStatus status;
};

bool told(World& world, std::string_view kind) {
  for (const ClockEvent& event : world.guard.take_events())
    if (event.kind == kind) return true;
  return false;
}

}  // namespace

TEST_CASE("a clock is trusted after three good measurements, and says how good it is") {
  World world(4);
  CHECK(world.poll().state == ClockState::starting);
  CHECK(world.verdict() == ClockRefusal::untrusted);
  world.poll();
  CHECK(world.poll().state == ClockState::trusted);
  CHECK(world.status.agreeing == 4);
  CHECK(std::llabs(world.status.offset) < 2 * kMillisecond);
  CHECK(world.status.bound >= 5 * kMillisecond);
  CHECK(world.status.bound < 7 * kMillisecond);
  CHECK(world.verdict() == ClockRefusal::none);
  CHECK(world.verdict(5 * kMillisecond) == ClockRefusal::outside);
  CHECK(told(world, "clock.trusted"));
}

TEST_CASE("a status becomes stale when the monitor is silent") {
  World world(3);
  world.poll_for(3 * kSecond);
  world.pass(900 * kMillisecond);
  CHECK(world.verdict() == ClockRefusal::none);
  world.pass(200 * kMillisecond);
  CHECK(world.verdict() == ClockRefusal::stale);
  world.poll();
  CHECK(world.verdict() == ClockRefusal::none);
  // A status of another start of the machine: its steady clock is ahead of ours.
  world.steady -= 500 * kSecond;
  CHECK(world.verdict() == ClockRefusal::stale);
}

TEST_CASE("setting the system clock is refused at once, before any source is asked") {
  for (const Nanoseconds step : {30 * kSecond, -30 * kSecond, 20 * kMillisecond, -20 * kMillisecond, 3600 * kSecond}) {
    World world(3);
    world.poll_for(3 * kSecond);
    world.pass(10 * kMillisecond);
    CHECK(world.verdict() == ClockRefusal::none);
    world.system_offset += step;
    CHECK(world.verdict() == ClockRefusal::jumped);
    world.poll();
    // Then it is measured: within the accuracy it may serve again, else it may not.
    CHECK(world.verdict() == (std::llabs(step) < kSecond ? ClockRefusal::none : ClockRefusal::outside));
    world.system_offset = 0;
    CHECK(world.verdict() == ClockRefusal::jumped);
    world.poll();
    CHECK(world.verdict() == ClockRefusal::none);
  }
}

TEST_CASE("one source that lies is left out, half of them is nobody to believe") {
  World world(4);
  world.servers[2].lie = 5 * kSecond;
  world.poll_for(3 * kSecond);
  CHECK(world.status.state == ClockState::trusted);
  CHECK(world.status.agreeing == 3);
  CHECK(std::llabs(world.status.offset) < 2 * kMillisecond);
  CHECK(told(world, "clock.source.false"));
  world.servers[1].lie = 5 * kSecond;
  world.poll();
  CHECK(world.status.state == ClockState::no_quorum);
  CHECK(world.verdict() == ClockRefusal::untrusted);
  world.servers[1].lie = 0;
  world.poll_for(2 * kSecond);
  CHECK(world.verdict() == ClockRefusal::none);
}

TEST_CASE("a majority that begins to lie ends the trust at once") {
  World world(4);
  world.poll_for(3 * kSecond);
  for (const std::size_t liar : {0U, 1U, 2U}) world.servers[liar].lie = 300 * kMillisecond;
  world.poll();
  CHECK(world.status.state == ClockState::sources_jumped);
  CHECK(world.verdict() == ClockRefusal::untrusted);
  CHECK(told(world, "clock.jumped"));
  // Even when they say so for long, the system clock does not agree with them to this accuracy.
  world.poll_for(30 * kSecond);
  CHECK(world.verdict(100 * kMillisecond) == ClockRefusal::outside);
}

TEST_CASE("a machine that stood still is not believed until its clock was set right") {
  World world(4);
  world.poll_for(3 * kSecond);
  world.utc += 20 * kSecond;  // neither of its clocks moved
  world.system_offset -= 20 * kSecond;
  world.poll();
  CHECK(world.verdict() == ClockRefusal::untrusted);
  world.poll_for(15 * kSecond);
  CHECK(world.verdict() == ClockRefusal::outside);
  world.system_offset = 0;
  CHECK(world.verdict() == ClockRefusal::jumped);
  world.poll();
  CHECK(world.verdict() == ClockRefusal::none);
}

TEST_CASE("silence of the sources ends the trust when their last answers are old") {
  World world(3);
  world.poll_for(3 * kSecond);
  for (auto& server : world.servers) server.is_silent = true;
  world.poll_for(3 * kSecond);
  CHECK(world.verdict() == ClockRefusal::none);
  world.poll_for(2 * kSecond);
  CHECK(world.status.state == ClockState::no_quorum);
  CHECK(world.verdict() == ClockRefusal::untrusted);
  for (auto& server : world.servers) server.is_silent = false;
  world.poll_for(2 * kSecond);
  CHECK(world.verdict() == ClockRefusal::none);
}

TEST_CASE("a drift that no oscillator has is found") {
  World world(3, {.max_drift_ppb = 100'000});
  world.poll_for(40 * kSecond);
  CHECK(world.status.state == ClockState::trusted);
  world.ppm = 20;
  world.poll_for(100 * kSecond);
  CHECK(world.status.state == ClockState::trusted);
  world.ppm = 400;
  world.poll_for(200 * kSecond);
  CHECK(world.verdict() != ClockRefusal::none);
}

TEST_CASE("a system clock that drifts away is refused before it is outside") {
  World world(3);
  world.poll_for(3 * kSecond);
  world.ppm = 400;
  world.is_disciplined = false;
  bool was_refused = false;
  for (int i = 0; i < 600 && !was_refused; ++i) {
    world.poll();
    was_refused = world.verdict(50 * kMillisecond) != ClockRefusal::none;
    if (!was_refused) CHECK(std::llabs(world.system_offset) <= 50 * kMillisecond);
  }
  CHECK(was_refused);
}

TEST_CASE("the kernel must say that somebody disciplines its clock") {
  World world(3);
  world.kernel.is_synchronised = false;
  CHECK(world.poll_for(5 * kSecond).state == ClockState::unsynchronised);
  world.kernel.is_synchronised = true;
  CHECK(world.poll_for(2 * kSecond).state == ClockState::trusted);
  World relaxed(3, {.needs_kernel = false});
  relaxed.kernel.is_synchronised = false;
  CHECK(relaxed.poll_for(2 * kSecond).state == ClockState::trusted);
}

TEST_CASE("around a leap second no token is issued, and afterwards it goes on by itself") {
  for (const bool kernel_tells : {false, true})
    for (const LeapSecond kind : {LeapSecond::insertion, LeapSecond::deletion}) {
      World world(4);
      const std::int64_t midnight = 1'798'761'600;  // 2027-01-01
      world.utc = (midnight - 10) * kSecond;
      if (kernel_tells)
        world.kernel.leap = kind;
      else
        world.servers[0].leap = world.servers[1].leap = kind;
      world.poll_for(4 * kSecond);
      CHECK(world.verdict() == ClockRefusal::none);
      CHECK(world.status.leap == kind);
      CHECK(world.status.leap_at == midnight);
      world.poll_for(5 * kSecond);
      CHECK(world.verdict() == ClockRefusal::leap_second);
      // UTC, and with it all servers and the system clock, make the step.
      world.poll_for(kSecond);
      world.utc += kind == LeapSecond::insertion ? -kSecond : kSecond;
      world.poll();
      CHECK(world.verdict() == ClockRefusal::leap_second);
      for (auto& server : world.servers) server.leap = LeapSecond::none;
      world.kernel.leap = LeapSecond::none;
      world.poll_for(5 * kSecond);
      CHECK(world.status.leap == LeapSecond::none);
      CHECK(world.verdict() == ClockRefusal::none);
    }
}

TEST_CASE("a trial clock serves trials only") {
  World world(1, {.quorum = 1, .needs_kernel = false, .is_trial = true});
  world.poll_for(3 * kSecond);
  CHECK(judge(world.status, world.reading(), kSecond).refusal == ClockRefusal::trial);
  CHECK(judge(world.status, world.reading(), kSecond, true).refusal == ClockRefusal::none);
}

TEST_CASE("whatever happens, no token is issued outside of the accuracy while most sources are honest") {
  std::size_t granted = 0;
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random(seed);
    const auto among = [&](std::int64_t low, std::int64_t high) {
      return std::uniform_int_distribution<std::int64_t>(low, high)(random);
    };
    const Nanoseconds accuracy = std::array{50 * kMillisecond, 200 * kMillisecond, kSecond}[seed % 3];
    World world(4);
    for (int step = 0; step < 400; ++step) {
      switch (among(0, 30)) {
        case 0:
          world.system_offset += among(-3 * kSecond, 3 * kSecond);
          break;
        case 1:
          world.system_offset = among(-accuracy / 2, accuracy / 2);
          break;
        case 2:
          world.servers[0].lie = among(-10 * kSecond, 10 * kSecond);
          break;
        case 3:
          world.servers[1].is_silent = among(0, 1) == 0;
          break;
        case 4:
          world.ppm = among(-500, 500);
          break;
        case 5:
          world.is_disciplined = among(0, 1) == 0;
          break;
        case 6:
          world.servers[0].leap = LeapSecond::insertion;
          break;
        case 7:
          world.servers[2].bound = among(kMillisecond, 300 * kMillisecond);
          break;
        case 8:
          world.system_offset += among(-accuracy, accuracy);
          break;
        default:
          break;
      }
      // Some time without a measurement, then one.
      for (int i = 0; i < 3; ++i) {
        world.pass(among(0, 400) * kMillisecond);
        if (world.verdict(accuracy) != ClockRefusal::none) continue;
        ++granted;
        CHECK(std::llabs(world.system_offset) <= accuracy);
      }
      world.poll(among(1, 200) * kMillisecond);
    }
  }
  CHECK(granted > 10'000);
}

}  // namespace kyso::authority::tsa
