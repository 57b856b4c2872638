#pragma once
#include <string_view>

#include "pki/parsed_certificate.h"

// Private to the module: what may stand in alternative names.
namespace kyso::pki::issue {

bool is_dns_label(std::string_view text);     // letters, digits, inner hyphens, at most 63 (RFC 1123 section 2.1)
bool is_dns_name(std::string_view text);      // two labels at least, at most 253 octets; the first may be "*"
bool is_mailbox(std::string_view text);       // local-part@domain in ASCII (RFC 5321 section 4.1.2), without quoting
bool is_http_uri(std::string_view text);      // http or https with a host
bool is_absolute_uri(std::string_view text);  // RFC 3986, ASCII, with a scheme

using NameKind = GeneralName::Kind;
std::string_view word_of(NameKind kind);  // "email", "dns", "ip", "uri", "directory"; empty for the others
std::optional<NameKind> kind_by_word(std::string_view word);

// One GeneralName (RFC 5280 section 4.2.1.6). issue.name.value {kind} {reason}, issue.name.unexpected {kind} for a kind
// that Kyso doesn't write.
Result<Bytes> encode_general_name(const GeneralName& name);
Bytes encode_uri(std::string_view uri);

}  // namespace kyso::pki::issue
