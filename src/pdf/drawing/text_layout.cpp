#include "pdf/drawing/text_layout.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace kyso::pdf {
namespace {

constexpr std::size_t kMaxLetters = 65'536;
constexpr double kTolerance = 1e-6;
constexpr double kSizeStep = 0.1;       // points
constexpr double kUnbrokenScale = 0.7;  // further down, a broken word reads better than small print

struct Letter {
  char32_t letter;  // U'\n' ends a line
  std::uint32_t run;
  double advance;  // points, at the run's own size
};

struct Span {                       // a line before it has a place
  std::size_t first = 0, last = 0;  // letters without the blanks at the ends
  std::size_t mark = 0;             // a letter that says which run an empty line belongs to
};

Error does_not_fit(std::span<const TextRun> runs) {
  std::u32string text;
  for (const TextRun& run : runs) text += to_utf32(run.text.substr(0, 400));
  if (text.size() > 80) text = text.substr(0, 79) + U'…';
  return fail("pdf.text.does_not_fit").with("text", to_utf8(text));
}

class Layout {
 public:
  static Result<Layout> create(std::span<const TextRun> runs);
  std::optional<LaidText> best(const LayoutBox& box) const;

 private:
  Result<> add(const TextRun& run);
  std::optional<std::vector<Span>> wrap(double width, bool may_break_words) const;
  std::optional<Span> next_line(std::size_t& position, double width, bool may_break_words) const;
  Span trimmed(std::size_t first, std::size_t last) const;
  LaidText place(const std::vector<Span>& spans, double scale, double spacing) const;
  LaidText::Line line(const Span& span, double scale) const;
  std::optional<LaidText> fit(const LayoutBox& box, double scale, bool may_break_words) const;
  std::optional<LaidText> largest(const LayoutBox& box, double least_scale, bool may_break_words) const;
  double smallest_size() const;

  std::vector<Letter> m_letters;
  std::vector<std::shared_ptr<const FontFace>> m_faces;
  std::vector<double> m_sizes;
};

Result<Layout> Layout::create(std::span<const TextRun> runs) {
  Layout layout;
  for (const TextRun& run : runs) {
    if (!(run.size > 0) || !std::isfinite(run.size)) return does_not_fit(runs);
    KYSO_TRY(layout.add(run));
    if (layout.m_letters.size() > kMaxLetters) return does_not_fit(runs);
  }
  return layout;
}

Result<> Layout::add(const TextRun& run) {
  const auto index = static_cast<std::uint32_t>(m_faces.size());
  m_faces.push_back(KYSO_TRY(FontFace::shipped(run.style)));
  m_sizes.push_back(run.size);
  std::string_view rest = run.text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
    for (const char32_t letter : KYSO_TRY(m_faces.back()->drawable(rest.substr(0, end)))) {
      m_letters.push_back({letter, index, m_faces.back()->width(letter) * run.size / 1000});
    }
    if (end == rest.size()) break;
    m_letters.push_back({U'\n', index, 0});
    rest.remove_prefix(end + (rest.substr(end).starts_with("\r\n") ? 2 : 1));
  }
  return {};
}

Span Layout::trimmed(std::size_t first, std::size_t last) const {
  const std::size_t mark = std::min(first, m_letters.size() - 1);
  while (first < last && m_letters[first].letter == U' ') ++first;
  while (last > first && m_letters[last - 1].letter == U' ') --last;
  return {first, last, mark};
}

// The line that begins at `position`, which moves behind it; nullopt when the width does not hold it.
std::optional<Span> Layout::next_line(std::size_t& position, double width, bool may_break_words) const {
  const std::size_t begin = position;
  std::size_t start = begin;
  while (start < m_letters.size() && m_letters[start].letter == U' ') ++start;
  std::size_t last_blank = start;  // where the line may end; start: nowhere yet
  double used = 0;
  for (std::size_t i = start; i < m_letters.size(); ++i) {
    const Letter& letter = m_letters[i];
    if (letter.letter == U'\n') {
      position = i + 1;
      return trimmed(begin, i);
    }
    used += letter.advance;
    if (letter.letter == U' ') {
      last_blank = i;
    } else if (used > width + kTolerance) {
      if (last_blank > start) {
        position = last_blank + 1;
        return trimmed(begin, last_blank);
      }
      if (!may_break_words || i == start) return std::nullopt;
      position = i;
      return trimmed(begin, i);
    }
  }
  position = m_letters.size();
  return trimmed(begin, m_letters.size());
}

std::optional<std::vector<Span>> Layout::wrap(double width, bool may_break_words) const {
  std::vector<Span> lines;
  std::size_t position = 0;
  while (position < m_letters.size()) {
    const auto span = next_line(position, width, may_break_words);
    if (!span) return std::nullopt;
    lines.push_back(*span);
  }
  return lines;
}

LaidText::Line Layout::line(const Span& span, double scale) const {
  LaidText::Line result;
  for (std::size_t i = span.first; i < span.last; ++i) {
    const Letter& letter = m_letters[i];
    if (result.fragments.empty() || result.fragments.back().run != letter.run) {
      result.fragments.push_back({letter.run, {}, result.width});
    }
    result.fragments.back().letters += letter.letter;
    result.width += letter.advance * scale;
  }
  return result;
}

LaidText Layout::place(const std::vector<Span>& spans, double scale, double spacing) const {
  LaidText result;
  result.scale = scale;
  double descent = 0;
  for (const Span& span : spans) {
    LaidText::Line next = line(span, scale);
    double size = 0, ascent = 0;
    descent = 0;
    const auto measure = [&](std::size_t run) {
      size = std::max(size, m_sizes[run] * scale);
      ascent = std::max(ascent, m_faces[run]->metrics().ascent * m_sizes[run] * scale / 1000);
      descent = std::max(descent, -m_faces[run]->metrics().descent * m_sizes[run] * scale / 1000);
    };
    if (next.fragments.empty()) measure(m_letters[span.mark].run);
    for (const auto& fragment : next.fragments) measure(fragment.run);
    next.baseline = result.lines.empty() ? ascent : result.lines.back().baseline + spacing * size;
    result.width = std::max(result.width, next.width);
    result.lines.push_back(std::move(next));
  }
  if (!result.lines.empty()) result.height = result.lines.back().baseline + descent;
  return result;
}

std::optional<LaidText> Layout::fit(const LayoutBox& box, double scale, bool may_break_words) const {
  const auto spans = wrap(box.width / scale, may_break_words);
  if (!spans) return std::nullopt;
  LaidText text = place(*spans, scale, box.line_spacing);
  if (text.height > box.max_height + kTolerance) return std::nullopt;
  return text;
}

double Layout::smallest_size() const {
  return m_sizes.empty() ? 1 : *std::ranges::min_element(m_sizes);
}

// What fits at one size fits at every smaller one (greedy wrapping needs the fewest lines), so the steps are halved.
std::optional<LaidText> Layout::largest(const LayoutBox& box, double least_scale, bool may_break_words) const {
  const double size = smallest_size();
  const int steps = static_cast<int>(std::ceil(std::min(1e6, (1 - least_scale) * size / kSizeStep - kTolerance)));
  const auto scale_at = [&](int step) { return std::max(least_scale, 1 - step * kSizeStep / size); };
  if (auto full = fit(box, 1, may_break_words)) return full;
  auto found = steps > 0 ? fit(box, scale_at(steps), may_break_words) : std::nullopt;
  if (!found) return std::nullopt;
  int too_large = 0, fitting = steps;
  while (fitting - too_large > 1) {
    const int middle = (fitting + too_large) / 2;
    if (auto text = fit(box, scale_at(middle), may_break_words)) {
      found = std::move(text);
      fitting = middle;
    } else {
      too_large = middle;
    }
  }
  return found;
}

std::optional<LaidText> Layout::best(const LayoutBox& box) const {
  if (m_letters.empty()) return LaidText{};
  const double least = std::min(1.0, std::max(box.min_size, 0.1) / smallest_size());
  if (auto unbroken = largest(box, std::max(least, std::min(1.0, kUnbrokenScale)), false)) return unbroken;
  return largest(box, least, true);
}

}  // namespace

Result<LaidText> lay_out_runs(std::span<const TextRun> runs, const LayoutBox& box) {
  const Layout layout = KYSO_TRY(Layout::create(runs));
  auto text = layout.best(box);
  if (!text) return does_not_fit(runs);
  return *std::move(text);
}

Result<TextLayout> lay_out(std::string_view text, FontStyle style, double size, double width, double min_size,
                           double max_height, double line_spacing) {
  const TextRun run{std::string(text), style, size, {}};
  const LaidText laid = KYSO_TRY(lay_out_runs({&run, 1}, {width, max_height, line_spacing, min_size}));
  TextLayout result;
  for (const LaidText::Line& line : laid.lines) {
    result.lines.push_back(line.fragments.empty() ? std::string() : to_utf8(line.fragments.front().letters));
  }
  result.size = size * laid.scale;
  result.height = laid.height;
  result.width = laid.width;
  return result;
}

}  // namespace kyso::pdf
