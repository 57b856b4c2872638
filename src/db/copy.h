#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "db/database.h"

namespace kyso::db {

struct CopiedTable {
  std::string name;
  std::int64_t rows = 0;
  std::string sha256;  // over all columns of all rows in the order of the primary key; the same on both engines
};

// Copies everything from one database into another one of either engine, in one transaction of the target: all or
// nothing. `from` must be up to date with the migrations and nobody may work on it; `to` is migrated and must hold
// nothing but what migrations put there. Tables come in the order of their foreign keys, one state of the source is
// copied, and numbers that the database gives go on behind the highest one that was ever given. Before the commit the
// target is read back and the source once more, and compared.
// Errors: db.migration.*; db.copy.not_empty {table}; db.copy.changed {table}: somebody works on the source;
// db.copy.different {table}: the target gives back something else than it was given.
// Both databases need a statement_timeout that is long enough to read their largest table.
using CopyProgress = std::function<void(std::string_view table, std::int64_t rows)>;
Result<std::vector<CopiedTable>> copy_database(Database& from, Database& to, const std::filesystem::path& migrations,
                                               const Clock& clock, const CopyProgress& progress = {});

}  // namespace kyso::db
