#pragma once
#include "db/database.h"

namespace kyso::db {

// `path`: a file or ":memory:".
Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const DatabaseOptions& options);
Result<std::unique_ptr<Database>> open_postgresql(const DatabaseOptions& options);

}  // namespace kyso::db
