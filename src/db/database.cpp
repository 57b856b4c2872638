#include "db/database.h"

#include "db/engines.h"

namespace kyso::db {

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
  constexpr std::string_view kSqlite = "sqlite:";
  const std::string_view url = options.url;
  if (url.starts_with(kSqlite) && url.size() > kSqlite.size())
    return open_sqlite(std::string(url.substr(kSqlite.size())), options);
  const bool is_postgresql = url.starts_with("postgresql://") || url.starts_with("postgres://");
  // "host=… dbname=…", the other form of libpq.
  if (is_postgresql || url.find('=') != std::string_view::npos) return open_postgresql(options);
  return fail("db.url", "neither sqlite: nor postgresql:");
}

}  // namespace kyso::db
