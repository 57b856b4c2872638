#include "crypto/der.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace kyso::crypto::der {
namespace {

Error malformed(std::string_view what) {
  return fail("crypto.der.malformed", "{}", what);
}

struct Header {
  std::size_t header_size;
  std::size_t content_size;
};

// X.690 sections 8.1.3 and 10.1: definite form, fewest octets.
Result<Header> read_header(ByteView bytes) {
  if (bytes.size() < 2) return malformed("truncated header");
  if ((bytes[0] & 0x1fU) == 0x1fU) return malformed("tag number above 30");
  const std::uint8_t first = bytes[1];
  if (first < 0x80) return Header{2, first};
  const std::size_t count = first & 0x7fU;
  if (count == 0) return malformed("indefinite length");
  if (count > sizeof(std::uint64_t) || bytes.size() < 2 + count) return malformed("length of length");
  std::uint64_t length = 0;
  for (std::size_t i = 0; i < count; ++i) length = length << 8U | bytes[2 + i];
  if (bytes[2] == 0 || length < 0x80) return malformed("length not minimal");
  return Header{2 + count, static_cast<std::size_t>(length)};
}

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

int number(std::string_view digits) {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

// X.667: arcs below 2.25 are UUIDs, numbers of 128 bits.
__extension__ using Arc = unsigned __int128;
constexpr Arc kMaxArc = ~Arc{0};

void append_base128(Bytes& out, Arc value) {
  std::array<std::uint8_t, 19> reversed{};
  std::size_t count = 0;
  do {
    reversed[count++] = static_cast<std::uint8_t>(value & 0x7fU);
    value >>= 7U;
  } while (value != 0);
  while (count-- > 0) out.push_back(static_cast<std::uint8_t>(reversed[count] | (count > 0 ? 0x80U : 0U)));
}

Result<Instant> make_instant(int year, std::string_view mmddhhmmss) {
  using namespace std::chrono;
  const int month_number = number(mmddhhmmss.substr(0, 2));
  const int day_number = number(mmddhhmmss.substr(2, 2));
  const int hour = number(mmddhhmmss.substr(4, 2));
  const int minute = number(mmddhhmmss.substr(6, 2));
  const int second = number(mmddhhmmss.substr(8, 2));
  const year_month_day date{std::chrono::year(year), month(static_cast<unsigned>(month_number)),
                            day(static_cast<unsigned>(day_number))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return malformed("time does not exist");
  return Instant(sys_days(date)) + hours(hour) + minutes(minute) + seconds(second);
}

}  // namespace

std::optional<std::uint8_t> Reader::peek_tag() const {
  if (m_rest.empty()) return std::nullopt;
  return m_rest.front();
}

Result<Element> Reader::next() {
  const Header header = KYSO_TRY(read_header(m_rest));
  if (header.content_size > m_rest.size() - header.header_size) return malformed("content truncated");
  const std::size_t whole = header.header_size + header.content_size;
  const Element element{m_rest[0], m_rest.subspan(header.header_size, header.content_size), m_rest.first(whole)};
  m_rest = m_rest.subspan(whole);
  return element;
}

Result<Element> Reader::expect(std::uint8_t tag) {
  const auto found = peek_tag();
  if (!found) return malformed("element missing");
  if (*found != tag) return fail("crypto.der.malformed", "tag {:#04x} instead of {:#04x}", *found, tag);
  return next();
}

Result<std::optional<Element>> Reader::maybe(std::uint8_t tag) {
  if (peek_tag() != tag) return std::optional<Element>();
  return std::optional<Element>(KYSO_TRY(next()));
}

Result<> Reader::finish() const {
  if (!m_rest.empty()) return fail("crypto.der.malformed", "{} bytes left over", m_rest.size());
  return {};
}

Result<std::string> read_oid(ByteView content) {
  if (content.empty() || (content.back() & 0x80U) != 0) return malformed("object identifier truncated");
  std::string out;
  Arc value = 0;
  bool at_start = true;
  for (const std::uint8_t octet : content) {
    if (at_start && octet == 0x80) return malformed("object identifier not minimal");
    if (value > (kMaxArc >> 7U)) return malformed("object identifier too large");
    value = value << 7U | (octet & 0x7fU);
    at_start = (octet & 0x80U) == 0;
    if (!at_start) continue;
    if (out.empty()) {
      const Arc root = std::min<Arc>(value / 40, 2);
      out = fmt::format("{}.{}", static_cast<int>(root), value - root * 40);
    } else {
      out += fmt::format(".{}", value);
    }
    value = 0;
  }
  return out;
}

Result<Instant> read_time(const Element& element) {
  std::string_view text = as_chars(element.content);
  if (!text.ends_with('Z')) return malformed("time without Z");
  text.remove_suffix(1);
  if (element.tag == kUtcTime) {
    if (text.size() != 12 || !all_digits(text)) return malformed("UTCTime");
    const int short_year = number(text.substr(0, 2));
    // RFC 5280 section 4.1.2.5.1: 50 to 99 are of the 20th century.
    return make_instant(short_year >= 50 ? 1900 + short_year : 2000 + short_year, text.substr(2));
  }
  if (element.tag != kGeneralizedTime) return malformed("not a time");
  // Fractions of a second (RFC 3161 section 2.4.2 allows them) are cut off.
  if (const std::size_t dot = text.find('.'); dot != std::string_view::npos) {
    const std::string_view fraction = text.substr(dot + 1);
    if (fraction.empty() || !all_digits(fraction)) return malformed("GeneralizedTime fraction");
    text = text.substr(0, dot);
  }
  if (text.size() != 14 || !all_digits(text)) return malformed("GeneralizedTime");
  return make_instant(number(text.substr(0, 4)), text.substr(4));
}

Result<std::int64_t> read_integer(ByteView content) {
  if (content.empty()) return malformed("empty INTEGER");
  if (content.size() > 1 && ((content[0] == 0 && content[1] < 0x80) || (content[0] == 0xff && content[1] >= 0x80)))
    return malformed("INTEGER not minimal");
  if (content.size() > sizeof(std::int64_t)) return malformed("INTEGER too large");
  std::uint64_t value = content[0] >= 0x80 ? UINT64_MAX : 0;
  for (const std::uint8_t octet : content) value = value << 8U | octet;
  return static_cast<std::int64_t>(value);
}

Bytes encode(std::uint8_t tag, ByteView content) {
  Bytes out;
  out.reserve(content.size() + 6);
  out.push_back(tag);
  if (content.size() < 0x80) {
    out.push_back(static_cast<std::uint8_t>(content.size()));
  } else {
    std::size_t octets = 0;
    for (std::size_t rest = content.size(); rest != 0; rest >>= 8U) ++octets;
    out.push_back(static_cast<std::uint8_t>(0x80U | octets));
    while (octets-- > 0) out.push_back(static_cast<std::uint8_t>(content.size() >> (8 * octets)));
  }
  append(out, content);
  return out;
}

Bytes encode_oid(std::string_view dotted) {
  Bytes content;
  Arc first = 0;
  int index = 0;
  while (!dotted.empty()) {
    const std::size_t dot = std::min(dotted.find('.'), dotted.size());
    Arc arc = 0;
    for (const char digit : dotted.substr(0, dot)) {
      if (digit < '0' || digit > '9') break;
      arc = arc * 10 + static_cast<Arc>(digit - '0');
    }
    dotted.remove_prefix(std::min(dot + 1, dotted.size()));
    if (index == 0) first = arc;
    if (index == 1) append_base128(content, first * 40 + arc);
    if (index > 1) append_base128(content, arc);
    ++index;
  }
  return encode(kOid, content);
}

Bytes encode_integer(std::int64_t value) {
  Bytes content;
  for (int shift = 56; shift >= 0; shift -= 8)
    content.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> static_cast<unsigned>(shift)));
  std::size_t needless = 0;
  while (needless + 1 < content.size() && ((content[needless] == 0 && content[needless + 1] < 0x80) ||
                                           (content[needless] == 0xff && content[needless + 1] >= 0x80)))
    ++needless;
  return encode(kInteger, ByteView(content).subspan(needless));
}

Bytes encode_unsigned(ByteView big_endian) {
  while (!big_endian.empty() && big_endian.front() == 0) big_endian = big_endian.subspan(1);
  Bytes content;
  if (big_endian.empty() || big_endian.front() >= 0x80) content.push_back(0);
  append(content, big_endian);
  return encode(kInteger, content);
}

Bytes encode_set_of(std::vector<Bytes> elements, std::uint8_t tag) {
  // X.690 section 11.6. Complete encodings never are prefixes of each other, so plain lexical order is the same.
  std::ranges::sort(elements);
  Bytes content;
  for (const Bytes& element : elements) append(content, ByteView(element));
  return encode(tag, content);
}

}  // namespace kyso::crypto::der
