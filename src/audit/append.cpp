#include "audit/audit.h"

namespace kyso::audit {

Result<std::int64_t> append(db::Transaction& transaction, const Event& event, Instant now) {
  const db::Row row = KYSO_TRY(
      transaction.one("INSERT INTO audit_event (at, kind, actor, subject, details) VALUES (?, ?, ?, ?, ?) RETURNING id",
                      {now, event.kind, event.actor, event.subject, json::serialize(event.details)}));
  return row.get<std::int64_t>(0);
}

Result<std::optional<std::int64_t>> leaf_index(db::Database& database, std::int64_t event) {
  const std::optional<db::Row> row = KYSO_TRY(database.read([&](db::Transaction& transaction) {
    return transaction.maybe("SELECT leaf_index FROM audit_event WHERE id = ?", {event});
  }));
  if (!row) return std::optional<std::int64_t>();
  return row->get<std::optional<std::int64_t>>(0);
}

}  // namespace kyso::audit
