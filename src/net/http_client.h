#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "net/http_date.h"

namespace kyso::net {

struct HttpRequest {
  std::string url;  // http or https only, without user:password@
  std::string method = "GET";
  std::string content_type;  // of `body`
  std::string accept;
  Bytes body;
  std::chrono::milliseconds timeout{10'000};  // for the whole exchange
  std::chrono::milliseconds connect_timeout{5'000};
  std::size_t max_response_size = 1U << 20U;
  std::vector<std::pair<std::string, std::string>> headers;  // more of them, e.g. Authorization
  std::string ca_file;                                       // PEM: whom to trust for https; empty: the system's
};

struct HttpResponse {
  int status = 0;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  Bytes body;
  std::string_view header(std::string_view lower_case_name) const;  // first one, or empty
  // Until when the answer may be used again, when it says so (RFC 9111: Cache-Control max-age before Expires; no-store
  // and no-cache: `now`).
  std::optional<Instant> expires(Instant now) const;
};

// One exchange over libcurl. libcurl is loaded on first use: programs that stay offline do not pay for it.
// A status other than 2xx is a response, not an error. Errors, with {host}: net.url.invalid, net.unreachable,
// net.timeout, net.tls, net.response.too_large, net.response.malformed, net.library.missing. Never follows redirects.
// Proxies come from the environment (http_proxy, https_proxy, no_proxy). Thread-safe.
Result<HttpResponse> http_exchange(const HttpRequest& request);

}  // namespace kyso::net
