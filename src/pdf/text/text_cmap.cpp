#include "pdf/text/text_cmap.h"

#include <algorithm>

#include "base/text.h"
#include "pdf/syntax/lexer.h"

namespace kyso::pdf {
namespace {

constexpr std::size_t kMaxEntries = 1U << 20U;
constexpr std::size_t kMaxTextLength = 64;  // characters of one code

std::uint32_t number_of(std::string_view bytes) {
  std::uint32_t value = 0;
  for (char c : bytes.substr(0, 4)) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

// Every byte of a code lies between those of the range's ends (section 9.7.6.2).
bool is_within(std::uint32_t value, std::uint32_t low, std::uint32_t high, std::size_t length) {
  for (std::size_t i = 0; i < length; ++i) {
    const std::uint32_t shift = 8 * static_cast<std::uint32_t>(i);
    const std::uint32_t byte = value >> shift & 0xFFU;
    if (byte < (low >> shift & 0xFFU) || byte > (high >> shift & 0xFFU)) return false;
  }
  return true;
}

// The entry with the greatest `low` that holds the code. Overlapping ranges are looked back for only a few steps.
template <typename Range>
const Range* find_range(const std::vector<Range>& ranges, std::uint32_t code) {
  auto after = std::ranges::upper_bound(ranges, code, {}, &Range::low);
  for (int step = 0; step < 16 && after != ranges.begin(); ++step) {
    --after;
    if (code <= after->high) return &*after;
  }
  return nullptr;
}

}  // namespace

class CMap::Parser {
 public:
  Parser(CMap& map, ByteView bytes) : m_map(map), m_lexer(bytes) {}

  void run() {
    std::string last_name;
    std::int64_t last_integer = 0;
    bool is_wmode = false;
    for (Token token = m_lexer.next(); token.kind != Token::Kind::end; token = m_lexer.next()) {
      if (token.kind == Token::Kind::name) {
        if (token.text == "WMode")
          is_wmode = true;
        else
          last_name = std::move(token.text);
      } else if (token.kind == Token::Kind::integer) {
        last_integer = token.integer;
      } else if (token.kind == Token::Kind::keyword) {
        if (token.text == "def" && is_wmode) {
          m_map.m_vertical = last_integer == 1;
          is_wmode = false;
        }
        keyword(token.text, last_name);
      }
    }
  }

 private:
  bool is_full() const { return m_map.m_cids.size() + m_map.m_unicode.size() >= kMaxEntries; }

  void keyword(std::string_view word, std::string_view last_name) {
    if (word == "usecmap") m_map.set_predefined(last_name);
    if (word == "begincodespacerange") code_spaces();
    if (word == "begincidrange") cids(true);
    if (word == "begincidchar") cids(false);
    if (word == "beginbfrange") texts(true);
    if (word == "beginbfchar") texts(false);
  }

  // The next hexadecimal string; anything else ends a section.
  std::optional<std::string> code() {
    Token token = m_lexer.next();
    if (token.kind != Token::Kind::hex_string && token.kind != Token::Kind::string) return std::nullopt;
    return std::move(token.text);
  }

  void code_spaces() {
    while (m_map.m_code_spaces.size() < 256) {
      auto low = code();
      if (!low) return;
      auto high = code();
      if (!high) return;
      if (low->empty() || low->size() > 4 || low->size() != high->size()) continue;
      m_map.m_code_spaces.push_back({low->size(), number_of(*low), number_of(*high)});
    }
  }

  void cids(bool is_range) {
    while (!is_full()) {
      auto low = code();
      if (!low) return;
      auto high = is_range ? code() : low;
      if (!high) return;
      const Token cid = m_lexer.next();
      if (cid.kind != Token::Kind::integer) return;
      if (cid.integer < 0 || cid.integer > 0xFFFF || number_of(*high) < number_of(*low)) continue;
      m_map.m_cids.push_back({number_of(*low), number_of(*high), static_cast<std::uint32_t>(cid.integer),
                              static_cast<std::uint32_t>(m_map.m_cids.size())});
    }
  }

  void texts(bool is_range) {
    while (!is_full()) {
      auto low = code();
      if (!low) return;
      auto high = is_range ? code() : low;
      if (!high) return;
      const std::uint32_t first = number_of(*low), last = number_of(*high);
      Token target = m_lexer.next();
      if (target.kind == Token::Kind::hex_string) {
        add_text(first, last, target.text);
      } else if (target.kind == Token::Kind::array_begin && is_range) {
        if (!text_array(first, last)) return;
      } else if (target.kind != Token::Kind::name) {  // a name is legal and says nothing that can be relied on
        return;
      }
    }
  }

  bool text_array(std::uint32_t first, std::uint32_t last) {
    for (std::uint64_t value = first;; ++value) {
      const Token item = m_lexer.next();
      if (item.kind == Token::Kind::array_end) return true;
      if (item.kind == Token::Kind::end || item.kind == Token::Kind::keyword) return false;
      const auto at = static_cast<std::uint32_t>(value);
      if (item.kind == Token::Kind::hex_string && value <= last && !is_full()) add_text(at, at, item.text);
    }
  }

  void add_text(std::uint32_t low, std::uint32_t high, std::string_view utf16be) {
    if (high < low || utf16be.size() > 4 * kMaxTextLength) return;
    std::u32string text;
    if (utf16be.size() == 1) {
      text.assign(1, static_cast<unsigned char>(utf16be[0]));
    } else {
      text = to_utf32(from_utf16be(as_bytes(utf16be)));
    }
    std::erase(text, U'\0');
    if (text.empty()) return;
    const auto offset = static_cast<std::uint32_t>(m_map.m_pool.size());
    m_map.m_unicode.push_back({low, high, offset, static_cast<std::uint32_t>(text.size())});
    m_map.m_pool += text;
  }

  CMap& m_map;
  Lexer m_lexer;
};

void CMap::parse(ByteView bytes) {
  Parser(*this, bytes).run();
  sort();
}

// By code, then in the order of the file, so that of two entries for one code the later one is met first.
void CMap::sort() {
  std::ranges::sort(m_cids, [](const CidRange& a, const CidRange& b) {
    return std::pair(a.low, a.order) < std::pair(b.low, b.order);
  });
  std::ranges::sort(m_unicode, [](const TextRange& a, const TextRange& b) {
    return std::pair(a.low, a.offset) < std::pair(b.low, b.offset);
  });
}

void CMap::set_identity() {
  m_code_spaces.assign(1, {2, 0, 0xFFFF});
  m_identity_cid = true;
}

void CMap::set_predefined(std::string_view name) {
  set_identity();
  m_vertical = name.ends_with("-V") || name == "V";
  // The codes of these are UTF-16BE (section 9.7.5.2, table 116).
  m_identity_unicode = m_identity_unicode || name.find("UCS2") != name.npos || name.find("UTF16") != name.npos;
}

CMap::Code CMap::first_code(std::string_view bytes) const {
  std::size_t shortest = 4;
  for (const CodeSpace& space : m_code_spaces) {
    shortest = std::min(shortest, space.length);
    if (bytes.size() < space.length) continue;
    const std::uint32_t value = number_of(bytes.substr(0, space.length));
    if (is_within(value, space.low, space.high, space.length)) return {value, space.length};
  }
  const std::size_t length = std::min(m_code_spaces.empty() ? 1 : shortest, bytes.size());
  return {number_of(bytes.substr(0, length)), length};
}

std::uint32_t CMap::cid(std::uint32_t code) const {
  if (const CidRange* range = find_range(m_cids, code)) return range->cid + (code - range->low);
  return m_identity_cid ? code : 0;
}

std::u32string CMap::unicode(std::uint32_t code) const {
  if (const TextRange* range = find_range(m_unicode, code)) {
    std::u32string text = m_pool.substr(range->offset, range->length);
    const std::uint32_t last = static_cast<std::uint32_t>(text.back()) + (code - range->low);
    const bool is_character = last <= 0x10FFFF && (last < 0xD800 || last > 0xDFFF) && last >= text.back();
    text.back() = is_character ? last : 0xFFFD;
    return text;
  }
  if (m_identity_unicode && code <= 0xFFFF && (code < 0xD800 || code > 0xDFFF) && code != 0) {
    return std::u32string(1, code);
  }
  return {};
}

bool CMap::names_vietnamese_letters() const {
  return std::ranges::any_of(m_pool, [](char32_t c) {
    return (c >= 0x1EA0 && c <= 0x1EF9) || c == U'ơ' || c == U'Ơ' || c == U'ư' || c == U'Ư' || c == U'đ' || c == U'Đ';
  });
}

}  // namespace kyso::pdf
