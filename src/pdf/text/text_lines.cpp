#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "pdf/text/text_collector.h"

// Fragments to words, words to lines, lines into the order of reading.
namespace kyso::pdf {
namespace {

using Fragment = TextCollector::Fragment;

// Ems.
constexpr double kRowSlack = 0.25;       // baselines that far apart are one row
constexpr double kWordGap = 0.1;         // pieces nearer than this are one word
constexpr double kOtherBaseline = 0.03;  // baselines further apart were not written as one line
constexpr double kBaselineJump = 0.5;    // then this gap that no blank fills: another column
constexpr double kColumnJump = 1.0;      // a gap that no blank fills: another column
constexpr double kColumnBlanks = 3.0;    // a gap filled with a run of blanks: another column
constexpr double kColumnAny = 6.0;       // even one stretched blank does not reach so far
constexpr int kBlankRun = 3;

// A fragment with its place along and across the direction in which its row is written.
struct Piece {
  const Fragment* fragment;
  int angle;  // whole degrees, 0 to 359
  double across, start, end, pen;
};

struct PlacedLine {
  Line line;
  double baseline = 0, left = 0, size = 0;  // as a person sees the page
};

std::vector<Piece> pieces_of(const std::vector<Fragment>& fragments) {
  std::vector<Piece> pieces;
  pieces.reserve(fragments.size());
  for (const Fragment& fragment : fragments) {
    const double degrees = std::atan2(fragment.direction.y, fragment.direction.x) * 57.29577951308232;
    const int angle = (static_cast<int>(std::lround(degrees)) + 360) % 360;
    const double radians = angle / 57.29577951308232;
    const double c = angle % 180 == 90 ? 0 : std::cos(radians), s = angle % 180 == 0 ? 0 : std::sin(radians);
    auto along = [&](Vector v) { return v.x * c + v.y * s; };
    pieces.push_back({&fragment, angle, fragment.start.y * c - fragment.start.x * s, along(fragment.start),
                      along(fragment.end), along(fragment.pen)});
  }
  return pieces;
}

// The same word drawn again a hair's breadth aside, which is how some programs make bold letters.
bool is_repeated(const Piece& piece, const std::vector<Piece>& row) {
  const std::size_t first = row.size() > 4 ? row.size() - 4 : 0;
  return std::any_of(row.begin() + static_cast<std::ptrdiff_t>(first), row.end(), [&](const Piece& other) {
    return other.fragment->text == piece.fragment->text &&
           std::fabs(other.start - piece.start) < 0.2 * piece.fragment->size &&
           std::fabs(other.end - piece.end) < 0.2 * piece.fragment->size;
  });
}

bool is_same_word(const Piece& left, const Piece& right) {
  if (left.fragment->blanks_after > 0) return false;
  const double em = std::max(left.fragment->size, right.fragment->size);
  const double gap = right.start - left.end;
  return gap < kWordGap * em && gap > -kWordGap * em;
}

bool is_other_column(const Piece& left, const Piece& right) {
  const double em = std::max(left.fragment->size, right.fragment->size);
  const double gap = right.start - left.end;
  const double unfilled = right.start - std::max(left.end, left.pen);
  const bool is_other_baseline = std::fabs(right.across - left.across) > kOtherBaseline * em;
  if (is_other_baseline && unfilled > kBaselineJump * em) return true;
  if (unfilled > kColumnJump * em || gap > kColumnAny * em) return true;
  return gap > kColumnBlanks * em && left.fragment->blanks_after >= kBlankRun;
}

void unite(Rect& box, const Rect& more) {
  box = {std::min(box.x0, more.x0), std::min(box.y0, more.y0), std::max(box.x1, more.x1), std::max(box.y1, more.y1)};
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

Word word_of(const Fragment& fragment) {
  return {fragment.text, fragment.box, fragment.size, fragment.bold, fragment.italic, fragment.descent_share};
}

void close_word(Word& word) {
  if (!is_ascii(word.text)) word.text = to_nfc(word.text);
}

class LineMaker {
 public:
  explicit LineMaker(const Page& page) : m_visible(page.user_to_visible()) {}

  // Pieces of one row, sorted along it.
  void add_row(const std::vector<Piece>& row) {
    Line line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Fragment& fragment = *row[i].fragment;
      if (i > 0 && is_same_word(row[i - 1], row[i])) {
        Word& word = line.words.back();
        word.text += fragment.text;
        word.font_size = std::max(word.font_size, fragment.size);
        unite(word.box, fragment.box);
        continue;
      }
      if (i > 0 && is_other_column(row[i - 1], row[i])) {
        close(line, *row[i - 1].fragment);
      }
      line.words.push_back(word_of(fragment));
    }
    if (!row.empty()) close(line, *row.back().fragment);
  }

  std::vector<Line> in_reading_order() {
    std::ranges::sort(m_lines, [](const PlacedLine& a, const PlacedLine& b) { return a.baseline > b.baseline; });
    for (std::size_t first = 0, i = 1; i <= m_lines.size(); ++i) {
      if (i < m_lines.size() && m_lines[first].baseline - m_lines[i].baseline <= 0.4 * m_lines[first].size) continue;
      std::sort(m_lines.begin() + static_cast<std::ptrdiff_t>(first), m_lines.begin() + static_cast<std::ptrdiff_t>(i),
                [](const PlacedLine& a, const PlacedLine& b) { return a.left < b.left; });
      first = i;
    }
    std::vector<Line> out;
    out.reserve(m_lines.size());
    for (PlacedLine& placed : m_lines) out.push_back(std::move(placed.line));
    return out;
  }

 private:
  void close(Line& line, const Fragment& fragment) {
    for (Word& word : line.words) close_word(word);
    const Rect seen = m_visible.apply(line.box());
    const auto origin = m_visible.apply(fragment.start.x, fragment.start.y);
    const auto ahead =
        m_visible.apply(fragment.start.x + fragment.direction.x, fragment.start.y + fragment.direction.y);
    const bool is_upright = std::fabs(ahead.second - origin.second) < 0.1 && ahead.first > origin.first;
    m_lines.push_back({std::move(line), is_upright ? origin.second : seen.y1, seen.x0, fragment.size});
    line = {};
  }

  Matrix m_visible;
  std::vector<PlacedLine> m_lines;
};

// Small letters beside large ones are a row only when their baselines are close by the measure of the small ones.
bool is_same_row(const Piece& head, const Piece& piece) {
  const double em = std::min(head.fragment->size, piece.fragment->size);
  return piece.angle == head.angle && head.across - piece.across <= kRowSlack * em;
}

void make_rows(std::vector<Piece>& pieces, LineMaker& maker) {
  std::ranges::sort(pieces, [](const Piece& a, const Piece& b) {
    if (a.angle != b.angle) return a.angle < b.angle;
    return a.across != b.across ? a.across > b.across : a.start < b.start;
  });
  for (std::size_t first = 0, i = 1; i <= pieces.size(); ++i) {
    const Piece& head = pieces[first];
    if (i < pieces.size() && is_same_row(head, pieces[i])) continue;
    std::sort(pieces.begin() + static_cast<std::ptrdiff_t>(first), pieces.begin() + static_cast<std::ptrdiff_t>(i),
              [](const Piece& a, const Piece& b) {
                return a.start != b.start ? a.start < b.start : a.fragment < b.fragment;
              });
    std::vector<Piece> row;
    for (std::size_t k = first; k < i; ++k) {
      if (!is_repeated(pieces[k], row)) row.push_back(pieces[k]);
    }
    maker.add_row(row);
    first = i;
  }
}

bool is_on_page(const Rect& box, const Rect& page) {
  return box.x1 > page.x0 && box.x0 < page.x1 && box.y1 > page.y0 && box.y0 < page.y1;
}

}  // namespace

std::vector<Line> TextCollector::lines(const Page& page) {
  while (!m_actual.empty()) end_actual_text();
  std::erase_if(m_fragments, [&](const Fragment& fragment) {
    return fragment.text.empty() || !is_on_page(fragment.box, page.crop_box);
  });
  std::vector<Piece> pieces = pieces_of(m_fragments);
  LineMaker maker(page);
  make_rows(pieces, maker);
  m_fragments.clear();
  return maker.in_reading_order();
}

std::string Line::text() const {
  std::string out;
  for (const Word& word : words) {
    if (!out.empty()) out += ' ';
    out += word.text;
  }
  return out;
}

Rect Line::box() const {
  if (words.empty()) return {};
  Rect box = words.front().box;
  for (const Word& word : words) unite(box, word.box);
  return box;
}

}  // namespace kyso::pdf
