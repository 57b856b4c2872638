#pragma once
#include <filesystem>

#include "db/database.h"

namespace kyso::db {

// Forward migrations: files NNNN_name.sql in a folder, run once each in the order of their numbers, each in one
// transaction, recorded with the SHA-256 of its text in the table schema_migration. Refused, before anything is
// changed:
//   db.migration.changed {file}    a recorded file is missing or was edited
//   db.migration.numbering {file}  a name of another shape, two files with one number, or a new file whose number is
//                                  below the newest recorded one (gaps are allowed)
//   db.migration.newer {number}    the database is newer than the program
// Two processes starting at once migrate once. The words BYTES and IDENTITY in CREATE TABLE become what the engine
// calls them (docs/database.md).
struct MigrationReport {
  std::vector<std::string> applied;
  int version = 0;
};
Result<MigrationReport> migrate(Database& database, const std::filesystem::path& folder, const Clock& clock);
// Without changing anything: db.migration.pending {file} when some wait.
Result<> check_migrations(Database& database, const std::filesystem::path& folder);

}  // namespace kyso::db
