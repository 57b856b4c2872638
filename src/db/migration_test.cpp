#include "db/migration.h"

#include <doctest/doctest.h>

#include <thread>

#include "db/db_test_support.h"

namespace kyso::db {
namespace {

const FixedClock kClock(Instant(std::chrono::seconds(1'790'000'000)));

std::string code_and_parameter(const Result<MigrationReport>& result, std::string_view name) {
  return result ? "ok" : std::string(result.error().code) + " " + parameter(result.error(), name);
}

TEST_CASE("migrations run once, in the order of their numbers") {
  on_each_engine(
      [](Database& database) {
        const TestFolder folder;
        folder.write("0003_more.sql",
                     "-- a comment; with a semicolon\nALTER TABLE t ADD COLUMN b BYTES;\nINSERT INTO t (s, b) VALUES "
                     "('a;b', NULL);");
        folder.write("0001_first.sql", "CREATE TABLE t (id IDENTITY, s TEXT NOT NULL);");
        folder.write("README.md", "no migration");
        CHECK(parameter(check_migrations(database, folder.path()).error(), "file") == "0001_first.sql");
        const MigrationReport report = must(migrate(database, folder.path(), kClock));
        CHECK(report.applied == std::vector<std::string>{"0001_first.sql", "0003_more.sql"});
        CHECK(report.version == 3);
        must(check_migrations(database, folder.path()));
        CHECK(must(migrate(database, folder.path(), kClock)).applied.empty());
        const Rows rows = must(database.read([](Transaction& t) { return t.query("SELECT s FROM t"); }));
        REQUIRE(rows.size() == 1);
        CHECK(must(rows[0].get<std::string>(0)) == "a;b");

        folder.write("0004_next.sql", "CREATE TABLE u (id BIGINT PRIMARY KEY)");
        CHECK(code_of(check_migrations(database, folder.path())) == "db.migration.pending");
        CHECK(must(migrate(database, folder.path(), kClock)).applied.size() == 1);
        // A number that was free, below what is done.
        folder.write("0002_late.sql", "CREATE TABLE v (id BIGINT PRIMARY KEY)");
        CHECK(code_and_parameter(migrate(database, folder.path(), kClock), "file") ==
              "db.migration.numbering 0002_late.sql");
        CHECK(code_of(check_migrations(database, folder.path())) == "db.migration.numbering");
        std::filesystem::remove(folder / "0002_late.sql");
        // Edited, missing, newer.
        folder.write("0001_first.sql", "CREATE TABLE t (id IDENTITY, s TEXT NOT NULL); ");
        CHECK(code_and_parameter(migrate(database, folder.path(), kClock), "file") ==
              "db.migration.changed 0001_first.sql");
        std::filesystem::remove(folder / "0001_first.sql");
        CHECK(code_and_parameter(migrate(database, folder.path(), kClock), "file") ==
              "db.migration.changed 0001_first.sql");
        folder.write("0001_first.sql", "CREATE TABLE t (id IDENTITY, s TEXT NOT NULL);");
        must(check_migrations(database, folder.path()));
        std::filesystem::remove(folder / "0004_next.sql");
        CHECK(code_and_parameter(migrate(database, folder.path(), kClock), "number") == "db.migration.newer 4");
      },
      {});
}

TEST_CASE("a migration that fails leaves nothing, and those before it stay") {
  on_each_engine(
      [](Database& database) {
        const TestFolder folder;
        folder.write("0001_first.sql", "CREATE TABLE t (id BIGINT PRIMARY KEY);");
        folder.write("0002_bad.sql",
                     "CREATE TABLE u (id BIGINT PRIMARY KEY); INSERT INTO t VALUES (1); INSERT INTO t VALUES (1);");
        CHECK(code_of(migrate(database, folder.path(), kClock)) == "db.constraint");
        CHECK(parameter(check_migrations(database, folder.path()).error(), "file") == "0002_bad.sql");
        CHECK(must(database.read([](Transaction& t) { return t.query("SELECT id FROM t"); })).empty());
        folder.write("0002_bad.sql", "CREATE TABLE u (id BIGINT PRIMARY KEY);");
        CHECK(must(migrate(database, folder.path(), kClock)).applied == std::vector<std::string>{"0002_bad.sql"});
      },
      {});
}

TEST_CASE("files with wrong names are refused") {
  TestDatabase database(Engine::sqlite);
  for (const char* name : {"1_first.sql", "0000_zero.sql", "00a1_x.sql", "first.sql", "0001.sql", "-001_x.sql"}) {
    CAPTURE(name);
    const TestFolder folder;
    folder.write(name, "SELECT 1");
    CHECK(code_of(migrate(*database, folder.path(), kClock)) == "db.migration.numbering");
  }
  const TestFolder folder;
  folder.write("0001_a.sql", "SELECT 1");
  folder.write("0001_b.sql", "SELECT 1");
  CHECK(code_of(migrate(*database, folder.path(), kClock)) == "db.migration.numbering");
  CHECK(code_of(migrate(*database, folder / "missing", kClock)) == "db.migration.folder");
}

TEST_CASE("those who start at the same time migrate once") {
  on_each_engine(
      [](TestDatabase& database) {
        const TestFolder folder;
        for (int i = 1; i <= 5; ++i)
          folder.write(fmt::format("000{}_t.sql", i),
                       fmt::format("CREATE TABLE t{} (id BIGINT PRIMARY KEY); INSERT INTO t{} VALUES (1);", i, i));
        std::atomic<int> applied = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 6; ++i) {
          threads.emplace_back([&] {
            // A database of its own, as another process would have.
            const auto own = must(Database::open(database.options()));
            applied += static_cast<int>(must(migrate(*own, folder.path(), kClock)).applied.size());
          });
        }
        for (std::thread& thread : threads) thread.join();
        CHECK(applied == 5);
        must(check_migrations(*database, folder.path()));
      },
      {});
}

TEST_CASE("the platform's migrations fit both engines") {
  on_each_engine([](Database& database) { must(check_migrations(database, kPlatformMigrations)); });
}

}  // namespace
}  // namespace kyso::db
