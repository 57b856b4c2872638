#pragma once
#include <functional>

#include "db/database.h"
#include "json/json.h"
#include "net/http_server.h"
#include "registry/web/caller.h"

// The portal's HTTP layer: one place where sessions, roles, CSRF and errors are handled. Parts give PortalRoutes; what
// they are handed is authenticated and allowed by role. Whether an object belongs to the caller's organisation is the
// part's own check (registry.access.forbidden, or better: "not found" for what he must not know of).
namespace kyso::registry {

// Who may use a route. In api/openapi.yaml: x-access: public | signed-in | [roles…].
struct Access {
  enum class Kind : std::uint8_t { public_, signed_in, roles } kind = Kind::signed_in;
  Roles roles;
  static Access everybody() { return {Kind::public_, {}}; }
  static Access signed_in() { return {Kind::signed_in, {}}; }
  static Access of(std::initializer_list<Role> roles) { return {Kind::roles, Roles(roles)}; }
};

// A request's body as a JSON object: registry.input.json.
Result<json::Value> object_of(const net::ServerRequest& request);

struct PortalRequest {
  const net::ServerRequest& http;
  std::optional<Caller> caller;  // absent on public routes without a session
  Instant now{};
  Caller const& who() const { return *caller; }
  Result<json::Value> object() const { return object_of(http); }
};

// A field of a form that is wrong: goes out as problem+json's "fields".
struct FieldProblem {
  std::string field;  // "lines/3/email", as in the request's JSON
  Error error;
};

using PortalHandler = std::function<Result<net::ServerResponse>(const PortalRequest&)>;
struct PortalRoute {
  std::string method, where;  // "/api/v1/…"
  Access access;
  PortalHandler handler;
  std::size_t max_body = 256U << 10U;
  std::vector<std::string> content_types = {"application/json"};  // of a request's body
};

// Answers.
net::ServerResponse answer(const json::Value& value, int status = 200);  // Cache-Control: no-store
net::ServerResponse no_content();
net::ServerResponse download(std::string content_type, std::string_view file_name, Bytes content);
// {"items": […], "next": cursor}
net::ServerResponse page(json::Value items, const std::optional<std::string>& next);
// registry.input {…}: several fields at once. A handler returns it as its answer.
net::ServerResponse invalid(const std::vector<FieldProblem>& problems, const net::ServerRequest& request);
// HTTP status by the error's exit class: 4 → 400, 120 → 422, 121 → 404, 122 → 409, 124 → 403 (registry.access.signin
// 401), 111/112 → 403, 23 → 413 (registry.limit.rate 429), 100/110 → 503, 123 → 503, else 500.
int portal_status_of(const Error& error);

// Reading requests.
Result<std::string> require_text(const json::Value& object, std::string_view member, std::size_t max = 1'000);
std::optional<std::string> text_of(const json::Value& object, std::string_view member);
// Base64url of a member: registry.input.parameter {name}.
Result<Bytes> require_bytes(const json::Value& object, std::string_view member);
// Which state of the thing the caller has seen: registry.input.missing {field}.
Result<std::int64_t> require_revision(const json::Value& object);
// ?after=&limit= with their limits: registry.input.parameter {name}.
struct PageQuery {
  std::string after;
  std::size_t limit = 50;  // at most 200
};
Result<PageQuery> page_query(const net::ServerRequest& request);

// What finds the caller of a request: accounts implement it.
class Sessions {
 public:
  virtual ~Sessions() = default;
  struct Found {
    Caller caller;
    std::string csrf;  // what X-Kyso-CSRF must be
  };
  // nullopt: no session, or it has ended.
  virtual Result<std::optional<Found>> find(std::string_view cookie_secret, Instant now) = 0;
  // Of these ids, those of sessions that go on.
  virtual Result<std::vector<std::string>> living(const std::vector<std::string>& ids, Instant now) = 0;
};

struct PortalWeb {
  Sessions& sessions;
  const Clock& clock;
  std::string public_url;  // "https://dichvucong.example.vn": Origin must be this one; decides the cookie's name
};
std::string_view session_cookie_name(std::string_view public_url);
std::string session_cookie(std::string_view public_url, std::string_view secret, std::chrono::seconds max_age);
// Routes for net::HttpServer. For changing methods: X-Kyso-CSRF of the session (public routes without a session: Origin
// or Sec-Fetch-Site alone), Origin when given.
std::vector<net::Route> serve(const PortalWeb& web, std::vector<PortalRoute> routes);

}  // namespace kyso::registry
