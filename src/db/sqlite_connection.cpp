#include "db/sqlite_connection.h"

#include <fcntl.h>

#include <cerrno>
#include <limits>

#include "base/file_descriptor.h"

namespace kyso::db {
namespace {

// Checked every so many steps of SQLite's machine: some tens of microseconds.
constexpr int kStepsBetweenChecks = 10'000;
// A checkpoint moves this many pages from the log to the file at once (16 MiB), by the writer after its commit.
constexpr int kCheckpointPages = 4'096;

bool is_disk_full(int code, int system_error) {
  if ((code & 0xFF) == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE) return true;
  const bool has_no_space = system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
  return has_no_space && ((code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_CANTOPEN);
}

std::string_view code_of(int code, int system_error) {
  if (is_disk_full(code, system_error)) return "db.full";
  if (code == SQLITE_IOERR_CORRUPTFS) return "db.corrupt";
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
      return "db.busy";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "db.corrupt";
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
    case SQLITE_AUTH:
      return "db.unavailable";
    case SQLITE_READONLY:
      return code == SQLITE_READONLY ? "db.statement" : "db.unavailable";
    default:
      return "db.statement";
  }
}

Value column_value(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return Value(std::int64_t{sqlite3_column_int64(statement, column)});
    case SQLITE_FLOAT:
      return Value(sqlite3_column_double(statement, column));
    case SQLITE_TEXT: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return Value(std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))));
    }
    case SQLITE_BLOB: {
      const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, column));
      return Value(Bytes(bytes, bytes + sqlite3_column_bytes(statement, column)));
    }
    default:
      return {};
  }
}

struct Binder {
  sqlite3_stmt* statement;
  int index;
  // SQLITE_STATIC: the caller's values outlive the statement's run.
  int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
  int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, index, value); }
  int operator()(double value) const { return sqlite3_bind_double(statement, index, value); }
  int operator()(const std::string& text) const {
    return sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  int operator()(const Bytes& bytes) const {
    // A null pointer would be NULL, not the empty blob.
    if (bytes.empty()) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob64(statement, index, bytes.data(), bytes.size(), SQLITE_STATIC);
  }
};

}  // namespace

// Use: a statement while it runs. The same text may run inside itself (for_each): then a second one is prepared.
class SqliteConnection::Use {
 public:
  static Result<Use> of(SqliteConnection& connection, std::string_view sql) {
    return Use(KYSO_TRY(connection.prepare(sql)));
  }
  Use(Use&&) noexcept = default;
  Use& operator=(Use&&) = delete;
  ~Use() {
    if (!m_prepared) return;
    sqlite3_reset(m_prepared->statement.get());
    sqlite3_clear_bindings(m_prepared->statement.get());
    m_prepared->in_use = false;
  }
  const Prepared& operator*() const { return *m_prepared; }

 private:
  explicit Use(std::shared_ptr<Prepared> prepared) : m_prepared(std::move(prepared)) { m_prepared->in_use = true; }
  std::shared_ptr<Prepared> m_prepared;
};

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path, Access access,
                                                                 const DatabaseOptions& options) {
  const bool is_memory = path == ":memory:";
  if (!is_memory && access == Access::write) {
    const FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
    if (!file) {
      const int reason = errno;
      return fail(is_disk_full(SQLITE_CANTOPEN, reason) ? "db.full" : "db.unavailable", "open {}: error {}", path,
                  reason);
    }
  }
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(options.statement_timeout));
  sqlite3* handle = nullptr;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (is_memory ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  connection->m_handle.reset(handle);
  if (handle == nullptr) return fail("db.unavailable", "no memory for SQLite");
  if (code != SQLITE_OK) return connection->error("open " + path);
  KYSO_TRY(connection->set_up(access, options, is_memory));
  return connection;
}

Result<> SqliteConnection::set_up(Access access, const DatabaseOptions& options, bool is_memory) {
  sqlite3_busy_timeout(m_handle.get(), static_cast<int>(options.acquire_timeout.count()));
  sqlite3_db_config(m_handle.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(m_handle.get(), SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(m_handle.get(), SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_limit(m_handle.get(), SQLITE_LIMIT_ATTACHED, 0);
  KYSO_TRY(control("PRAGMA trusted_schema=OFF"));
  KYSO_TRY(control("PRAGMA cell_size_check=ON"));
  KYSO_TRY(control("PRAGMA foreign_keys=ON"));
  KYSO_TRY(control("PRAGMA synchronous=FULL"));
  KYSO_TRY(control("PRAGMA temp_store=MEMORY"));
  if (access == Access::read) {
    KYSO_TRY(control("PRAGMA query_only=ON"));
  } else if (!is_memory) {
    KYSO_TRY(control("PRAGMA journal_mode=WAL"));
    KYSO_TRY(control("PRAGMA cache_size=-16384"));
    KYSO_TRY(control("PRAGMA journal_size_limit=67108864"));
    sqlite3_wal_autocheckpoint(m_handle.get(), kCheckpointPages);
  }
  sqlite3_progress_handler(m_handle.get(), kStepsBetweenChecks, &SqliteConnection::check_deadline, this);
  return {};
}

int SqliteConnection::check_deadline(void* self) {
  return std::chrono::steady_clock::now() > static_cast<SqliteConnection*>(self)->m_deadline ? 1 : 0;
}

Result<> SqliteConnection::control(const char* sql) {
  allow_time();
  // COMMIT and SAVEPOINT are used so often that they are kept too.
  std::shared_ptr<Prepared>* kept = m_statements.find(sql);
  if (kept == nullptr) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(m_handle.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
      return error(sql);
    auto prepared = std::make_shared<Prepared>();
    prepared->statement.reset(statement);
    m_statements.insert(sql, std::move(prepared));
    kept = m_statements.find(sql);
  }
  sqlite3_stmt* statement = (*kept)->statement.get();
  int code = sqlite3_step(statement);
  while (code == SQLITE_ROW) code = sqlite3_step(statement);
  Result<> result;
  if (code != SQLITE_DONE) result = error(sql);
  sqlite3_reset(statement);
  return result;
}

Result<std::shared_ptr<SqliteConnection::Prepared>> SqliteConnection::prepare(std::string_view sql) {
  const auto* kept = m_statements.find(sql);
  if (kept != nullptr && !(*kept)->in_use) return *kept;
  const SqlText text = KYSO_TRY(read_sql(sql));
  auto prepared = std::make_shared<Prepared>();
  sqlite3_stmt* statement = nullptr;
  allow_time();
  if (sql.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return fail("db.statement", "too long");
  const unsigned flags = text.is_kept() ? SQLITE_PREPARE_PERSISTENT : 0;
  const int code =
      sqlite3_prepare_v3(m_handle.get(), sql.data(), static_cast<int>(sql.size()), flags, &statement, nullptr);
  if (code != SQLITE_OK) return error(sql);
  prepared->statement.reset(statement);
  prepared->parameters = text.parameters;
  prepared->counts_rows = text.counts_rows() && sqlite3_stmt_readonly(statement) == 0;
  prepared->is_kept = text.is_kept();
  if (prepared->is_kept && kept == nullptr) m_statements.insert(std::string(sql), prepared);
  return prepared;
}

Result<> SqliteConnection::bind(const Prepared& prepared, const Values& parameters, std::string_view sql) const {
  const int wanted = sqlite3_bind_parameter_count(prepared.statement.get());
  if (parameters.size() != prepared.parameters || static_cast<std::size_t>(wanted) != parameters.size())
    return fail("db.statement", "{} parameters for {}: {}", parameters.size(), wanted, sql);
  for (int i = 0; i < wanted; ++i) {
    const Binder binder{prepared.statement.get(), i + 1};
    if (std::visit(binder, parameters[static_cast<std::size_t>(i)].storage()) != SQLITE_OK) return error(sql);
  }
  return {};
}

Result<std::int64_t> SqliteConnection::step(const Prepared& prepared, std::string_view sql, const Each& each) {
  sqlite3_stmt* statement = prepared.statement.get();
  allow_time();
  Values row;
  int code = sqlite3_step(statement);
  for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
    const int columns = sqlite3_data_count(statement);
    row.clear();
    row.reserve(static_cast<std::size_t>(columns));
    for (int i = 0; i < columns; ++i) row.push_back(column_value(statement, i));
    if (each && !each(row)) return std::int64_t{0};
  }
  if (code != SQLITE_DONE) return error(sql);
  return prepared.counts_rows ? std::int64_t{sqlite3_changes64(m_handle.get())} : std::int64_t{0};
}

Result<std::int64_t> SqliteConnection::run(std::string_view sql, const Values& parameters, const Each& each) {
  const Use use = KYSO_TRY(Use::of(*this, sql));
  KYSO_TRY(bind(*use, parameters, sql));
  return step(*use, sql, each);
}

Result<> SqliteConnection::run_many(std::string_view sql, const std::vector<Values>& rows) {
  const Use use = KYSO_TRY(Use::of(*this, sql));
  for (const Values& row : rows) {
    KYSO_TRY(bind(*use, row, sql));
    KYSO_TRY(step(*use, sql, {}));
    sqlite3_reset((*use).statement.get());
  }
  return {};
}

Error SqliteConnection::error(std::string_view sql) const {
  // SQLite keeps the system's reason for some errors only, not for those of a commit.
  const int last_errno = errno;
  const int code = sqlite3_extended_errcode(m_handle.get());
  const std::string message = sqlite3_errmsg(m_handle.get());
  if ((code & 0xFF) == SQLITE_CONSTRAINT && code != SQLITE_CONSTRAINT_DATATYPE)
    return fail("db.constraint", "{}: {}", message, sql).with("constraint", constraint_name(message));
  const int kept = sqlite3_system_errno(m_handle.get());
  const int system_error = kept != 0 ? kept : last_errno;
  // A datatype message holds no value, but names the column.
  return fail(code_of(code, system_error), "SQLite {}: {}: {}", code, message, sql);
}

std::string SqliteConnection::constraint_name(std::string_view message) const {
  const std::size_t colon = message.find(": ");
  if (colon == std::string_view::npos) return message.starts_with("FOREIGN KEY") ? "foreign_key" : std::string(message);
  const std::string_view subject = message.substr(colon + 2);
  if (!message.starts_with("UNIQUE")) return std::string(subject);
  if (subject.starts_with("index '")) return std::string(subject.substr(7, subject.size() - 8));
  return unique_name(subject);
}

// SQLite tells "table.a, table.b": the index with these columns, under the name that PostgreSQL gives by itself where
// the index has none.
std::string SqliteConnection::unique_name(std::string_view columns) const {
  const std::string table(columns.substr(0, columns.find('.')));
  std::string list, name = table;
  for (std::string_view rest = columns; !rest.empty();) {
    const std::string_view one = rest.substr(0, rest.find(", "));
    const std::string_view column = one.substr(std::min(one.size(), table.size() + 1));
    list += list.empty() ? "" : ",";
    list += column;
    name += fmt::format("_{}", column);
    rest.remove_prefix(std::min(rest.size(), one.size() + 2));
  }
  static constexpr const char* kFind =
      "SELECT i.name, i.origin FROM pragma_index_list(?1) i WHERE i.\"unique\" = 1 AND "
      "(SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) = ?2";
  sqlite3_stmt* found = nullptr;
  if (sqlite3_prepare_v2(m_handle.get(), kFind, -1, &found, nullptr) != SQLITE_OK) return name + "_key";
  const std::unique_ptr<sqlite3_stmt, Finalize> owner(found);
  sqlite3_bind_text(found, 1, table.data(), static_cast<int>(table.size()), SQLITE_STATIC);
  sqlite3_bind_text(found, 2, list.data(), static_cast<int>(list.size()), SQLITE_STATIC);
  // The row number as primary key has no index at all.
  if (sqlite3_step(found) != SQLITE_ROW) return table + "_pkey";
  const std::string index = reinterpret_cast<const char*>(sqlite3_column_text(found, 0));
  const std::string_view origin = reinterpret_cast<const char*>(sqlite3_column_text(found, 1));
  if (origin == "c") return index;
  return origin == "pk" ? table + "_pkey" : name + "_key";
}

Result<Rows> SqliteTransaction::run_query(std::string_view sql, const Values& parameters) {
  Rows rows;
  KYSO_TRY(m_connection.run(sql, parameters, [&](Values& values) {
    rows.emplace_back(std::move(values));
    values = Values();
    return true;
  }));
  return rows;
}

Result<std::int64_t> SqliteTransaction::run_execute(std::string_view sql, const Values& parameters) {
  return m_connection.run(sql, parameters, {});
}

Result<> SqliteTransaction::run_execute_many(std::string_view sql, const std::vector<Values>& rows) {
  return m_connection.run_many(sql, rows);
}

Result<> SqliteTransaction::run_for_each(std::string_view sql, const Values& parameters,
                                         const std::function<bool(const Row&)>& each) {
  if (const SqlText text = KYSO_TRY(read_sql(sql)); !text.is_select())
    return fail("db.statement", "for_each is for SELECT: {}", sql);
  KYSO_TRY(m_connection.run(sql, parameters, [&](Values& values) {
    Row row(std::move(values));
    const bool goes_on = each(row);
    m_connection.allow_time();
    values = std::move(row).release();
    return goes_on;
  }));
  return {};
}

}  // namespace kyso::db
