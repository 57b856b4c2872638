#include "pki/name_match.h"

#include <algorithm>

namespace kyso::pki {
namespace {

using Kind = GeneralName::Kind;

bool is_label_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// A name of labels (RFC 1034 section 3.5) in lower case, without the dot at its end.
bool is_host(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || label.size() > 63 || !std::ranges::all_of(label, is_label_character)) return false;
    if (dot == text.size()) return true;
    text.remove_prefix(dot + 1);
  }
}

// The rightmost labels of `host` are those of `domain`, and at least `more` labels stand before them.
bool stands_below(std::string_view host, std::string_view domain) {
  return host.size() > domain.size() && host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.';
}

// "Any DNS name that can be constructed by simply adding zero or more labels to the left-hand side."
bool dns_within(const ComparableName& base, const ComparableName& name, bool is_excluding) {
  if (base.host.empty() || name.host == base.host || stands_below(name.host, base.host)) return true;
  // "*.example.com" also stands for "www.example.com".
  return is_excluding && name.is_wildcard && stands_below(base.host, name.host);
}

// ".example.com": hosts below it; "example.com": this host.
bool host_within(std::string_view base, std::string_view host) {
  if (base.empty()) return true;
  return base.starts_with('.') ? stands_below(host, base.substr(1)) : host == base;
}

std::string to_lower_ascii(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

struct Mailbox {
  std::string_view local;
  std::string host;
};
std::optional<Mailbox> split_mailbox(std::string_view text) {
  const std::size_t at = text.find('@');
  // A quoted local part may hold anything; nobody compares such addresses alike.
  if (at == std::string_view::npos || at == 0 || text.find_first_of("@\"\\ ", at + 1) != std::string_view::npos ||
      text.substr(0, at).find_first_of("\"\\ ") != std::string_view::npos)
    return std::nullopt;
  Mailbox out{text.substr(0, at), to_lower_ascii(text.substr(at + 1))};
  if (!is_host(out.host)) return std::nullopt;
  return out;
}

// The host of the authority (RFC 3986 section 3.2). A URI without one, or with an address, must be refused.
std::optional<std::string> host_of(std::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == std::string_view::npos || !uri.substr(colon).starts_with("://")) return std::nullopt;
  std::string_view authority = uri.substr(colon + 3);
  authority = authority.substr(0, authority.find_first_of("/?#\\"));
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  authority = authority.substr(0, authority.find(':'));
  const std::string host = to_lower_ascii(authority);
  if (!is_host(host)) return std::nullopt;
  // The last label of a name is never a number: this is an IPv4 address.
  const std::string_view last =
      std::string_view(host).substr(host.rfind('.') == std::string::npos ? 0 : host.rfind('.') + 1);
  if (std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  return host;
}

bool is_mask(ByteView mask) {
  bool ended = false;
  for (const std::uint8_t octet : mask)
    for (unsigned bit = 0x80; bit != 0; bit >>= 1U) {
      const bool is_set = (octet & bit) != 0;
      if (is_set && ended) return false;
      ended = ended || !is_set;
    }
  return true;
}

bool address_within(ByteView base, ByteView name) {
  if (base.size() != 2 * name.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i)
    if (((name[i] ^ base[i]) & base[name.size() + i]) != 0) return false;
  return true;
}

}  // namespace

std::optional<ComparableName> read_name(Kind kind, ByteView value) {
  ComparableName out{.kind = kind};
  std::string_view text = as_chars(value);
  if (kind == Kind::directory) {
    out.octets = normalise_name(value);
    if (!out.octets.empty() && out.octets.front() == 0xff) return std::nullopt;  // not a Name
  } else if (kind == Kind::ip) {
    if (value.size() != 4 && value.size() != 16) return std::nullopt;
    out.octets.assign(value.begin(), value.end());
  } else if (kind == Kind::dns) {
    out.is_wildcard = text.starts_with("*.");
    if (out.is_wildcard) text.remove_prefix(2);
    out.host = to_lower_ascii(text);
    if (!is_host(out.host)) return std::nullopt;
  } else if (kind == Kind::uri) {
    auto host = host_of(text);
    if (!host) return std::nullopt;
    out.host = *std::move(host);
  } else if (kind == Kind::rfc822) {
    const auto mailbox = split_mailbox(text);
    if (!mailbox) return std::nullopt;
    out.local = std::string(mailbox->local);
    out.host = mailbox->host;
  } else {
    return std::nullopt;
  }
  return out;
}

std::optional<ComparableName> read_base(Kind kind, ByteView value) {
  const std::string_view text = as_chars(value);
  if (kind == Kind::directory) return read_name(kind, value);
  if (kind == Kind::rfc822 && text.find('@') != std::string_view::npos) return read_name(kind, value);
  ComparableName out{.kind = kind};
  if (kind == Kind::ip) {
    if ((value.size() != 8 && value.size() != 32) || !is_mask(value.subspan(value.size() / 2))) return std::nullopt;
    out.octets.assign(value.begin(), value.end());
    return out;
  }
  if (kind != Kind::dns && kind != Kind::uri && kind != Kind::rfc822) return std::nullopt;
  out.host = to_lower_ascii(text);
  std::string_view host = out.host;
  // For DNS no form with a dot in front is defined.
  if (kind != Kind::dns && host.starts_with('.')) host.remove_prefix(1);
  if (!out.host.empty() && !is_host(host)) return std::nullopt;
  return out;
}

bool is_within(const ComparableName& base, const ComparableName& name, bool is_excluding) {
  switch (base.kind) {
    case Kind::directory:
      return name.octets.size() >= base.octets.size() &&
             std::equal(base.octets.begin(), base.octets.end(), name.octets.begin());
    case Kind::dns:
      return dns_within(base, name, is_excluding);
    case Kind::rfc822:
      return base.local ? base.local == name.local && base.host == name.host : host_within(base.host, name.host);
    case Kind::uri:
      return host_within(base.host, name.host);
    case Kind::ip:
      return address_within(base.octets, name.octets);
    default:
      return false;
  }
}

}  // namespace kyso::pki
