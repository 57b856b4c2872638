#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>

#include "db/value.h"

// One thin layer over SQLite and PostgreSQL: the same SQL, the same behaviour, the same tests on both.
//
// SQL is the common subset of both engines. Parameters are written "?" (outside of quotes and comments). Types in
// CREATE TABLE: BIGINT, TEXT, BYTES, DOUBLE PRECISION; BYTES is BLOB in SQLite and BYTEA in PostgreSQL. "RETURNING",
// "ON CONFLICT", common table expressions and window functions are in both. What only one of them reads is refused on
// both (docs/database.md).
namespace kyso::db {

enum class Engine : std::uint8_t { sqlite, postgresql };

// Errors of every call: db.unavailable (no connection; try again later), db.busy (deadline), db.constraint {constraint}
// (unique, foreign key, check, not null), db.conflict (serialisation; the caller's function was repeated in vain),
// db.full (disk), db.statement (a mistake in the SQL), db.parameter (text that is not UTF-8 or holds NUL; NaN),
// db.column.type, db.corrupt, db.nested (a transaction inside another one of the same database). None holds values of
// parameters.
//
// {constraint} is the same on both engines: "table_pkey", "table_column_key" (several columns: table_a_b_key) or the
// name of the CREATE UNIQUE INDEX; "table.column" for NOT NULL; the name that a CHECK was given; "foreign_key".

// Serialisable is the rule. `each_statement` (READ COMMITTED) is for a single statement that decides by itself, e.g.
// taking from a queue; on SQLite both are the same.
enum class Isolation : std::uint8_t { serializable, each_statement };

// A transaction, used by one thread. Statements are prepared once per connection and kept. After a statement has failed
// every later one gives the same error and nothing is committed, whatever the caller's function returns: to go on
// after an expected failure write ON CONFLICT DO NOTHING.
class Transaction {
 public:
  virtual ~Transaction() = default;
  virtual Engine engine() const = 0;
  virtual Result<Rows> query(std::string_view sql, const Values& parameters = {}) = 0;
  // The number of rows that were changed.
  virtual Result<std::int64_t> execute(std::string_view sql, const Values& parameters = {}) = 0;
  // The same statement for many rows, sent without waiting for each answer (libpq's pipeline). All or nothing within
  // the transaction.
  virtual Result<> execute_many(std::string_view sql, const std::vector<Values>& rows) = 0;
  // Rows of a SELECT one after the other, without keeping them: for millions. False from `each` ends it. `each` may use
  // this transaction.
  virtual Result<> for_each(std::string_view sql, const Values& parameters,
                            const std::function<Result<bool>(const Row&)>& each) = 0;

  // The only row; db.row.missing or db.row.several otherwise.
  Result<Row> one(std::string_view sql, const Values& parameters = {});
  Result<std::optional<Row>> maybe(std::string_view sql, const Values& parameters = {});
};

struct DatabaseOptions {
  std::string url;  // "sqlite:/path/file.db", "sqlite::memory:", "postgresql://…" or a libpq connection string
  std::size_t connections = 8;                       // readers (SQLite) or all (PostgreSQL)
  std::chrono::milliseconds acquire_timeout{5'000};  // for a connection: then db.busy
  std::chrono::milliseconds statement_timeout{30'000};
  std::size_t group_commit = 256;  // write transactions of SQLite that share one fsync at most
};

// Database: opened once per process, used by all threads.
//
// A write is durable when write() returns (SQLite: WAL with synchronous=FULL; PostgreSQL: synchronous_commit on).
// SQLite has one writer: writes that wait while another commits are committed together with one fsync, each in a
// savepoint of its own, so that a failing one takes back only itself. The function may run in the thread of another
// waiting writer, and a second time. PostgreSQL runs them at once, SERIALIZABLE, and repeats the function when the
// engine reports a conflict or the connection is lost: it must have no effect besides the transaction. Only a write
// whose commit got no answer gives db.commit.unknown, for the caller to look. An exception of the function takes
// everything back and comes out of write() and read().
class Database {
 public:
  static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
  virtual ~Database() = default;
  virtual Engine engine() const = 0;

  // Commits when `work` succeeds, takes everything back when it fails.
  template <typename F>
  auto write(F&& work, Isolation isolation = Isolation::serializable) -> std::invoke_result_t<F, Transaction&>;
  // One consistent view, nothing may be changed.
  template <typename F>
  auto read(F&& work) -> std::invoke_result_t<F, Transaction&>;

  // A consistent copy while others work (SQLite's backup; for PostgreSQL use pg_basebackup: db.backup.unsupported).
  // `target` must not exist: db.backup.exists {path}.
  virtual Result<> back_up(const std::filesystem::path& target) = 0;
  struct Statistics {
    std::uint64_t transactions = 0, commits = 0, conflicts = 0, reconnects = 0;
  };
  virtual Statistics statistics() const = 0;

 protected:
  using Work = std::function<Result<>(Transaction&)>;
  virtual Result<> run_write(const Work& work, Isolation isolation) = 0;
  virtual Result<> run_read(const Work& work) = 0;
};

template <typename F>
auto Database::write(F&& work, Isolation isolation) -> std::invoke_result_t<F, Transaction&> {
  std::optional<std::invoke_result_t<F, Transaction&>> result;
  auto done = run_write(
      [&](Transaction& transaction) -> Result<> {
        result.emplace(work(transaction));
        return *result ? Result<>() : Result<>(result->error());
      },
      isolation);
  if (!done) return std::move(done).error();
  return *std::move(result);
}

template <typename F>
auto Database::read(F&& work) -> std::invoke_result_t<F, Transaction&> {
  std::optional<std::invoke_result_t<F, Transaction&>> result;
  auto done = run_read([&](Transaction& transaction) -> Result<> {
    result.emplace(work(transaction));
    return *result ? Result<>() : Result<>(result->error());
  });
  if (!done) return std::move(done).error();
  return *std::move(result);
}

}  // namespace kyso::db
