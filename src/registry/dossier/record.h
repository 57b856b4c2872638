#pragma once
#include "db/database.h"
#include "registry/dossier/model.h"

namespace kyso::registry {

// What a write wants to say about a dossier, within its transaction: history, audit, news. `caller` null: the system.
// People's names and what they wrote freely stand in the history alone. `is_internal`: for officers.
Result<> record_event(db::Transaction& transaction, const Dossier& dossier, const Caller* caller,
                      const std::string& kind, std::vector<std::pair<std::string, std::string>> params, Instant now,
                      bool is_internal = false);

}  // namespace kyso::registry
