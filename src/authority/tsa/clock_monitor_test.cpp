#include "authority/tsa/clock_monitor.h"

#include <sys/stat.h>

#include <mutex>
#include <set>

#include "authority/tsa/clock_test_support.h"
#include "base/file.h"
#include "base/test_support.h"

namespace kyso::authority::tsa {
namespace {

using std::chrono::milliseconds;

constexpr Nanoseconds kAccuracy = 500 * kMillisecond;

ClockMonitorOptions quick() {
  ClockMonitorOptions options;
  options.guard.settle = 2;
  options.guard.sample_life = kSecond;
  options.guard.jump_quarantine = 500 * kMillisecond;
  options.poll = milliseconds(100);
  options.publish = milliseconds(50);
  options.timeout = milliseconds(100);
  return options;
}

// Four servers, a monitor, and what it says.
struct Scene {
  explicit Scene(ClockMonitorOptions options = quick()) {
    std::vector<std::unique_ptr<TimeSource>> sources;
    for (const NtpServer& server : servers) sources.push_back(ntp_source(server.address(), clock));
    monitor = ClockMonitor::start(options, std::move(sources), clock,
                                  {.publish = [this](const ClockStatus& now) { status.publish(now); },
                                   .tell =
                                       [this](const ClockEvent& event) {
                                         const std::scoped_lock lock(mutex);
                                         told.insert(event.kind);
                                       },
                                   .kernel = [] { return KernelClock{.is_synchronised = true}; }});
  }
  ClockRefusal verdict() const {
    const auto now = status.status();
    return now ? judge(*now, clock.read(), kAccuracy).refusal : ClockRefusal::missing;
  }
  bool becomes(ClockRefusal wanted, milliseconds patience = std::chrono::seconds(20)) const {
    return comes_true([&] { return verdict() == wanted; }, patience);
  }
  bool was_told(const std::string& kind) {
    const std::scoped_lock lock(mutex);
    return told.contains(kind);
  }

  std::array<NtpServer, 4> servers;
  BentClock clock;
  SharedClockStatus status;
  std::mutex mutex;
  std::set<std::string> told;
  std::unique_ptr<ClockMonitor> monitor;
};

// Small parts of a second, as EN 319 421 wants it: the goal is one second.
constexpr milliseconds kOneSecond{1'000};

}  // namespace

TEST_CASE("real servers over UDP: the clock becomes trusted, and every fault ends it within a second") {
  Scene scene;
  REQUIRE(scene.becomes(ClockRefusal::none));
  CHECK(scene.status.status()->agreeing == 4);

  SUBCASE("the system clock is set") {
    scene.clock.error = 2 * kSecond;
    CHECK(scene.verdict() != ClockRefusal::none);  // at once
    CHECK(scene.becomes(ClockRefusal::outside));
    scene.clock.error = 0;
    CHECK(scene.verdict() != ClockRefusal::none);
    CHECK(scene.becomes(ClockRefusal::none));
  }
  SUBCASE("one server lies: the others suffice") {
    scene.servers[0].lie = 3 * kSecond;
    CHECK(comes_true([&] { return scene.status.status()->agreeing == 3; }));
    CHECK(scene.becomes(ClockRefusal::none));
    CHECK(comes_true([&] { return scene.was_told("clock.source.false"); }));
  }
  SUBCASE("two of four lie") {
    scene.servers[0].lie = scene.servers[1].lie = 3 * kSecond;
    CHECK(scene.becomes(ClockRefusal::untrusted, kOneSecond));
    scene.servers[0].lie = 0;
    CHECK(scene.becomes(ClockRefusal::none));
  }
  SUBCASE("all move together") {
    for (NtpServer& server : scene.servers) server.lie = 3 * kSecond;
    CHECK(scene.becomes(ClockRefusal::untrusted, kOneSecond));
    CHECK(comes_true([&] { return scene.was_told("clock.lost"); }));
    // Then the clock is outside, for the servers say so; when it is set, it goes on.
    CHECK(scene.becomes(ClockRefusal::outside));
    scene.clock.error = 3 * kSecond;
    CHECK(scene.becomes(ClockRefusal::none));
  }
  SUBCASE("all are silent") {
    for (NtpServer& server : scene.servers) server.is_silent = true;
    CHECK(scene.becomes(ClockRefusal::untrusted));
    for (NtpServer& server : scene.servers) server.is_silent = false;
    CHECK(scene.becomes(ClockRefusal::none));
  }
  SUBCASE("they say that they are not synchronised") {
    for (NtpServer& server : scene.servers) server.leap = 3;
    CHECK(scene.becomes(ClockRefusal::untrusted));
  }
  SUBCASE("they send the questions away") {
    for (NtpServer& server : scene.servers) server.stratum = 0;
    CHECK(scene.becomes(ClockRefusal::untrusted));
  }
  SUBCASE("a stranger answers first") {
    for (NtpServer& server : scene.servers) server.answers_twice = true;
    const int before = scene.servers[0].asked;
    CHECK(comes_true([&] { return scene.servers[0].asked > before + 5; }));
    CHECK(scene.becomes(ClockRefusal::none));
    for (NtpServer& server : scene.servers) server.forges_cookie = true;
    CHECK(scene.becomes(ClockRefusal::untrusted));
  }
  SUBCASE("the monitor ends") {
    scene.monitor.reset();
    CHECK(scene.verdict() == ClockRefusal::stale);
  }
}

TEST_CASE("answers of a time server are checked") {
  const NtpServer server;
  const NtpQuestion question = make_ntp_question();
  CHECK(question.packet.size() == kNtpSize);
  const ClockReading now = machine_clock().read();
  const auto read = [&](const Bytes& packet, Nanoseconds away = 10 * kMillisecond) {
    return read_ntp_answer(packet, question, now.steady, now.steady + away, now.utc);
  };
  const Bytes good = server.answer_to(question.packet);
  const auto sample = read(good);
  REQUIRE(sample);
  CHECK(sample->bound >= 5 * kMillisecond);  // half of the way
  CHECK(sample->bound < 10 * kMillisecond);
  CHECK(std::llabs(sample->utc_minus_steady - (now.utc - now.steady)) < 100 * kMillisecond);
  for (std::size_t size = 0; size < kNtpSize; ++size)
    CHECK_FALSE(read(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))));
  const auto changed = [&](std::size_t at, std::uint8_t value) {
    Bytes packet = good;
    packet[at] = value;
    return code_of(read(packet));
  };
  CHECK(changed(0, 0xe4) == "authority.clock.answer");  // leap 3
  CHECK(changed(0, 0x23) == "authority.clock.answer");  // a client's
  CHECK(changed(0, 0x0c) == "authority.clock.answer");  // version 1
  CHECK(changed(1, 0) == "authority.clock.answer");
  CHECK(changed(1, 16) == "authority.clock.answer");
  CHECK(changed(24, static_cast<std::uint8_t>(good[24] ^ 1U)) == "authority.clock.answer");
  CHECK(changed(35, static_cast<std::uint8_t>(good[35] + 1)) ==
        "authority.clock.answer");  // received after it was sent
  CHECK(code_of(read(good, -1)) == "authority.clock.answer");
  // The answer takes more than its way: it cannot have been under way for less than nothing.
  CHECK(changed(43, static_cast<std::uint8_t>(good[43] + 1)) == "authority.clock.answer");
}

TEST_CASE("NTP's seconds begin anew in 2036") {
  const NtpQuestion question = make_ntp_question();
  Bytes packet(kNtpSize);
  packet[0] = 0x24;
  packet[1] = 1;
  std::ranges::copy(question.cookie, packet.begin() + 24);
  packet[35] = packet[43] = 5;  // five seconds into the new era
  const Nanoseconds new_era = 2'085'978'501;
  const auto sample = read_ntp_answer(packet, question, 0, 0, (new_era - 40'000'000) * kSecond);
  REQUIRE(sample);
  CHECK(sample->utc_minus_steady == (new_era)*kSecond);
}

TEST_CASE("a status in a file is read by another, and believed only from its owner") {
  const TestFolder folder;
  const auto path = folder / "clock.status";
  const auto watcher = watch_clock_status(path);
  CHECK_FALSE(watcher->status());
  ClockStatus status;
  status.state = ClockState::trusted;
  status.measured = machine_clock().read();
  status.offset = -5;
  status.bound = 17;
  status.drift_ppb = -3;
  status.expires = status.measured.steady + 3'600 * kSecond;
  status.leap = LeapSecond::deletion;
  status.leap_at = 1'798'761'600;
  status.sources = 4;
  status.agreeing = 3;
  status.count = 7;
  auto file = must(ClockStatusFile::create(path));
  file->publish(status);
  CHECK(comes_true([&] { return watcher->status() == status; }));

  SUBCASE("a monitor that starts anew is followed when the old one is stale") {
    status.expires = 0;
    file->publish(status);
    file.reset();
    file = must(ClockStatusFile::create(path));
    status.expires = machine_clock().read().steady + 3'600 * kSecond;
    status.count = 1;
    file->publish(status);
    CHECK(comes_true([&] { return watcher->status() == status; }));
  }
  SUBCASE("others may write it") {
    REQUIRE(::chmod(path.c_str(), 0666) == 0);
    const auto another = watch_clock_status(path);
    CHECK_FALSE(another->status());
  }
  SUBCASE("another owner") {
    const auto another = watch_clock_status(path, {::geteuid() + 1});
    CHECK_FALSE(another->status());
  }
  SUBCASE("a symbolic link") {
    std::filesystem::create_symlink(path, folder / "link");
    const auto another = watch_clock_status(folder / "link");
    CHECK_FALSE(another->status());
  }
  SUBCASE("a damaged file") {
    Bytes content = must(read_file(path));
    content[24 + 8 * 18 + 16 + 16] ^= 1;
    folder.write("damaged", as_chars(content));
    CHECK_FALSE(watch_clock_status(folder / "damaged")->status());
    content[24 + 8 * 18 + 16 + 16] ^= 1;
    folder.write("whole", as_chars(content));
    CHECK(watch_clock_status(folder / "whole")->status() == status);
    content[8] ^= 1;  // of another start of the machine
    folder.write("earlier", as_chars(content));
    CHECK_FALSE(watch_clock_status(folder / "earlier")->status());
    folder.write("short", as_chars(content).substr(0, 100));
    CHECK_FALSE(watch_clock_status(folder / "short")->status());
  }
  CHECK(code_of(ClockStatusFile::create("/nowhere/at/all")) == "authority.clock.file");
}

TEST_CASE("a reader never sees half of a status") {
  SharedClockStatus shared;
  std::atomic<bool> is_over = false;
  std::jthread writer([&] {
    ClockStatus status;
    for (std::int64_t i = 1; i < 200'000; ++i) {
      status.offset = status.bound = status.drift_ppb = status.expires = i;
      shared.publish(status);
    }
    is_over = true;
  });
  while (!is_over) {
    const auto seen = shared.status();
    const bool has_begun = seen && seen->offset > 0;
    if (has_begun) CHECK(shared.status());  // and never none
    if (seen)
      CHECK((seen->offset == seen->bound && seen->bound == seen->drift_ppb && seen->drift_ppb == seen->expires));
  }
}

TEST_CASE("the kernel's clock can be asked") {
  const auto kernel = read_kernel_clock();
  if (kernel) CHECK(kernel->maximal_error >= 0);
}

}  // namespace kyso::authority::tsa
