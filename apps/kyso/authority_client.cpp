#include "kyso/authority_client.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.h"
#include "kyso/sign_options.h"
#include "kyso/signing_session.h"
#include "net/http_client.h"
#include "vault/access.h"

namespace kyso::app {
namespace {

constexpr std::size_t kMaxAnswer = 64U << 20U;
constexpr std::size_t kMaxSaid = 1000;  // of what a server says about itself

// "https://ca.example.vn:8443", without a slash at its end.
bool is_server_address(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view host = text.substr(scheme + 3);
  return !host.empty() && host.find_first_of("/?#") == std::string_view::npos;
}

Error refused(const net::HttpResponse& response, const Console& console) {
  const auto problem = json::parse(as_chars(response.body));
  const bool is_problem = problem && problem->as_object() != nullptr && !text_of(*problem, "code").empty();
  if (!is_problem) return fail("kyso.authority.answer").with("status", response.status);
  const bool vietnamese = console.language == Language::vietnamese;
  const auto said = [&](std::string_view member) {
    return shown(to_valid_utf8(text_of(*problem, member).substr(0, kMaxSaid)));
  };
  return fail("kyso.authority.refused", "{}", said("instance"))
      .with("code", said("code"))
      .with("message", said(vietnamese ? "title" : "title_en"))
      .with("next", said(vietnamese ? "detail" : "detail_en"));
}

}  // namespace

void add_authority_options(CLI::App& command, AuthorityOptions& options, const Console& console) {
  const char* group = console.pick("Máy chủ", "Server");
  command
      .add_option("--server", options.server,
                  console.pick("Địa chỉ kysod, ví dụ https://ca.example.vn (hoặc biến KYSO_SERVER)",
                               "Address of kysod, e.g. https://ca.example.vn (or KYSO_SERVER)"))
      ->envname("KYSO_SERVER")
      ->type_name("URL")
      ->group(group);
  command
      .add_option("--ca-file", options.ca_file,
                  console.pick("Chứng thư của CA cấp cho máy chủ, PEM; mặc định theo hệ điều hành",
                               "Certificates that vouch for the server, PEM; default: the system's"))
      ->type_name("FILE")
      ->group(group);
  command
      .add_option("--timeout", options.timeout_seconds,
                  console.pick("Thời gian chờ máy chủ, giây", "Seconds to wait for the server"))
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 600))
      ->group(group);
  command
      .add_option("--holder", options.holder,
                  console.pick("Khóa của cán bộ: p12:TỆP, pem:KHÓA,CHỨNG_THƯ hoặc pkcs11:URI (hoặc biến KYSO_HOLDER)",
                               "The officer's key: p12:FILE, pem:KEY,CERTIFICATES or pkcs11:URI (or KYSO_HOLDER)"))
      ->envname("KYSO_HOLDER")
      ->type_name("HOLDER")
      ->group(console.pick("Khóa", "Key"));
  add_pin_options(command, options.pin, console);
}

// RFC 3986 section 2.3: unreserved characters stay.
std::string url_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                          c == '.' || c == '_' || c == '~';
    if (is_plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

Result<crypto::KeyHolder*> AuthorityClient::holder() {
  if (!m_holder) {
    if (m_options.holder.empty()) return fail("kyso.holder.missing");
    m_holder = KYSO_TRY(open_holder(m_options.holder, m_options.pin, m_console));
  }
  return m_holder.get();
}

Result<std::string> AuthorityClient::target_of(const std::string& path, const Query& query) const {
  std::string target = m_base + path;
  char separator = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    target += separator + name + "=" + url_encoded(value);
    separator = '&';
  }
  return target;
}

Result<net::HttpResponse> AuthorityClient::send(net::HttpRequest request, const std::string& target,
                                                bool proves_access) {
  std::string server = m_options.server;
  if (server.ends_with('/')) server.pop_back();
  if (server.empty()) return fail("kyso.server.missing");
  if (!is_server_address(server)) return fail("kyso.server.invalid").with("server", shown(server));
  request.url = server + target;
  request.accept = "application/json";
  request.timeout = std::chrono::seconds(m_options.timeout_seconds);
  request.max_response_size = kMaxAnswer;
  request.ca_file = m_options.ca_file;
  if (proves_access) {
    const std::string access =
        KYSO_TRY(vault::make_access(request.method, target, system_clock().now(), *KYSO_TRY(holder())));
    request.headers.emplace_back("Authorization", std::string(vault::kAccessScheme) + " " + access);
  }
  net::HttpResponse response = KYSO_TRY(net::http_exchange(request));
  if (response.status < 200 || response.status > 299) return refused(response, m_console);
  return response;
}

Result<json::Value> AuthorityClient::exchange(const std::string& method, const std::string& target,
                                              const std::string& body) {
  net::HttpRequest request{.method = method};
  const bool is_statement = method == "POST";
  if (is_statement) {
    request.content_type = "application/jose";
    request.body = to_bytes(body);
  }
  const net::HttpResponse response = KYSO_TRY(send(std::move(request), target, !is_statement));
  auto value = json::parse(as_chars(response.body));
  if (!value || value->as_object() == nullptr) return fail("kyso.authority.answer").with("status", response.status);
  return *std::move(value);
}

Result<> AuthorityClient::post(const std::string& path, const json::Value& body) {
  net::HttpRequest request{.method = "POST", .content_type = "application/json"};
  request.body = to_bytes(json::serialize(body));
  KYSO_TRY(send(std::move(request), KYSO_TRY(target_of(path, {})), true));
  return {};
}

Result<json::Value> AuthorityClient::get(const std::string& path, const Query& query) {
  return exchange("GET", KYSO_TRY(target_of(path, query)), {});
}

Result<json::Value> AuthorityClient::post_statement(const std::string& path, const std::string& jws) {
  return exchange("POST", KYSO_TRY(target_of(path, {})), jws);
}

Result<vault::Policy> AuthorityClient::policy() {
  const json::Value answer = KYSO_TRY(get("policy"));
  std::vector<vault::PolicyFile> files;
  for (const json::Value& file : items_of(answer, "files"))
    files.push_back({text_of(file, "name"), text_of(file, "content")});
  vault::Policy policy =
      KYSO_TRY(vault::Policy::parse(KYSO_TRY(json::require_integer(answer, "version")), std::move(files)));
  // Cut or changed on the way.
  if (to_hex(policy.sha256()) != text_of(answer, "sha256")) return fail("kyso.authority.answer").with("status", 200);
  return policy;
}

int authority_exit_code(const Error& error) {
  if (error.code == "kyso.authority.refused")
    for (const auto& [name, value] : error.params)
      if (const ErrorRow* row = name == "code" ? find_error_row(value) : nullptr) return row->exit_code;
  return describe(error, Language::english).exit_code;
}

int report_authority(const Error& error, const Console& console) {
  return console.report(error, authority_exit_code(error));
}

std::string text_of(const json::Value& object, std::string_view member) {
  const json::Value* value = object.find(member);
  return value == nullptr ? std::string() : std::string(value->as_string().value_or(std::string_view()));
}

const std::vector<json::Value>& items_of(const json::Value& object, std::string_view member) {
  static const std::vector<json::Value> kNone;
  const json::Value* value = object.find(member);
  const auto* items = value == nullptr ? nullptr : value->as_array();
  return items == nullptr ? kNone : *items;
}

}  // namespace kyso::app
