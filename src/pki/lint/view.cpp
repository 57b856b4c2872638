#include "pki/lint/view.h"

#include <bit>
#include <charconv>

#include "base/text.h"
#include "crypto/der.h"

namespace kyso::pki::lint {
namespace {

namespace der = crypto::der;

At attribute_type(ByteView oid) {
  static constexpr Oid kDirectory("2.5.4.3");
  if (oid.size() == 3 && oid[0] == kDirectory.octets[0] && oid[1] == kDirectory.octets[1]) {
    switch (oid[2]) {
      case 3:
        return At::common_name;
      case 4:
        return At::surname;
      case 5:
        return At::serial_number;
      case 6:
        return At::country;
      case 7:
        return At::locality;
      case 8:
        return At::state;
      case 9:
        return At::street;
      case 10:
        return At::organization;
      case 11:
        return At::unit;
      case 12:
        return At::title;
      case 13:
        return At::description;
      case 15:
        return At::business_category;
      case 17:
        return At::postal_code;
      case 20:
        return At::telephone;
      case 41:
        return At::name;
      case 42:
        return At::given_name;
      case 43:
        return At::initials;
      case 44:
        return At::generation;
      case 46:
        return At::dn_qualifier;
      case 65:
        return At::pseudonym;
      case 97:
        return At::organization_id;
      default:
        return At::other;
    }
  }
  if (oid == Oid("0.9.2342.19200300.100.1.1")) return At::user_id;
  if (oid == Oid("0.9.2342.19200300.100.1.25")) return At::domain_component;
  if (oid == Oid("1.2.840.113549.1.9.1")) return At::email;
  if (oid == Oid("1.2.840.113549.1.9.2")) return At::unstructured_name;
  if (oid == Oid("1.3.6.1.4.1.311.60.2.1.1")) return At::jurisdiction_locality;
  if (oid == Oid("1.3.6.1.4.1.311.60.2.1.2")) return At::jurisdiction_state;
  if (oid == Oid("1.3.6.1.4.1.311.60.2.1.3")) return At::jurisdiction_country;
  return At::other;
}

// Two digits, or -1.
int pair_at(std::string_view text, std::size_t at) {
  if (at + 2 > text.size()) return -1;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!is_digit(text[at]) || !is_digit(text[at + 1])) return -1;
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

bool is_string_tag(std::uint8_t tag) {
  switch (tag) {
    case der::kUtf8String:
    case kNumericString:
    case kPrintableString:
    case kTeletexString:
    case kIa5String:
    case kVisibleString:
    case kUniversalString:
    case kBmpString:
      return true;
    default:
      return false;
  }
}

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::optional<std::string> from_ucs4(ByteView content) {
  if (content.size() % 4 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < content.size(); i += 4) {
    const auto point =
        static_cast<char32_t>(content[i] << 24U | content[i + 1] << 16U | content[i + 2] << 8U | content[i + 3]);
    if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return std::nullopt;
    append_utf8(out, point);
  }
  return out;
}

KeyKind key_kind(ByteView oid) {
  if (oid == oids::kRsaEncryption) return KeyKind::rsa;
  if (oid == oids::kEcPublicKey) return KeyKind::ec;
  if (oid == oids::kEd25519) return KeyKind::ed25519;
  if (oid == oids::kRsassaPss) return KeyKind::rsa_pss;
  if (oid == oids::kEd448) return KeyKind::ed448;
  if (oid == oids::kX25519) return KeyKind::x25519;
  if (oid == oids::kX448) return KeyKind::x448;
  if (oid == oids::kDsa) return KeyKind::dsa;
  return KeyKind::other;
}

void read_rsa_key(KeyView& key) {
  Cursor outer(key.bits);
  Element sequence, modulus, exponent;
  key.is_key_malformed = true;
  if (!outer.expect(der::kSequence, sequence) || !outer.ended_well()) return;
  Cursor numbers(sequence.content);
  if (!numbers.expect(der::kInteger, modulus) || !numbers.expect(der::kInteger, exponent)) return;
  key.modulus = modulus.content;
  key.exponent = exponent.content;
  key.is_key_malformed = !numbers.ended_well() || modulus.content.empty() || exponent.content.empty();
}

}  // namespace

bool Cursor::next(Element& out) {
  if (m_rest.empty()) return false;
  der::Reader reader(m_rest);
  const auto element = reader.next();
  if (!element) {
    m_is_broken = true;
    return false;
  }
  out = {element->tag, element->content, element->whole};
  m_rest = reader.rest();
  return true;
}

const Attribute* NameView::find(At type) const {
  const auto found = std::ranges::find(attributes, type, &Attribute::type);
  return found == attributes.end() ? nullptr : &*found;
}

std::size_t NameView::count(At type) const {
  return static_cast<std::size_t>(std::ranges::count(attributes, type, &Attribute::type));
}

std::size_t KeyView::modulus_bits() const {
  ByteView digits = modulus;
  while (!digits.empty() && digits.front() == 0) digits = digits.subspan(1);
  return digits.empty() ? 0 : (digits.size() - 1) * 8 + static_cast<std::size_t>(std::bit_width(digits.front()));
}

AlgorithmView read_algorithm(const Element& element) {
  AlgorithmView out;
  out.whole = element.whole;
  out.is_malformed = true;
  Cursor cursor(element.content);
  Element oid, parameters;
  if (element.tag != der::kSequence || !cursor.expect(der::kOid, oid) || !der::read_oid(oid.content)) return out;
  out.oid = oid.content;
  if (!cursor.at_end() && cursor.next(parameters)) out.parameters = parameters;
  out.is_malformed = !cursor.ended_well();
  return out;
}

KeyView read_key(const Element& element) {
  KeyView out;
  out.whole = element.whole;
  out.is_malformed = true;
  Cursor cursor(element.content);
  Element algorithm, bits;
  if (element.tag != der::kSequence || !cursor.expect(der::kSequence, algorithm)) return out;
  out.algorithm = read_algorithm(algorithm);
  out.kind = key_kind(out.algorithm.oid);
  if (!cursor.expect(der::kBitString, bits) || bits.content.empty()) return out;
  out.unused_bits = bits.content[0];
  out.bits = bits.content.subspan(1);
  out.is_malformed = !cursor.ended_well() || out.algorithm.is_malformed;
  if (out.is_rsa()) read_rsa_key(out);
  return out;
}

// Reads what certificates of the wild contain too: no seconds, an offset, a fraction.
TimeView read_time(const Element& element) {
  TimeView out{element.tag, as_chars(element.content), std::nullopt, false, false, false};
  const bool is_short = element.tag == der::kUtcTime;
  if (!is_short && element.tag != der::kGeneralizedTime) return out;
  std::string_view text = out.text;
  int year = pair_at(text, 0);
  std::size_t at = 2;
  if (year < 0) return out;
  if (is_short) {
    year += year >= 50 ? 1900 : 2000;
  } else {
    const int low = pair_at(text, 2);
    if (low < 0) return out;
    year = year * 100 + low;
    at = 4;
  }
  const int month = pair_at(text, at), day = pair_at(text, at + 2), hour = pair_at(text, at + 4),
            minute = pair_at(text, at + 6);
  int second = pair_at(text, at + 8);
  text.remove_prefix(std::min(text.size(), at + 8));
  out.has_seconds = second >= 0;
  if (out.has_seconds) text.remove_prefix(2);
  second = std::max(second, 0);
  if (text.starts_with('.') || text.starts_with(',')) {
    out.has_fraction = true;
    text.remove_prefix(std::min(text.find_first_not_of("0123456789", 1), text.size()));
  }
  out.is_zulu = text == "Z";
  std::chrono::seconds offset{0};
  if (!out.is_zulu && text.size() == 5 && (text[0] == '+' || text[0] == '-') && pair_at(text, 1) >= 0 &&
      pair_at(text, 3) >= 0)
    offset = std::chrono::hours(pair_at(text, 1)) + std::chrono::minutes(pair_at(text, 3));
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(std::max(month, 0))),
                                         std::chrono::day(static_cast<unsigned>(std::max(day, 0)))};
  if (!date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second > 59) return out;
  out.instant = Instant(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                std::chrono::seconds(second) - (text.starts_with('-') ? -offset : offset);
  return out;
}

void View::decode(Attribute& attribute) {
  const ByteView value = attribute.value;
  attribute.is_text = is_string_tag(attribute.tag);
  attribute.is_ascii = std::ranges::all_of(value, [](std::uint8_t octet) { return octet < 0x80; });
  if (!attribute.is_text) return;
  const auto keep = [&](std::string text) { attribute.text = m_texts.emplace_back(std::move(text)); };
  switch (attribute.tag) {
    case kBmpString:
      attribute.is_ascii = false;
      attribute.is_well_encoded = value.size() % 2 == 0;
      if (attribute.is_well_encoded) keep(from_utf16be(value));
      break;
    case kUniversalString:
      attribute.is_ascii = false;
      if (auto text = from_ucs4(value))
        keep(*std::move(text));
      else
        attribute.is_well_encoded = false;
      break;
    case kTeletexString:
      // What T.61 was meant to be nobody knows; in practice it is Latin-1.
      if (attribute.is_ascii)
        attribute.text = as_chars(value);
      else
        keep(to_utf8(std::u32string(value.begin(), value.end())));
      break;
    case der::kUtf8String:
      attribute.is_well_encoded = attribute.is_ascii || is_valid_utf8(as_chars(value));
      if (attribute.is_well_encoded) attribute.text = as_chars(value);
      break;
    default:
      attribute.is_well_encoded = attribute.is_ascii;
      if (attribute.is_well_encoded) attribute.text = as_chars(value);
  }
  attribute.characters = attribute.is_ascii ? attribute.text.size() : count_characters(attribute.text);
}

void View::read_name(const Element& element, NameView& out) {
  out.whole = element.whole;
  out.attributes.reserve(8);
  Cursor rdns(element.content);
  Element rdn;
  while (rdns.next(rdn)) {
    if (rdn.tag != der::kSet) {
      out.is_malformed = true;
      break;
    }
    if (rdn.content.empty()) out.has_empty_rdn = true;
    Cursor members(rdn.content);
    Element member, oid, value, previous;
    while (members.next(member)) {
      Cursor pair(member.content);
      if (member.tag != der::kSequence || !pair.expect(der::kOid, oid) || !pair.next(value) || !pair.ended_well()) {
        out.is_malformed = true;
        continue;
      }
      // X.690 section 11.6.
      if (!previous.whole.empty() && std::ranges::lexicographical_compare(member.whole, previous.whole))
        out.has_unsorted_rdn = true;
      previous = member;
      Attribute attribute;
      attribute.oid = oid.content;
      attribute.type = attribute_type(oid.content);
      attribute.tag = value.tag;
      attribute.value = value.content;
      attribute.rdn = out.rdns;
      decode(attribute);
      out.attributes.push_back(attribute);
    }
    out.is_malformed |= members.is_broken();
    ++out.rdns;
  }
  out.is_malformed |= rdns.is_broken();
}

void View::read_validity(ByteView content) {
  Cursor cursor(content);
  Element from, until;
  is_validity_malformed = true;
  if (!cursor.next(from)) return;
  not_before = read_time(from);
  if (!cursor.next(until)) return;
  not_after = read_time(until);
  is_validity_malformed = !cursor.ended_well() || !not_before.instant || !not_after.instant;
}

bool View::read_tbs(ByteView content) {
  Cursor cursor(content);
  Element element, inside;
  version = 1;
  if (cursor.next_is(der::context(0))) {
    if (!cursor.next(element)) return false;
    Cursor explicit_version(element.content);
    if (!explicit_version.expect(der::kInteger, inside) || !explicit_version.ended_well()) return false;
    version = inside.content.size() == 1 && inside.content[0] < 3 ? std::optional(inside.content[0] + 1) : std::nullopt;
    has_explicit_v1 = version == 1;
  }
  if (!cursor.expect(der::kInteger, element) || element.content.empty()) return false;
  serial = element.content;
  if (!cursor.expect(der::kSequence, element)) return false;
  inner = read_algorithm(element);
  if (!cursor.expect(der::kSequence, element)) return false;
  read_name(element, issuer);
  if (!cursor.expect(der::kSequence, element)) return false;
  read_validity(element.content);
  if (!cursor.expect(der::kSequence, element)) return false;
  read_name(element, subject);
  if (!cursor.expect(der::kSequence, element)) return false;
  key = read_key(element);
  if (cursor.next_is(der::context(1, false)) && cursor.next(element)) issuer_unique_id = element;
  if (cursor.next_is(der::context(2, false)) && cursor.next(element)) subject_unique_id = element;
  if (cursor.next_is(der::context(3)) && cursor.next(element)) {
    has_extensions = true;
    read_extensions(element.content);
  }
  has_tbs_trailing = !cursor.at_end();
  return true;
}

bool View::read(ByteView bytes) {
  der = bytes;
  first_extension.fill(-1);
  Cursor file(bytes);
  Element certificate, body, algorithm, bits;
  if (!file.expect(der::kSequence, certificate)) return false;
  has_trailing_bytes = !file.at_end();
  Cursor parts(certificate.content);
  if (!parts.expect(der::kSequence, body) || !parts.expect(der::kSequence, algorithm)) return false;
  if (!parts.expect(der::kBitString, bits) || bits.content.empty() || !parts.ended_well()) return false;
  tbs = body.whole;
  outer = read_algorithm(algorithm);
  signature_unused_bits = bits.content[0];
  signature = bits.content.subspan(1);
  return read_tbs(body.content);
}

}  // namespace kyso::pki::lint
