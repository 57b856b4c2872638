#include <algorithm>
#include <memory>

#include "base/log.h"
#include "base/text.h"
#include "net/curl_library.h"
#include "net/mail.h"

namespace kyso::net {
namespace {

constexpr std::size_t kMaxAnswer = 300;

bool is_host(std::string_view host) {
  return !host.empty() && host.size() <= 255 && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-_:").find(c) != std::string_view::npos;
  });
}

bool is_this_machine(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// What libcurl's callbacks read and fill.
struct Exchange {
  std::string_view unsent;
  bool is_sending = false;
  std::string answer;  // the last refusal; libcurl says QUIT after it
};

std::size_t give_content(char* to, std::size_t size, std::size_t count, void* exchange) noexcept {
  auto& state = *static_cast<Exchange*>(exchange);
  state.is_sending = true;
  const std::size_t given = std::min(size * count, state.unsent.size());
  std::copy_n(state.unsent.data(), given, to);
  state.unsent.remove_prefix(given);
  return given;
}

std::size_t take_answer(const char* data, std::size_t, std::size_t size, void* exchange) noexcept {
  if (size != 0 && (*data == '4' || *data == '5'))
    static_cast<Exchange*>(exchange)->answer.assign(data, std::min(size, kMaxAnswer));
  return size;
}

std::size_t take_nothing(const char*, std::size_t, std::size_t size, void*) noexcept {
  return size;
}

// The answer for people and logs.
std::string shown(std::string_view answer) {
  std::string out = to_valid_utf8(trim(answer));
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return out;
}

using Handle = std::unique_ptr<CURL, decltype(CurlLibrary::easy_cleanup)>;
using List = std::unique_ptr<curl_slist, decltype(CurlLibrary::slist_free_all)>;

Result<List> recipients(const CurlLibrary& curl, const std::vector<std::string>& addresses) {
  List list(nullptr, curl.slist_free_all);
  for (const std::string& address : addresses) {
    curl_slist* longer = curl.slist_append(list.get(), fmt::format("<{}>", address).c_str());
    if (longer == nullptr) return fail("base.internal", "no memory for recipients");
    (void)list.release();  // now the head of `longer`
    list.reset(longer);
  }
  return list;
}

void set_server(const CurlLibrary& curl, CURL* handle, const MailServer& server) {
  const bool is_ipv6 = server.host.find(':') != std::string::npos;
  const std::string url = fmt::format("{}://{}{}{}:{}", server.tls == MailServer::Tls::implicit ? "smtps" : "smtp",
                                      is_ipv6 ? "[" : "", server.host, is_ipv6 ? "]" : "", server.port);
  curl.easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl.easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl.easy_setopt(handle, CURLOPT_PROXY, "");  // what the environment says is for HTTP
  // "all": without TLS nothing is said, neither password nor mail.
  const bool is_encrypted = server.tls != MailServer::Tls::none;
  curl.easy_setopt(handle, CURLOPT_USE_SSL, static_cast<long>(is_encrypted ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  curl.easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl.easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl.easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!server.ca_file.empty()) curl.easy_setopt(handle, CURLOPT_CAINFO, server.ca_file.c_str());
  if (!server.user.empty()) {
    curl.easy_setopt(handle, CURLOPT_USERNAME, server.user.c_str());
    curl.easy_setopt(handle, CURLOPT_PASSWORD, server.password.reveal().data());  // ends with NUL: no copy of ours
  }
  const long timeout = static_cast<long>(
      std::clamp<std::chrono::milliseconds>(server.timeout, std::chrono::milliseconds(1), std::chrono::hours(1))
          .count());
  curl.easy_setopt(handle, CURLOPT_TIMEOUT_MS, timeout);
  curl.easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, timeout);
  curl.easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);  // SIGALRM would not be thread-safe
}

void set_mail(const CurlLibrary& curl, CURL* handle, const std::string& from, curl_slist* to, Exchange& exchange) {
  curl.easy_setopt(handle, CURLOPT_MAIL_FROM, fmt::format("<{}>", from).c_str());
  curl.easy_setopt(handle, CURLOPT_MAIL_RCPT, to);  // one that is refused ends it: nobody gets half a delivery
  curl.easy_setopt(handle, CURLOPT_UPLOAD, 1L);
  curl.easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(exchange.unsent.size()));
  curl.easy_setopt(handle, CURLOPT_READFUNCTION, &give_content);
  curl.easy_setopt(handle, CURLOPT_READDATA, &exchange);
  curl.easy_setopt(handle, CURLOPT_HEADERFUNCTION, &take_answer);
  curl.easy_setopt(handle, CURLOPT_HEADERDATA, &exchange);
  curl.easy_setopt(handle, CURLOPT_WRITEFUNCTION, &take_nothing);
}

// RFC 5321 section 4.2.1. A 5yz before the mail is spoken of (greeting, TLS, login) is a fault of the settings or of
// the server: the mail must not be given up for it.
Error error_of(CURLcode code, long reply, const Exchange& exchange, const MailServer& server, std::string_view detail) {
  const bool is_about_mail = code == CURLE_SEND_ERROR || (code == CURLE_WEIRD_SERVER_REPLY && exchange.is_sending);
  const std::string technical = fmt::format("CURLcode {}: {}; {}", static_cast<int>(code), detail, reply);
  if (reply >= 500 && reply < 600 && is_about_mail)
    return Error("net.mail.refused", technical).with("answer", shown(exchange.answer));
  if (reply >= 400 && reply < 600) return Error("net.mail.later", technical).with("answer", shown(exchange.answer));
  return Error("net.mail.unreachable", technical).with("host", server.host);
}

Result<> perform(const CurlLibrary& curl, const MailServer& server, const MailMessage& message,
                 const std::string& content) {
  const Handle handle(curl.easy_init(), curl.easy_cleanup);
  if (!handle) return fail("base.internal", "curl_easy_init");
  const List to = KYSO_TRY(recipients(curl, message.to));
  Exchange exchange{.unsent = content, .is_sending = false, .answer = {}};
  char problem[CURL_ERROR_SIZE] = {};
  set_server(curl, handle.get(), server);
  set_mail(curl, handle.get(), message.from, to.get(), exchange);
  curl.easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, problem);
  const CURLcode code = curl.easy_perform(handle.get());
  long reply = 0;
  curl.easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &reply);
  if (code == CURLE_OK) return {};
  return error_of(code, reply, exchange, server, problem[0] != '\0' ? problem : curl.easy_strerror(code));
}

}  // namespace

Result<> deliver(const MailServer& server, const MailMessage& message) {
  const std::string content = KYSO_TRY(compose(message));
  if (!is_host(server.host)) return fail("net.mail.unreachable", "not a host").with("host", to_valid_utf8(server.host));
  if (!server.user.empty() && server.tls == MailServer::Tls::none && !is_this_machine(server.host))
    return fail("net.mail.insecure").with("host", server.host);
  const auto library = curl_library();
  if (!library) return Error(library.error()).with("host", server.host);
  auto done = perform(**library, server, message, content);
  if (!done) log::write(log::Level::info, "net.mail.failed", done.error());
  return done;
}

}  // namespace kyso::net
