#pragma once
#include "registry/organisation/routes.h"

namespace kyso::registry {

// What accounts, dossiers and certificates know of organisations: for previews of changes, and so that what is in use
// is not removed.
OrganisationUses organisation_uses();

}  // namespace kyso::registry
