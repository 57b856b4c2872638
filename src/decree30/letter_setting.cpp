#include "decree30/letter_setting.h"

#include <algorithm>

#include "decree30/letter_words.h"

namespace kyso::decree30 {
namespace {

constexpr double kTolerance = 1e-6;
constexpr std::size_t kShortestEnd = 3;  // fewer letters are not put on a line of their own

bool is_digit(char32_t c) {
  return c >= U'0' && c <= U'9';
}

// Where the first piece of a word ends: behind one of the signs, but not inside of a date or a number ("01/01/1970").
std::size_t piece_end(std::u32string_view word, std::u32string_view signs) {
  for (std::size_t i = 0; i + kShortestEnd < word.size(); ++i) {
    const bool in_number = i > 0 && is_digit(word[i - 1]) && is_digit(word[i + 1]);
    if (signs.find(word[i]) != std::u32string_view::npos && !in_number) return i + 1;
  }
  return word.size();
}

// A point is the last resort: "mau.gov.vn" reads better whole.
constexpr std::u32string_view kSigns = U"@/-_,;", kPoint = U".";

// LineBreaker: one paragraph (no line breaks inside) into lines. Linear in the text.
class LineBreaker {
 public:
  LineBreaker(const pdf::Typeface& face, double size, double width, std::vector<LetterLine>& out)
      : m_face(face), m_size(size), m_width(width), m_blank(face.width(U" ", size)), m_out(out) {}

  void run(std::u32string_view text, double first_indent) {
    m_room = m_width - first_indent;
    for (std::size_t i = 0; i < text.size();) {
      const std::size_t end = std::min(text.find(U' ', i), text.size());
      if (end > i) word(text.substr(i, end - i));
      i = end + 1;
    }
    end_line(End::text);
  }

 private:
  void word(std::u32string_view letters) {
    const double width = m_face.width(letters, m_size);
    if (!m_line.letters.empty()) {
      if (m_line.width + m_blank + width <= m_room + kTolerance) return append(letters, width, true);
      end_line(End::at_blank);
    }
    if (width <= m_room + kTolerance) return append(letters, width, false);
    pieces(letters, kSigns);
  }

  void pieces(std::u32string_view letters, std::u32string_view signs) {
    while (!letters.empty()) {
      const std::size_t end = piece_end(letters, signs);
      piece(letters.substr(0, end), signs);
      letters.remove_prefix(end);
    }
  }

  void piece(std::u32string_view letters, std::u32string_view signs) {
    const double width = m_face.width(letters, m_size);
    if (m_line.width + width <= m_room + kTolerance) return append(letters, width, false);
    if (!m_line.letters.empty()) end_line(End::in_word);
    if (width <= m_room + kTolerance) return append(letters, width, false);
    if (signs != kPoint) return pieces(letters, kPoint);
    for (std::size_t i = 0; i < letters.size(); ++i) {
      const double one = m_face.width(letters[i]) * m_size / 1000;
      if (!m_line.letters.empty() && m_line.width + one > m_room) end_line(End::in_word);
      append(letters.substr(i, 1), one, false);
    }
  }

  void append(std::u32string_view letters, double width, bool behind_blank) {
    if (behind_blank) {
      m_line.letters += U' ';
      m_line.width += m_blank;
      ++m_line.blanks;
    }
    m_line.letters += letters;
    m_line.width += width;
  }

  enum class End { text, at_blank, in_word };
  void end_line(End end) {
    m_line.ends_text = end == End::text;
    m_line.blank_follows = end == End::at_blank;
    m_out.push_back(std::move(m_line));
    m_line = {};
    m_room = m_width;
  }

  const pdf::Typeface& m_face;
  double m_size, m_width, m_blank, m_room = 0;
  std::vector<LetterLine>& m_out;
  LetterLine m_line;
};

}  // namespace

std::vector<LetterLine> break_lines(const pdf::Typeface& face, std::string_view text, double size, double width,
                                    double first_indent) {
  std::vector<LetterLine> out;
  for (const std::string& line : split_lines(text)) {
    LineBreaker(face, size, width, out).run(face.drawable(line), first_indent);
    first_indent = 0;
    out.back().blank_follows = true;
  }
  out.back().blank_follows = false;
  return out;
}

double widest_piece(const pdf::Typeface& face, std::string_view text, double size) {
  double widest = 0;
  for (const std::string& line : split_lines(text)) {
    const std::u32string letters = face.drawable(line);
    for (std::u32string_view rest = letters; !rest.empty();) {
      const std::size_t blank = std::min(rest.find(U' '), rest.size());
      for (std::u32string_view word = rest.substr(0, blank); !word.empty();) {
        const std::size_t end = piece_end(word, kSigns);
        widest = std::max(widest, face.width(word.substr(0, end), size));
        word.remove_prefix(end);
      }
      rest.remove_prefix(std::min(blank + 1, rest.size()));
    }
  }
  return widest;
}

void LetterItem::add(LetterLine line, const LetterType& type, double x, double width, double top, LetterAlign align,
                     Element element) {
  double more_blank = 0;
  if (align == LetterAlign::centre) x += (width - line.width) / 2;
  if (align == LetterAlign::right) x += width - line.width;
  if (align == LetterAlign::justified && !line.ends_text && line.blanks > 0) {
    more_blank = std::max(0.0, width - line.width) / static_cast<double>(line.blanks);
  }
  // Programs that read the text of an element find its words apart.
  if (line.blank_follows) line.letters += U' ';
  texts.push_back({type.style, type.size, std::move(line.letters), x, top + type.baseline(), more_blank, element});
}

void LetterItem::add_rule(double centre, double length, double y) {
  strokes.push_back({centre - length / 2, y, centre + length / 2, y});
}

}  // namespace kyso::decree30
