#include <doctest/doctest.h>

#include <condition_variable>
#include <set>
#include <thread>

#include "db/database.h"
#include "db/db_test_support.h"
#include "db/sql_text.h"

namespace kyso::db {
namespace {

void define(Database& database, std::string_view sql) {
  must(database.write([&](Transaction& t) { return t.execute(must(translate_types(sql, t.engine()))); }));
}
std::int64_t number(Database& database, std::string_view sql) {
  return must(must(database.read([&](Transaction& t) { return t.one(sql); })).get<std::int64_t>(0));
}
template <typename F>
void in_threads(int count, const F& body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : threads) thread.join();
}

// Opened by one thread, awaited by others.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(m_mutex);
    m_is_open = true;
    m_opened.notify_all();
  }
  void wait() {
    std::unique_lock lock(m_mutex);
    m_opened.wait(lock, [&] { return m_is_open; });
  }

 private:
  std::mutex m_mutex;
  std::condition_variable m_opened;
  bool m_is_open = false;
};

TEST_CASE("eight threads write: what was answered is there, what failed is not") {
  on_each_engine([](Database& database) {
    define(database, "CREATE TABLE t (id BIGINT PRIMARY KEY, thread BIGINT NOT NULL)");
    constexpr int kWrites = 100;
    std::atomic<int> good = 0, refused = 0, thrown = 0;
    in_threads(8, [&](int thread) {
      for (int i = 0; i < kWrites; ++i) {
        const std::int64_t id = 1'000 * thread + i;
        try {
          const auto result = database.write([&](Transaction& t) -> Result<> {
            KYSO_TRY(t.execute("INSERT INTO t VALUES (?, ?)", {id, thread}));
            if (i % 5 == 1) KYSO_TRY(t.execute("INSERT INTO t VALUES (?, ?)", {id, thread}));
            if (i % 5 == 2) return fail("db.lease.lost");
            if (i % 5 == 3) throw i;
            return {};
          });
          CHECK(code_of(result) == (i % 5 == 1 ? "db.constraint" : i % 5 == 2 ? "db.lease.lost" : "ok"));
          ++(result ? good : refused);
        } catch (int value) {
          CHECK(value == i);
          ++thrown;
        }
      }
    });
    CHECK(good == 8 * kWrites * 2 / 5);
    CHECK(refused == 8 * kWrites * 2 / 5);
    CHECK(thrown == 8 * kWrites / 5);
    CHECK(number(database, "SELECT count(*) FROM t") == good);
    CHECK(number(database, "SELECT count(*) FROM t WHERE id % 5 IN (1, 2, 3)") == 0);
  });
}

TEST_CASE("SQLite: writes that wait are committed together, and a failing one takes back only itself") {
  TestDatabase database(Engine::sqlite);
  define(*database, "CREATE TABLE t (id BIGINT PRIMARY KEY)");
  const auto before = database->statistics().commits;
  Gate inside;
  std::atomic<int> waiting = 0;
  // The first write stays in its function until the other twenty are on their way; then all share one commit.
  std::thread first([&] {
    must(database->write([&](Transaction& t) -> Result<> {
      inside.open();
      while (waiting < 20) std::this_thread::yield();
      KYSO_TRY(t.execute("INSERT INTO t VALUES (?)", {1'000}));
      return {};
    }));
  });
  inside.wait();
  in_threads(20, [&](int i) {
    ++waiting;
    const auto result = database->write([&](Transaction& t) -> Result<> {
      KYSO_TRY(t.execute("INSERT INTO t VALUES (?)", {i}));
      if (i % 4 == 0) KYSO_TRY(t.execute("INSERT INTO t VALUES (?)", {i}));
      return {};
    });
    CHECK(code_of(result) == (i % 4 == 0 ? "db.constraint" : "ok"));
  });
  first.join();
  CHECK(number(*database, "SELECT count(*) FROM t") == 16);
  CHECK(number(*database, "SELECT count(*) FROM t WHERE id % 4 = 0") == 1);  // 1000, whose own write was good
  CHECK(database->statistics().commits - before < 16);
}

TEST_CASE("a sum that all read and change stays right") {
  on_each_engine([](Database& database) {
    define(database, "CREATE TABLE purse (id BIGINT PRIMARY KEY, amount BIGINT NOT NULL)");
    must(database.write([](Transaction& t) { return t.execute("INSERT INTO purse VALUES (1, 0), (2, 0)"); }));
    std::atomic<int> calls = 0;
    in_threads(8, [&](int thread) {
      for (int i = 0; i < 25; ++i) {
        must(database.write([&](Transaction& t) -> Result<> {
          ++calls;
          const auto row = KYSO_TRY(t.one("SELECT sum(amount) FROM purse"));
          const auto sum = KYSO_TRY(row.get<std::int64_t>(0));
          KYSO_TRY(t.execute("UPDATE purse SET amount = ? - (SELECT amount FROM purse WHERE id = ?) WHERE id = ?",
                             {sum + 1, 2 - thread % 2, 1 + thread % 2}));
          return {};
        }));
      }
    });
    CHECK(number(database, "SELECT sum(amount) FROM purse") == 200);
    CHECK(static_cast<std::uint64_t>(calls) == 200 + database.statistics().conflicts);
  });
}

TEST_CASE("PostgreSQL: two writes that each read what the other writes are repeated, not both believed") {
  TestDatabase database(Engine::postgresql);
  define(*database, "CREATE TABLE duty (name TEXT PRIMARY KEY, on_duty BIGINT NOT NULL)");
  must(database->write([](Transaction& t) { return t.execute("INSERT INTO duty VALUES ('a', 1), ('b', 1)"); }));
  // At least one must stay on duty: the classic write skew.
  std::atomic<int> have_read = 0;
  in_threads(2, [&](int thread) {
    must(database->write([&](Transaction& t) -> Result<> {
      const auto row = KYSO_TRY(t.one("SELECT count(*) FROM duty WHERE on_duty = 1"));
      const auto on_duty = KYSO_TRY(row.get<std::int64_t>(0));
      ++have_read;
      while (have_read < 2) std::this_thread::yield();
      if (on_duty > 1) KYSO_TRY(t.execute("UPDATE duty SET on_duty = 0 WHERE name = ?", {thread == 0 ? "a" : "b"}));
      return {};
    }));
  });
  CHECK(number(*database, "SELECT count(*) FROM duty WHERE on_duty = 1") == 1);
  CHECK(database->statistics().conflicts >= 1);
}

TEST_CASE("PostgreSQL: a conflict that never ends is told, and the function's effects are gone") {
  TestDatabase database(Engine::postgresql);
  define(*database, "CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)");
  must(database->write([](Transaction& t) { return t.execute("INSERT INTO t VALUES (1, 0)"); }));
  int calls = 0;
  const auto result = database->write([&](Transaction& t) -> Result<> {
    ++calls;
    KYSO_TRY(t.query("SELECT n FROM t"));
    // Somebody else is always faster.
    std::thread([&] {
      must(database->write([](Transaction& u) { return u.execute("UPDATE t SET n = n + 1"); }));
    }).join();
    static_cast<void>(t.execute("UPDATE t SET n = 1000"));
    return {};
  });
  CHECK(code_of(result) == "db.conflict");
  CHECK(calls > 10);
  CHECK(number(*database, "SELECT n FROM t") == calls);
  CHECK(database->statistics().conflicts == static_cast<std::uint64_t>(calls));
}

TEST_CASE("a statement that takes too long ends as busy, and the database goes on") {
  DatabaseOptions options;
  options.statement_timeout = std::chrono::milliseconds(200);
  on_each_engine(
      [](Database& database) {
        define(database, "CREATE TABLE t (id BIGINT PRIMARY KEY)");
        const char* endless =
            "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 - x % 2 FROM c) SELECT count(*) FROM c WHERE x < "
            "0";
        CHECK(code_of(database.read([&](Transaction& t) { return t.query(endless); })) == "db.busy");
        const auto write = database.write([&](Transaction& t) -> Result<> {
          KYSO_TRY(t.execute("INSERT INTO t VALUES (1)"));
          KYSO_TRY(t.query(endless));
          return {};
        });
        CHECK(code_of(write) == "db.busy");
        must(database.write([](Transaction& t) { return t.execute("INSERT INTO t VALUES (2)"); }));
        CHECK(number(database, "SELECT sum(id) FROM t") == 2);
      },
      {}, options);
}

TEST_CASE("when every connection is in use for too long the next one is told so") {
  DatabaseOptions options;
  options.acquire_timeout = std::chrono::milliseconds(50);
  options.connections = 1;
  on_each_engine(
      [](Database& database) {
        must(database.read([&](Transaction& t) -> Result<> {
          KYSO_TRY(t.query("SELECT 1"));
          std::thread([&] {
            CHECK(code_of(database.read([](Transaction& u) { return u.query("SELECT 1"); })) == "db.busy");
          }).join();
          return {};
        }));
        must(database.write([&](Transaction& t) -> Result<> {
          KYSO_TRY(t.query("SELECT 1"));
          std::thread([&] {
            CHECK(code_of(database.write([](Transaction& u) { return u.query("SELECT 1"); })) == "db.busy");
          }).join();
          return {};
        }));
        CHECK(number(database, "SELECT 1") == 1);
      },
      {}, options);
}

TEST_CASE("two processes on one SQLite file write in turn") {
  TestDatabase database(Engine::sqlite);
  define(*database, "CREATE TABLE t (id BIGINT PRIMARY KEY)");
  const auto other = must(Database::open(database.options()));
  in_threads(4, [&](int thread) {
    for (int i = 0; i < 50; ++i)
      must((thread % 2 == 0 ? *database : *other).write([&](Transaction& t) {
        return t.execute("INSERT INTO t VALUES (?)", {100 * thread + i});
      }));
  });
  CHECK(number(*database, "SELECT count(*) FROM t") == 200);
  CHECK(number(*other, "SELECT count(*) FROM t") == 200);
}

TEST_CASE("SQLite: a check that comes with the commit falls on the one who broke it") {
  TestDatabase database(Engine::sqlite);
  define(*database, "CREATE TABLE parent (id BIGINT PRIMARY KEY)");
  define(
      *database,
      "CREATE TABLE child (id BIGINT PRIMARY KEY, parent BIGINT REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)");
  Gate inside;
  std::atomic<int> waiting = 0;
  std::thread first([&] {
    must(database->write([&](Transaction& t) -> Result<> {
      inside.open();
      while (waiting < 8) std::this_thread::yield();
      KYSO_TRY(t.execute("INSERT INTO parent VALUES (1)"));
      return {};
    }));
  });
  inside.wait();
  in_threads(8, [&](int i) {
    ++waiting;
    const auto result = database->write(
        [&](Transaction& t) { return t.execute("INSERT INTO child VALUES (?, ?)", {i, i == 3 ? 99 : 1}); });
    CHECK(code_of(result) == (i == 3 ? "db.constraint" : "ok"));
  });
  first.join();
  CHECK(number(*database, "SELECT count(*) FROM child") == 7);
}

TEST_CASE("SQLite in memory: one connection, the same rules") {
  DatabaseOptions options;
  options.url = "sqlite::memory:";
  const auto database = must(Database::open(options));
  define(*database, "CREATE TABLE t (id BIGINT PRIMARY KEY)");
  in_threads(4, [&](int i) {
    must(database->write([&](Transaction& t) { return t.execute("INSERT INTO t VALUES (?)", {i}); }));
    CHECK(number(*database, "SELECT count(*) FROM t") >= 1);
  });
  CHECK(number(*database, "SELECT count(*) FROM t") == 4);
  CHECK(code_of(database->read([](Transaction& t) { return t.execute("DELETE FROM t"); })) == "db.statement");
  CHECK(number(*database, "SELECT count(*) FROM t") == 4);
  CHECK(code_of(database->back_up("/tmp/unused")) == "db.backup.unsupported");
}

}  // namespace
}  // namespace kyso::db
