#include <atomic>
#include <random>
#include <thread>

#include "db/engines.h"
#include "db/postgresql_transaction.h"

namespace kyso::db {
namespace {

// A conflict is repeated so often; with the pauses below that is about two seconds.
constexpr int kMostRepeats = 30;
constexpr int kMostReconnects = 8;
constexpr std::chrono::microseconds kFirstPause{500};
constexpr std::chrono::microseconds kLongestPause{150'000};

// Up to twice as long each time, at random: those who conflicted shall not meet again.
void pause(int attempt) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const auto longest = std::min<std::int64_t>(kLongestPause.count(), kFirstPause.count() << std::min(attempt, 16));
  std::this_thread::sleep_for(
      std::chrono::microseconds(std::uniform_int_distribution<std::int64_t>(0, longest)(random)));
}

class PgDatabase final : public Database {
 public:
  PgDatabase(PgSettings settings, DatabaseOptions options)
      : m_settings(std::move(settings)),
        m_options(std::move(options)),
        m_pool(std::max<std::size_t>(m_options.connections, 1),
               [this](Deadline deadline) { return PgConnection::open(m_settings, deadline); }) {}

  // Opens a connection, so that a wrong address is told at once.
  Result<> try_connection() {
    KYSO_TRY(m_pool.borrow(next_deadline()));
    return {};
  }
  Engine engine() const override { return Engine::postgresql; }
  Result<> back_up(const std::filesystem::path&) override { return fail("db.backup.unsupported", "PostgreSQL"); }
  Statistics statistics() const override { return {m_transactions, m_commits, m_conflicts, m_reconnects}; }

 protected:
  Result<> run_write(const Work& work, Isolation isolation) override {
    const bool is_serializable = isolation == Isolation::serializable;
    return run({is_serializable ? "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"
                                : "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
                true},
               work);
  }
  Result<> run_read(const Work& work) override {
    return run({"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", false}, work);
  }

 private:
  struct Mode {
    const char* begin;
    bool is_write;
  };
  using Borrowed = ConnectionPool<PgConnection>::Borrowed;
  Deadline next_deadline() const { return std::chrono::steady_clock::now() + m_options.acquire_timeout; }
  Result<> run(Mode mode, const Work& work);
  Result<Borrowed> connection();
  // None: the connection was lost before anything could be committed.
  std::optional<Result<>> run_once(Borrowed& connection, Mode mode, const Work& work);
  std::optional<Result<>> commit(PgConnection& connection, Mode mode);

  const PgSettings m_settings;
  const DatabaseOptions m_options;
  ConnectionPool<PgConnection> m_pool;
  std::atomic<std::uint64_t> m_transactions = 0, m_commits = 0, m_conflicts = 0, m_reconnects = 0;
};

// A server that starts again is awaited for as long as a connection may take.
Result<PgDatabase::Borrowed> PgDatabase::connection() {
  const Deadline deadline = next_deadline();
  for (int attempt = 0;; ++attempt) {
    auto borrowed = m_pool.borrow(deadline);
    if (borrowed || borrowed.error().code != "db.unavailable" || std::chrono::steady_clock::now() >= deadline)
      return borrowed;
    pause(6 + attempt);
  }
}

Result<> PgDatabase::run(Mode mode, const Work& work) {
  KYSO_TRY(InsideTransaction::refuse_second(*this));
  ++m_transactions;
  int conflicts = 0, losses = 0;
  while (true) {
    auto borrowed = KYSO_TRY(connection());
    std::optional<Result<>> result = run_once(borrowed, mode, work);
    if (!result) {
      borrowed.close();
      m_pool.close_idle();
      ++m_reconnects;
      if (++losses > kMostReconnects) return fail("db.unavailable", "the connection was lost {} times", losses);
      continue;
    }
    if (*result || result->error().code != "db.conflict") return *std::move(result);
    ++m_conflicts;
    if (++conflicts > kMostRepeats) return *std::move(result);
    pause(conflicts);
  }
}

std::optional<Result<>> PgDatabase::run_once(Borrowed& connection, Mode mode, const Work& work) {
  // Whatever ends this function without a commit, an exception of `work` included, takes everything back.
  struct End {
    Borrowed& connection;
    const PgTransaction& transaction;
    bool is_done = false;
    ~End() {
      if (!is_done && transaction.has_begun() && !connection->is_lost() && connection->put_control("ROLLBACK"))
        static_cast<void>(connection->end_round());
      if (connection->is_lost()) connection.close();
    }
  };
  PgTransaction transaction(*connection, mode.begin);
  End end{connection, transaction};
  Result<> answer;
  {
    const InsideTransaction inside(*this);
    answer = outcome(transaction, work(transaction));
  }
  const auto& failure = transaction.failure();
  if (connection->is_lost()) {
    // A statement that took too long is not repeated.
    if (failure && failure->code == "db.busy") return Result<>(*failure);
    return std::nullopt;
  }
  // The conflict decides, whatever the function has made of it.
  if (failure && failure->code == "db.conflict") return Result<>(*failure);
  if (!answer) return answer;
  end.is_done = true;
  if (!transaction.has_begun()) return answer;
  return commit(*connection, mode);
}

std::optional<Result<>> PgDatabase::commit(PgConnection& connection, Mode mode) {
  if (!connection.put_control("COMMIT")) return std::nullopt;
  if (!mode.is_write) {
    // Nothing can be lost here: the next round reads the answer.
    static_cast<void>(connection.end_round());
    return Result<>();
  }
  auto committed = connection.finish_round();
  if (connection.is_lost()) return Result<>(fail("db.commit.unknown", "{}", committed.error().detail));
  if (!committed) {
    // An earlier command of the round may have failed, so that COMMIT was passed over.
    if (connection.put_control("ROLLBACK")) static_cast<void>(connection.end_round());
    return Result<>(std::move(committed).error());
  }
  ++m_commits;
  return Result<>();
}

}  // namespace

Result<std::unique_ptr<Database>> open_postgresql(const DatabaseOptions& options) {
  auto database = std::make_unique<PgDatabase>(KYSO_TRY(PgSettings::parse(options)), options);
  KYSO_TRY(database->try_connection());
  return database;
}

}  // namespace kyso::db
