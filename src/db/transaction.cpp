#include "db/database.h"

namespace kyso::db {

Result<std::optional<Row>> Transaction::maybe(std::string_view sql, const Values& parameters) {
  Rows rows = KYSO_TRY(query(sql, parameters));
  if (rows.size() > 1) return fail("db.row.several", "{} rows: {}", rows.size(), sql);
  if (rows.empty()) return std::optional<Row>();
  return std::optional(std::move(rows.front()));
}

Result<Row> Transaction::one(std::string_view sql, const Values& parameters) {
  std::optional<Row> row = KYSO_TRY(maybe(sql, parameters));
  if (!row) return fail("db.row.missing", "{}", sql);
  return *std::move(row);
}

}  // namespace kyso::db
