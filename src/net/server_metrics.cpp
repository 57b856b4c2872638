#include "net/server_metrics.h"

#include <fmt/format.h>

#include <algorithm>

namespace kyso::net {

ServerMetrics::ServerMetrics(const std::vector<Route>& routes)
    : connections(metrics::registry().counter("kyso_http_connections_total", "Connections accepted.")),
      refused_connections(
          metrics::registry().counter("kyso_http_connections_refused_total", "Connections refused: too many.")),
      rate_limited(metrics::registry().counter("kyso_http_rate_limited_total", "Requests answered with 429.")),
      open_connections(metrics::registry().gauge("kyso_http_connections_open", "Connections open now.")) {
  const auto add = [this](const std::string& method, const std::string& where) {
    Of of{};
    for (std::size_t i = 0; i < of.by_class.size(); ++i) {
      of.by_class[i] =
          &metrics::registry().counter("kyso_http_requests_total", "Requests answered, by route and class of status.",
                                       {{"method", method}, {"route", where}, {"status", fmt::format("{}xx", i + 2)}});
    }
    of.seconds = &metrics::registry().histogram("kyso_http_request_seconds",
                                                "From the end of the request's head to the end of the answer.",
                                                {{"method", method}, {"route", where}});
    m_routes.push_back(of);
  };
  for (const Route& route : routes) add(route.method, route.where);
  add("", "");
}

void ServerMetrics::answered(std::size_t route, int status, std::chrono::steady_clock::duration took) {
  const Of& of = m_routes[std::min(route, m_routes.size() - 1)];
  of.by_class[static_cast<std::size_t>(std::clamp(status / 100, 2, 5) - 2)]->add();
  of.seconds->observe(std::chrono::duration<double>(took).count());
}

}  // namespace kyso::net
