#include "pki/issue/name_syntax.h"

#include <algorithm>
#include <array>

#include "crypto/der.h"
#include "pki/issue/subject.h"

namespace kyso::pki::issue {
namespace {

namespace der = crypto::der;

constexpr std::size_t kMaxUri = 2048;

struct KindRow {
  NameKind kind;
  std::string_view word;
};
constexpr std::array<KindRow, 5> kKinds{{{NameKind::rfc822, "email"},
                                         {NameKind::dns, "dns"},
                                         {NameKind::ip, "ip"},
                                         {NameKind::uri, "uri"},
                                         {NameKind::directory, "directory"}}};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_letter_or_digit(char c) {
  return is_letter(c) || (c >= '0' && c <= '9');
}

bool is_host(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  std::size_t labels = 0;
  while (true) {
    const std::size_t dot = text.find('.');
    if (!is_dns_label(text.substr(0, dot))) return false;
    ++labels;
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  // A last label of digits alone would be read as an IPv4 address (RFC 3696 section 2).
  return labels >= 2 && !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Error bad_name(NameKind kind, std::string_view reason) {
  return fail("issue.name.value", "{}: {}", word_of(kind), reason).with("kind", word_of(kind)).with("reason", reason);
}

Result<> check_directory_name(ByteView value) {
  const auto attributes = read_subject(value);
  if (!attributes || attributes->empty()) return bad_name(NameKind::directory, "Name");
  return {};
}

}  // namespace

bool is_dns_label(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_dns_name(std::string_view text) {
  if (text.size() > 253) return false;
  if (!text.starts_with("*.")) return is_host(text);
  return is_host(text.substr(2));  // never all names of a top-level domain
}

bool is_mailbox(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254 || !is_host(text.substr(at + 1)))
    return false;
  const std::string_view local = text.substr(0, at);
  return local.front() != '.' && local.back() != '.' && local.find("..") == std::string_view::npos &&
         std::ranges::all_of(local, [](char c) {
           return is_letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
         });
}

bool is_absolute_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (text.size() > kMaxUri || colon == std::string_view::npos || colon == 0 || colon + 1 == text.size() ||
      !is_letter(text.front()))
    return false;
  const bool has_scheme = std::ranges::all_of(
      text.substr(0, colon), [](char c) { return is_letter_or_digit(c) || c == '+' || c == '-' || c == '.'; });
  return has_scheme && std::ranges::all_of(text, [](char c) {
           return c > ' ' && c < 0x7f && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
         });
}

bool is_http_uri(std::string_view text) {
  if (!is_absolute_uri(text)) return false;
  const std::string_view rest = text.starts_with("http://")    ? text.substr(7)
                                : text.starts_with("https://") ? text.substr(8)
                                                               : std::string_view();
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  return !host.empty() && host.find('@') == std::string_view::npos && host.front() != ':';
}

std::string_view word_of(NameKind kind) {
  const auto* const row = std::ranges::find(kKinds, kind, &KindRow::kind);
  return row == kKinds.end() ? std::string_view() : row->word;
}
std::optional<NameKind> kind_by_word(std::string_view word) {
  const auto* const row = std::ranges::find(kKinds, word, &KindRow::word);
  return row == kKinds.end() ? std::nullopt : std::optional(row->kind);
}

Bytes encode_uri(std::string_view uri) {
  return der::encode(der::context(6, false), as_bytes(uri));
}

Result<Bytes> encode_general_name(const GeneralName& name) {
  const std::string_view text = as_chars(name.value);
  switch (name.kind) {
    case NameKind::rfc822:
      if (!is_mailbox(text)) return bad_name(name.kind, "RFC 5321");
      return der::encode(der::context(1, false), name.value);
    case NameKind::dns:
      if (!is_dns_name(text)) return bad_name(name.kind, "RFC 1123");
      return der::encode(der::context(2, false), name.value);
    case NameKind::directory:
      KYSO_TRY(check_directory_name(name.value));
      return der::encode(der::context(4), name.value);
    case NameKind::uri:
      if (!is_absolute_uri(text)) return bad_name(name.kind, "RFC 3986");
      return encode_uri(text);
    case NameKind::ip:
      if (name.value.size() != 4 && name.value.size() != 16) return bad_name(name.kind, "IPv4, IPv6");
      return der::encode(der::context(7, false), name.value);
    case NameKind::other:
    case NameKind::x400:
    case NameKind::edi:
    case NameKind::registered_id:
      break;
  }
  return fail("issue.name.unexpected").with("kind", fmt::format("{}", static_cast<int>(name.kind)));
}

}  // namespace kyso::pki::issue
