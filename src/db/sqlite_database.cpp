#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "base/file_descriptor.h"
#include "db/engines.h"
#include "db/group_writer.h"

namespace kyso::db {
namespace {

namespace fs = std::filesystem;

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::string path, DatabaseOptions options, std::unique_ptr<SqliteConnection> writer)
      : m_path(std::move(path)),
        m_options(std::move(options)),
        m_writer(*this, std::move(writer), m_options),
        m_readers(std::max<std::size_t>(m_options.connections, 1), [this](Deadline) {
          return SqliteConnection::open(m_path, SqliteConnection::Access::read, m_options);
        }) {}

  Engine engine() const override { return Engine::sqlite; }
  Result<> back_up(const fs::path& target) override;
  Statistics statistics() const override {
    const GroupWriter::Counts counts = m_writer.counts();
    return {counts.transactions + m_reads.load(std::memory_order_relaxed), counts.commits, 0, 0};
  }

 protected:
  Result<> run_write(const Work& work, Isolation) override {
    KYSO_TRY(InsideTransaction::refuse_second(*this));
    return m_writer.write(work);
  }
  Result<> run_read(const Work& work) override;

 private:
  bool is_memory() const { return m_path == ":memory:"; }

  const std::string m_path;
  const DatabaseOptions m_options;
  GroupWriter m_writer;
  ConnectionPool<SqliteConnection> m_readers;
  std::atomic<std::uint64_t> m_reads = 0;
};

Result<> SqliteDatabase::run_read(const Work& work) {
  KYSO_TRY(InsideTransaction::refuse_second(*this));
  if (is_memory()) return m_writer.read(work);
  auto connection = KYSO_TRY(m_readers.borrow(std::chrono::steady_clock::now() + m_options.acquire_timeout));
  m_reads.fetch_add(1, std::memory_order_relaxed);
  KYSO_TRY(connection->control("BEGIN"));
  // Also when the function throws.
  struct End {
    SqliteConnection& connection;
    ~End() {
      if (connection.is_in_transaction()) static_cast<void>(connection.control("COMMIT"));
    }
  } const end{*connection};
  SqliteTransaction transaction(*connection);
  const InsideTransaction inside(*this);
  return outcome(transaction, work(transaction));
}

Result<> copy_pages(sqlite3* source, const fs::path& path, std::chrono::milliseconds patience) {
  sqlite3* handle = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> target(handle, &sqlite3_close);
  if (opened != SQLITE_OK) return fail("db.unavailable", "backup: open {}", path.string());
  sqlite3_backup* backup = sqlite3_backup_init(target.get(), "main", source, "main");
  if (backup == nullptr) return fail("db.unavailable", "backup: {}", sqlite3_errmsg(target.get()));
  const Deadline deadline = std::chrono::steady_clock::now() + patience;
  int code = SQLITE_BUSY;
  // All pages in one step: one view of the database, and writers are not stopped by it.
  while ((code == SQLITE_BUSY || code == SQLITE_LOCKED) && std::chrono::steady_clock::now() < deadline) {
    code = sqlite3_backup_step(backup, -1);
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  sqlite3_backup_finish(backup);
  if (code == SQLITE_DONE) return {};
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) return fail("db.busy", "backup");
  return fail((code & 0xFF) == SQLITE_FULL ? "db.full" : "db.unavailable", "backup: SQLite {}", code);
}

Result<> SqliteDatabase::back_up(const fs::path& target) {
  if (is_memory()) return fail("db.backup.unsupported", "a database in memory");
  if (fs::exists(target)) return fail("db.backup.exists").with("path", target.string());
  fs::path partial = target;
  partial += ".partial";
  const FileDescriptor file(::open(partial.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
  if (!file) return fail("db.backup.unwritable", "open: error {}", errno).with("path", partial.string());
  const auto source = KYSO_TRY(SqliteConnection::open(m_path, SqliteConnection::Access::read, m_options));
  auto copied = copy_pages(source->handle(), partial, m_options.statement_timeout);
  const FileDescriptor folder(::open(fs::absolute(target).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // A link, not a new name: it never replaces what has appeared there meanwhile.
  const bool has_name = copied && ::fsync(file.get()) == 0 && ::link(partial.c_str(), target.c_str()) == 0;
  const int reason = errno;
  ::unlink(partial.c_str());
  if (!copied) return copied;
  if (!has_name || !folder || ::fsync(folder.get()) != 0)
    return fail("db.backup.unwritable", "error {}", reason).with("path", target.string());
  return {};
}

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const DatabaseOptions& options) {
  auto writer = KYSO_TRY(SqliteConnection::open(path, SqliteConnection::Access::write, options));
  return std::make_unique<SqliteDatabase>(path, options, std::move(writer));
}

}  // namespace kyso::db
