#pragma once
#include <filesystem>

#include "db/database.h"

namespace kyso::db {

// Forward migrations: files NNNN_name.sql in a folder, run once each in the order of their numbers, each in one
// transaction, recorded with the SHA-256 of its text in the table schema_migration. Refused: a recorded file that is
// missing or was edited (db.migration.changed {file}), gaps and doubles in the numbers (db.migration.numbering),
// a database that is newer than the program (db.migration.newer {number}). Two processes starting at once migrate once.
// The words BYTES and IDENTITY in CREATE TABLE become what the engine calls them.
struct MigrationReport {
  std::vector<std::string> applied;
  int version = 0;
};
Result<MigrationReport> migrate(Database& database, const std::filesystem::path& folder, const Clock& clock);
// Without changing anything: db.migration.pending {file} when some wait.
Result<> check_migrations(Database& database, const std::filesystem::path& folder);

}  // namespace kyso::db
