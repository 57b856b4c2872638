#pragma once
#include <optional>
#include <string>
#include <string_view>

// Private to the module: the syntax of what stands in names. All work on the octets as they are.
namespace kyso::pki::lint {

bool is_ascii(std::string_view text);
bool has_control(std::string_view utf8);  // C0, DEL, C1
bool is_printable_string(std::string_view text);
bool is_nfc(std::string_view utf8);
bool is_digits(std::string_view text);
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);

// RFC 1034 section 3.5 as RFC 1123 section 2.1 changes it. A leading "*." is allowed where `wildcard`.
bool is_host_name(std::string_view text, bool wildcard = false);
// The first label that fails `test`, nullopt: none does.
template <typename Test>
std::optional<std::string_view> first_label(std::string_view text, Test test) {
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (test(label)) return label;
    if (dot == std::string_view::npos) return std::nullopt;
    text.remove_prefix(dot + 1);
  }
}
// RFC 3492: the label behind "xn--" as UTF-8. nullopt: no such encoding.
std::optional<std::string> decode_punycode(std::string_view label);

// RFC 5321 section 4.1.2: Mailbox, with a host name as domain.
bool is_mailbox(std::string_view text);

struct Uri {
  std::string_view scheme;  // empty: relative
  bool has_authority = false;
  std::string_view host;  // without brackets, user and port
  bool is_literal_address = false;
  std::string_view path;        // what follows the authority, or the scheme
  bool is_well_formed = false;  // RFC 3986: characters and percent encoding
};
Uri read_uri(std::string_view text);
bool is_ipv4(std::string_view text);
bool is_http(std::string_view uri);
bool is_https(std::string_view uri);
bool is_ldap(std::string_view uri);

// ISO 3166-1 alpha-2, upper case.
bool is_country(std::string_view code);
// ISO 639-1, lower case.
bool is_language(std::string_view code);
// ISO 4217 alphabetic.
bool is_currency(std::string_view code);

// What may be shown of a value: at most 48 characters; in numbers of six digits or more only the last three.
std::string shown(std::string_view text);

}  // namespace kyso::pki::lint
