#pragma once
#include <filesystem>
#include <string>

#include "kysod/configuration.h"
#include "shared/console.h"

// What an administrator does with the database while kysod doesn't serve.
namespace kyso::daemon {

// Everything from one database into another one, empty, of either engine. Nobody may work on the source.
Result<> copy_database(const std::string& from, const std::string& to, const std::filesystem::path& migrations,
                       const app::Console& console);

// A consistent copy of SQLite's file, also while kysod works. db.backup.unsupported for PostgreSQL.
Result<> back_up(const Configuration& configuration, const std::filesystem::path& file, const app::Console& console);

}  // namespace kyso::daemon
