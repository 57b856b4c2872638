#include "base/log.h"
#include "json/json.h"
#include "net/http_server.h"

namespace kyso::net {

Route health_route(std::vector<HealthCheck> checks) {
  Route route;
  route.method = "GET";
  route.where = "/health";
  route.handler = [checks = std::move(checks)](const ServerRequest& request) {
    json::Value failing = json::Value::array();
    for (const HealthCheck& check : checks) {
      const auto result = check.check();
      if (result) continue;
      failing.push_back(check.name);
      Error error = result.error();
      log::write(log::Level::warning, "health.failing", error.with("check", check.name).with("request", request.id));
    }
    const bool is_well = failing.as_array()->empty();
    json::Value body = json::Value::object();
    body.set("status", is_well ? "ok" : "failing").set("failing", std::move(failing));
    return ServerResponse::bytes(is_well ? 200 : 503, "application/json", to_bytes(json::serialize(body)))
        .with("Cache-Control", "no-store");
  };
  return route;
}

Route metrics_route(std::function<std::string()> text) {
  Route route;
  route.method = "GET";
  route.where = "/metrics";
  route.handler = [text = std::move(text)](const ServerRequest&) {
    return ServerResponse::bytes(200, "text/plain; version=0.0.4; charset=utf-8", to_bytes(text()))
        .with("Cache-Control", "no-store");
  };
  return route;
}

}  // namespace kyso::net
