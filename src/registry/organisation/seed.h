#pragma once
#include <filesystem>
#include <string>

#include "base/time.h"
#include "db/database.h"

namespace kyso::registry {

// Organisations of the files *.toml of a folder (share/organisations), in the order of their names. Those that are
// there already, whatever has become of them, are left alone: it may run at every start.
// base.config.*, and the errors of changing the tree.
struct SeedReport {
  std::size_t added = 0, known = 0;
};
Result<SeedReport> seed_organisations(db::Database& database, const std::filesystem::path& folder, const Clock& clock);

// The id of an organisation of those files by its key ("central/bcy/cts", "province/020", "sample/so"): the same in
// every installation.
std::string seeded_id(std::string_view key);

}  // namespace kyso::registry
