#include "pdf/document/xmp.h"

#include <charconv>
#include <vector>

#include "base/text.h"

namespace kyso::pdf {

namespace {

constexpr std::string_view kBlank = " \t\r\n";
constexpr std::size_t kMaxPacket = 4U << 20U;  // real ones have kilobytes
constexpr int kMaxPlaces = 64;                 // where a property's name may stand before it is given up

// Prefixes bound to a namespace anywhere in the packet: xmlns:pdfaid="http://…".
std::vector<std::string> prefixes_of(std::string_view packet, std::string_view uri) {
  std::vector<std::string> prefixes;
  for (std::size_t at = 0; (at = packet.find("xmlns:", at)) != std::string_view::npos;) {
    at += 6;
    const std::size_t equals = packet.find('=', at);
    if (equals == std::string_view::npos || equals - at > 64) continue;
    const std::string_view prefix = trim(packet.substr(at, equals - at));
    const std::size_t quote = packet.find_first_not_of(kBlank, equals + 1);
    if (quote == std::string_view::npos || (packet[quote] != '"' && packet[quote] != '\'')) continue;
    if (packet.substr(quote + 1).starts_with(uri) && packet.substr(quote + 1 + uri.size()).starts_with(packet[quote])) {
      if (prefixes.size() < 16) prefixes.emplace_back(prefix);
    }
  }
  return prefixes;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = text[i] == '&' ? text.find(';', i) : std::string_view::npos;
    if (end == std::string_view::npos || end - i > 10) {
      out += text[i++];
      continue;
    }
    const std::string_view name = text.substr(i + 1, end - i - 1);
    if (name == "lt") out += '<';
    if (name == "gt") out += '>';
    if (name == "amp") out += '&';
    if (name == "quot") out += '"';
    if (name == "apos") out += '\'';
    if (name.starts_with('#')) {
      const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
      const std::string_view digits = name.substr(hex ? 2 : 1);
      std::uint32_t code = 0xFFFD;
      std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
      append_utf8(out, code <= 0x10FFFF ? code : 0xFFFD);
    }
    i = end + 1;
  }
  return std::string(trim(out));
}

// Text of the element that begins behind `start`; markup inside (rdf:Alt, rdf:li) is left out.
std::optional<std::string> element_text(std::string_view packet, std::size_t start, const std::string& tag) {
  const std::size_t open_end = packet.find('>', start);
  if (open_end == std::string_view::npos || packet[open_end - 1] == '/') return std::nullopt;
  const std::size_t close = packet.find("</" + tag, open_end);
  if (close == std::string_view::npos) return std::nullopt;
  std::string_view inner = packet.substr(open_end + 1, close - open_end - 1);
  if (const std::size_t item = inner.find("<rdf:li"); item != std::string_view::npos) {
    inner.remove_prefix(item);
    inner.remove_prefix(std::min(inner.find('>'), inner.size() - 1) + 1);
    inner = inner.substr(0, inner.find('<'));
  }
  if (inner.find('<') != std::string_view::npos) return std::nullopt;
  return decoded(inner);
}

}  // namespace

std::optional<std::string> xmp_property(std::string_view packet, std::string_view namespace_uri,
                                        std::string_view name) {
  packet = packet.substr(0, kMaxPacket);
  int places = 0;
  for (const std::string& prefix : prefixes_of(packet, namespace_uri)) {
    const std::string tag = prefix + ":" + std::string(name);
    for (std::size_t at = 0; (at = packet.find(tag, at)) != std::string_view::npos; at += tag.size()) {
      if (++places > kMaxPlaces) return std::nullopt;
      const std::size_t after = packet.find_first_not_of(kBlank, at + tag.size());
      if (at == 0 || after == std::string_view::npos) continue;
      if (packet[at - 1] == '<' && (packet[at + tag.size()] == '>' || after > at + tag.size())) {
        if (auto text = element_text(packet, at, tag)) return text;
      }
      if (packet[after] != '=' || kBlank.find(packet[at - 1]) == std::string_view::npos) continue;
      const std::size_t quote = packet.find_first_not_of(kBlank, after + 1);
      if (quote == std::string_view::npos || (packet[quote] != '"' && packet[quote] != '\'')) continue;
      const std::size_t end = packet.find(packet[quote], quote + 1);
      if (end != std::string_view::npos) return decoded(packet.substr(quote + 1, end - quote - 1));
    }
  }
  return std::nullopt;
}

std::string xmp_as_utf8(std::string_view packet) {
  if (packet.starts_with("\xFE\xFF")) return from_utf16be(as_bytes(packet.substr(2)));
  if (packet.starts_with("\xFF\xFE")) {
    std::string swapped(packet.substr(2));
    for (std::size_t i = 0; i + 1 < swapped.size(); i += 2) std::swap(swapped[i], swapped[i + 1]);
    return from_utf16be(as_bytes(swapped));
  }
  return std::string(packet.starts_with("\xEF\xBB\xBF") ? packet.substr(3) : packet);
}

}  // namespace kyso::pdf
