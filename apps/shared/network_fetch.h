#pragma once
#include "verify/evidence/collector.h"

namespace kyso::app {

// What verification fetches travels by net::http_exchange.
verify::Fetch network_fetch();

}  // namespace kyso::app
