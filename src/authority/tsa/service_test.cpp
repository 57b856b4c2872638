#include "authority/tsa/service.h"

#include <signal.h>
#include <sys/wait.h>

#include <array>
#include <set>
#include <thread>

#include "authority/tsa/clock_test_support.h"
#include "authority/tsa/serials.h"
#include "authority/tsa/store.h"
#include "authority/tsa/token_test_support.h"
#include "crypto/der.h"
#include "crypto/signed_data_reader.h"
#include "db/db_test_support.h"

namespace kyso::authority::tsa {
namespace {

namespace der = crypto::der;
using crypto::DigestAlgorithm;

constexpr std::string_view kOrdered = "1.3.6.1.4.1.32473.1.2", kLegacy = "1.3.6.1.4.1.32473.1.3";

TsaOptions options_of() {
  TsaOptions options;
  options.is_enabled = true;
  options.refresh = std::chrono::milliseconds(100);
  options.serial_block = 16;
  const std::vector<DigestAlgorithm> sha2{DigestAlgorithm::sha256, DigestAlgorithm::sha384, DigestAlgorithm::sha512};
  options.policies = {
      {.oid = "1.3.6.1.4.1.32473.1.1", .name = "usual", .digests = sha2},
      {.oid = std::string(kOrdered),
       .name = "ordered",
       .accuracy = 100 * kMillisecond,
       .is_ordered = true,
       .digests = sha2},
      {.oid = std::string(kLegacy), .name = "old", .digests = {DigestAlgorithm::sha1}, .is_legacy = true}};
  return options;
}

const TestKey& key() {
  static const TestKey made;
  return made;
}

struct House {
  explicit House(db::Database& where, TsaOptions how = options_of()) : database(where), options(std::move(how)) {
    vault.add(key().signer(), key().holder);
    open();
  }
  void open() {
    authority =
        TimeStampAuthority::start(options, {.vault = vault, .database = database, .clock = clock, .status = status});
  }
  Result<pki::TimeStampToken> ask(const pki::TimeStampRequest& request) {
    return pki::read_response(authority->answer(pki::encode_request(request)), request);
  }
  Result<pki::TimeStampToken> ask(std::string_view data, std::string_view policy = {},
                                  DigestAlgorithm algorithm = DigestAlgorithm::sha256) {
    pki::TimeStampRequest request = request_for(data, algorithm);
    request.policy = policy;
    return ask(request);
  }
  db::Database& database;
  TsaOptions options;
  TestVault vault;
  BentClock clock;
  SetStatus status{clock};
  std::unique_ptr<TimeStampAuthority> authority;
};

struct Info {
  std::string time;  // as written
  bool is_ordered = false;
  Bytes accuracy;
};
Info info_of(const Bytes& token) {
  const auto data = must(crypto::read_signed_data(token));
  der::Reader outer(*data.content);
  der::Reader fields(must(outer.expect(der::kSequence)).content);
  for (int i = 0; i < 4; ++i) must(fields.next());
  Info info;
  info.time = as_chars(must(fields.expect(der::kGeneralizedTime)).content);
  if (const auto accuracy = must(fields.maybe(der::kSequence)))
    info.accuracy.assign(accuracy->whole.begin(), accuracy->whole.end());
  info.is_ordered = must(fields.maybe(der::kBoolean)).has_value();
  // Comparable as text: the fraction filled up.
  std::string text = info.time.substr(0, info.time.size() - 1);
  if (text.find('.') == std::string::npos) text += '.';
  info.time = text + std::string(21 - text.size(), '0');
  return info;
}

std::string refusal(const Result<pki::TimeStampToken>& answer) {
  REQUIRE_FALSE(answer);
  REQUIRE(answer.error().code == "pki.tsp.rejected");
  const std::string reason = parameter(answer.error(), "reason");
  return reason.substr(reason.rfind(' ') + 1);
}

}  // namespace

TEST_CASE("a request gets a token, recorded and logged") {
  db::on_each_engine([](db::Database& database) {
    House house(database);
    const auto token = must(house.ask("một"));
    CHECK(token.policy == house.options.policies.front().oid);
    CHECK(token.serial_hex.starts_with("07"));
    CHECK(token.serial_hex.size() == 18);
    CHECK(to_hex(info_of(token.der).accuracy) == "3003020101");
    CHECK_FALSE(info_of(token.der).is_ordered);
    CHECK(to_hex(info_of(must(house.ask("hai", kOrdered)).der).accuracy) == "3003800164");

    const auto record = must(find_token(database, must(from_hex(token.serial_hex))));
    REQUIRE(record);
    CHECK(record->imprint == token.imprint);
    CHECK(record->algorithm == "sha256");
    CHECK(record->token_sha256 == crypto::digest(DigestAlgorithm::sha256, token.der));
    CHECK(record->signer == key().holder->certificate().sha256());
    CHECK(to_instant(record->time_us * kMicrosecond) == token.time);
    // The audit event holds the hash of the records of its batch.
    const auto event = must(database.read([&](db::Transaction& transaction) {
      return transaction.one(
          "SELECT e.id, e.details FROM audit_event e JOIN tsa_token t ON t.event = e.id WHERE t.serial = ?",
          {record->serial});
    }));
    std::string lines;
    for (const TokenRecord& each : must(tokens_of(database, must(event.get<std::int64_t>(0)))))
      lines += canonical_line(each);
    CHECK(must(event.get<std::string>(1)).find(to_hex(crypto::digest(DigestAlgorithm::sha256, as_bytes(lines)))) !=
          std::string::npos);
    CHECK(house.authority->statistics().granted == 2);
    CHECK(house.authority->check());
    CHECK(house.authority->metrics().find("kyso_tsa_tokens_total 2") != std::string::npos);
  });
}

TEST_CASE("policies and digests: what is not offered is refused") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  House house(*database);
  CHECK(refusal(house.ask("x", "1.2.3")) == "unacceptedPolicy");
  CHECK(refusal(house.ask("x", "", DigestAlgorithm::sha1)) == "badAlg");
  CHECK(refusal(house.ask("x", "", DigestAlgorithm::sha3_256)) == "badAlg");
  CHECK(refusal(house.ask("x", kLegacy)) == "badAlg");
  CHECK(must(house.ask("x", kLegacy, DigestAlgorithm::sha1)).policy == kLegacy);
  CHECK(must(house.ask("x", "", DigestAlgorithm::sha512)).algorithm == DigestAlgorithm::sha512);
  pki::TimeStampRequest bare = request_for("x");
  bare.want_certificates = false;
  CHECK(code_of(house.ask(bare)) == "pki.tsp.certificate");
}

TEST_CASE("without a clock that is trusted there is no token, and afterwards there is") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  House house(*database);
  REQUIRE(house.ask("x"));
  const int signed_before = house.vault.tokens;
  const auto refuses = [&] { return refusal(house.ask("x")) == "timeNotAvailable" && !house.authority->check(); };
  house.status.is_missing = true;
  CHECK(refuses());
  house.status.is_missing = false;
  house.status.is_lost = true;
  CHECK(refuses());
  house.status.is_lost = false;
  CHECK(house.ask("x"));
  house.status.offset = 1'100 * kMillisecond;
  CHECK(refuses());
  house.status.offset = -500 * kMillisecond;
  CHECK(house.ask("x"));
  CHECK(refusal(house.ask("x", kOrdered)) == "timeNotAvailable");  // which is stricter
  CHECK(house.vault.tokens == signed_before + 2);
  CHECK(house.authority->statistics().refused_for_time == 4);
  house.status.is_missing = true;
  CHECK(comes_true([&] {
    return must(database->read([&](db::Transaction& transaction) {
             return transaction.query("SELECT 1 FROM audit_event WHERE kind = 'tsa.time.lost'");
           })).size() >= 1;
  }));
}

TEST_CASE("the vault, the database or the disk is away: no token, and afterwards there is") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  House house(*database);
  REQUIRE(house.ask("x"));
  house.vault.is_away = true;
  CHECK(refusal(house.ask("x")) == "systemFailure");
  house.vault.is_away = false;
  CHECK(house.ask("x"));
  must(database->write(
      [](db::Transaction& transaction) { return transaction.execute("ALTER TABLE tsa_token RENAME TO gone"); }));
  CHECK(refusal(house.ask("x")) == "systemFailure");
  must(database->write(
      [](db::Transaction& transaction) { return transaction.execute("ALTER TABLE gone RENAME TO tsa_token"); }));
  CHECK(house.ask("x"));
  CHECK(house.authority->statistics().failures == 2);
}

TEST_CASE("a request that the vault refuses does not harm those that travel with it") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  House house(*database);
  house.vault.policies = {house.options.policies.front().oid};
  std::atomic<int> granted = 0, refused = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) ++(house.ask("x", t % 3 == 0 ? kOrdered : std::string_view()) ? granted : refused);
    });
  threads.clear();
  CHECK(granted == 80);
  CHECK(refused == 40);
}

TEST_CASE("a vault that starts later is found") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  House house(*database);
  house.authority.reset();
  house.vault.is_away = true;
  house.open();
  CHECK(code_of(house.authority->check()) == "authority.tsa.signer");
  CHECK(refusal(house.ask("x")) == "systemFailure");
  house.vault.is_away = false;
  CHECK(comes_true([&] { return house.authority->check().has_value(); }));
  CHECK(house.ask("x"));
  house.authority.reset();
  house.vault.instance = 0;
  house.open();
  CHECK(code_of(house.authority->check()) == "authority.tsa.signer");
  CHECK(refusal(house.ask("x")) == "systemFailure");
}

TEST_CASE("the first token of a key is read back before it leaves") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  House house(*database);
  house.vault.is_damaged = true;
  for (int i = 0; i < 3; ++i) CHECK(refusal(house.ask("x")) == "systemFailure");
  house.vault.is_damaged = false;
  CHECK(house.ask("x"));
}

TEST_CASE("a new key takes over without a pause, and the old one when the new one's token is gone") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  House house(*database);
  REQUIRE(must(house.ask("x")).authority.sha256() == key().holder->certificate().sha256());
  const TestKey next;
  vault::Signer signer = next.signer("tsa-2");
  std::atomic<bool> is_over = false;
  std::atomic<int> failed = 0;
  std::jthread client([&] {
    while (!is_over)
      if (!house.ask("y")) ++failed;
  });
  house.vault.add(signer, next.holder);
  // Both began in the same second or this one later: the later name wins a tie.
  CHECK(comes_true([&] { return must(house.ask("x")).authority.sha256() == next.holder->certificate().sha256(); }));
  is_over = true;
  client.join();
  CHECK(failed == 0);
  house.vault.unavailable = "tsa-2";
  CHECK(must(house.ask("x")).authority.sha256() == key().holder->certificate().sha256());
}

TEST_CASE("eight threads: every serial once, ordered times strictly rise") {
  db::on_each_engine([](db::Database& database) {
    House house(database);
    REQUIRE(comes_true([&] { return info_of(must(house.ask("x", kOrdered)).der).is_ordered; }));
    std::mutex mutex;
    std::vector<std::string> times;
    std::set<std::string> serials;
    std::size_t count = 0;
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&] {
        std::string last;
        for (int i = 0; i < 60; ++i) {
          const auto token = house.ask("y", kOrdered);
          const std::scoped_lock lock(mutex);
          if (!token) FAIL_CHECK(token.error().detail);
          if (!token) return;
          const Info info = info_of(token->der);
          CHECK(info.is_ordered);
          CHECK(info.time > last);  // asked after the answer to the last one
          last = info.time;
          times.push_back(info.time);
          serials.insert(token->serial_hex);
          ++count;
        }
      });
    threads.clear();
    CHECK(serials.size() == count);
    CHECK(std::set<std::string>(times.begin(), times.end()).size() == count);
    CHECK(house.authority->statistics().batches < count + 2);  // some travelled together
    CHECK(must(database.read(
                   [](db::Transaction& transaction) { return transaction.one("SELECT COUNT(*) FROM tsa_token"); }))
              .get<std::int64_t>(0)
              .value() >= static_cast<std::int64_t>(count));
  });
}

TEST_CASE("one node alone promises order; when it ends, another begins after its last time") {
  db::on_each_engine([](db::TestDatabase& first) {
    const auto second = must(db::Database::open(first.options()));
    House one(*first);
    REQUIRE(comes_true([&] { return info_of(must(one.ask("x", kOrdered)).der).is_ordered; }));
    House two(*second);
    // The clock of the other is behind, but within the accuracy.
    two.clock.error = -40 * kMillisecond;
    std::string last;
    for (int i = 0; i < 20; ++i) {
      const Info mine = info_of(must(one.ask("x", kOrdered)).der), other = info_of(must(two.ask("x", kOrdered)).der);
      CHECK(mine.is_ordered);
      CHECK_FALSE(other.is_ordered);
      CHECK(mine.time > last);
      last = mine.time;
    }
    one.authority.reset();
    Info next;
    CHECK(comes_true([&] { return (next = info_of(must(two.ask("x", kOrdered)).der)).is_ordered; }));
    CHECK(next.time > last);
  });
}

TEST_CASE("a clock that goes back a little does not turn the order round") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  House house(*database);
  REQUIRE(comes_true([&] { return info_of(must(house.ask("x", kOrdered)).der).is_ordered; }));
  const Info before = info_of(must(house.ask("x", kOrdered)).der);
  house.clock.error = -30 * kMillisecond;
  const Info after = info_of(must(house.ask("x", kOrdered)).der);
  CHECK(after.time > before.time);
  // Further than the declared accuracy allows: refused until the clock has caught up.
  house.clock.error = -300 * kMillisecond;
  CHECK(refusal(house.ask("x", kOrdered)) == "timeNotAvailable");
  CHECK(house.ask("x"));
  house.clock.error = 0;
  CHECK(comes_true([&] { return house.ask("x", kOrdered).has_value(); }));
}

TEST_CASE("serials are reserved once, whoever asks, and never below the time") {
  db::on_each_engine([](db::TestDatabase& database) {
    const auto second = must(db::Database::open(database.options()));
    std::mutex mutex;
    std::set<std::int64_t> starts;
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 20; ++i) {
          const std::int64_t start = must(reserve_serials(t % 2 == 0 ? *database : *second, 3, 100, 1'000));
          const std::scoped_lock lock(mutex);
          CHECK(starts.insert(start).second);
        }
      });
    threads.clear();
    CHECK(*starts.begin() == 1'000);
    CHECK(*starts.rbegin() == 1'000 + 79 * 100);
    // An old backup was brought back: the time keeps the numbers apart.
    CHECK(must(reserve_serials(*database, 3, 100, 50'000)) == 50'000);
    CHECK(must(reserve_serials(*database, 3, 100, 40'000)) == 50'100);
    CHECK(must(reserve_serials(*database, 4, 100, 7)) == 7);
  });
  Bytes last;
  SerialSource source(5, 2, [](int, std::int64_t count, std::int64_t floor) -> Result<std::int64_t> {
    static std::int64_t next = 0;
    return std::exchange(next, std::max(next, floor) + count);
  });
  for (const Bytes& serial : must(source.take(9, Instant(std::chrono::seconds(0))))) {
    CHECK(serial.size() == 9);
    CHECK(serial[0] == 5);
    CHECK(serial > last);
    last = serial;
  }
}

TEST_CASE("kill -9 at any moment: no serial twice, every token that was given out is on record") {
  const TestFolder folder;
  db::DatabaseOptions options;
  options.url = "sqlite:" + (folder / "tsa.db").string();
  {
    const auto database = must(db::Database::open(options));
    must(db::migrate(*database, db::kPlatformMigrations, system_clock()));
  }
  key();
  std::set<std::string> given;
  for (int round = 0; round < 12; ++round) {
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::close(pipe[0]);
      const auto database = db::Database::open(options);
      if (!database) ::_exit(1);
      House house(**database);
      std::vector<std::jthread> threads;
      for (int t = 0; t < 3; ++t)
        threads.emplace_back([&] {
          for (;;) {
            const auto token = house.ask("x");
            if (!token) ::_exit(2);
            const std::string line = token->serial_hex + "\n";
            static_cast<void>(!::write(pipe[1], line.data(), line.size()));
          }
        });
      threads.clear();
      ::_exit(0);
    }
    ::close(pipe[1]);
    // It dies somewhere in its work, after a number of tokens that differs from round to round.
    std::string received;
    std::array<char, 19> line;
    for (int i = 0; i < 5 + round * 7; ++i) {
      const ssize_t got = ::read(pipe[0], line.data(), line.size());
      if (got <= 0) break;
      received.append(line.data(), static_cast<std::size_t>(got));
    }
    ::kill(child, SIGKILL);
    for (ssize_t got; (got = ::read(pipe[0], line.data(), line.size())) > 0;)
      received.append(line.data(), static_cast<std::size_t>(got));
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    for (std::size_t at = 0; at + 19 <= received.size(); at += 19) CHECK(given.insert(received.substr(at, 18)).second);
  }
  CHECK(given.size() > 100);
  const auto database = must(db::Database::open(options));
  for (const std::string& serial : given) CHECK(must(find_token(*database, must(from_hex(serial)))));
}

}  // namespace kyso::authority::tsa
