#include "authority/status/crl_publisher.h"

#include <doctest/doctest.h>

#include <thread>

#include "authority/status/list_names.h"
#include "authority/status/list_shelf.h"
#include "authority/status/status_test_support.h"
#include "pki/crl_state.h"

namespace kyso::authority::status {
namespace {

using namespace std::chrono_literals;

const std::string kIssuer = "CPCA_G1";

// One process that may publish.
struct Node {
  StatusDirectory directory;
  OcspService service;
  CrlPublisher publisher;
  ListShelf shelf;

  Node(db::Database& database, TestVault& vault, const Clock& clock, const CrlOptions& options = {})
      : directory(database, {}),
        service(vault, directory, clock, {}),
        publisher(database, vault, service, clock, options),
        shelf(database) {
    must(service.refresh());
  }
  pki::RevocationList list(std::string_view scope = kCompleteList) {
    must(shelf.refresh());
    const auto found = shelf.find(list_file_name(kIssuer, scope));
    REQUIRE(found != nullptr);
    return must(pki::RevocationList::from_der(found->content()));
  }
  std::int64_t number(std::string_view scope = kCompleteList) {
    must(shelf.refresh());
    const auto found = shelf.find(list_file_name(kIssuer, scope));
    return found ? found->row.number : 0;
  }
};

std::optional<int> reason_on(const pki::RevocationList& list, const Bytes& serial) {
  const auto found = list.state().find(serial, pki::normalise_name(first_issuer().certificate().subject_der()));
  return found ? std::optional(found->reason.value_or(0)) : std::nullopt;
}

TEST_CASE("an empty list from the first day, a new one after each change and on its clock") {
  db::on_each_engine([](db::Database& database) {
    TestClock clock;
    TestVault vault({&first_issuer()});
    Node node(database, vault, clock);
    must(node.publisher.tick());
    const pki::RevocationList empty = node.list();
    CHECK(empty.size() == 0);
    CHECK(empty.this_update() == clock.now());
    CHECK(empty.next_update() == clock.now() + 24h);
    CHECK(empty.expired_certificates_since() == first_issuer().certificate().not_before());
    CHECK(std::ranges::equal(empty.authority_key_id(), first_issuer().certificate().subject_key_id()));
    CHECK_FALSE(empty.state().scope);
    must(node.publisher.tick());
    CHECK(vault.lists == 1);

    const CertificateRow row = add_good(database, kIssuer, serial_number(1), clock.now());
    must(node.publisher.tick());
    CHECK(vault.lists == 1);
    change(database, row, CertificateState::suspended, clock.now());
    clock.advance(1s);
    must(node.publisher.tick());
    CHECK(reason_on(node.list(), row.serial) == 6);
    const std::int64_t number = node.number();
    change(database, row, CertificateState::good, clock.now());
    clock.advance(1s);
    must(node.publisher.tick());
    CHECK(node.list().size() == 0);
    CHECK(node.number() > number);
    change(database, row, CertificateState::revoked, clock.now(), 4);
    const CertificateRow given_up = certificate_row(kIssuer, serial_number(2), clock.now());
    insert_waiting(database, given_up);
    change(database, given_up, CertificateState::void_, clock.now());
    clock.advance(1s);
    must(node.publisher.tick());
    CHECK(reason_on(node.list(), row.serial) == 4);
    CHECK(reason_on(node.list(), given_up.serial) == 0);

    const int lists = vault.lists;
    clock.advance(6h - 1s);
    must(node.publisher.tick());
    CHECK(vault.lists == lists);
    clock.advance(1s);
    must(node.publisher.tick());
    CHECK(vault.lists == lists + 1);
    CHECK(node.list().this_update() == clock.now());
    CHECK(node.list().size() == 2);
    // Each list is on record.
    const auto events = must(database.read([](db::Transaction& transaction) {
      return transaction.query("SELECT subject FROM audit_event WHERE kind = 'crl.published'");
    }));
    CHECK(events.size() == static_cast<std::size_t>(vault.lists.load()));
  });
}

TEST_CASE("changes that come quickly one after the other share a list") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  TestClock clock;
  TestVault vault({&first_issuer()});
  Node node(*database, vault, clock);
  must(node.publisher.tick());
  for (std::uint64_t i = 1; i <= 5; ++i) {
    change(*database, add_good(*database, kIssuer, serial_number(i), clock.now()), CertificateState::revoked,
           clock.now(), 1);
    must(node.publisher.tick());
  }
  CHECK(vault.lists == 1);
  clock.advance(1s);
  must(node.publisher.tick());
  CHECK(vault.lists == 2);
  CHECK(node.list().size() == 5);
}

TEST_CASE("shards carry their certificates and addresses; the complete list carries all") {
  db::on_each_engine([](db::Database& database) {
    TestClock clock;
    TestVault vault({&first_issuer()});
    vault.shards = 4;
    vault.crl_urls = {"http://crl.example.gov.vn/crl/CPCA_G1-{shard}.crl"};
    Node node(database, vault, clock);
    must(node.publisher.tick());
    CHECK(vault.lists == 5);
    std::vector<CertificateRow> rows;
    for (std::uint64_t i = 0; i < 40; ++i)
      rows.push_back(add_good(database, kIssuer, serial_number(i), clock.now(), i % 4));
    for (std::size_t i = 0; i < rows.size(); i += 2)
      change(database, rows[i], CertificateState::revoked, clock.now(), 1);
    clock.advance(1s);
    must(node.publisher.tick());
    CHECK(vault.lists == 7);  // shards 0 and 2 alone
    for (std::size_t shard = 0; shard < 4; ++shard) {
      const pki::RevocationList list = node.list(std::to_string(shard));
      CHECK(list.size() == (shard % 2 == 0 ? 10 : 0));
      REQUIRE(list.state().scope);
      CHECK(list.state().scope->full_name.at(0).value ==
            to_bytes(fmt::format("http://crl.example.gov.vn/crl/CPCA_G1-{}.crl", shard)));
      for (std::size_t i = 0; i < rows.size(); ++i)
        CHECK(reason_on(list, rows[i].serial).has_value() == (i % 4 == shard && i % 2 == 0));
    }
    CHECK(node.list().size() == 0);
    clock.advance(24h);
    must(node.publisher.tick());
    CHECK(node.list().size() == 20);
    CHECK_FALSE(node.list().state().scope);
  });
}

TEST_CASE("delta lists tell what changed since the complete one, released certificates too") {
  db::on_each_engine([](db::Database& database) {
    TestClock clock;
    TestVault vault({&first_issuer()});
    CrlOptions options;
    options.schedule.delta_urls = {"http://crl.example.gov.vn/crl/CPCA_G1-delta.crl"};
    const CertificateRow old = add_good(database, kIssuer, serial_number(1), clock.now());
    const CertificateRow held = add_good(database, kIssuer, serial_number(2), clock.now());
    const CertificateRow fresh = add_good(database, kIssuer, serial_number(3), clock.now());
    change(database, old, CertificateState::revoked, clock.now(), 1);
    change(database, held, CertificateState::suspended, clock.now(), 6);
    Node node(database, vault, clock, options);
    must(node.publisher.tick());
    CHECK(node.list().size() == 2);
    CHECK(node.number(kDeltaList) == 0);
    clock.advance(1s);
    must(node.publisher.tick());
    const std::int64_t base = node.number();
    CHECK(node.list(kDeltaList).size() == 0);
    CHECK(node.number(kDeltaList) > base);
    change(database, held, CertificateState::good, clock.now());
    change(database, fresh, CertificateState::revoked, clock.now(), 4);
    clock.advance(1s);
    must(node.publisher.tick());
    const pki::RevocationList delta = node.list(kDeltaList);
    REQUIRE(delta.is_delta());
    CHECK(delta.size() == 2);
    CHECK(reason_on(delta, held.serial) == 8);
    CHECK(reason_on(delta, fresh.serial) == 4);
    CHECK(node.number() == base);
    CHECK(delta.state().base_number == Bytes{static_cast<std::uint8_t>(base)});
    clock.advance(24h);
    must(node.publisher.tick());
    CHECK(node.list().size() == 2);
    CHECK(node.number() > node.number(kDeltaList));
    clock.advance(1s);
    must(node.publisher.tick());
    CHECK(node.list(kDeltaList).size() == 0);
    CHECK(node.number(kDeltaList) > node.number());
  });
}

TEST_CASE("another process takes over when the lease ends; numbers only rise and the former one publishes no more") {
  db::on_each_engine([](db::TestDatabase& first) {
    const auto second = must(db::Database::open(first.options()));
    TestClock clock;
    TestVault vault({&first_issuer()});
    Node one(*first, vault, clock), other(*second, vault, clock);
    const CertificateRow row = add_good(*first, kIssuer, serial_number(1), clock.now());
    must(one.publisher.tick());
    must(other.publisher.tick());
    CHECK(vault.lists == 1);
    const std::int64_t before = one.number();
    // The first one is stopped; a change comes; the other one takes over and publishes it.
    change(*first, row, CertificateState::revoked, clock.now(), 1);
    clock.advance(20s);
    must(other.publisher.tick());
    CHECK(vault.lists == 2);
    CHECK(reason_on(other.list(), row.serial) == 1);
    const std::int64_t after = other.number();
    CHECK(after > before);
    // The first one goes on: it has lost the lease.
    must(one.publisher.tick());
    CHECK(vault.lists == 2);
    CHECK(reason_on(one.list(), row.serial) == 1);
    // Handed over: no waiting.
    other.publisher.release();
    clock.advance(6h);
    must(one.publisher.tick());
    CHECK(vault.lists == 3);
    CHECK(one.number() > after);
  });
}

TEST_CASE("a publisher that slept through its lease records nothing") {
  db::on_each_engine([](db::TestDatabase& first) {
    const auto second = must(db::Database::open(first.options()));
    // The clock of the first machine stands still, as for a process that is stopped between two instructions.
    TestClock slow, right;
    TestVault vault({&first_issuer()});
    Node one(*first, vault, slow), other(*second, vault, right);
    must(one.publisher.tick());
    right.advance(20s);
    const CertificateRow row = add_good(*first, kIssuer, serial_number(1), right.now());
    change(*first, row, CertificateState::revoked, right.now(), 1);
    must(other.publisher.tick());
    const std::int64_t number = other.number();
    slow.advance(2s);
    CHECK(code_of(one.publisher.tick()) == "db.lease.lost");
    CHECK(other.number() == number);
    CHECK(vault.lists == 2);
  });
}

TEST_CASE("a clock that goes back makes no list that is older than the last") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  TestClock clock;
  TestVault vault({&first_issuer()});
  Node node(*database, vault, clock);
  must(node.publisher.tick());
  const Instant first = node.list().this_update();
  const CertificateRow row = add_good(*database, kIssuer, serial_number(1), clock.now());
  change(*database, row, CertificateState::revoked, clock.now(), 1);
  // A little: the new list carries the time of the last one.
  clock.advance(-60s);
  must(node.publisher.tick());
  CHECK(vault.lists == 1);
  clock.advance(61s);
  must(node.publisher.tick());
  CHECK(node.list().this_update() >= first);
  // A lot, and a restart: nobody knows which time is right.
  change(*database, row, CertificateState::suspended, clock.now(), 6);
  clock.advance(-2h);
  must(database->write([](db::Transaction& transaction) { return transaction.execute("DELETE FROM lease"); }));
  Node restarted(*database, vault, clock);
  const int lists = vault.lists;
  must(restarted.publisher.tick());
  CHECK(vault.lists == lists);
}

TEST_CASE("after a restart, and from an old backup, numbers go on where the vault stands") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  TestClock clock;
  TestVault vault({&first_issuer()});
  {
    Node node(*database, vault, clock);
    must(node.publisher.tick());
    node.publisher.release();
  }
  Node restarted(*database, vault, clock);
  must(restarted.publisher.tick());
  CHECK(vault.lists == 1);
  const std::int64_t number = restarted.number();
  vault.number_floor = 1'000;
  clock.advance(6h);
  must(restarted.publisher.tick());
  CHECK(restarted.number() == 1'001);
  CHECK(restarted.number() > number);
}

TEST_CASE("the vault away: the last list is served, and the next one comes when it is back") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  TestClock clock;
  TestVault vault({&first_issuer()});
  Node node(*database, vault, clock);
  must(node.publisher.tick());
  const CertificateRow row = add_good(*database, kIssuer, serial_number(1), clock.now());
  change(*database, row, CertificateState::revoked, clock.now(), 1);
  clock.advance(1s);
  vault.is_away = true;
  CHECK(code_of(node.publisher.tick()) == "vault.unreachable");
  CHECK(node.list().size() == 0);
  must(node.publisher.tick());  // not again at once
  vault.is_away = false;
  clock.advance(5s);
  must(node.publisher.tick());
  CHECK(node.list().size() == 1);
}

TEST_CASE("certificates that have ended stay on the list, or leave it after two rounds") {
  for (const bool keeps : {true, false}) {
    db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
    TestClock clock;
    TestVault vault({&first_issuer()});
    CrlOptions options;
    options.schedule.keep_expired = keeps;
    Node node(*database, vault, clock, options);
    CertificateRow row = certificate_row(kIssuer, serial_number(1), clock.now());
    row.not_after = clock.now() + 24h;
    insert_waiting(*database, row);
    make_good(*database, row);
    change(*database, row, CertificateState::revoked, clock.now(), 1);
    must(node.publisher.tick());
    CHECK(node.list().size() == 1);
    CHECK(node.list().expired_certificates_since().has_value() == keeps);
    clock.advance(2 * 24h);
    must(node.publisher.tick());
    CHECK(node.list().size() == 1);
    clock.advance(2 * 24h);
    must(node.publisher.tick());
    CHECK(node.list().size() == (keeps ? 1 : 0));
  }
}

TEST_CASE("a large list is kept in pieces and comes out as it was signed; a damaged one is not served") {
  db::on_each_engine([](db::Database& database) {
    TestClock clock;
    TestVault vault({&first_issuer()});
    must(database.write([&](db::Transaction& transaction) {
      std::vector<CertificateRow> rows;
      for (std::uint64_t i = 0; i < 60'000; ++i) {
        CertificateRow row = certificate_row(kIssuer, serial_number(i * 0x9e3779b97f4a7c15U), clock.now());
        row.intent = std::to_string(i);
        rows.push_back(std::move(row));
      }
      return authority::store::insert_waiting(transaction, rows);
    }));
    must(database.write([&](db::Transaction& transaction) {
      return transaction.execute("UPDATE certificate SET state = 'revoked', changed = ?, reason = 1", {clock.now()});
    }));
    Node node(database, vault, clock);
    must(node.publisher.tick());
    const pki::RevocationList list = node.list();
    CHECK(list.size() == 60'000);
    CHECK(list.der().size() > (2U << 20U));
    const auto& block = list.state().signed_block;
    const auto scheme = crypto::default_scheme(first_issuer().certificate().public_key().type());
    CHECK(first_issuer().certificate().public_key().verify(scheme, crypto::digest(scheme.digest, block.tbs), block.tbs,
                                                           block.signature));
    // Older ones are removed, but for the one before.
    for (int i = 0; i < 3; ++i) {
      clock.advance(6h);
      must(node.publisher.tick());
    }
    const auto numbers = must(database.read([](db::Transaction& transaction) {
      return transaction.query("SELECT DISTINCT number FROM revocation_list_piece");
    }));
    CHECK(numbers.size() == 2);
    must(database.write([](db::Transaction& transaction) {
      return transaction.execute("UPDATE revocation_list_piece SET content = ? WHERE part = 1", {Bytes(100, 1)});
    }));
    CHECK(code_of(node.shelf.refresh()) == "authority.crl.damaged");
    CHECK(node.shelf.find("CPCA_G1.crl")->row.number == 1);
  });
}

}  // namespace
}  // namespace kyso::authority::status
