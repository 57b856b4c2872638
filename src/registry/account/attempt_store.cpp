#include "registry/account/attempt_store.h"

namespace kyso::registry {
namespace {

Result<Attempts> read(const db::Row& row) {
  return Attempts{KYSO_TRY(row.get<std::int64_t>(0)), KYSO_TRY(row.get<Instant>(1)), KYSO_TRY(row.get<Instant>(2)),
                  KYSO_TRY(row.get<Instant>(3))};
}

}  // namespace

Result<Attempts> read_attempts(db::Transaction& transaction, const std::string& subject,
                               std::chrono::seconds forget_after, Instant now) {
  const auto row =
      KYSO_TRY(transaction.maybe("SELECT count, first, last, locked_until FROM attempt WHERE subject = ?", {subject}));
  if (!row) return Attempts{};
  return forgotten(KYSO_TRY(read(*row)), forget_after, now);
}

Result<Attempts> add_attempt(db::Transaction& transaction, const std::string& subject,
                             std::chrono::seconds forget_after, Instant now) {
  return read(KYSO_TRY(transaction.one(
      "INSERT INTO attempt (subject, count, first, last, locked_until) VALUES (?, 1, ?, ?, 0) "
      "ON CONFLICT (subject) DO UPDATE SET "
      "count = CASE WHEN attempt.last <= ? THEN 1 ELSE attempt.count + 1 END, "
      "first = CASE WHEN attempt.last <= ? THEN excluded.first ELSE attempt.first END, last = excluded.last "
      "RETURNING count, first, last, locked_until",
      {subject, now, now, now - forget_after, now - forget_after})));
}

Result<bool> take_one(db::Transaction& transaction, const std::string& subject, std::int64_t limit,
                      std::chrono::seconds period, Instant now) {
  const db::Row row = KYSO_TRY(transaction.one(
      "INSERT INTO attempt (subject, count, first, last, locked_until) VALUES (?, 1, ?, ?, 0) "
      "ON CONFLICT (subject) DO UPDATE SET "
      "count = CASE WHEN attempt.first <= ? THEN 1 ELSE attempt.count + 1 END, "
      "first = CASE WHEN attempt.first <= ? THEN excluded.first ELSE attempt.first END, last = excluded.last "
      "RETURNING count",
      {subject, now, now, now - period, now - period}));
  return KYSO_TRY(row.get<std::int64_t>(0)) <= limit;
}

Result<> raise_attempts(db::Transaction& transaction, const std::string& subject, std::int64_t count, Instant now) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO attempt (subject, count, first, last, locked_until) VALUES (?, ?, ?, ?, 0) ON CONFLICT (subject) DO "
      "UPDATE SET count = CASE WHEN attempt.count < excluded.count THEN excluded.count ELSE attempt.count END, "
      "last = excluded.last",
      {subject, count, now, now}));
  return {};
}

Result<> lock_attempts(db::Transaction& transaction, const std::string& subject, Instant until) {
  KYSO_TRY(transaction.execute("UPDATE attempt SET locked_until = ? WHERE subject = ?", {until, subject}));
  return {};
}

Result<> clear_attempts(db::Transaction& transaction, const std::string& subject) {
  KYSO_TRY(transaction.execute("DELETE FROM attempt WHERE subject = ?", {subject}));
  return {};
}

Result<> take_back_attempt(db::Transaction& transaction, const std::string& subject) {
  KYSO_TRY(transaction.execute("UPDATE attempt SET count = count - 1 WHERE subject = ? AND count > 0", {subject}));
  return {};
}

}  // namespace kyso::registry
