#include <array>
#include <random>
#include <thread>

#include "authority/tsa/clock_monitor.h"
#include "authority/tsa/clock_test_support.h"
#include "authority/tsa/service.h"
#include "authority/tsa/store.h"
#include "authority/tsa/token_test_support.h"
#include "db/db_test_support.h"

// The whole authority with a real monitor and time servers over UDP, while the clock and the servers go wrong.
namespace kyso::authority::tsa {
namespace {

using std::chrono::milliseconds;

constexpr Nanoseconds kAccuracy = 200 * kMillisecond;

struct FaultScene {
  explicit FaultScene(db::Database& where) : database(where) {
    vault.add(key.signer(), key.holder);
    ClockMonitorOptions quick;
    quick.guard.settle = 2;
    quick.guard.sample_life = kSecond;
    quick.guard.jump_quarantine = 500 * kMillisecond;
    quick.poll = milliseconds(50);
    quick.publish = milliseconds(25);
    quick.timeout = milliseconds(50);
    std::vector<std::unique_ptr<TimeSource>> sources;
    for (const NtpServer& server : servers) sources.push_back(ntp_source(server.address(), clock));
    monitor = ClockMonitor::start(quick, std::move(sources), clock,
                                  {.publish = [this](const ClockStatus& now) { status.publish(now); },
                                   .tell = {},
                                   .kernel = [] { return KernelClock{.is_synchronised = true}; }});
    TsaOptions options;
    options.policies = {{.oid = "1.3.6.1.4.1.32473.1.1",
                         .name = "strict",
                         .accuracy = kAccuracy,
                         .digests = {crypto::DigestAlgorithm::sha256}}};
    authority =
        TimeStampAuthority::start(options, {.vault = vault, .database = database, .clock = clock, .status = status});
  }

  // One request: whether there was a token. Its time must be true within the accuracy.
  bool ask() {
    const pki::TimeStampRequest request = request_for("x");
    const Nanoseconds before = machine_clock().read().utc;
    const auto token = pki::read_response(authority->answer(pki::encode_request(request)), request);
    const Nanoseconds after = machine_clock().read().utc;
    if (!token) return false;
    // The reader cuts fractions off.
    const Nanoseconds time = token->time.time_since_epoch().count() * kSecond;
    CHECK(time >= before - kAccuracy - kSecond);
    CHECK(time <= after + kAccuracy);
    const auto record = must(find_token(database, must(from_hex(token->serial_hex))));
    REQUIRE(record);
    CHECK(record->time_us * kMicrosecond >= before - kAccuracy);
    CHECK(record->time_us * kMicrosecond <= after + kAccuracy);
    return true;
  }

  db::Database& database;
  TestKey key;
  TestVault vault;
  std::array<NtpServer, 4> servers;
  BentClock clock;
  SharedClockStatus status;
  std::unique_ptr<ClockMonitor> monitor;
  std::unique_ptr<TimeStampAuthority> authority;
};

}  // namespace

TEST_CASE("within a second of the clock's leaving the accuracy there are no more tokens, and later there are again") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  FaultScene scene(*database);
  REQUIRE(comes_true([&] { return scene.ask(); }));
  const auto ends_within_a_second = [&](auto&& fault) {
    const auto begun = std::chrono::steady_clock::now();
    fault();
    CHECK(comes_true([&] { return !scene.ask(); }));
    CHECK(std::chrono::steady_clock::now() - begun < milliseconds(1'000));
  };
  const auto returns = [&] { return comes_true([&] { return scene.ask(); }); };
  ends_within_a_second([&] { scene.clock.error = 500 * kMillisecond; });
  scene.clock.error = 0;
  CHECK(returns());
  // The servers say that UTC is elsewhere: so it is, for all that can be known.
  ends_within_a_second([&] {
    for (NtpServer& server : scene.servers) server.lie = kSecond / 2;
  });
  for (NtpServer& server : scene.servers) server.lie = 0;
  CHECK(returns());
  ends_within_a_second([&] { scene.monitor.reset(); });
}

TEST_CASE("a run of faults: no token has a time outside of the accuracy") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  FaultScene scene(*database);
  REQUIRE(comes_true([&] { return scene.ask(); }));
  std::atomic<bool> is_over = false;
  std::atomic<int> granted = 0, refused = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 3; ++i)
    clients.emplace_back([&] {
      while (!is_over) ++(scene.ask() ? granted : refused);
    });
  std::mt19937_64 random(20260906);
  const auto among = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  for (int step = 0; step < 60; ++step) {
    switch (among(0, 6)) {
      case 0:
        scene.clock.error = among(-5 * kSecond, 5 * kSecond);
        break;
      case 1:
        scene.clock.error = among(-2 * kAccuracy, 2 * kAccuracy);
        break;
      case 2:  // one server alone lies
        scene.servers[0].lie = among(-5 * kSecond, 5 * kSecond);
        break;
      case 3:
        scene.servers[1].is_silent = among(0, 1) == 0;
        break;
      default:
        scene.clock.error = 0;
        break;
    }
    // Until the clients have met this world some times.
    const int seen = granted + refused;
    CHECK(comes_true([&] { return granted + refused > seen + 20; }));
  }
  // Both worlds were met often, however busy the machine is.
  scene.clock.error = 5 * kSecond;
  CHECK(comes_true([&] { return refused > 50; }));
  scene.clock.error = 0;
  scene.servers[0].lie = 0;
  scene.servers[1].is_silent = false;
  CHECK(comes_true([&] { return granted > 50; }));
  is_over = true;
  clients.clear();
}

}  // namespace kyso::authority::tsa
