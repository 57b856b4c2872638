#pragma once
#include <libpq-fe.h>

#include <deque>
#include <memory>
#include <string>

#include "db/connection_pool.h"
#include "db/sql_text.h"
#include "db/statement_cache.h"

namespace kyso::db {

struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, FreeResult>;

// What libpq is given to connect; the password stays in here.
class PgSettings {
 public:
  // db.url, without a word of the text: it may hold a password.
  static Result<PgSettings> parse(const DatabaseOptions& options);
  PGconn* start() const;
  // libpq's own words, without the password should they hold it.
  std::string redact(std::string text) const;
  const DatabaseOptions& options() const { return m_options; }

 private:
  explicit PgSettings(DatabaseOptions options) : m_options(std::move(options)) {}
  DatabaseOptions m_options;
  std::string m_password;
};

// PgConnection: one connection in libpq's pipeline mode, used by one thread at a time.
//
// Commands are put in line (put_control, put_statement) and answered by finish_round(), which ends with a Sync: one
// journey to the server and back for all of them. end_round() does not wait for the answers; the next round reads them
// first.
class PgConnection {
 public:
  static Result<std::unique_ptr<PgConnection>> open(const PgSettings& settings, Deadline deadline);

  // BEGIN, COMMIT and the like; of no interest but its error. With `is_answered` its rows are an answer too.
  Result<> put_control(const char* sql, bool is_answered = false);
  // `prefix` goes before the text of the statement, e.g. DECLARE … FOR.
  Result<> put_statement(std::string_view sql, const Values& parameters, std::string_view prefix = {});
  // The answers of this round's statements, in order (not those of control commands), or its first error.
  Result<std::vector<PgResult>> finish_round();
  Result<> end_round();
  // No further use: the server is gone, or did not answer in time.
  bool is_lost() const { return m_is_lost; }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct Prepared {
    std::string name;
    std::size_t parameters = 0;
  };
  struct Expected {
    enum class Kind : std::uint8_t { control, prepare, statement, sync };
    Kind kind;
    std::string_view sql;  // for errors; it lives until the round is finished
    std::string key;       // of a prepare, in m_statements
  };
  class Parameters;

  explicit PgConnection(std::chrono::milliseconds statement_timeout) : m_statement_timeout(statement_timeout) {}
  Result<> connect(const PgSettings& settings, Deadline deadline);
  Result<> set_up(const PgSettings& settings);
  Result<std::string> prepare(std::string_view sql, std::string_view prefix, const Parameters& parameters);
  Result<> put_unprepared(std::string_view sql, std::string_view prefix, const Parameters& parameters);
  Result<> wait_readable(Deadline deadline);
  Result<PgResult> next_result(Deadline deadline);
  Result<> read_one(const Expected& expected, Deadline deadline, bool is_current, std::vector<PgResult>& answers,
                    std::optional<Error>& failure);
  Error lost(std::string_view doing);

  std::chrono::milliseconds m_statement_timeout;
  std::unique_ptr<PGconn, Finish> m_connection;
  bool m_is_lost = false;
  std::deque<Expected> m_expected;
  std::size_t m_former_syncs = 0;  // rounds that ended without waiting
  StatementCache<Prepared> m_statements{256};
  std::uint64_t m_names = 0;
};

// The error of a failed result; never its DETAIL, which holds values.
Error pg_error(const PGresult* result, std::string_view sql);
bool is_lost_state(std::string_view sqlstate);

// postgresql_values.cpp
Result<Values> pg_row(const PGresult* result, int row);
std::int64_t pg_changed_rows(PGresult* result);

}  // namespace kyso::db
