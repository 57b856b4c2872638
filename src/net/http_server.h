#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

// HTTP/1.1 server (RFC 9110, RFC 9112). Asynchronous edge, synchronous core: connections are served by one or two
// threads, handlers are ordinary functions on a pool of workers. One slow or silent client never delays another.
//
// Stricter than the standard where leniency has been used for smuggling: exactly one valid Host that is on the allow
// list, Transfer-Encoding only "chunked" and only in HTTP/1.1, one Content-Length written plainly, no folded fields, at
// most 100 fields and 16 KiB of head, targets in origin form with the characters of RFC 3986, trailers ignored.
namespace kyso::net {

struct ServerRequest {
  std::string id;      // made by the server, in the answer as X-Request-Id and in the log
  std::string method;  // GET HEAD POST PUT DELETE PATCH OPTIONS
  std::string path;    // decoded, without "." and "..", begins with "/"
  std::string raw_path;
  std::vector<std::pair<std::string, std::string>> query;    // decoded, in order
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, as received
  Bytes body;
  std::string remote_address;
  std::string client_certificate;  // DER of a verified TLS client certificate, empty when none
  std::chrono::steady_clock::time_point deadline;
  std::string_view header(std::string_view lower_case_name) const;
  std::optional<std::string> parameter(std::string_view name) const;
};

struct ServerResponse {
  int status = 200;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<const Bytes> body;  // shared: a cached answer is not copied
  // Instead of `body`: called for the next piece until it gives an empty one (large lists, events).
  std::function<Result<Bytes>()> next_piece;

  static ServerResponse text(int status, std::string_view text);
  static ServerResponse bytes(int status, std::string content_type, Bytes body);
  // application/problem+json (RFC 9457) from an error: type, title, status, detail, instance (the request's id).
  static ServerResponse problem(const Error& error, int status, const ServerRequest& request);
};

// What a path leads to. `where`: "/ocsp", "/ocsp/{request...}", "/certificates/{serial}".
using Handler = std::function<ServerResponse(const ServerRequest&)>;
struct Route {
  std::string method, where;
  Handler handler;
  std::size_t max_body = 64U << 10U;
  // Answered on the connection's thread: for what never waits (cached answers).
  bool is_quick = false;
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                                            // 0: any free one; port() tells
  std::vector<std::string> allowed_hosts;                            // empty: any valid one
  std::filesystem::path tls_certificate, tls_key, tls_client_roots;  // PEM; empty: plain HTTP
  std::size_t workers = 4;
  std::size_t max_connections = 10'000;
  std::size_t max_per_address = 0;  // 0: no limit
  std::chrono::milliseconds head_timeout{10'000}, body_timeout{30'000}, idle_timeout{60'000}, write_timeout{30'000};
  std::chrono::milliseconds handler_deadline{30'000};
  double requests_per_second = 0;  // per address, 0: no limit; 429 with Retry-After
  std::size_t burst = 50;
};

class HttpServer {
 public:
  // net.listen {address} {reason}, net.tls.
  static Result<std::unique_ptr<HttpServer>> start(ServerOptions options, std::vector<Route> routes);
  virtual ~HttpServer() = default;
  virtual std::uint16_t port() const = 0;
  // No new connections; requests that have begun are answered, at most for this long. Connections are closed then.
  virtual void drain(std::chrono::milliseconds patience) = 0;
  struct Statistics {
    std::uint64_t requests = 0, errors = 0, connections = 0, refused = 0;
  };
  virtual Statistics statistics() const = 0;
};

// Files of a folder under a prefix, with ETag, Last-Modified, ranges, and types by extension; nothing outside of it.
Route static_files(std::string prefix, std::filesystem::path folder, std::chrono::seconds max_age);
// GET /health (200 or 503 with the names of what fails) and GET /metrics (Prometheus text format 0.0.4).
struct HealthCheck {
  std::string name;
  std::function<Result<>()> check;
};
Route health_route(std::vector<HealthCheck> checks);
Route metrics_route(std::function<std::string()> text);

}  // namespace kyso::net
