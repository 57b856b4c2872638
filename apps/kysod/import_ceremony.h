#pragma once
#include <string>

#include "kysod/configuration.h"
#include "shared/console.h"

namespace kyso::daemon {

// What a key ceremony made for everybody goes into the database, also while kysod works: it publishes it at once.
// Errors: those of load_plan, of import_ceremony (authority/status/ceremony_import.h) and of the database.
Result<> import_ceremony(const Configuration& configuration, const std::string& plan, const std::string& folder,
                         const app::Console& console);

}  // namespace kyso::daemon
