#include "db/job.h"

#include <algorithm>
#include <atomic>

namespace kyso::db {
namespace {

constexpr std::chrono::seconds kFirstPause{4};
constexpr std::chrono::seconds kLongestPause{86'400};

constexpr std::string_view kTake =
    "UPDATE job SET state = 'running', owner = ?, attempt = attempt + 1, due = ? WHERE id = "
    "(SELECT id FROM job WHERE kind = ? AND due <= ? AND state <> 'dead' ORDER BY due, id LIMIT 1{}) "
    "RETURNING id, payload, attempt";

// A job that another one has taken since has another attempt.
Result<> require_one(Result<std::int64_t> changed) {
  if (KYSO_TRY(std::move(changed)) != 1) return fail("db.job.lost");
  return {};
}

Result<std::optional<Job>> take_kind(Transaction& transaction, std::string_view kind, std::string_view owner,
                                     Instant now, std::chrono::seconds lease) {
  // SQLite's writer is alone: there is nobody to pass over.
  static const std::string sqlite = fmt::format(kTake, "");
  static const std::string postgresql = fmt::format(kTake, " FOR UPDATE SKIP LOCKED");
  const bool is_sqlite = transaction.engine() == Engine::sqlite;
  const auto row = KYSO_TRY(transaction.maybe(is_sqlite ? sqlite : postgresql, {owner, now + lease, kind, now}));
  if (!row) return std::optional<Job>();
  Job job;
  job.id = KYSO_TRY(row->get<std::int64_t>(0));
  job.kind = kind;
  job.payload = KYSO_TRY(row->get<std::string>(1));
  job.attempt = KYSO_TRY(row->get<int>(2));
  return std::optional(std::move(job));
}

std::chrono::seconds pause_after(int attempt) {
  const int doublings = std::clamp(attempt - 1, 0, 20);
  return std::min(kFirstPause * (std::int64_t{1} << doublings), kLongestPause);
}

Result<> set_aside(Transaction& transaction, const Job& job, std::string_view reason) {
  return require_one(transaction.execute(
      "UPDATE job SET state = 'dead', owner = NULL, reason = ? WHERE id = ? AND attempt = ? AND state = 'running'",
      {reason, job.id, job.attempt}));
}

Result<> wait_again(Transaction& transaction, const Job& job, std::string_view reason, Instant due) {
  const auto changed =
      KYSO_TRY(transaction.execute("UPDATE job SET state = 'waiting', owner = NULL, reason = ?, due = ? "
                                   "WHERE id = ? AND attempt = ? AND state = 'running' AND NOT EXISTS "
                                   "(SELECT 1 FROM job other WHERE other.kind = job.kind AND other.job_key = "
                                   "job.job_key AND other.state = 'waiting')",
                                   {reason, due, job.id, job.attempt}));
  return changed == 1 ? Result<>() : finish(transaction, job);
}

}  // namespace

Result<> enqueue(Transaction& transaction, const NewJob& job, Instant now) {
  const Instant due = job.not_before.value_or(now);
  const Value key = job.key.empty() ? Value() : Value(job.key);
  // A job that has failed before keeps its pause.
  KYSO_TRY(
      transaction.execute("INSERT INTO job (kind, payload, job_key, due, created) VALUES (?, ?, ?, ?, ?) "
                          "ON CONFLICT (kind, job_key) WHERE state = 'waiting' DO UPDATE SET due = excluded.due "
                          "WHERE job.attempt = 0 AND excluded.due < job.due",
                          {job.kind, job.payload, key, due, now}));
  return {};
}

Result<std::optional<Job>> take(Database& database, const std::vector<std::string>& kinds, std::string_view owner,
                                Instant now, std::chrono::seconds lease) {
  static std::atomic<std::size_t> turn = 0;
  const std::size_t first = turn.fetch_add(1, std::memory_order_relaxed);
  // One statement decides each time: READ COMMITTED passes over what others hold without a conflict.
  return database.write(
      [&](Transaction& transaction) -> Result<std::optional<Job>> {
        for (std::size_t i = 0; i < kinds.size(); ++i) {
          auto job = KYSO_TRY(take_kind(transaction, kinds[(first + i) % kinds.size()], owner, now, lease));
          if (job) return job;
        }
        return std::optional<Job>();
      },
      Isolation::each_statement);
}

Result<> finish(Transaction& transaction, const Job& job) {
  return require_one(
      transaction.execute("DELETE FROM job WHERE id = ? AND attempt = ? AND state = 'running'", {job.id, job.attempt}));
}

Result<> keep(Database& database, const Job& job, Instant now, std::chrono::seconds lease) {
  return database.write([&](Transaction& transaction) {
    return require_one(transaction.execute("UPDATE job SET due = ? WHERE id = ? AND attempt = ? AND state = 'running'",
                                           {now + lease, job.id, job.attempt}));
  });
}

Result<> retry_later(Database& database, const Job& job, std::string_view reason, Instant now, int max_attempts) {
  return database.write([&](Transaction& transaction) {
    return job.attempt >= max_attempts ? set_aside(transaction, job, reason)
                                       : wait_again(transaction, job, reason, now + pause_after(job.attempt));
  });
}

}  // namespace kyso::db
