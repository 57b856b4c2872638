#pragma once
#include "db/database.h"

namespace kyso::registry {

// Tells people of certificates that end in 60, 30 and 7 days: the holder (notice certificate.expiring), and the clerks
// of the organisation with one list for all (certificate.expiring_list). Once each, from the registry's own record; a
// certificate that is replaced already needs no word. Called by a job once an hour or so; several processes may call
// it. How many notices were written.
Result<std::size_t> warn_expiring(db::Database& database, Instant now);

}  // namespace kyso::registry
