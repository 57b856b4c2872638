#include "authority/status/ocsp_service.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <thread>

#include "authority/status/ocsp_routes.h"
#include "authority/status/status_test_support.h"
#include "pki/ocsp_state.h"

namespace kyso::authority::status {
namespace {

using namespace std::chrono_literals;
using pki::CertificateStatus;

// One responder with its own view of the database.
struct Responder {
  TestVault& vault;
  std::shared_ptr<std::atomic<std::int64_t>> time = std::make_shared<std::atomic<std::int64_t>>(1'000'000'000);
  StatusDirectory directory;
  OcspService service;

  Responder(db::Database& database, TestVault& the_vault, const Clock& clock, OcspOptions options = {})
      : vault(the_vault), directory(database, with_time(time)), service(the_vault, directory, clock, options) {
    must(directory.load());
    must(service.refresh());
  }
  static DirectoryOptions with_time(std::shared_ptr<std::atomic<std::int64_t>> time) {
    DirectoryOptions options;
    options.time = [time = std::move(time)] { return std::chrono::nanoseconds(time->load()); };
    return options;
  }
  void pass(std::chrono::milliseconds duration) { *time += std::chrono::nanoseconds(duration).count(); }

  // "good", "revoked", "unknown", or the error's name.
  std::string ask(const Bytes& query, std::string_view only = {}) {
    const auto answer = service.answer(query, only);
    const auto read = pki::OcspResponse::from_der(*answer->body);
    if (!read) return parameter(read.error(), "status");
    std::string out;
    for (const auto& single : read->state().answers) {
      if (!out.empty()) out += " ";
      out += single.status == CertificateStatus::good      ? "good"
             : single.status == CertificateStatus::revoked ? "revoked"
                                                           : "unknown";
    }
    return out;
  }
  std::string ask(const TestIssuer& issuer, const Bytes& serial) {
    return ask(ocsp_query({certificate_id(issuer, serial)}));
  }
};

const std::string kIssuer = "CPCA_G1";

TEST_CASE("each state is told as it must be, and never as good when it is not") {
  db::on_each_engine([](db::Database& database) {
    const TestClock clock;
    TestVault vault({&first_issuer()});
    Responder responder(database, vault, clock);
    const Bytes serial = serial_number(1);
    CHECK(responder.ask(first_issuer(), serial) == "unknown");
    const CertificateRow row = certificate_row(kIssuer, serial, clock.now());
    insert_waiting(database, row);
    responder.pass(1001ms);
    CHECK(responder.ask(first_issuer(), serial) == "unknown");
    make_good(database, row);
    // That it wasn't there is remembered for a second at most.
    responder.pass(1001ms);
    must(responder.directory.poll());
    CHECK(responder.ask(first_issuer(), serial) == "good");
    for (const auto& [state, reason, told] : {std::tuple{CertificateState::suspended, std::optional(6), "revoked"},
                                              {CertificateState::good, std::optional<int>(), "good"},
                                              {CertificateState::revoked, std::optional(1), "revoked"}}) {
      change(database, row, state, clock.now(), reason);
      must(responder.directory.poll());
      CHECK(responder.ask(first_issuer(), serial) == told);
    }
    const CertificateRow given_up = certificate_row(kIssuer, serial_number(2), clock.now());
    insert_waiting(database, given_up);
    change(database, given_up, CertificateState::void_, clock.now());
    must(responder.directory.poll());
    CHECK(responder.ask(first_issuer(), serial_number(2)) == "revoked");
  });
}

TEST_CASE("a revocation reaches a second responder on the same database in less than a second") {
  db::on_each_engine([](db::TestDatabase& first) {
    const auto second = must(db::Database::open(first.options()));
    const TestClock clock;
    TestVault vault({&first_issuer()});
    const CertificateRow row = add_good(*first, kIssuer, serial_number(7), clock.now());
    StatusDirectory directory(*second, {});
    OcspService service(vault, directory, clock, {});
    must(directory.load());
    must(service.refresh());
    std::mutex mutex;
    std::condition_variable changed;
    bool has_changed = false;
    directory.on_status_change([&] {
      const std::lock_guard lock(mutex);
      has_changed = true;
      changed.notify_all();
    });
    directory.start();
    const Bytes query = ocsp_query({certificate_id(first_issuer(), row.serial)});
    const auto status = [&] {
      return must(pki::OcspResponse::from_der(*service.answer(query)->body)).state().answers.at(0).status;
    };
    CHECK(status() == CertificateStatus::good);
    CHECK(service.quick(query) != nullptr);
    const auto began = std::chrono::steady_clock::now();
    change(*first, row, CertificateState::revoked, clock.now(), 1);
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, 5s, [&] { return has_changed; }));
    lock.unlock();
    CHECK(std::chrono::steady_clock::now() - began < 1s);
    CHECK(service.quick(query) == nullptr);
    CHECK(status() == CertificateStatus::revoked);
  });
}

TEST_CASE("a gap in the events, or a database that went back, is never answered over") {
  db::on_each_engine([](db::Database& database) {
    const TestClock clock;
    TestVault vault({&first_issuer()});
    const CertificateRow row = add_good(database, kIssuer, serial_number(1), clock.now());
    Responder responder(database, vault, clock);
    CHECK(responder.ask(first_issuer(), row.serial) == "good");
    const auto run = [&](std::string_view sql) {
      must(database.write([&](db::Transaction& transaction) { return transaction.execute(sql); }));
    };
    // An event that nobody can see any more; the table of certificates knows better.
    change(database, row, CertificateState::revoked, clock.now(), 1);
    run("DELETE FROM status_event WHERE sequence = 1");
    must(responder.directory.poll());
    CHECK(responder.directory.sequence() == 1);
    CHECK(responder.ask(first_issuer(), row.serial) == "revoked");
    // The number before the last is missing.
    change(database, row, CertificateState::revoked, clock.now(), 1);
    change(database, row, CertificateState::suspended, clock.now(), 6);
    run("DELETE FROM status_event WHERE sequence = 2");
    must(responder.directory.poll());
    CHECK(responder.directory.sequence() == 3);
    // A backup was restored: the certificate and its revocation never were.
    run("DELETE FROM status_event");
    run("UPDATE counter SET value = 0 WHERE name = 'status'");
    run("DELETE FROM certificate");
    must(responder.directory.poll());
    CHECK(responder.directory.sequence() == 0);
    CHECK(responder.ask(first_issuer(), row.serial) == "unknown");
  });
}

TEST_CASE("without the database for too long the answer is tryLater, also from the cache") {
  const TestClock clock;
  TestVault vault({&first_issuer()});
  db::TestServer server;
  db::DatabaseOptions options;
  options.url = server.url();
  options.acquire_timeout = 500ms;
  const auto database = must(db::Database::open(options));
  must(db::migrate(*database, db::kPlatformMigrations, system_clock()));
  const CertificateRow row = add_good(*database, kIssuer, serial_number(1), clock.now());
  Responder responder(*database, vault, clock);
  CHECK(responder.ask(first_issuer(), row.serial) == "good");
  server.kill();
  CHECK_FALSE(responder.directory.poll());
  // For a while what is known holds; what isn't known can't be told.
  responder.pass(4000ms);
  CHECK(responder.ask(first_issuer(), row.serial) == "good");
  CHECK(responder.ask(first_issuer(), serial_number(2)) == "tryLater");
  responder.pass(1001ms);
  CHECK_FALSE(responder.directory.is_current());
  CHECK(responder.ask(first_issuer(), row.serial) == "tryLater");
  server.start();
  must(responder.directory.poll());
  CHECK(responder.ask(first_issuer(), row.serial) == "good");
  CHECK(responder.ask(first_issuer(), serial_number(2)) == "unknown");
}

TEST_CASE("the vault away: tryLater for what must be signed, cached answers go on") {
  db::on_each_engine([](db::Database& database) {
    const TestClock clock;
    TestVault vault({&first_issuer()});
    const CertificateRow row = add_good(database, kIssuer, serial_number(1), clock.now());
    Responder responder(database, vault, clock);
    const Bytes query = ocsp_query({certificate_id(first_issuer(), row.serial)});
    CHECK(responder.ask(query) == "good");
    vault.is_away = true;
    CHECK(responder.ask(query) == "good");
    CHECK(responder.ask(ocsp_query({certificate_id(first_issuer(), row.serial)}, Bytes(16, 1))) == "tryLater");
    CHECK_FALSE(responder.service.refresh());
    CHECK(responder.ask(query) == "good");
    vault.is_away = false;
    CHECK(responder.ask(ocsp_query({certificate_id(first_issuer(), row.serial)}, Bytes(16, 1))) == "good");
  });
}

TEST_CASE("answers are for the whole CertID: issuer by name and key, with SHA-1 and SHA-256") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  const TestClock clock;
  TestVault vault({&first_issuer(), &second_issuer()});
  const Bytes serial = serial_number(1);
  add_good(*database, "CPCA_G1", serial, clock.now());
  const CertificateRow other = add_good(*database, "CPCA_G2", serial, clock.now());
  change(*database, other, CertificateState::revoked, clock.now(), 1);
  Responder responder(*database, vault, clock);
  using enum crypto::DigestAlgorithm;
  for (const auto algorithm : {sha1, sha256}) {
    CHECK(responder.ask(ocsp_query({certificate_id(first_issuer(), serial, algorithm)})) == "good");
    CHECK(responder.ask(ocsp_query({certificate_id(second_issuer(), serial, algorithm)})) == "revoked");
  }
  // The name of one and the key of another.
  Bytes mixed = certificate_id(first_issuer(), serial);
  const Bytes right = certificate_id(second_issuer(), serial);
  std::copy(right.begin() + 13, right.begin() + 35, mixed.begin() + 13);
  CHECK(responder.ask(ocsp_query({mixed})) == "unauthorized");
  CHECK(responder.ask(ocsp_query({certificate_id(first_issuer(), serial), certificate_id(second_issuer(), serial)})) ==
        "unauthorized");
  const Bytes query = ocsp_query({certificate_id(first_issuer(), serial)});
  CHECK(responder.ask(query, "CPCA_G1") == "good");
  CHECK(responder.ask(query, "CPCA_G2") == "unauthorized");
  CHECK(responder.ask(Bytes{0x30, 0}) == "malformedRequest");
}

TEST_CASE("several certificates, also the same twice, are each answered, in their order") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  const TestClock clock;
  TestVault vault({&first_issuer()});
  const CertificateRow good = add_good(*database, kIssuer, serial_number(1), clock.now());
  const CertificateRow bad = add_good(*database, kIssuer, serial_number(2), clock.now());
  change(*database, bad, CertificateState::revoked, clock.now() - 1h, 4);
  Responder responder(*database, vault, clock);
  std::vector<Bytes> ids;
  for (const std::uint64_t number : {1, 2, 3, 2, 1})
    ids.push_back(certificate_id(first_issuer(), serial_number(number)));
  const auto answer = responder.service.answer(ocsp_query(ids));
  const auto read = must(pki::OcspResponse::from_der(*answer->body));
  REQUIRE(read.state().answers.size() == 5);
  CHECK(responder.ask(ocsp_query(ids)) == "good good revoked revoked unknown");
  std::size_t at = 0;
  for (const Bytes& id : ids) {
    const auto found = std::ranges::search(ByteView(*answer->body).subspan(at), id);
    REQUIRE_FALSE(found.empty());
    at = static_cast<std::size_t>(found.data() - answer->body->data());
  }
  for (const auto& single : read.state().answers)
    if (single.status == CertificateStatus::revoked) {
      CHECK(single.reason == 4);
      CHECK(single.revoked_at == clock.now() - 1h);
    }
}

TEST_CASE("nonces are echoed and signed anew, other answers are sent again until half of their time is over") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  TestClock clock;
  TestVault vault({&first_issuer()});
  const CertificateRow row = add_good(*database, kIssuer, serial_number(1), clock.now());
  Responder responder(*database, vault, clock);
  const Bytes nonce = crypto::random_bytes(32);
  const Bytes with_nonce = ocsp_query({certificate_id(first_issuer(), row.serial)}, nonce);
  for (int i = 0; i < 2; ++i) {
    const auto answer = responder.service.answer(with_nonce);
    CHECK(must(pki::OcspResponse::from_der(*answer->body)).nonce() == nonce);
    CHECK(answer->max_age == 0s);
  }
  CHECK(vault.answers == 2);
  CHECK(responder.service.cache().size() == 0);
  const Bytes query = ocsp_query({certificate_id(first_issuer(), row.serial)});
  const auto first = responder.service.answer(query);
  CHECK(responder.service.answer(query) == first);
  CHECK(vault.answers == 3);
  clock.advance(29min);
  CHECK(responder.service.answer(query) == first);
  // At every moment at which it is sent, max-age ends before nextUpdate.
  const auto read = must(pki::OcspResponse::from_der(*first->body));
  const Instant next_update = read.state().answers.at(0).next_update.value();
  CHECK(first->max_age < next_update - clock.now());
  clock.advance(2min);
  CHECK(responder.service.answer(query) != first);
  CHECK(vault.answers == 4);
  // A clock that was set back: an answer from the future is not sent.
  clock.advance(-20min);
  const auto again = responder.service.answer(query);
  CHECK(must(pki::OcspResponse::from_der(*again->body)).produced_at() == clock.now());
}

TEST_CASE("certificates that have ended are answered with an archive cut-off") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  TestClock clock;
  TestVault vault({&first_issuer()});
  CertificateRow row = certificate_row(kIssuer, serial_number(1), clock.now() - 400 * 24h);
  insert_waiting(*database, row);
  make_good(*database, row);
  Responder responder(*database, vault, clock);
  const auto answer = responder.service.answer(ocsp_query({certificate_id(first_issuer(), row.serial)}));
  const auto read = must(pki::OcspResponse::from_der(*answer->body));
  CHECK(read.state().answers.at(0).status == CertificateStatus::good);
  CHECK(read.state().answers.at(0).archive_cutoff == first_issuer().certificate().not_before());
}

TEST_CASE("never issued can be told as revoked, with extended-revoke") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  const TestClock clock;
  TestVault vault({&first_issuer()});
  OcspOptions options;
  options.not_issued = OcspOptions::NotIssued::revoked;
  Responder responder(*database, vault, clock, options);
  const auto answer = responder.service.answer(ocsp_query({certificate_id(first_issuer(), serial_number(9))}));
  const auto read = must(pki::OcspResponse::from_der(*answer->body));
  const auto& single = read.state().answers.at(0);
  CHECK(single.status == CertificateStatus::revoked);
  CHECK(single.revoked_at == Instant{});
  CHECK(single.reason == 6);
  const Bytes extended = crypto::der::encode_oid("1.3.6.1.5.5.7.48.1.9");
  CHECK_FALSE(std::ranges::search(*answer->body, extended).empty());
  CHECK(answer->max_age == 0s);
}

// An answer is being signed as good when the revocation commits and is followed.
TEST_CASE("an answer that was overtaken by a revocation is not sent a second time") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  const TestClock clock;
  TestVault vault({&first_issuer()});
  const CertificateRow row = add_good(*database, kIssuer, serial_number(1), clock.now());
  Responder responder(*database, vault, clock);
  const Bytes query = ocsp_query({certificate_id(first_issuer(), row.serial)});
  vault.before_signing = [&] {
    if (responder.directory.sequence() > 0) return;
    change(*database, row, CertificateState::revoked, clock.now(), 1);
    must(responder.directory.poll());
  };
  CHECK(responder.ask(query) == "good");  // it was, when it was looked up
  CHECK(responder.service.quick(query) == nullptr);
  CHECK(responder.ask(query) == "revoked");
}

TEST_CASE("whatever happens in whatever order, no responder says good for what isn't") {
  CHECK(rc::check([] {
    db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
    TestClock clock;
    clock.advance(24h);  // far from the start of the responder's certificate, however often it is set back
    TestVault vault({&first_issuer()});
    Responder responder(*database, vault, clock);
    std::map<std::uint64_t, CertificateState> truth;
    const auto steps = *rc::gen::inRange(1, 60);
    for (int i = 0; i < steps; ++i) {
      const auto which = *rc::gen::inRange<std::uint64_t>(1, 6);
      const CertificateRow row = certificate_row(kIssuer, serial_number(which), clock.now());
      const auto known = truth.find(which);
      switch (*rc::gen::inRange(0, 8)) {
        case 0:
          if (known != truth.end()) break;
          insert_waiting(*database, row);
          truth[which] = CertificateState::waiting;
          break;
        case 1:
          if (known == truth.end() || known->second != CertificateState::waiting) break;
          make_good(*database, row);
          truth[which] = CertificateState::good;
          break;
        case 2:
          if (known == truth.end() || known->second != CertificateState::waiting) break;
          change(*database, row, CertificateState::void_, clock.now());
          truth[which] = CertificateState::void_;
          break;
        case 3:
          if (known == truth.end() || known->second != CertificateState::good) break;
          change(*database, row, CertificateState::suspended, clock.now(), 6);
          truth[which] = CertificateState::suspended;
          break;
        case 4:
          if (known == truth.end() || known->second != CertificateState::suspended) break;
          change(*database, row, CertificateState::good, clock.now());
          truth[which] = CertificateState::good;
          break;
        case 5:
          if (known == truth.end() || known->second == CertificateState::waiting ||
              known->second == CertificateState::void_)
            break;
          change(*database, row, CertificateState::revoked, clock.now(), 1);
          truth[which] = CertificateState::revoked;
          break;
        case 6:
          responder.pass(std::chrono::milliseconds(*rc::gen::inRange(0, 7'000)));
          break;
        default:
          clock.advance(std::chrono::seconds(*rc::gen::inRange(-30, 3'000)));
      }
      // Between two polls an answer may be a poll old.
      must(responder.directory.poll());
      for (std::uint64_t asked = 1; asked < 7; ++asked) {
        const std::string told = responder.ask(first_issuer(), serial_number(asked));
        const auto is = truth.find(asked);
        if (is == truth.end() || is->second == CertificateState::waiting) {
          RC_ASSERT(told == "unknown");
        } else if (is->second == CertificateState::good) {
          RC_ASSERT(told == "good" || told == "unknown");  // unknown: for a second after it was issued
        } else {
          RC_ASSERT(told == "revoked");
        }
      }
    }
  }));
}

TEST_CASE("answers of many threads travel to the vault together, each to its own") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  const TestClock clock;
  TestVault vault({&first_issuer(), &second_issuer()});
  add_good(*database, "CPCA_G1", serial_number(1), clock.now());
  add_good(*database, "CPCA_G2", serial_number(1), clock.now());
  Responder responder(*database, vault, clock);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread)
    threads.emplace_back([&, thread] {
      const TestIssuer& issuer = thread % 2 == 0 ? first_issuer() : second_issuer();
      for (std::uint8_t i = 1; i < 40; ++i) {
        const Bytes nonce(16, static_cast<std::uint8_t>(thread * 40 + i));
        const auto answer = responder.service.answer(ocsp_query({certificate_id(issuer, serial_number(1))}, nonce));
        const auto read = pki::OcspResponse::from_der(*answer->body);
        if (!read || read->nonce() != nonce) {
          ++wrong;
          continue;
        }
        const auto& block = read->state().signed_block;
        const auto scheme = crypto::default_scheme(issuer.responder->certificate().public_key().type());
        if (!issuer.responder->certificate().public_key().verify(scheme, crypto::digest(scheme.digest, block.tbs),
                                                                 block.tbs, block.signature))
          ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(vault.answers == 8 * 39);
  CHECK(vault.calls <= vault.answers);
}

TEST_CASE("the cache holds its bound and lets go of what is not asked for") {
  AnswerCache cache(16 * 20'000);
  const auto answer = [](int number) {
    auto out = std::make_shared<PreparedAnswer>();
    out->body = std::make_shared<const Bytes>(Bytes(1'000, static_cast<std::uint8_t>(number)));
    return out;
  };
  const Bytes favourite = to_bytes("favourite");
  cache.put(favourite, answer(0));
  for (int i = 0; i < 5'000; ++i) {
    cache.put(to_bytes("request " + std::to_string(i)), answer(i));
    CHECK(cache.find(favourite) != nullptr);
  }
  CHECK(cache.memory() <= 16 * 20'000);
  CHECK(cache.size() < 300);
  CHECK(cache.size() > 100);
  CHECK(cache.find(to_bytes("request 0")) == nullptr);
  const auto newer = answer(1);
  cache.put(favourite, newer);
  CHECK(cache.find(favourite) == newer);
}

TEST_CASE("the request of a GET is read in every way in which it is written") {
  const TestClock clock;
  TestVault vault({&first_issuer()});
  ServedIssuers issuers;
  for (auto& settings : must(vault.state()).issuers) issuers.push_back({settings, 1, {}, {}});
  // Octets that need both "+" and "/" in base64, and padding.
  const Bytes request = must(from_hex("30827dfbffbf3e"));
  const std::string plain = to_base64(request);
  REQUIRE(plain.find('+') != std::string::npos);
  REQUIRE(plain.find('/') != std::string::npos);
  REQUIRE(plain.ends_with("=="));
  const auto replaced = [](std::string text, char from, std::string_view to) {
    std::string out;
    for (const char c : text) c == from ? out.append(to) : out.append(1, c);
    return out;
  };
  std::vector<std::string> ways{plain, replaced(replaced(plain, '+', "%2B"), '/', "%2F"),
                                replaced(replaced(plain, '+', "%2b"), '=', "%3D"),
                                replaced(replaced(plain, '+', "-"), '/', "_"), plain.substr(0, plain.size() - 2)};
  for (const std::string& way : ways) {
    CAPTURE(way);
    const auto read = must(read_ocsp_target(way, issuers));
    CHECK(read.request == request);
    CHECK(read.issuer.empty());
    const auto named = must(read_ocsp_target("CPCA_G1/" + way, issuers));
    CHECK(named.request == request);
    CHECK(named.issuer == "CPCA_G1");
  }
  for (const char* wrong : {"%", "%2", "%zz", "MA=", "M", "MAA!", "MAA=MAA="})
    CHECK(code_of(read_ocsp_target(wrong, issuers)) == "pki.ocsp.request");
}

}  // namespace
}  // namespace kyso::authority::status
