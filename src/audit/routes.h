#pragma once
#include "audit/log.h"
#include "net/http_server.h"

namespace kyso::audit {

// For auditors and witnesses, public: GET /audit/checkpoint, /audit/tile/LEVEL/…, /audit/proof/inclusion?index=&size=,
// /audit/proof/consistency?from=&to=, /audit/receipt/{event}. docs/audit.md. Entries are not published: they name
// people.
std::vector<net::Route> routes(Log& log, db::Database& database);

}  // namespace kyso::audit
