#pragma once
#include <array>
#include <chrono>
#include <vector>

#include "base/metrics.h"
#include "net/http_server.h"

namespace kyso::net {

// What the server counts (docs/http.md): for each route, and once for what leads to none.
class ServerMetrics {
 public:
  explicit ServerMetrics(const std::vector<Route>& routes);
  static constexpr std::size_t kNoRoute = static_cast<std::size_t>(-1);
  void answered(std::size_t route, int status, std::chrono::steady_clock::duration took);

  metrics::Counter &connections, &refused_connections, &rate_limited;
  metrics::Gauge& open_connections;

 private:
  struct Of {
    std::array<metrics::Counter*, 4> by_class;  // 2xx to 5xx
    metrics::Histogram* seconds;
  };
  std::vector<Of> m_routes;  // the last one: no route
};

}  // namespace kyso::net
