#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

// HTTP/1.1 server (RFC 9110, RFC 9112). Asynchronous edge, synchronous core: connections are served by one or two
// threads, handlers are ordinary functions on a pool of workers. One slow or silent client never delays another.
//
// Stricter than the standard where leniency has been used for smuggling: exactly one valid Host that is on the allow
// list, Transfer-Encoding only "chunked" and only in HTTP/1.1, one Content-Length written plainly, no folded fields, at
// most 100 fields and 16 KiB of head, targets in origin form with the characters of RFC 3986, trailers ignored, bodies
// only with POST, PUT and PATCH. docs/http.md lists limits, headers and metrics.
namespace kyso::net {

struct ServerRequest {
  std::string id;      // made by the server, in the answer as X-Request-Id and in the log
  std::string method;  // GET HEAD POST PUT DELETE PATCH OPTIONS
  // Decoded, valid UTF-8 without control characters and without segments "." and ".."; begins with "/". "%2F" has
  // become
  // "/" here: decide by captures, whose segments were cut before decoding.
  std::string path;
  std::string raw_path;
  std::string target;                                         // as in the request line: path and query
  std::vector<std::pair<std::string, std::string>> captures;  // {name} and {name...} of the route, decoded
  std::vector<std::pair<std::string, std::string>> query;     // decoded ("+" is a blank), in order
  std::vector<std::pair<std::string, std::string>> headers;   // names in lower case, as received
  Bytes body;
  std::string remote_address;      // without port; behind a trusted proxy, the client's
  std::string client_certificate;  // DER of a verified TLS client certificate, empty when none
  std::chrono::steady_clock::time_point deadline;
  // The first field of that name, or empty.
  std::string_view header(std::string_view lower_case_name) const;
  // A capture of the route, else the first parameter of the query.
  std::optional<std::string> parameter(std::string_view name) const;
};

// What an answer with events reads from (net/event_stream.h). Called on the connection's thread: never waits.
class PieceSource {
 public:
  virtual ~PieceSource() = default;
  struct Taken {
    Bytes piece;             // may be empty: nothing now
    bool has_ended = false;  // after this piece
  };
  virtual Taken take() = 0;
  // Who is told, from any thread, that there is something to take. Empty: the client has gone.
  virtual void on_news(std::function<void()> wake) = 0;
  // The server drains: what follows is the last.
  virtual void finish() = 0;
  virtual std::chrono::milliseconds heartbeat_every() const = 0;
  virtual std::string_view heartbeat() const = 0;
};

struct ServerResponse {
  int status = 200;
  std::string content_type;
  // Names and values are checked: one that HTTP does not allow makes the answer a 500.
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<const Bytes> body;  // shared: a cached answer is not copied
  // Instead of `body`: called on a worker for the next piece, when the last one has been sent, until it gives an empty
  // one. An error ends the connection, so that the client sees that the answer is cut short.
  std::function<Result<Bytes>()> next_piece;
  std::optional<std::uint64_t> stream_length;  // of all pieces; without it they are sent chunked
  std::shared_ptr<PieceSource> events;         // instead of both

  static ServerResponse text(int status, std::string_view text);
  static ServerResponse bytes(int status, std::string content_type, Bytes body);
  // application/problem+json (RFC 9457) from an error: type, title, status, detail, instance (the request's id); the
  // sentences of the error table in Vietnamese, and in English as title_en and detail_en.
  static ServerResponse problem(const Error& error, int status, const ServerRequest& request);
  ServerResponse& with(std::string name, std::string value) &;
  ServerResponse&& with(std::string name, std::string value) &&;
};

// What a path leads to. `where`: "/ocsp", "/ocsp/{request...}", "/certificates/{serial}": {name} is one segment that is
// not empty, {name...} the rest of the path (with its slashes, possibly empty). Fixed words win over captures. A GET
// route answers HEAD too, unless there is a route for it.
using Handler = std::function<ServerResponse(const ServerRequest&)>;
using Reply = std::move_only_function<void(ServerResponse)>;
struct Route {
  std::string method, where;
  Handler handler;
  std::size_t max_body = 64U << 10U;
  // Answered on the connection's thread: for what never waits (cached answers).
  bool is_quick = false;
  std::vector<std::string> content_types{};  // of a request's body, without parameters; others are 415; empty: any
  // Tried first, on the connection's thread: an answer that is at hand; nullopt: the handler makes it, on a worker.
  std::function<std::optional<ServerResponse>(const ServerRequest&)> quick{};
  // For what others do meanwhile and no thread need wait for: called on the connection's thread, never waits. True: it
  // has taken the reply, which is for once, from any thread, also when client or server have gone; without one the
  // client gets a 503 at the deadline. False: the handler answers, on a worker.
  std::function<bool(const ServerRequest&, Reply&)> later{};
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                                            // 0: any free one; port() tells
  std::vector<std::string> allowed_hosts;                            // without a port; empty: any valid one
  std::filesystem::path tls_certificate, tls_key, tls_client_roots;  // PEM; empty: plain HTTP
  bool needs_client_certificate = false;
  std::size_t io_threads = 1;
  std::size_t workers = 4;
  std::size_t max_waiting = 1024;  // requests that wait for a worker; more are 503
  std::size_t max_connections = 10'000;
  std::size_t max_per_address = 0;            // 0: no limit
  std::size_t max_body_memory = 256U << 20U;  // of all bodies being received or handled; more are 503
  // head: from its first byte (or the connection's start, with the TLS handshake) to the empty line; body and write:
  // for each 64 KiB; idle: between requests.
  std::chrono::milliseconds head_timeout{10'000}, body_timeout{30'000}, idle_timeout{60'000}, write_timeout{30'000};
  std::chrono::milliseconds handler_deadline{30'000};  // then the client gets a 503
  double requests_per_second = 0;                      // per address, 0: no limit; 429 with Retry-After
  std::size_t burst = 50;
  // Addresses of proxies whose X-Forwarded-For is believed: log, rate limit and handlers see the client then.
  std::vector<std::string> trusted_proxies;
  bool access_log = true;  // one line for each request, level info
};

class HttpServer {
 public:
  // net.listen {address} {reason}, net.server_tls {path} {reason}, net.route {route}.
  static Result<std::unique_ptr<HttpServer>> start(ServerOptions options, std::vector<Route> routes);
  // Ends at once: connections are cut, running handlers are waited for.
  virtual ~HttpServer() = default;
  virtual std::uint16_t port() const = 0;
  // No new connections; requests that have begun are answered, at most for this long. Connections are closed then.
  virtual void drain(std::chrono::milliseconds patience) = 0;
  // Reads certificate, key and client roots again; connections made from now on use them. After an error the former
  // ones stay.
  virtual Result<> reload_tls() = 0;
  struct Statistics {
    std::uint64_t requests = 0, errors = 0, connections = 0, refused = 0;
    std::size_t open_connections = 0;
  };
  virtual Statistics statistics() const = 0;
};

// Files of a folder under a prefix, with ETag, Last-Modified, ranges, and types by extension; nothing outside of it, no
// symbolic links, no names that begin with a dot. "file.gz" and "file.br" are sent for "file" to who accepts them.
Route static_files(std::string prefix, std::filesystem::path folder, std::chrono::seconds max_age);
// GET /health (200 or 503 with the names of what fails) and GET /metrics (Prometheus text format 0.0.4).
struct HealthCheck {
  std::string name;
  std::function<Result<>()> check;
};
Route health_route(std::vector<HealthCheck> checks);
Route metrics_route(std::function<std::string()> text);

}  // namespace kyso::net
