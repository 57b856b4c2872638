#include "sheet/number_format_scanner.h"

#include <algorithm>
#include <charconv>

namespace kyso::sheet {
namespace {

using Section = NumberFormat::Section;
using Token = NumberFormat::Token;

// Excel's own limit is 255; a longer one says nothing about the numbers.
constexpr std::size_t kMaxCode = 1'024;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool starts_with_word(std::string_view text, std::string_view lower_word) {
  return text.size() >= lower_word.size() &&
         std::equal(lower_word.begin(), lower_word.end(), text.begin(), [](char w, char c) { return w == lower(c); });
}

class Scanner {
 public:
  explicit Scanner(std::string_view code) : m_rest(code) { m_sections.emplace_back(); }

  std::vector<Section> run() {
    while (!m_rest.empty()) step();
    if (m_sections.size() > 4) m_sections.resize(4);
    return std::move(m_sections);
  }

 private:
  Section& section() { return m_sections.back(); }
  void add(Token::Kind kind, std::string_view text) { section().tokens.push_back({kind, std::string(text)}); }

  std::string_view take(std::size_t size) {
    const std::string_view taken = m_rest.substr(0, size);
    m_rest.remove_prefix(taken.size());
    return taken;
  }
  std::string_view take_character() {
    std::size_t size = 1;
    while (size < m_rest.size() && (static_cast<unsigned char>(m_rest[size]) & 0xC0U) == 0x80U) ++size;
    return take(size);
  }

  void step() {
    switch (m_rest.front()) {
      case ';':
        take(1);
        m_sections.emplace_back();
        return;
      case '"':
        return quoted();
      case '\\':
        take(1);
        if (!m_rest.empty()) add(Token::Kind::literal, take_character());
        return;
      case '_':  // a gap as wide as the next character
        take(1);
        if (!m_rest.empty()) take_character();
        return add(Token::Kind::literal, " ");
      case '*':  // the next character fills the cell
        take(1);
        if (!m_rest.empty()) take_character();
        return;
      case '[':
        return bracketed();
      default:
        return plain();
    }
  }

  void quoted() {
    take(1);
    const std::size_t end = std::min(m_rest.find('"'), m_rest.size());
    add(Token::Kind::literal, take(end));
    take(1);
  }

  void bracketed() {
    const std::size_t end = m_rest.find(']');
    if (end == std::string_view::npos) {
      take(m_rest.size());
      return;
    }
    const std::string_view content = take(end + 1).substr(1, end - 1);
    if (content.empty()) return;
    if (content.front() == '$') {
      add(Token::Kind::literal, content.substr(1, content.find('-') - 1));
    } else if (std::string_view("<>=").find(content.front()) != std::string_view::npos) {
      condition(content);
    } else if (const char first = lower(content.front());
               (first == 'h' || first == 'm' || first == 's') &&
               std::ranges::all_of(content, [&](char c) { return lower(c) == first; })) {
      section().has_clock = true;  // elapsed time
    }
  }

  void condition(std::string_view content) {
    const std::size_t size = std::min(content.find_first_not_of("<>="), content.size());
    NumberFormat::Condition found{std::string(content.substr(0, size)), 0};
    const std::string_view bound = content.substr(size);
    const auto end = std::from_chars(bound.data(), bound.data() + bound.size(), found.bound);
    if (end.ec == std::errc() && end.ptr == bound.data() + bound.size()) section().condition = std::move(found);
  }

  void plain() {
    if (starts_with_word(m_rest, "general")) {
      take(7);
      return add(Token::Kind::general, "");
    }
    if (starts_with_word(m_rest, "am/pm") || starts_with_word(m_rest, "a/p")) {
      take(starts_with_word(m_rest, "a/p") ? 3 : 5);
      section().has_clock = true;
      return;
    }
    if ((starts_with_word(m_rest, "e+") || starts_with_word(m_rest, "e-")) && has_digit()) {
      section().is_general = true;  // scientific
      take(2);
      return;
    }
    const std::string_view letter = take_character();
    switch (lower(letter.front())) {
      case '0':
      case '#':
      case '?':
        return digit(letter);
      case '.':
        return add(has_point() ? Token::Kind::literal : Token::Kind::point, letter);
      case ',':
        if (has_digit()) ++section().thousands;
        return;
      case '%':
        return add(Token::Kind::percent, letter);
      case '@':
        return add(Token::Kind::general, "");
      case '/':
        if (has_digit()) section().is_general = true;  // a fraction
        return add(Token::Kind::literal, letter);
      case 'd':
      case 'y':
      case 'e':
      case 'b':
        section().has_date = true;
        return;
      case 'm':
        section().has_month = true;
        return;
      case 'h':
      case 's':
        section().has_clock = true;
        return;
      default:
        return add(Token::Kind::literal, letter);
    }
  }

  // Commas between digits group them, those behind the last one divide by a thousand each.
  void digit(std::string_view letter) {
    add(Token::Kind::digit, letter);
    section().thousands = 0;
  }

  bool has(Token::Kind kind) {
    return std::ranges::find(section().tokens, kind, &Token::kind) != section().tokens.end();
  }
  bool has_digit() { return has(Token::Kind::digit); }
  bool has_point() { return has(Token::Kind::point); }

  std::string_view m_rest;
  std::vector<Section> m_sections;
};

}  // namespace

std::vector<Section> scan_number_format(std::string_view code) {
  return Scanner(code.size() > kMaxCode ? std::string_view("General") : code).run();
}

}  // namespace kyso::sheet
