#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "crypto/password.h"
#include "registry/web/parameters.h"
#include "registry/web/route.h"

namespace kyso::registry {
namespace {

using net::ServerRequest;
using net::ServerResponse;

constexpr std::size_t kMaxSecret = 200;

bool is_secure(std::string_view public_url) {
  return public_url.starts_with("https://");
}

bool changes_something(std::string_view method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

// A request that another site made a browser send. Browsers tell where it came from; other programs have no cookies.
bool comes_from_elsewhere(const ServerRequest& request, std::string_view public_url) {
  const std::string_view site = request.header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") return true;
  const std::string_view origin = request.header("origin");
  return !origin.empty() && origin != public_url;
}

ServerResponse problem(const Error& error, const ServerRequest& request) {
  const int status = portal_status_of(error);
  if (status >= 500) log::write(log::Level::error, "portal.failed", error);
  ServerResponse out = ServerResponse::problem(error, status, request);
  if (status == 429 || status == 503) {
    const auto wait = std::ranges::find(error.params, "seconds", &std::pair<std::string, std::string>::first);
    out.with("Retry-After", wait == error.params.end() ? "2" : wait->second);
  }
  return out;
}

// One route with everything that stands before its handler.
class Guard {
 public:
  Guard(const PortalWeb& web, PortalRoute route) : m_web(web), m_route(std::move(route)) {}

  ServerResponse handle(const ServerRequest& request) const {
    const Result<std::optional<Caller>> caller = admit(request);
    if (!caller) return problem(caller.error(), request);
    const PortalRequest asked{request, *caller, m_web.clock.now()};
    Result<ServerResponse> done = m_route.handler(asked);
    if (!done) return problem(done.error(), request);
    return *std::move(done);
  }

 private:
  Result<std::optional<Caller>> admit(const ServerRequest& request) const {
    const bool changes = changes_something(request.method);
    if (changes && comes_from_elsewhere(request, m_web.public_url)) return fail("registry.access.origin");
    const std::optional<Sessions::Found> session = KYSO_TRY(session_of(request));
    if (m_route.access.kind == Access::Kind::public_)
      return session ? std::optional(session->caller) : std::optional<Caller>();
    if (!session) return fail("registry.access.signin");
    if (changes && !crypto::equal_in_constant_time(request.header("x-kyso-csrf"), session->csrf))
      return fail("registry.access.csrf");
    if (m_route.access.kind == Access::Kind::roles && !session->caller.has_any(m_route.access.roles))
      return fail("registry.access.role");
    return std::optional(session->caller);
  }

  Result<std::optional<Sessions::Found>> session_of(const ServerRequest& request) const {
    const std::string_view secret = cookie_of(request, session_cookie_name(m_web.public_url));
    if (secret.empty() || secret.size() > kMaxSecret) return std::optional<Sessions::Found>();
    return m_web.sessions.find(secret, m_web.clock.now());
  }

  PortalWeb m_web;
  PortalRoute m_route;
};

}  // namespace

std::string_view session_cookie_name(std::string_view public_url) {
  // RFC 6265bis section 4.1.3.2: the prefix binds the cookie to this host and to https.
  return is_secure(public_url) ? "__Host-kyso" : "kyso";
}

std::string session_cookie(std::string_view public_url, std::string_view secret, std::chrono::seconds max_age) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{}", session_cookie_name(public_url), secret,
                     max_age.count(), is_secure(public_url) ? "; Secure" : "");
}

std::vector<net::Route> serve(const PortalWeb& web, std::vector<PortalRoute> routes) {
  std::vector<net::Route> out;
  out.reserve(routes.size());
  for (PortalRoute& route : routes) {
    net::Route made;
    made.method = route.method;
    made.where = route.where;
    made.max_body = route.max_body;
    if (changes_something(route.method) && route.method != "DELETE") made.content_types = route.content_types;
    const auto guard = std::make_shared<const Guard>(web, std::move(route));
    made.handler = [guard](const ServerRequest& request) { return guard->handle(request); };
    out.push_back(std::move(made));
  }
  return out;
}

}  // namespace kyso::registry
