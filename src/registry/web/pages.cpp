#include "registry/web/pages.h"

#include <algorithm>

namespace kyso::registry {
namespace {

using net::ServerRequest;
using net::ServerResponse;

constexpr std::chrono::seconds kAssetAge = std::chrono::hours(24 * 365);

// CSP Level 3. blob: pictures and PDF pages that the browser made itself.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";

ServerResponse guarded(ServerResponse answer, bool is_secure) {
  answer.with("Content-Security-Policy", std::string(kContentSecurityPolicy))
      .with("X-Frame-Options", "DENY")
      .with("Referrer-Policy", "same-origin")
      .with("Cross-Origin-Opener-Policy", "same-origin")
      .with("Permissions-Policy",
            "camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self), "
            "publickey-credentials-create=(self)");
  if (is_secure) answer.with("Strict-Transport-Security", "max-age=31536000");
  return answer;
}

// The last segment has an ending: a file was meant, not a page.
bool names_a_file(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return path.find('.', slash == std::string_view::npos ? 0 : slash) != std::string_view::npos;
}

}  // namespace

std::vector<net::Route> page_routes(const std::filesystem::path& folder, std::string_view public_url) {
  const bool is_secure = public_url.starts_with("https://");
  net::Route assets = net::static_files("/assets/", folder / "assets", kAssetAge);
  assets.handler = [files = assets.handler, is_secure](const ServerRequest& request) {
    return guarded(files(request), is_secure);
  };
  net::Route pages = net::static_files("/", folder, std::chrono::seconds(0));
  pages.handler = [files = pages.handler, is_secure](const ServerRequest& request) {
    const std::string path = request.parameter("file").value_or("");
    // An address of the interface that does not exist is no page.
    if (path.starts_with("api/") || names_a_file(path)) return guarded(files(request), is_secure);
    ServerRequest index = request;
    index.path = index.raw_path = index.target = "/index.html";
    index.captures = {{"file", "index.html"}};
    return guarded(files(index), is_secure);
  };
  return {std::move(assets), std::move(pages)};
}

}  // namespace kyso::registry
