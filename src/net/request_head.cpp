#include "net/request_head.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>

#include "base/text.h"

namespace kyso::net {
namespace {

using CharacterTable = std::array<bool, 256>;

constexpr CharacterTable characters(std::string_view others) {
  CharacterTable table{};
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = table[c - 0x20] = true;
  for (const char c : others) table[static_cast<unsigned char>(c)] = true;
  return table;
}

bool consists_of(std::string_view text, const CharacterTable& table) {
  return std::ranges::all_of(text, [&](char c) { return table[static_cast<unsigned char>(c)]; });
}

// RFC 3986 appendix A: unreserved, sub-delims, ":" and "@", and what separates; "%" is looked at when decoding.
constexpr auto kTargetCharacters = characters("-._~!$&'()*+,;=:@/?%");
constexpr auto kTokenCharacters = characters("!#$%&'*+-.^_`|~");
constexpr auto kHostCharacters = characters("-._");

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Refusal malformed(std::string_view reason) {
  return {400, "net.request.malformed", reason};
}

std::optional<Refusal> check_port(std::string_view port) {
  unsigned value = 0;
  const bool digits = port.size() <= 5 && port.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits) return Refusal{400, "net.request.host", "port of Host"};
  if (!port.empty()) std::from_chars(port.data(), port.data() + port.size(), value);
  if (value > 65535) return Refusal{400, "net.request.host", "port of Host"};
  return std::nullopt;
}

std::optional<Refusal> check_host(std::string_view value, const std::vector<std::string>& allowed) {
  const Refusal invalid{400, "net.request.host", "Host is not a host name or address with a port"};
  std::string_view name = value, port;
  if (value.starts_with('[')) {
    const std::size_t end = value.find(']');
    if (end == std::string_view::npos || end < 3) return invalid;
    name = value.substr(0, end + 1);
    const std::string_view inner = name.substr(1, name.size() - 2);
    if (inner.size() > 45 || inner.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos)
      return invalid;
    const std::string_view rest = value.substr(end + 1);
    if (!rest.empty() && rest[0] != ':') return invalid;
    port = rest.empty() ? rest : rest.substr(1);
  } else {
    const std::size_t colon = value.find(':');
    name = value.substr(0, colon);
    if (colon != std::string_view::npos) port = value.substr(colon + 1);
    if (name.empty() || name.size() > 253 || !consists_of(name, kHostCharacters)) return invalid;
  }
  if (auto refusal = check_port(port)) return refusal;
  const bool is_allowed = allowed.empty() || std::ranges::any_of(allowed, [&](const std::string& host) {
                            return equals_ignoring_case(host, name) || equals_ignoring_case(host, value);
                          });
  if (!is_allowed) return Refusal{400, "net.request.host", "Host is not one of this server"};
  return std::nullopt;
}

// RFC 9112 section 6.3, without its leniencies.
std::optional<Refusal> check_length(RequestHead& head, std::string_view value) {
  if (head.content_length) return malformed("Content-Length twice");
  const bool plain = !value.empty() && value.size() <= 18 &&
                     value.find_first_not_of("0123456789") == std::string_view::npos &&
                     (value.size() == 1 || value[0] != '0');
  if (!plain) return malformed("Content-Length is not a plain number");
  std::uint64_t length = 0;
  std::from_chars(value.data(), value.data() + value.size(), length);
  head.content_length = length;
  return std::nullopt;
}

std::optional<Refusal> check_transfer_encoding(RequestHead& head, std::string_view value) {
  if (!head.is_http_11) return malformed("Transfer-Encoding in HTTP/1.0");
  if (head.is_chunked || !equals_ignoring_case(value, "chunked"))
    return Refusal{501, "net.request.coding", "Transfer-Encoding other than chunked"};
  head.is_chunked = true;
  return std::nullopt;
}

std::optional<Refusal> check_connection(RequestHead& head, std::string_view value) {
  for (const std::string_view option : list_elements(value)) {
    if (!is_token(option)) return malformed("Connection");
    if (equals_ignoring_case(option, "close")) head.keeps_alive = false;
    if (!head.is_http_11 && equals_ignoring_case(option, "keep-alive")) head.keeps_alive = true;
    // Hop-by-hop tricks (RFC 9110 section 7.6.1): a proxy in front would drop what framing and routing need.
    for (const std::string_view name : {"content-length", "transfer-encoding", "host"})
      if (equals_ignoring_case(option, name)) return malformed("Connection names a field of framing");
  }
  return std::nullopt;
}

std::optional<Refusal> check_fields(RequestHead& head, const std::vector<std::string>& allowed_hosts) {
  head.keeps_alive = head.is_http_11;
  std::size_t hosts = 0;
  std::optional<Refusal> refusal;
  for (const auto& [name, value] : head.fields) {
    if (!is_token(name)) return malformed("name of a field");
    if (!value.empty() && !is_field_value(value)) return malformed("value of a field");
    if (name == "host") {
      if (++hosts > 1) return Refusal{400, "net.request.host", "Host twice"};
      refusal = check_host(value, allowed_hosts);
    } else if (name == "content-length") {
      refusal = check_length(head, value);
    } else if (name == "transfer-encoding") {
      refusal = check_transfer_encoding(head, value);
    } else if (name == "connection") {
      refusal = check_connection(head, value);
    } else if (name == "expect") {
      if (!head.is_http_11 || !equals_ignoring_case(value, "100-continue"))
        return Refusal{417, "net.request.expectation", "Expect other than 100-continue"};
      head.expects_continue = true;
    }
    if (refusal) return refusal;
  }
  if (hosts == 0) return Refusal{400, "net.request.host", "no Host"};
  if (head.is_chunked && head.content_length) return malformed("Content-Length beside Transfer-Encoding");
  return std::nullopt;
}

std::optional<Refusal> check_method(const RequestHead& head) {
  constexpr std::array<std::string_view, 7> kMethods{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"};
  if (std::ranges::find(kMethods, head.method) == kMethods.end()) return Refusal{501, "net.request.method", "method"};
  const bool may_have_body = head.method == "POST" || head.method == "PUT" || head.method == "PATCH";
  if (head.has_body() && !may_have_body) return malformed("a body with this method");
  return std::nullopt;
}

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);  // its "/"
    const std::string_view segment = path.substr(0, path.find('/'));
    if (segment == "." || segment == "..") return true;
    path.remove_prefix(segment.size());
  }
  return false;
}

std::optional<Refusal> read_query(RequestHead& head) {
  std::string_view rest = head.raw_query;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value || !is_valid_utf8(*name) || !is_valid_utf8(*value)) return malformed("query");
    head.query.emplace_back(std::move(*name), std::move(*value));
  }
  return std::nullopt;
}

// Origin form only (RFC 9112 section 3.2.1).
std::optional<Refusal> check_target(RequestHead& head) {
  constexpr std::size_t kMaxTarget = 8U << 10U;
  if (head.target.size() > kMaxTarget) return Refusal{414, "net.request.target_too_long", "target"};
  if (!head.target.starts_with('/') || !consists_of(head.target, kTargetCharacters))
    return malformed("target is not a path of RFC 3986 characters");
  const std::size_t mark = head.target.find('?');
  head.raw_path = head.target.substr(0, mark);
  if (mark != std::string::npos) head.raw_query = head.target.substr(mark + 1);
  auto path = percent_decode(head.raw_path);
  if (!path || has_control_character(*path) || !is_valid_utf8(*path)) return malformed("escapes of the path");
  if (has_dot_segment(*path)) return malformed("dot segments in the path");
  head.path = std::move(*path);
  return read_query(head);
}

}  // namespace

std::string_view RequestHead::field(std::string_view lower_case_name) const {
  const auto found = std::ranges::find_if(fields, [&](const auto& pair) { return pair.first == lower_case_name; });
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<Refusal> check_head(RequestHead& head, const std::vector<std::string>& allowed_hosts) {
  if (auto refusal = check_fields(head, allowed_hosts)) return refusal;
  if (auto refusal = check_method(head)) return refusal;
  return check_target(head);
}

std::string client_address(const RequestHead& head, const std::string& peer, const std::vector<std::string>& trusted) {
  const auto is_trusted = [&](const std::string& address) {
    return std::ranges::find(trusted, address) != trusted.end();
  };
  if (!is_trusted(peer)) return peer;
  std::vector<std::string_view> told;
  for (const auto& [name, value] : head.fields) {
    if (name != "x-forwarded-for") continue;
    for (const std::string_view element : list_elements(value)) told.push_back(element);
  }
  std::string client = peer;
  // What is left of the first address that nobody vouches for can be anybody's invention.
  while (!told.empty() && is_trusted(client)) {
    std::string next(told.back());
    told.pop_back();
    in6_addr parsed{};
    if (::inet_pton(AF_INET, next.c_str(), &parsed) != 1 && ::inet_pton(AF_INET6, next.c_str(), &parsed) != 1) break;
    client = std::move(next);
  }
  return client;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += plus_is_blank && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

bool is_token(std::string_view text) {
  return !text.empty() && consists_of(text, kTokenCharacters);
}

bool is_field_value(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.front() == '\t' || text.back() == '\t')
    return false;
  return std::ranges::all_of(text, [](char c) { return (c >= 0x20 && c < 0x7F) || c == '\t'; });
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string to_lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 0x20);
  return lower;
}

std::vector<std::string_view> list_elements(std::string_view value) {
  std::vector<std::string_view> elements;
  while (!value.empty()) {
    const std::string_view raw = value.substr(0, value.find(','));
    value.remove_prefix(std::min(raw.size() + 1, value.size()));
    const std::string_view element = trim(raw);
    if (!element.empty()) elements.push_back(element);
  }
  return elements;
}

}  // namespace kyso::net
