#include "verify/changes/likeness.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace kyso::verify {
namespace {

constexpr double kWidth = 960, kHeight = 480;  // the box that an appearance is drawn into, in points
constexpr std::size_t kMostSegments = 20'000;
constexpr std::size_t kLeastSegments = 3;  // fewer is a tick or a cross, which everybody draws
constexpr std::size_t kLeastCells = 48;
constexpr std::size_t kLeastText = 8;  // characters

std::uint64_t hash_of(ByteView bytes) {  // FNV-1a; equality, not security
  std::uint64_t hash = 0xCBF29CE484222325ULL ^ bytes.size();
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001B3ULL;
  return hash;
}

// Curves and slanted lines. Frames, rules and grounds are level and upright: everybody has them.
class StrokeSink : public pdf::PaintSink {
 public:
  void fill(const pdf::PaintPath& path, bool, const pdf::PaintStyle& style, const pdf::Rect&) override {
    if (is_seen(style)) take(path);
  }
  void stroke(const pdf::PaintPath& path, double, const pdf::PaintStyle& style, const pdf::Rect&) override {
    if (is_seen(style)) take(path);
  }
  void glyph(const pdf::PaintGlyph&, const pdf::PaintStyle&, const pdf::Rect&) override {}
  void image(const pdf::PaintImage& image, const pdf::PaintStyle&, const pdf::Rect&) override {
    has_inline_image = has_inline_image || image.stream == nullptr;
  }
  void shading(const pdf::PaintStyle&, const pdf::Rect&) override {}

  // Scaled to what is drawn, so that margins are no matter.
  Likeness::Grid grid() const {
    Likeness::Grid out;
    if (m_segments.size() < kLeastSegments) return out;
    pdf::Rect box{m_segments.front().from.x, m_segments.front().from.y, m_segments.front().from.x,
                  m_segments.front().from.y};
    for (const Segment& s : m_segments) {
      box = {std::min({box.x0, s.from.x, s.to.x}), std::min({box.y0, s.from.y, s.to.y}),
             std::max({box.x1, s.from.x, s.to.x}), std::max({box.y1, s.from.y, s.to.y})};
    }
    constexpr double kThin = 0.02;  // of the other side: isn't stretched
    const double width = std::max({box.width(), box.height() * kThin, 1e-3});
    const double height = std::max({box.height(), box.width() * kThin, 1e-3});
    for (const Segment& s : m_segments) {
      const auto column = [&](double x) { return (x - box.x0) / width * (Likeness::kColumns - 1); };
      const auto row = [&](double y) { return (y - box.y0) / height * (Likeness::kRows - 1); };
      const double dx = column(s.to.x) - column(s.from.x), dy = row(s.to.y) - row(s.from.y);
      const int steps = static_cast<int>(std::max(std::abs(dx), std::abs(dy)) * 2) + 1;
      for (int i = 0; i <= steps; ++i) {
        const auto x = static_cast<std::size_t>(std::lround(column(s.from.x) + dx * i / steps));
        const auto y = static_cast<std::size_t>(std::lround(row(s.from.y) + dy * i / steps));
        if (x < Likeness::kColumns && y < Likeness::kRows) out.set(y * Likeness::kColumns + x);
      }
    }
    return out.count() >= kLeastCells ? out : Likeness::Grid();
  }
  std::size_t segments() const { return m_segments.size(); }
  bool has_inline_image = false;

 private:
  struct Segment {
    pdf::PaintPoint from, to;
  };
  static bool is_seen(const pdf::PaintStyle& style) { return style.alpha > 0.05 && style.lightness < 0.97; }
  void take(const pdf::PaintPath& path) {
    for (const auto& line : path.lines) {
      for (std::size_t i = 1; i < line.size() && m_segments.size() < kMostSegments; ++i) {
        const double dx = std::abs(line[i].x - line[i - 1].x), dy = std::abs(line[i].y - line[i - 1].y);
        constexpr double kLevel = 2;
        if (!(dx + dy < 2 * (kWidth + kHeight))) continue;  // far outside the box, or no number
        if (path.has_curves || (dx > kLevel && dy > kLevel)) m_segments.push_back({line[i - 1], line[i]});
      }
    }
  }
  std::vector<Segment> m_segments;
};

// Dates and times differ between signatures of the same look.
bool is_time(std::string_view word) {
  const bool has_digit = word.find_first_of("0123456789") != std::string_view::npos;
  return has_digit && word.find_first_of(":/-.+") != std::string_view::npos &&
         word.find_first_not_of("0123456789:/-.+,TZ'()") == std::string_view::npos;
}

std::string lasting_text(const pdf::AppearanceText& text) {
  std::string out;
  for (const pdf::Line& line : text.lines) {
    for (const pdf::Word& word : line.words) {
      if (!is_time(word.text)) out += word.text;
    }
  }
  out = fold_case(out);
  std::erase(out, ' ');
  return to_utf32(out).size() >= kLeastText ? out : std::string();
}

Likeness::Grid widened(const Likeness::Grid& grid) {
  static const Likeness::Grid kNotFirst = [] {
    Likeness::Grid mask;
    mask.set();
    for (std::size_t row = 0; row < Likeness::kRows; ++row) mask.reset(row * Likeness::kColumns);
    return mask;
  }();
  const Likeness::Grid wide = grid | ((grid << 1U) & kNotFirst) | ((grid & kNotFirst) >> 1U);
  return wide | (wide << Likeness::kColumns) | (wide >> Likeness::kColumns);
}

bool are_alike(const Likeness::Grid& a, const Likeness::Grid& b) {
  const auto share = [](std::size_t part, std::size_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
  };
  if (a.none() || b.none()) return false;
  if (a == b) return true;
  constexpr double kMuch = 0.25, kSame = 0.92, kSameOfMuch = 0.85;
  const Likeness::Grid wide_a = widened(a), wide_b = widened(b);
  // On a grid that is mostly ink anything is near to some ink.
  if (share(std::max(wide_a.count(), wide_b.count()), a.size()) > kMuch * 2) {
    return share((a & b).count(), (a | b).count()) >= kSameOfMuch;
  }
  return share((a & wide_b).count(), a.count()) >= kSame && share((b & wide_a).count(), b.count()) >= kSame;
}

}  // namespace

Likeness::Match Likeness::match(const Likeness& other) const {
  const bool shares_picture = std::ranges::any_of(
      pictures, [&](std::uint64_t hash) { return std::ranges::find(other.pictures, hash) != other.pictures.end(); });
  if (shares_picture) return Match::picture;
  if (are_alike(strokes, other.strokes)) return Match::strokes;
  return !text.empty() && text == other.text ? Match::text : Match::none;
}

Likeness drawn_likeness(const pdf::ObjectView& view, const pdf::Stream& form, Work& work, std::size_t& operators) {
  Likeness out;
  const pdf::Rect box{0, 0, kWidth, kHeight};
  const auto placement = pdf::appearance_placement(view, form, box);
  if (!placement) return out;
  pdf::Page page;
  page.media_box = page.crop_box = box;
  StrokeSink sink;
  const auto text = pdf::paint_appearance(view, page, form, *placement, &sink, operators);
  (void)work.spend(sink.segments() / 4 + 1);
  if (!text) return out;
  out.strokes = sink.grid();
  out.text = lasting_text(*text);
  if (sink.has_inline_image) {
    if (const auto content = view.decode(form)) {
      (void)work.spend(content->size() / 64);
      out.pictures.push_back(hash_of(*content));
    }
  }
  return out;
}

}  // namespace kyso::verify
