#include "net/http_client.h"

#include <algorithm>
#include <memory>

#include "base/log.h"
#include "base/text.h"
#include "net/curl_library.h"

namespace kyso::net {
namespace {

constexpr std::size_t kMaxHeaderBytes = 64U << 10U;

std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    const bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter_or_digit || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// A line break in a value would add headers of the caller's caller.
bool is_header_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= ' ' && c < 0x7F) || c == '\t'; });
}

// A CURLU and what is needed of it.
class Url {
 public:
  static Result<Url> parse(const CurlLibrary& curl, const std::string& text);

  CURLU* get() const { return m_url.get(); }
  const std::string& host() const { return m_host; }

 private:
  using Handle = std::unique_ptr<CURLU, decltype(CurlLibrary::url_cleanup)>;
  Url(Handle url, std::string host) : m_url(std::move(url)), m_host(std::move(host)) {}

  Handle m_url;
  std::string m_host;
};

std::string url_part(const CurlLibrary& curl, CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl.url_get(url, which, &text, 0) != CURLUE_OK || text == nullptr) return {};
  std::string copy = text;
  curl.free(text);
  return copy;
}

// The URL itself is never repeated in an error: it may hold a password or a query with personal data.
Result<Url> Url::parse(const CurlLibrary& curl, const std::string& text) {
  const auto invalid = [](std::string_view why, std::string_view host) {
    return fail("net.url.invalid", "{}", why).with("host", host.empty() ? std::string_view("?") : host);
  };
  if (text.find('\0') != std::string::npos) return invalid("NUL", {});
  Handle url(curl.url(), curl.url_cleanup);
  if (!url) return fail("base.internal", "curl_url");
  const CURLUcode code = curl.url_set(url.get(), CURLUPART_URL, text.c_str(), 0);
  if (code != CURLUE_OK) return invalid(fmt::format("CURLUcode {}", static_cast<int>(code)), {});

  std::string host = url_part(curl, url.get(), CURLUPART_HOST);
  if (!url_part(curl, url.get(), CURLUPART_USER).empty() || !url_part(curl, url.get(), CURLUPART_PASSWORD).empty()) {
    return invalid("it holds a user name or password", host);
  }
  const std::string scheme = url_part(curl, url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return invalid("neither http nor https", host);
  if (host.empty()) return invalid("no host", host);
  return Url(std::move(url), std::move(host));
}

// What libcurl's callbacks fill.
struct Receiver {
  HttpResponse response;
  std::size_t limit = 0;
  std::size_t header_bytes = 0;
  bool too_large = false;

  bool body(std::string_view part) {
    too_large = part.size() > limit - response.body.size();
    if (!too_large) append(response.body, part);
    return !too_large;
  }
  bool header_line(std::string_view line) {
    header_bytes += line.size();
    too_large = header_bytes > kMaxHeaderBytes;
    if (line.starts_with("HTTP/")) response.headers.clear();  // those of an interim answer (100, 103)
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && !line.starts_with("HTTP/")) {
      response.headers.emplace_back(lower_ascii(trim(line.substr(0, colon))), trim(line.substr(colon + 1)));
    }
    return !too_large;
  }
};

// Returning less than was offered makes libcurl stop. Exceptions (no memory) must not fly through C.
std::size_t take_body(const char* data, std::size_t, std::size_t size, void* receiver) noexcept {
  return static_cast<Receiver*>(receiver)->body({data, size}) ? size : 0;
}
std::size_t take_header(const char* data, std::size_t, std::size_t size, void* receiver) noexcept {
  return static_cast<Receiver*>(receiver)->header_line({data, size}) ? size : 0;
}

using HeaderList = std::unique_ptr<curl_slist, decltype(CurlLibrary::slist_free_all)>;

Result<HeaderList> request_headers(const CurlLibrary& curl, const HttpRequest& request) {
  HeaderList list(nullptr, curl.slist_free_all);
  const auto add = [&](const std::string& line) {
    curl_slist* longer = curl.slist_append(list.get(), line.c_str());
    if (longer == nullptr) return false;
    (void)list.release();  // now the head of `longer`
    list.reset(longer);
    return true;
  };
  bool complete = add("Expect:");  // no waiting for "100 Continue"
  complete &= add(request.content_type.empty() ? "Content-Type:" : "Content-Type: " + request.content_type);
  if (!request.accept.empty()) complete &= add("Accept: " + request.accept);
  for (const auto& [name, value] : request.headers) complete &= add(name + ": " + value);
  if (!complete) return fail("base.internal", "no memory for headers");
  return list;
}

// One easy handle for each thread, so that exchanges with the same server share a connection.
CURL* thread_handle(const CurlLibrary& curl) {
  thread_local const std::unique_ptr<CURL, decltype(CurlLibrary::easy_cleanup)> handle(curl.easy_init(),
                                                                                       curl.easy_cleanup);
  if (handle) curl.easy_reset(handle.get());
  return handle.get();
}

long whole_milliseconds(std::chrono::milliseconds time) {
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24);
  return static_cast<long>(std::clamp(time, std::chrono::milliseconds(1), kLongest).count());  // 0 would mean "ever"
}

void set_method(const CurlLibrary& curl, CURL* handle, const HttpRequest& request) {
  const bool has_body = !request.body.empty() || request.method == "POST" || request.method == "PUT";
  if (has_body) {
    curl.easy_setopt(handle, CURLOPT_POST, 1L);
    curl.easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl.easy_setopt(handle, CURLOPT_POSTFIELDS, reinterpret_cast<const char*>(request.body.data()));
  } else if (request.method == "HEAD") {
    curl.easy_setopt(handle, CURLOPT_NOBODY, 1L);
  }
  curl.easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void set_options(const CurlLibrary& curl, CURL* handle, const HttpRequest& request, Receiver& receiver) {
  curl.easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl.easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl.easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl.easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl.easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  curl.easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);  // SIGALRM would not be thread-safe
  curl.easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl.easy_setopt(handle, CURLOPT_USERAGENT, "Kyso");
  if (!request.ca_file.empty()) curl.easy_setopt(handle, CURLOPT_CAINFO, request.ca_file.c_str());
  curl.easy_setopt(handle, CURLOPT_TIMEOUT_MS, whole_milliseconds(request.timeout));
  curl.easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                   whole_milliseconds(std::min(request.connect_timeout, request.timeout)));
  curl.easy_setopt(handle, CURLOPT_WRITEFUNCTION, &take_body);
  curl.easy_setopt(handle, CURLOPT_WRITEDATA, &receiver);
  curl.easy_setopt(handle, CURLOPT_HEADERFUNCTION, &take_header);
  curl.easy_setopt(handle, CURLOPT_HEADERDATA, &receiver);
}

std::string_view error_code_of(CURLcode code, const Receiver& receiver) {
  if (receiver.too_large) return "net.response.too_large";
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return "net.timeout";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ENGINE_INITFAILED:
      return "net.tls";
    case CURLE_URL_MALFORMAT:
      return "net.url.invalid";
    case CURLE_UNSUPPORTED_PROTOCOL:  // an answer in HTTP/0.9
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return "net.response.malformed";
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
      return "base.internal";
    default:
      return "net.unreachable";
  }
}

Result<HttpResponse> perform(const CurlLibrary& curl, const HttpRequest& request, const Url& url) {
  CURL* handle = thread_handle(curl);
  if (handle == nullptr) return fail("base.internal", "curl_easy_init");
  const HeaderList headers = KYSO_TRY(request_headers(curl, request));
  Receiver receiver;
  receiver.limit = request.max_response_size;
  char problem[CURL_ERROR_SIZE] = {};
  set_options(curl, handle, request, receiver);
  set_method(curl, handle, request);
  curl.easy_setopt(handle, CURLOPT_CURLU, url.get());
  curl.easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl.easy_setopt(handle, CURLOPT_ERRORBUFFER, problem);

  const CURLcode code = curl.easy_perform(handle);
  long status = 0;
  curl.easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  curl.easy_reset(handle);  // it must not keep pointers into this frame
  if (code != CURLE_OK) {
    const std::string_view detail = problem[0] != '\0' ? problem : curl.easy_strerror(code);
    return fail(error_code_of(code, receiver), "CURLcode {}: {}", static_cast<int>(code), detail);
  }
  receiver.response.status = static_cast<int>(status);
  receiver.response.content_type = receiver.response.header("content-type");
  return std::move(receiver.response);
}

}  // namespace

Result<HttpResponse> http_exchange(const HttpRequest& request) {
  const auto library = curl_library();
  if (!library) return Error(library.error()).with("host", "?");
  const CurlLibrary& curl = **library;
  const Url url = KYSO_TRY(Url::parse(curl, request.url));
  const bool has_good_headers = std::ranges::all_of(
      request.headers, [](const auto& pair) { return is_token(pair.first) && is_header_value(pair.second); });
  if (!is_token(request.method) || !is_header_value(request.content_type) || !is_header_value(request.accept) ||
      !has_good_headers) {
    return fail("base.internal", "a method or header that HTTP does not allow");
  }
  if (request.timeout <= std::chrono::milliseconds::zero()) {
    return fail("net.timeout", "no time left").with("host", url.host());
  }
  auto response = perform(curl, request, url);
  if (!response) {
    response.error().with("host", url.host());
    log::write(log::Level::info, "net.exchange.failed", response.error());
    return response;
  }
  log::write(log::Level::debug, "net.exchange",
             {{"host", url.host()}, {"method", request.method}, {"status", fmt::format("{}", response->status)}});
  return response;
}

}  // namespace kyso::net
