#include "crypto/name.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "crypto/der.h"

namespace kyso::crypto {
namespace {

constexpr std::string_view kCountry = "2.5.4.6";

constexpr std::array<std::pair<std::string_view, std::string_view>, 17> kShortNames{{
    {"2.5.4.3", "CN"},
    {"2.5.4.4", "SN"},
    {"2.5.4.5", "serialNumber"},
    {"2.5.4.6", "C"},
    {"2.5.4.7", "L"},
    {"2.5.4.8", "ST"},
    {"2.5.4.9", "STREET"},
    {"2.5.4.10", "O"},
    {"2.5.4.11", "OU"},
    {"2.5.4.12", "title"},
    {"2.5.4.20", "telephoneNumber"},
    {"2.5.4.42", "GN"},
    {"2.5.4.65", "pseudonym"},
    {"2.5.4.97", "organizationIdentifier"},
    {"0.9.2342.19200300.100.1.1", "UID"},
    {"0.9.2342.19200300.100.1.25", "DC"},
    {"1.2.840.113549.1.9.1", "E"},
}};

enum StringTag : std::uint8_t {
  kNumeric = 0x12,
  kPrintable = 0x13,
  kT61 = 0x14,
  kIa5 = 0x16,
  kVisible = 0x1a,
  kUniversal = 0x1c,
  kBmp = 0x1e,
};

std::string latin1(ByteView content) {
  std::string out;
  for (const std::uint8_t octet : content) append_utf8(out, octet);
  return out;
}

// UTF-8 that was put into another string type by mistake is common; what isn't UTF-8 was meant as Latin-1.
std::string utf8_or_latin1(ByteView content) {
  const std::string_view text = as_chars(content);
  return is_valid_utf8(text) ? std::string(text) : latin1(content);
}

std::string utf32(ByteView content) {
  std::string out;
  for (std::size_t i = 0; i + 4 <= content.size(); i += 4) {
    const std::uint32_t code = static_cast<std::uint32_t>(content[i]) << 24U |
                               static_cast<std::uint32_t>(content[i + 1]) << 16U |
                               static_cast<std::uint32_t>(content[i + 2]) << 8U | content[i + 3];
    const bool is_character = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    append_utf8(out, is_character ? static_cast<char32_t>(code) : U'\ufffd');
  }
  return out;
}

std::string_view short_name(std::string_view oid) {
  const auto* const row = std::ranges::find(kShortNames, oid, [](const auto& pair) { return pair.first; });
  return row == kShortNames.end() ? oid : row->second;
}

// RFC 4514 section 2.4.
std::string escape(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool is_edge_blank = c == ' ' && (i == 0 || i + 1 == value.size());
    if (c == '\0') {
      out += "\\00";
      continue;
    }
    if (is_edge_blank || (c == '#' && i == 0) || std::string_view("\"+,;<>\\").find(c) != std::string_view::npos)
      out += '\\';
    out += c;
  }
  return out;
}

Result<NameAttribute> read_attribute(ByteView content) {
  der::Reader reader(content);
  NameAttribute out;
  out.oid = KYSO_TRY(der::read_oid(KYSO_TRY(reader.expect(der::kOid)).content));
  const der::Element value = KYSO_TRY(reader.next());
  KYSO_TRY(reader.finish());
  out.value = read_string(value.tag, value.content, value.whole);
  return out;
}

}  // namespace

std::string read_string(std::uint8_t tag, ByteView content, ByteView whole) {
  switch (tag) {
    case der::kUtf8String:
    case kNumeric:
    case kPrintable:
    case kT61:
    case kIa5:
    case kVisible:
      return to_nfc(utf8_or_latin1(content));
    case kBmp:
      return to_nfc(from_utf16be(content));
    case kUniversal:
      return to_nfc(utf32(content));
    default:
      return "#" + to_hex(whole);
  }
}

Result<Name> Name::from_der(ByteView der) {
  der::Reader outer(der);
  der::Reader rdns(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  Name out;
  while (!rdns.at_end()) {
    der::Reader attributes(KYSO_TRY(rdns.expect(der::kSet)).content);
    std::vector<NameAttribute>& rdn = out.m_rdns.emplace_back();
    while (!attributes.at_end())
      rdn.push_back(KYSO_TRY(read_attribute(KYSO_TRY(attributes.expect(der::kSequence)).content)));
  }
  return out;
}

bool Name::starts_with_the_person() const {
  for (std::size_t i = 0; i < m_rdns.size(); ++i)
    for (const NameAttribute& attribute : m_rdns[i])
      if (attribute.oid == kCountry) return i * 2 >= m_rdns.size();
  return false;
}

std::string Name::find(std::string_view oid) const {
  const bool person_first = starts_with_the_person();
  std::string out;
  for (const auto& rdn : m_rdns)
    for (const NameAttribute& attribute : rdn) {
      if (attribute.oid != oid) continue;
      if (person_first) return attribute.value;
      out = attribute.value;
    }
  return out;
}

std::string Name::text() const {
  std::string out;
  for (auto rdn = m_rdns.rbegin(); rdn != m_rdns.rend(); ++rdn) {
    if (rdn != m_rdns.rbegin()) out += ',';
    for (std::size_t i = 0; i < rdn->size(); ++i)
      out += fmt::format("{}{}={}", i == 0 ? "" : "+", short_name((*rdn)[i].oid), escape((*rdn)[i].value));
  }
  return out;
}

bool Name::matches(const Name& other) const {
  const auto same = [](const NameAttribute& a, const NameAttribute& b) {
    return a.oid == b.oid && (a.value == b.value || fold_case(a.value) == fold_case(b.value));
  };
  return std::ranges::equal(m_rdns, other.m_rdns,
                            [&](const auto& a, const auto& b) { return std::ranges::equal(a, b, same); });
}

}  // namespace kyso::crypto
