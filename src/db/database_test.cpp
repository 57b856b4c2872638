#include "db/database.h"

#include <doctest/doctest.h>

#include <atomic>
#include <limits>
#include <thread>

#include "db/db_test_support.h"
#include "db/sql_text.h"

namespace kyso::db {
namespace {

Result<std::int64_t> run(Database& database, std::string_view sql, const Values& parameters = {}) {
  return database.write([&](Transaction& transaction) { return transaction.execute(sql, parameters); });
}
Result<> define(Database& database, std::string_view sql) {
  return database.write([&](Transaction& transaction) -> Result<> {
    KYSO_TRY(transaction.execute(KYSO_TRY(translate_types(sql, transaction.engine()))));
    return {};
  });
}
Rows ask(Database& database, std::string_view sql, const Values& parameters = {}) {
  return must(database.read([&](Transaction& transaction) { return transaction.query(sql, parameters); }));
}
std::int64_t count(Database& database, const std::string& table) {
  return must(ask(database, "SELECT count(*) FROM " + table).at(0).get<std::int64_t>(0));
}

TEST_CASE("every type comes back as it went in") {
  on_each_engine([](Database& database) {
    must(define(database, "CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT, s TEXT, b BYTES, d DOUBLE PRECISION)"));
    const std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                       most = std::numeric_limits<std::int64_t>::max();
    const std::string text = "Nguyễn Văn A — 'ký số' \"đỏ\" ? $1 \\ 🔏\n\t";
    Bytes all(256);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
    must(database.write([&](Transaction& transaction) -> Result<> {
      const std::string insert = "INSERT INTO t (id, n, s, b, d) VALUES (?, ?, ?, ?, ?)";
      KYSO_TRY(transaction.execute(insert, {1, least, text, all, 0.1}));
      KYSO_TRY(transaction.execute(insert, {2, most, "", Bytes(), -1e308}));
      KYSO_TRY(transaction.execute(insert, {3, nullptr, nullptr, nullptr, nullptr}));
      KYSO_TRY(transaction.execute(insert, {4, true, std::string(100'000, 'x'), Bytes(300'000, 7), 5e-324}));
      return {};
    }));
    const Rows rows = ask(database, "SELECT n, s, b, d FROM t ORDER BY id");
    REQUIRE(rows.size() == 4);
    CHECK(must(rows[0].get<std::int64_t>(0)) == least);
    CHECK(must(rows[0].get<std::string>(1)) == text);
    CHECK(must(rows[0].get<Bytes>(2)) == all);
    CHECK(must(rows[0].get<double>(3)) == 0.1);
    CHECK(must(rows[1].get<std::int64_t>(0)) == most);
    CHECK(must(rows[1].get<std::string>(1)).empty());
    CHECK(!rows[1].is_null(2));
    CHECK(must(rows[1].get<Bytes>(2)).empty());
    CHECK(must(rows[1].get<double>(3)) == -1e308);
    for (std::size_t column = 0; column < 4; ++column) CHECK(rows[2].is_null(column));
    CHECK(must(rows[2].get<std::optional<Bytes>>(2)) == std::nullopt);
    CHECK(must(rows[3].get<bool>(0)));
    CHECK(must(rows[3].get<std::string_view>(1)).size() == 100'000);
    CHECK(must(rows[3].get<ByteView>(2)).size() == 300'000);
    CHECK(must(rows[3].get<double>(3)) == 5e-324);
  });
}

TEST_CASE("a constraint is named alike") {
  on_each_engine([](Database& database) {
    must(define(database, "CREATE TABLE parent (id BIGINT PRIMARY KEY)"));
    must(define(
        database,
        "CREATE TABLE child (id IDENTITY, parent BIGINT REFERENCES parent (id), a BIGINT NOT NULL, b TEXT UNIQUE, "
        "c TEXT, d TEXT, UNIQUE (c, d), CONSTRAINT child_positive CHECK (a > 0))"));
    must(define(database, "CREATE TABLE two (x BIGINT, y TEXT, PRIMARY KEY (x, y))"));
    must(define(database, "CREATE UNIQUE INDEX one_at_a_time ON child (a) WHERE d = 'x'"));
    must(run(database, "INSERT INTO parent VALUES (1)"));
    must(run(database, "INSERT INTO two VALUES (1, 'one')"));
    must(run(database, "INSERT INTO child (parent, a, b, c, d) VALUES (1, 7, 'bí mật', 'c', 'x')"));
    const auto constraint = [&](std::string_view sql, const Values& parameters = {}) {
      const auto result = run(database, sql, parameters);
      REQUIRE(code_of(result) == "db.constraint");
      CHECK(result.error().detail.find("mật") == std::string::npos);
      return parameter(result.error(), "constraint");
    };
    CHECK(constraint("INSERT INTO parent VALUES (?)", {1}) == "parent_pkey");
    CHECK(constraint("INSERT INTO two VALUES (?, ?)", {1, "one"}) == "two_pkey");
    CHECK(constraint("INSERT INTO child (a, b) VALUES (?, ?)", {1, "bí mật"}) == "child_b_key");
    CHECK(constraint("INSERT INTO child (a, c, d) VALUES (?, ?, ?)", {2, "c", "x"}) == "child_c_d_key");
    CHECK(constraint("INSERT INTO child (a, d) VALUES (?, ?)", {7, "x"}) == "one_at_a_time");
    CHECK(constraint("INSERT INTO child (b) VALUES (?)", {"mật"}) == "child.a");
    CHECK(constraint("INSERT INTO child (a) VALUES (?)", {-1}) == "child_positive");
    CHECK(constraint("INSERT INTO child (a, parent) VALUES (?, ?)", {1, 99}) == "foreign_key");
    CHECK(constraint("DELETE FROM parent") == "foreign_key");
    CHECK(count(database, "child") == 1);
  });
}

TEST_CASE("after a failed statement nothing is committed") {
  on_each_engine([](Database& database) {
    must(define(database, "CREATE TABLE t (id BIGINT PRIMARY KEY)"));
    const auto result = database.write([](Transaction& transaction) -> Result<> {
      KYSO_TRY(transaction.execute("INSERT INTO t VALUES (1)"));
      CHECK(code_of(transaction.execute("INSERT INTO t VALUES (1)")) == "db.constraint");
      CHECK(code_of(transaction.execute("INSERT INTO t VALUES (2)")) == "db.constraint");
      CHECK(code_of(transaction.query("SELECT 1")) == "db.constraint");
      return {};
    });
    CHECK(code_of(result) == "db.constraint");
    CHECK(count(database, "t") == 0);
    // The caller's own failure takes back too, and stays what it is.
    const auto refused = database.write([](Transaction& transaction) -> Result<int> {
      KYSO_TRY(transaction.execute("INSERT INTO t VALUES (1)"));
      return fail("db.job.lost");
    });
    CHECK(code_of(refused) == "db.job.lost");
    CHECK(count(database, "t") == 0);
    struct Mishap {};
    CHECK_THROWS_AS(static_cast<void>(database.write([](Transaction& transaction) -> Result<> {
                      KYSO_TRY(transaction.execute("INSERT INTO t VALUES (1)"));
                      throw Mishap();
                    })),
                    Mishap);
    CHECK(count(database, "t") == 0);
    must(run(database, "INSERT INTO t VALUES (1)"));
    CHECK(count(database, "t") == 1);
  });
}

TEST_CASE("mistakes are told, not guessed") {
  on_each_engine([](Database& database) {
    must(define(database, "CREATE TABLE t (id BIGINT PRIMARY KEY, s TEXT, b BYTES)"));
    for (const char* sql : {"SELEC 1", "SELECT nothing FROM t", "INSERT INTO t VALUES (1, 'a', NULL); DELETE FROM t",
                            "COMMIT", "BEGIN", "SAVEPOINT x", "PRAGMA user_version", "", "-- nothing", "SELECT $1",
                            "SELECT 'a", "SELECT s FROM t WHERE id = ?"}) {
      CAPTURE(sql);
      CHECK(code_of(run(database, sql)) == "db.statement");
    }
    CHECK(code_of(run(database, "INSERT INTO t VALUES (?, ?, ?)", {1, "a"})) == "db.statement");
    CHECK(code_of(run(database, "INSERT INTO t (id, s) VALUES (?, ?)", {1, std::string("a\0b", 3)})) == "db.parameter");
    CHECK(code_of(run(database, "INSERT INTO t (id, s) VALUES (?, ?)", {1, "a\xff"})) == "db.parameter");
    CHECK(code_of(run(database, "INSERT INTO t (id, b) VALUES (?, ?)", {1, "text"})) == "db.statement");
    CHECK(code_of(run(database, "INSERT INTO t (id) VALUES (?)", {"năm"})) == "db.statement");
    CHECK(code_of(database.read([](Transaction& t) { return t.execute("INSERT INTO t (id) VALUES (9)"); })) ==
          "db.statement");
    CHECK(count(database, "t") == 0);

    must(run(database, "INSERT INTO t (id, s) VALUES (5, 'x'), (6, 'y')"));
    const Row row = ask(database, "SELECT id, s, NULL FROM t ORDER BY id").at(0);
    CHECK(code_of(row.get<std::string>(0)) == "db.column.type");
    CHECK(code_of(row.get<bool>(0)) == "db.column.type");
    CHECK(code_of(row.get<double>(0)) == "db.column.type");
    CHECK(code_of(row.get<std::int64_t>(1)) == "db.column.type");
    CHECK(code_of(row.get<Bytes>(1)) == "db.column.type");
    CHECK(code_of(row.get<std::string>(2)) == "db.column.type");
    CHECK(code_of(row.get<int>(3)) == "db.column.type");
    CHECK(code_of(Row({Value(std::int64_t{1} << 40)}).get<int>(0)) == "db.column.type");
    CHECK(code_of(Row({Value(-1)}).get<std::size_t>(0)) == "db.column.type");
    must(database.read([](Transaction& t) -> Result<> {
      CHECK(code_of(t.one("SELECT id FROM t WHERE id = ?", {7})) == "db.row.missing");
      CHECK(code_of(t.one("SELECT id FROM t")) == "db.row.several");
      CHECK(!KYSO_TRY(t.maybe("SELECT id FROM t WHERE id = ?", {7})));
      return {};
    }));
  });
}

TEST_CASE("statements answer alike") {
  on_each_engine([](Database& database) {
    must(define(database, "CREATE TABLE t (id IDENTITY, name TEXT, n BIGINT)"));
    must(database.write([](Transaction& t) -> Result<> {
      const Row first = KYSO_TRY(t.one("INSERT INTO t (name, n) VALUES (?, ?) RETURNING id", {"Đ", 1}));
      CHECK(KYSO_TRY(first.get<std::int64_t>(0)) == 1);
      std::vector<Values> rows;
      for (const char* name : {"a", "B", "á", "z", "Z", "đ"}) rows.push_back({name, 4'000'000'000});
      KYSO_TRY(t.execute_many("INSERT INTO t (name, n) VALUES (?, ?)", rows));
      KYSO_TRY(t.execute_many("INSERT INTO t (name, n) VALUES (?, ?)", {}));
      return {};
    }));
    std::string names;
    for (const Row& row : ask(database, "SELECT name FROM t ORDER BY name")) names += must(row.get<std::string>(0));
    CHECK(names == "BZazáĐđ");  // by code point on both
    CHECK(must(run(database, "UPDATE t SET n = n + ? WHERE n > ?", {1, 2})) == 6);
    CHECK(must(run(database, "UPDATE t SET n = 0 WHERE n < 0")) == 0);
    CHECK(must(run(database, "SELECT 1")) == 0);
    CHECK(must(run(database, "INSERT INTO t (id, name) VALUES (1, 'x') ON CONFLICT (id) DO NOTHING")) == 0);
    // A sum of BIGINT is NUMERIC in PostgreSQL; more than 32 bits; a comparison is boolean there.
    const Row row =
        ask(database, "SELECT sum(n), count(*), max(n) > 5, ? - 60, CAST(? AS BIGINT) FROM t", {4'000'000'000, nullptr})
            .at(0);
    CHECK(must(row.get<std::int64_t>(0)) == 6 * 4'000'000'001 + 1);
    CHECK(must(row.get<std::int64_t>(1)) == 7);
    CHECK(must(row.get<bool>(2)));
    CHECK(must(row.get<std::int64_t>(3)) == 3'999'999'940);
    CHECK(row.is_null(4));
    CHECK(
        ask(database, "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3000) SELECT x FROM c")
            .size() == 3000);
  });
}

TEST_CASE("many rows pass one by one, and the transaction stays usable meanwhile") {
  on_each_engine([](Database& database) {
    must(define(database, "CREATE TABLE t (id BIGINT PRIMARY KEY, b BYTES)"));
    must(database.write([](Transaction& t) {
      std::vector<Values> rows;
      for (int i = 0; i < 20'000; ++i) rows.push_back({i, Bytes(20, static_cast<std::uint8_t>(i))});
      return t.execute_many("INSERT INTO t VALUES (?, ?)", rows);
    }));
    const auto read = database.read([](Transaction& t) -> Result<> {
      std::int64_t expected = 10;
      KYSO_TRY(t.for_each("SELECT id, b FROM t WHERE id >= ? ORDER BY id", {10}, [&](const Row& row) -> Result<bool> {
        CHECK(KYSO_TRY(row.get<std::int64_t>(0)) == expected++);
        return true;
      }));
      CHECK(expected == 20'000);
      int seen = 0, inner = 0;
      // The same statement inside itself.
      const std::string sql = "SELECT id FROM t WHERE id < ? ORDER BY id";
      KYSO_TRY(t.for_each(sql, {5'000}, [&](const Row&) -> Result<bool> {
        if (seen == 0) KYSO_TRY(t.for_each(sql, {3}, [&](const Row&) -> Result<bool> { return ++inner < 100; }));
        return ++seen < 1'500;
      }));
      CHECK(seen == 1'500);
      CHECK(inner == 3);
      const auto failed = t.for_each(sql, {10}, [&](const Row&) -> Result<bool> { return fail("db.lease.lost"); });
      CHECK(code_of(failed) == "db.lease.lost");
      CHECK(KYSO_TRY(t.query(sql, {2})).size() == 2);  // the caller's failure spoils nothing
      CHECK(code_of(t.for_each("DELETE FROM t", {}, [](const Row&) -> Result<bool> { return true; })) ==
            "db.statement");
      return {};
    });
    CHECK(code_of(read) == "db.statement");
  });
}

TEST_CASE("execute_many is all or nothing") {
  on_each_engine([](Database& database) {
    must(define(database, "CREATE TABLE t (id BIGINT PRIMARY KEY)"));
    std::vector<Values> rows;
    for (int i = 0; i < 1'500; ++i) rows.push_back({i == 1'400 ? 3 : i});
    const auto result =
        database.write([&](Transaction& t) { return t.execute_many("INSERT INTO t VALUES (?)", rows); });
    CHECK(code_of(result) == "db.constraint");
    CHECK(count(database, "t") == 0);
    rows[1'400] = {1'400};
    must(database.write([&](Transaction& t) { return t.execute_many("INSERT INTO t VALUES (?)", rows); }));
    CHECK(count(database, "t") == 1'500);
  });
}

TEST_CASE("a transaction inside a transaction of the same database is refused at once") {
  on_each_engine([](Database& database) {
    const auto inside = [&](Transaction&) { return run(database, "SELECT 1"); };
    CHECK(code_of(database.write(inside)) == "db.nested");
    CHECK(code_of(database.read(inside)) == "db.nested");
    CHECK(code_of(database.read([&](Transaction&) {
            return database.read([](Transaction& t) { return t.query("SELECT 1"); });
          })) == "db.nested");
    must(run(database, "SELECT 1"));
  });
}

TEST_CASE("a reader sees one state of the data") {
  on_each_engine([](Database& database) {
    must(define(database, "CREATE TABLE t (id BIGINT PRIMARY KEY)"));
    must(run(database, "INSERT INTO t VALUES (1)"));
    must(database.read([&](Transaction& t) -> Result<> {
      CHECK(KYSO_TRY(t.query("SELECT id FROM t")).size() == 1);
      std::thread([&] { must(run(database, "INSERT INTO t VALUES (2)")); }).join();
      CHECK(KYSO_TRY(t.query("SELECT id FROM t")).size() == 1);
      return {};
    }));
    CHECK(count(database, "t") == 2);
  });
}

}  // namespace
}  // namespace kyso::db
