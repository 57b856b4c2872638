#pragma once
#include "db/database.h"
#include "registry/web/route.h"

namespace kyso::registry {

// Operations tagged "reports" in api/openapi.yaml, but the events.
std::vector<PortalRoute> report_routes(db::Database& database);

}  // namespace kyso::registry
