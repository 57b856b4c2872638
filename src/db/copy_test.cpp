#include "db/copy.h"

#include <doctest/doctest.h>

#include "db/db_test_support.h"

namespace kyso::db {
namespace {

constexpr int kCertificates = 1'203;  // more than two batches
constexpr const char* kText = "Nguyễn Văn A — 'ký số' \"đỏ\" ? \\ 🔏\n";

std::int64_t number(Database& database, std::string_view sql) {
  return must(must(database.read([&](Transaction& transaction) { return transaction.one(sql); })).get<std::int64_t>(0));
}

Values certificate(int i) {
  const Bytes serial = {static_cast<std::uint8_t>(i % 251), static_cast<std::uint8_t>(i / 251), 0, 255};
  const Value der = i % 7 == 0 ? Value() : Value(Bytes(static_cast<std::size_t>(i % 3'000), 7));
  const Value changed = i % 2 == 0 ? Value() : Value(std::int64_t{-1} << (i % 63));
  return {serial, fmt::format("intent-{}", i), kText, Bytes(), i, Bytes{1, 2}, der, changed};
}

// Rows of every kind: references, a number that was given and whose row is gone, every type, NULL, empty.
Result<> fill(Transaction& transaction) {
  for (int i = 0; i < 3; ++i)
    KYSO_TRY(transaction.execute("INSERT INTO job (kind, payload, due, created) VALUES ('k', ?, 1, 1)", {kText}));
  KYSO_TRY(transaction.execute("DELETE FROM job WHERE id = 3"));
  KYSO_TRY(transaction.execute(
      "INSERT INTO request (id, act, issuer, state, purpose, requester, payload_sha256, jws, created, expires, "
      "updated) VALUES ('r', 'certificate.issue', 'CA', 'done', ?, 'a', ?, '', 1, 2, 3)",
      {kText, Bytes()}));
  KYSO_TRY(transaction.execute("INSERT INTO approval VALUES ('r', 'b', 'approve', 'x', 4)"));
  std::vector<Values> rows;
  for (int i = 0; i < kCertificates; ++i) rows.push_back(certificate(i));
  KYSO_TRY(transaction.execute_many(
      "INSERT INTO certificate (issuer, serial, intent, request_id, reference, profile, state, subject, search, "
      "key_sha256, not_before, not_after, shard, recorded, linting, der, changed) VALUES ('CA', ?, ?, 'r', '', 'P', "
      "'good', ?, '', ?, ?, 0, 0, 0, ?, ?, ?)",
      rows));
  KYSO_TRY(transaction.execute("UPDATE counter SET value = ? WHERE name = 'status'", {9'000'000'000}));
  return {};
}

struct Source : TestDatabase {
  explicit Source(Engine engine) : TestDatabase(engine, kPlatformMigrations) {
    must((*this)->write([](Transaction& transaction) { return fill(transaction); }));
  }
};

std::vector<CopiedTable> copy(Database& from, Database& to, const CopyProgress& progress = {}) {
  return must(copy_database(from, to, kPlatformMigrations, system_clock(), progress));
}

template <typename F>
void on_each_pair(const F& body) {
  for (const Engine from : {Engine::sqlite, Engine::postgresql})
    for (const Engine to : {Engine::sqlite, Engine::postgresql}) {
      INFO(name_of(from), " to ", name_of(to));
      body(from, to);
    }
}

TEST_CASE("a copy holds what the source holds") {
  std::optional<std::vector<CopiedTable>> first;
  on_each_pair([&](Engine from, Engine to) {
    Source source(from);
    TestDatabase target(to);
    std::int64_t told = 0;
    const auto copied = copy(*source, *target, [&](std::string_view table, std::int64_t rows) {
      if (table == "certificate") told = rows;
    });
    CHECK(told == kCertificates);
    CHECK(number(*target, "SELECT count(*) FROM certificate") == kCertificates);
    CHECK(number(*target, "SELECT value FROM counter WHERE name = 'status'") == 9'000'000'000);
    CHECK(number(*target, "SELECT count(*) FROM approval") == 1);
    // The migrations' own records stay the target's.
    CHECK(code_of(check_migrations(*target, kPlatformMigrations)) == "ok");
    // One content has one digest on both engines.
    if (!first) first = copied;
    REQUIRE(copied.size() == first->size());
    for (std::size_t i = 0; i < copied.size(); ++i) {
      CHECK(copied[i].name == (*first)[i].name);
      CHECK(copied[i].rows == (*first)[i].rows);
      CHECK(copied[i].sha256 == (*first)[i].sha256);
    }
  });
}

TEST_CASE("numbers that the database gave are not given again") {
  on_each_pair([&](Engine from, Engine to) {
    Source source(from);
    TestDatabase target(to);
    copy(*source, *target);
    const auto given = [&](const char* sql) {
      return must(
          must((*target).write([&](Transaction& transaction) { return transaction.one(sql); })).get<std::int64_t>(0));
    };
    CHECK(given("INSERT INTO job (kind, payload, due, created) VALUES ('k', '', 1, 1) RETURNING id") == 4);
    // Nothing was ever given here.
    CHECK(
        given("INSERT INTO audit_event (at, kind, actor, subject, details) VALUES (1, '', '', '', '') RETURNING id") ==
        1);
  });
}

TEST_CASE("a target with data is refused and stays as it is") {
  on_each_pair([&](Engine from, Engine to) {
    Source source(from);
    TestDatabase target(to);
    copy(*source, *target);
    const auto again = copy_database(*source, *target, kPlatformMigrations, system_clock());
    CHECK(code_of(again) == "db.copy.not_empty");
    CHECK(number(*target, "SELECT count(*) FROM certificate") == kCertificates);
    // Also when only what the migrations wrote was changed.
    TestDatabase touched(to, kPlatformMigrations);
    must(touched->write([](Transaction& transaction) {
      return transaction.execute("UPDATE counter SET value = 1 WHERE name = 'crl'");
    }));
    const auto refused = copy_database(*source, *touched, kPlatformMigrations, system_clock());
    REQUIRE(code_of(refused) == "db.copy.not_empty");
    CHECK(parameter(refused.error(), "table") == "counter");
    CHECK(number(*touched, "SELECT value FROM counter WHERE name = 'crl'") == 1);
  });
}

TEST_CASE("somebody who works on the source is noticed, and nothing is copied") {
  on_each_pair([&](Engine from, Engine to) {
    Source source(from);
    const auto other = must(Database::open(source.options()));
    TestDatabase target(to);
    bool is_done = false;
    const auto result =
        copy_database(*source, *target, kPlatformMigrations, system_clock(), [&](std::string_view, std::int64_t) {
          if (std::exchange(is_done, true)) return;
          must(other->write([](Transaction& transaction) {
            return transaction.execute("INSERT INTO lease (name, owner, fence, until) VALUES ('l', 'o', 1, 1)");
          }));
        });
    REQUIRE(code_of(result) == "db.copy.changed");
    CHECK(parameter(result.error(), "table") == "lease");
    CHECK(number(*target, "SELECT count(*) FROM certificate") == 0);
    // Then it works.
    copy(*source, *target);
    CHECK(number(*target, "SELECT count(*) FROM lease") == 1);
  });
}

TEST_CASE("a target that gives back something else is noticed") {
  Source source(Engine::sqlite);
  TestDatabase target(Engine::postgresql, kPlatformMigrations);
  must(target->write([](Transaction& transaction) -> Result<> {
    KYSO_TRY(
        transaction.execute("CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.subject = "
                            "NEW.intent; RETURN NEW; END'"));
    KYSO_TRY(
        transaction.execute("CREATE TRIGGER spoil BEFORE INSERT ON certificate FOR EACH ROW EXECUTE FUNCTION spoil()"));
    return {};
  }));
  const auto result = copy_database(*source, *target, kPlatformMigrations, system_clock());
  REQUIRE(code_of(result) == "db.copy.different");
  CHECK(parameter(result.error(), "table") == "certificate");
  CHECK(number(*target, "SELECT count(*) FROM request") == 0);
}

TEST_CASE("a source of an older version is refused") {
  const TestFolder folder;
  std::filesystem::copy_file(kPlatformMigrations / "0001_jobs.sql", folder / "0001_jobs.sql");
  TestDatabase source(Engine::sqlite, folder.path());
  TestDatabase target(Engine::sqlite);
  CHECK(code_of(copy_database(*source, *target, kPlatformMigrations, system_clock())) == "db.migration.pending");
}

}  // namespace
}  // namespace kyso::db
