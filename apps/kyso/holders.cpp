#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "kyso/signing_session.h"
#include "net/http_client.h"

namespace kyso::app {
namespace {

constexpr std::string_view kPkcs12Prefix = "p12:";
constexpr std::string_view kPemPrefix = "pem:";

Result<std::unique_ptr<crypto::KeyHolder>> open_key_file(const std::string& path, const PinOptions& pin,
                                                         const Console& console) {
  const Bytes file = KYSO_TRY(read_file(path));
  const Secret password =
      KYSO_TRY(obtain_pin(pin, console.text("Mật khẩu của tệp khóa {}: ", "Password of the key file {}: ", path)));
  return crypto::open_pkcs12(file, password);
}

Result<std::unique_ptr<crypto::KeyHolder>> open_pem_files(const std::string& paths, const PinOptions& pin,
                                                          const Console& console) {
  const std::size_t comma = paths.find(',');
  if (comma == std::string::npos) return fail("kyso.holder.invalid").with("holder", std::string(kPemPrefix) + paths);
  const Bytes key = KYSO_TRY(read_file(paths.substr(0, comma)));
  const Bytes certificates = KYSO_TRY(read_file(paths.substr(comma + 1)));
  Secret passphrase;
  if (as_chars(key).contains("ENCRYPTED"))
    passphrase = KYSO_TRY(obtain_pin(
        pin, console.text("Mật khẩu của tệp khóa {}: ", "Password of the key file {}: ", paths.substr(0, comma))));
  return crypto::open_pem(as_chars(key), as_chars(certificates), passphrase);
}

std::optional<std::chrono::seconds> retry_after_of(const net::HttpResponse& response, Instant now) {
  const std::string_view value = response.header("retry-after");
  if (value.empty()) return std::nullopt;
  if (std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; }) && value.size() < 8)
    return std::chrono::seconds(std::stol(std::string(value)));
  // An HTTP date (RFC 9110 section 5.6.7): wait until then, at most a day.
  std::tm date{};
  if (strptime(std::string(value).c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date) == nullptr) return std::nullopt;
  const auto until = Instant(std::chrono::seconds(timegm(&date)));
  return std::clamp<std::chrono::seconds>(until - now, std::chrono::seconds(0), std::chrono::hours(24));
}

Result<pki::TspReply> post_time_stamp_query(const std::string& url, ByteView query, std::chrono::milliseconds timeout) {
  const net::HttpResponse response = KYSO_TRY(net::http_exchange({.url = url,
                                                                  .method = "POST",
                                                                  .content_type = "application/timestamp-query",
                                                                  .accept = "application/timestamp-reply",
                                                                  .body = {query.begin(), query.end()},
                                                                  .timeout = timeout}));
  return pki::TspReply{response.status, retry_after_of(response, system_clock().now()), response.content_type,
                       response.body};
}

}  // namespace

Result<std::unique_ptr<crypto::KeyHolder>> open_holder(const std::string& holder, const PinOptions& pin,
                                                       const Console& console) {
  if (holder.starts_with(kPkcs12Prefix)) return open_key_file(holder.substr(kPkcs12Prefix.size()), pin, console);
  if (holder.starts_with(kPemPrefix)) return open_pem_files(holder.substr(kPemPrefix.size()), pin, console);
  if (holder.starts_with("pkcs11:")) {
    token::Options options;
    if (const char* module = std::getenv("KYSO_PKCS11_MODULE")) options.default_module = module;
    return token::open_pkcs11(holder, pin_source(pin, console), options);
  }
  return fail("kyso.holder.invalid").with("holder", holder);
}

std::unique_ptr<pki::TimeStampClient> make_time_stamp_client(const std::vector<std::string>& urls,
                                                             int timeout_seconds) {
  if (urls.empty()) return nullptr;
  return std::make_unique<pki::TimeStampClient>(
      pki::TimeStampClient::Options{.urls = urls,
                                    .timeout = std::chrono::seconds(timeout_seconds),
                                    .state_file = (cache_folder() / "time-stamp-authorities").string()},
      post_time_stamp_query, system_clock());
}

Result<std::vector<crypto::Certificate>> read_certificates(const std::string& path) {
  const Bytes file = KYSO_TRY(read_file(path, 1U << 20U));
  if (as_chars(file).contains("-----BEGIN")) return crypto::Certificate::from_pem(as_chars(file));
  return std::vector{KYSO_TRY(crypto::Certificate::from_der(file))};
}

}  // namespace kyso::app
