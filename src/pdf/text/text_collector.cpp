#include "pdf/text/text_collector.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/text.h"

namespace kyso::pdf {
namespace {

// Ems. Gaps are measured from where the pen stood, so that evenly spaced letters stay one word.
constexpr double kJoinGap = 0.15;       // less keeps a word together
constexpr double kJoinOverlap = -0.25;  // kerning goes back so far, not further
constexpr double kBaselineSlack = 0.1;
constexpr double kMaxLetterSpacing = 1.0;
constexpr std::size_t kMaxHeld = 10'000;  // glyphs under one actual text

double dot(Vector a, Vector b) {
  return a.x * b.x + a.y * b.y;
}
double cross(Vector a, Vector b) {
  return a.x * b.y - a.y * b.x;
}
Vector minus(Vector a, Vector b) {
  return {a.x - b.x, a.y - b.y};
}
Vector plus(Vector a, Vector b, double factor = 1) {
  return {a.x + factor * b.x, a.y + factor * b.y};
}
double length(Vector a) {
  return std::hypot(a.x, a.y);
}

bool is_usable(const PlacedGlyph& glyph) {
  constexpr double kFar = 1e7;
  const auto is_near = [](Vector v) { return std::fabs(v.x) < kFar && std::fabs(v.y) < kFar; };  // false for NaN
  return is_near(glyph.origin) && is_near(glyph.advance) && is_near(glyph.pen) && is_near(glyph.rise) &&
         glyph.size > 1e-4;
}

bool is_blank(char32_t c) {
  return c <= 0x20 || c == 0x7F || c == 0xA0 || (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0x2029 ||
         c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

bool is_combining(char32_t c) {
  return (c >= 0x300 && c <= 0x36F) || (c >= 0x1AB0 && c <= 0x1AFF);
}

// Presentation forms of Latin ligatures as the letters that they join.
std::u32string_view ligature(char32_t c) {
  constexpr std::u32string_view kForms[] = {U"ff", U"fi", U"fl", U"ffi", U"ffl", U"st", U"st"};
  return c >= 0xFB00 && c <= 0xFB06 ? kForms[c - 0xFB00] : std::u32string_view();
}

void extend(Rect& box, Vector point) {
  box.x0 = std::min(box.x0, point.x);
  box.y0 = std::min(box.y0, point.y);
  box.x1 = std::max(box.x1, point.x);
  box.y1 = std::max(box.y1, point.y);
}

void extend(Rect& box, const PlacedGlyph& glyph) {
  const Vector end = plus(glyph.origin, glyph.advance);
  for (const Vector base : {glyph.origin, end}) {
    extend(box, plus(base, glyph.rise, glyph.ascent));
    extend(box, plus(base, glyph.rise, glyph.descent));
  }
}

Vector direction_of(const PlacedGlyph& glyph) {
  const double advance = length(glyph.advance);
  if (advance > 1e-6) return {glyph.advance.x / advance, glyph.advance.y / advance};
  return {glyph.rise.y / glyph.size, -glyph.rise.x / glyph.size};  // no width: square to the letter's height
}

void append_text(std::string& out, std::u32string_view text) {
  if (text.empty()) append_utf8(out, 0xFFFD);
  for (char32_t c : text) {
    if (c == 0xAD) continue;  // a soft hyphen is not part of the word
    if (const auto letters = ligature(c); !letters.empty()) {
      for (char32_t letter : letters) append_utf8(out, letter);
    } else {
      append_utf8(out, c);
    }
  }
}

}  // namespace

void TextCollector::add(const PlacedGlyph& glyph) {
  ++m_glyphs;
  if (is_usable(glyph) && !hold(glyph)) add_text(glyph);
}

void TextCollector::add_text(const PlacedGlyph& glyph) {
  const auto blanks = static_cast<std::size_t>(std::ranges::count_if(glyph.text, is_blank));
  if (blanks == 0) return add_visible(glyph);
  if (blanks == glyph.text.size()) return add_blank(glyph);
  add_split(glyph, glyph.text);
}

// A glyph that stands for several characters with blanks among them: each gets an equal share.
void TextCollector::add_split(const PlacedGlyph& glyph, std::u32string_view text) {
  const double share = 1.0 / static_cast<double>(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    PlacedGlyph part = glyph;
    part.text = text.substr(i, 1);
    part.origin = plus(glyph.origin, glyph.advance, share * static_cast<double>(i));
    part.advance = {glyph.advance.x * share, glyph.advance.y * share};
    part.pen = i + 1 == text.size() ? glyph.pen : plus(part.origin, part.advance);
    is_blank(part.text.front()) ? add_blank(part) : add_visible(part);
  }
}

void TextCollector::add_blank(const PlacedGlyph& glyph) {
  m_word_open = false;
  if (m_fragments.empty()) return;
  Fragment& last = m_fragments.back();
  const double gap = dot(minus(glyph.origin, last.pen), last.direction);
  const double drift = std::fabs(cross(last.direction, minus(glyph.origin, last.pen)));
  if (drift < kBaselineSlack * last.size && gap > kJoinOverlap * last.size && gap < last.size) {
    last.pen = glyph.pen;
    last.blanks_after += static_cast<int>(glyph.text.size());
  }
}

bool TextCollector::continues(const PlacedGlyph& glyph) const {
  if (!m_word_open || m_fragments.empty()) return false;
  const Fragment& last = m_fragments.back();
  const double em = std::max(last.size, glyph.size);
  const Vector from_pen = minus(glyph.origin, last.pen);
  const Vector from_end = minus(glyph.origin, last.end);
  if (std::fabs(cross(last.direction, from_pen)) > kBaselineSlack * em) return false;
  if (!glyph.text.empty() && is_combining(glyph.text.front()))
    return std::fabs(dot(last.direction, from_pen)) < 1.5 * em;
  if (dot(direction_of(glyph), last.direction) < 0.99) return false;
  if (std::min(last.size, glyph.size) < 0.7 * em) return false;
  const double letter_spacing = dot(last.direction, minus(last.pen, last.end));
  double gap = dot(last.direction, from_end);
  if (letter_spacing > 0 && letter_spacing < kMaxLetterSpacing * em) gap -= letter_spacing;
  return gap < kJoinGap * em && gap > kJoinOverlap * em;
}

void TextCollector::add_visible(const PlacedGlyph& glyph) {
  m_unreadable = m_unreadable || glyph.text.empty();
  if (continues(glyph)) {
    Fragment& last = m_fragments.back();
    append_text(last.text, glyph.text);
    extend(last.box, glyph);
    const Vector end = plus(glyph.origin, glyph.advance);
    if (dot(last.direction, minus(end, last.end)) > 0) last.end = end;
    if (dot(last.direction, minus(glyph.pen, last.pen)) > 0) last.pen = glyph.pen;
    return;
  }
  Fragment fragment;
  append_text(fragment.text, glyph.text);
  fragment.start = glyph.origin;
  fragment.end = plus(glyph.origin, glyph.advance);
  fragment.pen = glyph.pen;
  fragment.direction = direction_of(glyph);
  fragment.box = {glyph.origin.x, glyph.origin.y, glyph.origin.x, glyph.origin.y};
  extend(fragment.box, glyph);
  fragment.size = glyph.size;
  fragment.bold = glyph.bold;
  if (glyph.ascent > glyph.descent) fragment.descent_share = -glyph.descent / (glyph.ascent - glyph.descent);
  fragment.italic = glyph.italic;
  m_word_open = true;
  m_fragments.push_back(std::move(fragment));
}

void TextCollector::begin_actual_text(std::u32string text) {
  if (m_actual.empty()) {
    m_actual.push_back({std::move(text), 1, {}});
  } else {
    ++m_actual.front().depth;  // the outermost rules
  }
}

// True when the glyph waits for the end of its actual text.
bool TextCollector::hold(const PlacedGlyph& glyph) {
  if (m_actual.empty()) return false;
  ActualText& actual = m_actual.front();
  if (!actual.glyphs.empty()) {
    const PlacedGlyph& first = actual.glyphs.front().glyph;
    const double drift = std::fabs(cross(direction_of(first), minus(glyph.origin, first.origin)));
    // More than one line cannot be shared out: its glyphs speak for themselves.
    if (drift > 0.5 * first.size || actual.glyphs.size() >= kMaxHeld) {
      for (const HeldGlyph& held : std::exchange(actual.glyphs, {})) {
        PlacedGlyph plain = held.glyph;
        plain.text = held.text;
        add_text(plain);
      }
      m_actual.clear();
      return false;
    }
  }
  actual.glyphs.push_back({glyph, std::u32string(glyph.text)});
  return true;
}

void TextCollector::end_actual_text() {
  if (m_actual.empty() || --m_actual.front().depth > 0) return;
  const ActualText actual = std::move(m_actual.front());
  m_actual.clear();
  if (actual.glyphs.empty() || actual.text.empty()) return;
  PlacedGlyph whole = actual.glyphs.front().glyph;
  const Vector direction = direction_of(whole);
  double end = 0;
  for (const HeldGlyph& held : actual.glyphs) {
    const Vector offset = minus(held.glyph.origin, whole.origin);
    end = std::max(end, dot(direction, plus(offset, held.glyph.advance)));
  }
  whole.advance = {direction.x * end, direction.y * end};
  whole.pen = actual.glyphs.back().glyph.pen;
  whole.text = actual.text;
  add_text(whole);
}

}  // namespace kyso::pdf
