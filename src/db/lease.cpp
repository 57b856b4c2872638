#include "db/job.h"

namespace kyso::db {

Result<std::optional<Lease>> acquire_lease(Database& database, std::string_view name, std::string_view owner,
                                           Instant now, std::chrono::seconds duration) {
  const Instant until = now + duration;
  // The fence stays only for an owner that held the lease without a gap.
  auto row = KYSO_TRY(database.write(
      [&](Transaction& transaction) {
        return transaction.maybe(
            "INSERT INTO lease (name, owner, fence, until) VALUES (?, ?, 1, ?) "
            "ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until, "
            "fence = lease.fence + CASE WHEN lease.owner = excluded.owner AND lease.until > ? THEN 0 ELSE 1 END "
            "WHERE lease.owner = excluded.owner OR lease.until <= ? RETURNING fence",
            {name, owner, until, now, now});
      },
      Isolation::each_statement));
  if (!row) return std::optional<Lease>();
  return std::optional(Lease{std::string(name), std::string(owner), KYSO_TRY(row->get<std::int64_t>(0)), until});
}

Result<> require_lease(Transaction& transaction, const Lease& lease, Instant now) {
  const bool is_sqlite = transaction.engine() == Engine::sqlite;
  const auto row = KYSO_TRY(transaction.maybe(
      is_sqlite ? "SELECT 1 FROM lease WHERE name = ? AND owner = ? AND fence = ? AND until > ?"
                : "SELECT 1 FROM lease WHERE name = ? AND owner = ? AND fence = ? AND until > ? FOR SHARE",
      {lease.name, lease.owner, lease.fence, now}));
  if (!row) return fail("db.lease.lost").with("name", lease.name);
  return {};
}

Result<> release_lease(Database& database, const Lease& lease) {
  return database.write(
      [&](Transaction& transaction) -> Result<> {
        KYSO_TRY(transaction.execute("UPDATE lease SET until = 0 WHERE name = ? AND owner = ? AND fence = ?",
                                     {lease.name, lease.owner, lease.fence}));
        return {};
      },
      Isolation::each_statement);
}

}  // namespace kyso::db
