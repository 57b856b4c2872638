#include "base/toml_scanner.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/toml_scalar.h"

namespace kyso {
namespace {

constexpr int kMaxBrackets = 32;
constexpr int kMaxKeyParts = 33;
constexpr int kMaxDots = 4096;
constexpr int kMaxHeaders = 16'384;
constexpr std::size_t kMaxScalar = 64;
constexpr std::size_t kShownCharacters = 40;
constexpr std::string_view kBare = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
constexpr std::string_view kScalar = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+.:";

// Every method reads one thing of the grammar and tells whether it is there; where one is not, the place stands at the
// character that should not be.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : m_text(text) {}

  std::optional<TomlFlaw> run() {
    if (has_clean_characters() && document()) return std::nullopt;
    const auto line = 1 + std::ranges::count(m_text.substr(0, m_at), '\n');
    return TomlFlaw{.line = static_cast<int>(line), .problem = m_limit.empty() ? excerpt() : m_limit};
  }

 private:
  bool at_end() const { return m_at >= m_text.size(); }
  char here() const { return at_end() ? '\0' : m_text[m_at]; }  // U+0000 is refused before
  bool is_at(std::string_view word) const { return m_text.substr(m_at).starts_with(word); }
  bool take(std::string_view word) {
    if (!is_at(word)) return false;
    m_at += word.size();
    return true;
  }
  std::size_t end_of_run(std::string_view set, std::size_t from) const {
    return std::min(m_text.find_first_not_of(set, from), m_text.size());
  }
  void skip_blanks() { m_at = end_of_run(" \t", m_at); }
  std::size_t end_of_sequence() const;
  bool exceeds(std::string limit) {
    m_limit = std::move(limit);
    return false;
  }

  bool has_clean_characters();
  bool document();
  bool rest_of_line();
  void skip_blanks_lines_comments();
  bool header();
  bool key();
  bool key_value(int depth);
  bool value(int depth);
  bool array(int depth);
  bool inline_table(int depth);
  bool scalar();
  bool string();
  bool short_string(char quote);
  bool long_string(char quote);
  bool escape(bool is_long);
  std::string excerpt() const;

  std::string_view m_text;
  std::size_t m_at = 0;
  int m_dots = 0;
  int m_headers = 0;
  std::string m_limit;  // set when a limit is the reason
};

// Well-formed UTF-8, of control characters only tab and line breaks: everywhere, also in strings and comments.
bool Scanner::has_clean_characters() {
  for (m_at = 0; !at_end(); ++m_at) {
    const auto c = static_cast<unsigned char>(here());
    const bool is_break = c == '\n' || is_at("\r\n");
    if ((c < 0x20 && c != '\t' && !is_break) || c == 0x7F) return false;
  }
  m_at = 0;
  if (is_valid_utf8(m_text)) return true;
  while (is_valid_utf8(m_text.substr(m_at, end_of_sequence() - m_at))) m_at = end_of_sequence();
  return false;
}

// Behind the character here: a first byte and all bytes 10xxxxxx that follow it.
std::size_t Scanner::end_of_sequence() const {
  std::size_t end = std::min(m_at + 1, m_text.size());
  while (end < m_text.size() && (static_cast<unsigned char>(m_text[end]) & 0xC0U) == 0x80U) ++end;
  return end;
}

bool Scanner::document() {
  while (skip_blanks_lines_comments(), !at_end()) {
    if (!(here() == '[' ? header() : key_value(0)) || !rest_of_line()) return false;
  }
  return true;
}

void Scanner::skip_blanks_lines_comments() {
  while (!at_end()) {
    m_at = end_of_run(" \t\r\n", m_at);
    if (here() != '#') return;
    m_at = std::min(m_text.find('\n', m_at), m_text.size());
  }
}

bool Scanner::rest_of_line() {
  skip_blanks();
  return at_end() || here() == '#' || here() == '\r' || here() == '\n';
}

bool Scanner::header() {
  if (++m_headers > kMaxHeaders) return exceeds(fmt::format("[…] > {}", kMaxHeaders));
  const bool is_entry = take("[[");
  if (!is_entry) take("[");
  return key() && take(is_entry ? "]]" : "]");
}

bool Scanner::key() {
  for (int parts = 1;; ++parts) {
    skip_blanks();
    const std::size_t start = m_at;
    m_at = end_of_run(kBare, start);
    if (m_at == start) return false;
    skip_blanks();
    if (here() != '.') return true;
    if (++m_dots > kMaxDots) return exceeds(fmt::format("a.b > {}", kMaxDots));
    if (parts == kMaxKeyParts) return exceeds(fmt::format("a.b.c… > {}", kMaxKeyParts));
    ++m_at;
  }
}

bool Scanner::key_value(int depth) {
  if (!key() || !take("=")) return false;
  skip_blanks();
  return value(depth);
}

bool Scanner::value(int depth) {
  switch (here()) {
    case '"':
    case '\'':
      return string();
    case '[':
      return array(depth + 1);
    case '{':
      return inline_table(depth + 1);
    default:
      return scalar();
  }
}

bool Scanner::array(int depth) {
  if (depth > kMaxBrackets) return exceeds(fmt::format("[[[… > {}", kMaxBrackets));
  const std::size_t start = m_at++;
  while (skip_blanks_lines_comments(), !take("]")) {
    if (!at_end() && !value(depth)) return false;
    skip_blanks_lines_comments();
    if (take(",") || here() == ']') continue;
    if (at_end()) m_at = start;  // without an end: better shown where it begins
    return false;
  }
  return true;
}

bool Scanner::inline_table(int depth) {
  if (depth > kMaxBrackets) return exceeds(fmt::format("{{{{{{… > {}", kMaxBrackets));
  take("{");
  skip_blanks();
  if (take("}")) return true;
  while (true) {
    if (!key_value(depth)) return false;
    skip_blanks();
    if (take("}")) return true;
    if (!take(",")) return false;
  }
}

bool Scanner::scalar() {
  constexpr std::size_t kDateSize = 10;
  const std::size_t start = m_at;
  m_at = end_of_run(kScalar, start);
  // A blank may stand between a date and its time. What follows a date and a blank, and begins with a digit, is a time.
  const std::string_view behind = m_text.substr(m_at, 2);
  const bool is_time_behind = behind.size() == 2 && behind[0] == ' ' && behind[1] >= '0' && behind[1] <= '9';
  if (m_at - start == kDateSize && m_text[start + 4] == '-' && is_time_behind) m_at = end_of_run(kScalar, m_at + 1);
  return m_at - start <= kMaxScalar && is_toml_scalar(m_text.substr(start, m_at - start));
}

bool Scanner::string() {
  const char quote = here();
  return is_at(std::string(3, quote)) ? long_string(quote) : short_string(quote);
}

bool Scanner::short_string(char quote) {
  ++m_at;
  while (!at_end() && here() != '\r' && here() != '\n') {
    if (take(std::string_view(&quote, 1))) return true;
    if (quote == '"' && here() == '\\') {
      if (!escape(false)) return false;
    } else {
      ++m_at;
    }
  }
  return false;
}

bool Scanner::long_string(char quote) {
  const std::string mark(3, quote);
  const std::size_t start = m_at;
  m_at += mark.size();
  while (!at_end()) {
    if (take(mark)) {
      // Up to two quotation marks more: they belong to the text, before the three that end it.
      for (int i = 0; i < 2; ++i) take(std::string_view(&quote, 1));
      return true;
    }
    if (quote == '"' && here() == '\\') {
      if (!escape(true)) return false;
    } else {
      ++m_at;
    }
  }
  m_at = start;  // without an end: better shown where it begins
  return false;
}

bool Scanner::escape(bool is_long) {
  ++m_at;
  const char kind = here();
  if (!at_end() && std::string_view("btnfr\"\\uU").find(kind) != std::string_view::npos) {
    ++m_at;
    const std::size_t digits = kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    const std::size_t end = std::min(end_of_run("0123456789abcdefABCDEF", m_at), m_at + digits);
    const bool is_whole = end - m_at == digits;
    m_at = end;
    return is_whole;
  }
  if (!is_long) return false;
  skip_blanks();
  return take("\n") || take("\r\n");
}

// The line up to the character that should not be there, and this.
std::string Scanner::excerpt() const {
  const std::size_t line = m_at == 0 ? 0 : m_text.rfind('\n', m_at - 1) + 1;  // npos + 1 is 0
  const std::size_t start = std::min(end_of_run(" \t", line), m_at);
  const bool is_break = here() == '\n' || is_at("\r\n");
  std::u32string shown = to_utf32(m_text.substr(start, (is_break ? m_at : end_of_sequence()) - start));
  if (shown.size() > kShownCharacters) shown = U"…" + shown.substr(shown.size() - kShownCharacters);
  for (char32_t& c : shown) c = c < 0x20 || c == 0x7F ? U'\uFFFD' : c;
  return fmt::format("“{}”", to_utf8(shown));
}

}  // namespace

std::optional<TomlFlaw> find_toml_flaw(std::string_view text) {
  return Scanner(text).run();
}

}  // namespace kyso
