#pragma once
#include <sqlite3.h>

#include <cerrno>
#include <chrono>
#include <memory>
#include <string>

#include "db/connection_pool.h"
#include "db/sql_text.h"
#include "db/statement_cache.h"
#include "db/transaction_state.h"

namespace kyso::db {

// SqliteConnection: one connection with its prepared statements, used by one thread at a time.
class SqliteConnection {
 public:
  enum class Access : std::uint8_t { write, read };
  // `path` is ":memory:" or a file's, which is made when it is missing (readable by its owner and group only).
  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path, Access access,
                                                        const DatabaseOptions& options);
  // A row of the answer; false ends the statement.
  using Each = std::function<bool(Values&)>;
  // The number of changed rows.
  Result<std::int64_t> run(std::string_view sql, const Values& parameters, const Each& each);
  Result<> run_many(std::string_view sql, const std::vector<Values>& rows);
  // For statements whose rows are worked on while they run: the time is for each row.
  void allow_time() {
    m_deadline = std::chrono::steady_clock::now() + m_statement_timeout;
    errno = 0;  // so that error() finds no older reason
  }
  // BEGIN, COMMIT and the like.
  Result<> control(const char* sql);
  bool is_in_transaction() const { return sqlite3_get_autocommit(m_handle.get()) == 0; }
  sqlite3* handle() const { return m_handle.get(); }

  Error error(std::string_view sql) const;

 private:
  struct CloseHandle {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  struct Prepared {
    std::unique_ptr<sqlite3_stmt, Finalize> statement;
    std::size_t parameters = 0;
    bool counts_rows = false, is_kept = false, in_use = false;
  };
  class Use;

  explicit SqliteConnection(std::chrono::milliseconds statement_timeout) : m_statement_timeout(statement_timeout) {}
  Result<> set_up(Access access, const DatabaseOptions& options, bool is_memory);
  Result<std::shared_ptr<Prepared>> prepare(std::string_view sql);
  Result<> bind(const Prepared& prepared, const Values& parameters, std::string_view sql) const;
  Result<std::int64_t> step(const Prepared& prepared, std::string_view sql, const Each& each);
  std::string constraint_name(std::string_view message) const;
  std::string unique_name(std::string_view columns) const;
  static int check_deadline(void* self);

  std::chrono::milliseconds m_statement_timeout;
  Deadline m_deadline{};
  std::unique_ptr<sqlite3, CloseHandle> m_handle;
  StatementCache<std::shared_ptr<Prepared>> m_statements{256};
};

class SqliteTransaction final : public CheckedTransaction {
 public:
  explicit SqliteTransaction(SqliteConnection& connection) : m_connection(connection) {}
  Engine engine() const override { return Engine::sqlite; }

 protected:
  Result<Rows> run_query(std::string_view sql, const Values& parameters) override;
  Result<std::int64_t> run_execute(std::string_view sql, const Values& parameters) override;
  Result<> run_execute_many(std::string_view sql, const std::vector<Values>& rows) override;
  Result<> run_for_each(std::string_view sql, const Values& parameters,
                        const std::function<bool(const Row&)>& each) override;

 private:
  SqliteConnection& m_connection;
};

}  // namespace kyso::db
