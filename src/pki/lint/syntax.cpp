#include "pki/lint/syntax.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace kyso::pki::lint {
namespace {

#include "pki/lint/syntax_tables.inc"

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_alphanumeric(char c) {
  return is_digit(c) || is_letter(c);
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool stands_in(std::string_view table, std::size_t width, std::string_view code) {
  if (code.size() != width) return false;
  std::size_t low = 0, high = table.size() / width;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const std::string_view entry = table.substr(middle * width, width);
    if (entry == code) return true;
    if (entry < code)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

bool is_host_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && is_alphanumeric(label.front()) && is_alphanumeric(label.back()) &&
         std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

// RFC 3986 section 2: unreserved, reserved, or percent encoded.
bool has_uri_characters(std::string_view text) {
  static constexpr std::string_view kOthers = "-._~:/?#[]@!$&'()*+,;=";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
    } else if (!is_alphanumeric(text[i]) && kOthers.find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

// RFC 3492 section 6.1.
std::uint32_t adapt(std::uint32_t delta, std::uint32_t count, bool is_first) {
  delta = is_first ? delta / 700 : delta / 2;
  delta += delta / count;
  std::uint32_t k = 0;
  for (; delta > 455; k += 36) delta /= 35;
  return k + 36 * delta / (delta + 38);
}

}  // namespace

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool has_control(std::string_view utf8) {
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto octet = static_cast<unsigned char>(utf8[i]);
    if (octet < 0x20 || octet == 0x7f) return true;
    if (octet == 0xc2 && i + 1 < utf8.size() && static_cast<unsigned char>(utf8[i + 1]) < 0xa0) return true;
  }
  return false;
}

bool is_printable_string(std::string_view text) {
  static constexpr std::string_view kOthers = " '()+,-./:=?";
  return std::ranges::all_of(text,
                             [](char c) { return is_alphanumeric(c) || kOthers.find(c) != std::string_view::npos; });
}

bool is_nfc(std::string_view utf8) {
  return is_ascii(utf8) || to_nfc(utf8) == utf8;
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && std::ranges::equal(text.substr(0, prefix.size()), prefix, {}, lower, lower);
}

bool is_host_name(std::string_view text, bool wildcard) {
  if (wildcard && text.starts_with("*.")) text.remove_prefix(2);
  if (text.empty() || text.size() > 253) return false;
  return !first_label(text, [](std::string_view label) { return !is_host_label(label); });
}

std::optional<std::string> decode_punycode(std::string_view label) {
  if (label.size() > 63 || !is_ascii(label)) return std::nullopt;
  const std::size_t dash = label.rfind('-');
  std::u32string out;
  if (dash != std::string_view::npos) {
    out.assign(label.begin(), label.begin() + static_cast<std::ptrdiff_t>(dash));
    label.remove_prefix(dash + 1);
  }
  std::uint32_t n = 128, bias = 72;
  std::uint64_t i = 0;
  while (!label.empty()) {
    const std::uint64_t start = i;
    std::uint64_t weight = 1;
    for (std::uint32_t k = 36;; k += 36) {
      if (label.empty()) return std::nullopt;
      const char c = lower(label.front());
      label.remove_prefix(1);
      if (!is_alphanumeric(c)) return std::nullopt;
      const auto digit = static_cast<std::uint32_t>(is_digit(c) ? c - '0' + 26 : c - 'a');
      i += digit * weight;
      const std::uint32_t threshold = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
      if (digit < threshold) break;
      weight *= 36 - threshold;
      if (weight > 0xffffffffU || i > 0xffffffffU) return std::nullopt;
    }
    const auto count = static_cast<std::uint32_t>(out.size() + 1);
    bias = adapt(static_cast<std::uint32_t>(std::min<std::uint64_t>(i - start, 0xffffffffU)), count, start == 0);
    const std::uint64_t point = n + i / count;
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return std::nullopt;
    n = static_cast<std::uint32_t>(point);
    i %= count;
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(i), static_cast<char32_t>(n));
    ++i;
  }
  return to_utf8(out);
}

bool is_mailbox(std::string_view text) {
  static constexpr std::string_view kAtom = "!#$%&'*+-/=?^_`{|}~.";
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64) return false;
  const std::string_view local = text.substr(0, at), domain = text.substr(at + 1);
  if (!is_host_name(domain)) return false;
  if (local.front() == '"') {
    return local.size() > 2 && local.back() == '"' &&
           std::ranges::all_of(local, [](char c) { return c >= 0x20 && c < 0x7f; });
  }
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos) return false;
  return std::ranges::all_of(local,
                             [](char c) { return is_alphanumeric(c) || kAtom.find(c) != std::string_view::npos; });
}

Uri read_uri(std::string_view text) {
  Uri out;
  const std::size_t colon = text.find(':');
  const bool has_scheme = colon != std::string_view::npos && colon > 0 && is_letter(text[0]) &&
                          std::ranges::all_of(text.substr(0, colon), [](char c) {
                            return is_alphanumeric(c) || c == '+' || c == '-' || c == '.';
                          });
  std::string_view rest = text;
  if (has_scheme) {
    out.scheme = text.substr(0, colon);
    rest.remove_prefix(colon + 1);
  }
  out.is_well_formed = has_scheme && !rest.empty() && has_uri_characters(rest);
  if (rest.starts_with("//")) {
    out.has_authority = true;
    rest.remove_prefix(2);
    const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
    std::string_view authority = rest.substr(0, end);
    rest.remove_prefix(end);
    if (const std::size_t user = authority.rfind('@'); user != std::string_view::npos)
      authority.remove_prefix(user + 1);
    if (authority.starts_with('[')) {
      const std::size_t close = std::min(authority.find(']'), authority.size());
      out.host = authority.substr(1, close - 1);
      out.is_literal_address = close != authority.size();
    } else {
      out.host = authority.substr(0, authority.find(':'));
      out.is_literal_address = is_ipv4(out.host);
    }
  }
  out.path = rest;
  return out;
}

bool is_ipv4(std::string_view text) {
  int parts = 0;
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    if (!is_digits(part) || part.size() > 3 || (part.size() == 3 && part > "255")) return false;
    ++parts;
    if (dot == std::string_view::npos) return parts == 4;
    if (parts == 4) return false;
    text.remove_prefix(dot + 1);
  }
}

bool is_http(std::string_view uri) {
  return starts_with_ignoring_case(uri, "http://");
}
bool is_https(std::string_view uri) {
  return starts_with_ignoring_case(uri, "https://");
}
bool is_ldap(std::string_view uri) {
  return starts_with_ignoring_case(uri, "ldap://") || starts_with_ignoring_case(uri, "ldaps://");
}

bool is_country(std::string_view code) {
  return stands_in(kCountries, 2, code);
}
bool is_language(std::string_view code) {
  return stands_in(kLanguages, 2, code);
}
bool is_currency(std::string_view code) {
  return stands_in(kCurrencies, 3, code);
}

std::string shown(std::string_view text) {
  constexpr std::size_t kMost = 48;
  std::string out = to_valid_utf8(text.substr(0, 4 * kMost));
  for (std::size_t from = 0; from < out.size();) {
    std::size_t until = from;
    while (until < out.size() && is_digit(out[until])) ++until;
    if (until - from >= 6)
      std::fill(out.begin() + static_cast<std::ptrdiff_t>(from), out.begin() + static_cast<std::ptrdiff_t>(until - 3),
                '*');
    from = until + 1;
  }
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  std::size_t end = 0;
  for (std::size_t count = 0; end < out.size() && count < kMost; ++count) {
    ++end;
    while (end < out.size() && (out[end] & 0xc0) == 0x80) ++end;
  }
  if (end < out.size()) out = out.substr(0, end) + "…";
  return out;
}

}  // namespace kyso::pki::lint
