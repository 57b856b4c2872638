#include "audit/audit.h"

namespace kyso::audit {

Result<std::int64_t> append(db::Transaction& transaction, const Event& event, Instant now) {
  const db::Row row = KYSO_TRY(
      transaction.one("INSERT INTO audit_event (at, kind, actor, subject, details) VALUES (?, ?, ?, ?, ?) RETURNING id",
                      {now, event.kind, event.actor, event.subject, json::serialize(event.details)}));
  return row.get<std::int64_t>(0);
}

Result<> append_many(db::Transaction& transaction, const std::vector<Event>& events, Instant now) {
  std::vector<db::Values> rows;
  rows.reserve(events.size());
  for (const Event& event : events)
    rows.push_back({now, event.kind, event.actor, event.subject, json::serialize(event.details)});
  return transaction.execute_many("INSERT INTO audit_event (at, kind, actor, subject, details) VALUES (?, ?, ?, ?, ?)",
                                  rows);
}

Result<std::optional<std::int64_t>> leaf_index(db::Database& database, std::int64_t event) {
  const std::optional<db::Row> row = KYSO_TRY(database.read([&](db::Transaction& transaction) {
    return transaction.maybe("SELECT leaf_index FROM audit_event WHERE id = ?", {event});
  }));
  if (!row) return std::optional<std::int64_t>();
  return row->get<std::optional<std::int64_t>>(0);
}

}  // namespace kyso::audit
