#include "verify/changes/paint_raster.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace kyso::verify {
namespace {

constexpr double kLeastCell = 0.75;  // points
constexpr double kMostCells = 512;   // along one side
constexpr double kGlyphInk = 0.6;    // of a letter's box, ascent to descent: more than any text face paints
constexpr double kOpaqueAlpha = 0.85;
constexpr double kTextHidden = 0.35;  // of a piece of a word about as wide as a digit
constexpr double kMarkHidden = 0.5;
constexpr double kGroundSide = 20;    // points; a mark larger both ways is a picture or a ground, text may stand on it
constexpr double kGroundHidden = 36;  // square points of solid paint on a ground: as much as three letters

double clamp_to(double value, double low, double high) {
  return std::isfinite(value) ? std::clamp(value, low, high) : low;
}

// The part of a line that lies in a rectangle; false when none does.
bool clip_line(pdf::PaintPoint& from, pdf::PaintPoint& to, const pdf::Rect& rect) {
  const double dx = to.x - from.x, dy = to.y - from.y;
  double begin = 0, end = 1;
  const auto limit = [&](double slope, double distance) {  // slope * t <= distance
    if (slope == 0) return distance >= 0;
    const double t = distance / slope;
    slope > 0 ? end = std::min(end, t) : begin = std::max(begin, t);
    return begin <= end;
  };
  if (!limit(-dx, from.x - rect.x0) || !limit(dx, rect.x1 - from.x) || !limit(-dy, from.y - rect.y0) ||
      !limit(dy, rect.y1 - from.y)) {
    return false;
  }
  to = {from.x + end * dx, from.y + end * dy};
  from = {from.x + begin * dx, from.y + begin * dy};
  return true;
}

}  // namespace

const std::vector<double>& OpacityCache::of(const pdf::ObjectView& view, const pdf::Stream& image, Work& work) {
  const pdf::Dictionary& dictionary = *image.dictionary;
  // Pictures of one colour differ by nothing but their masks, and many share one.
  std::pair<std::uint32_t, bool> key{image.id.number, true};
  if (!resolved(view, dictionary, "ImageMask").as_bool().value_or(false)) {
    const pdf::Object soft = resolved(view, dictionary, "SMask"), hard = resolved(view, dictionary, "Mask");
    const pdf::Stream* mask = soft.as_stream() != nullptr ? soft.as_stream() : hard.as_stream();
    static const std::vector<double> kOpaque;
    if (mask == nullptr) return kOpaque;
    key = {mask->id.number, soft.as_stream() == nullptr};
  }
  if (const auto found = m_grids.find(key); key.first != 0 && found != m_grids.end()) return found->second;
  constexpr std::size_t kMost = 64;
  if (m_grids.size() >= kMost) m_grids.clear();
  (void)work.spend(kSide * kSide);
  auto grid = pdf::image_opacity(view, image, kSide, kSide);
  return key.first != 0 ? m_grids.insert_or_assign(key, std::move(grid)).first->second : m_last = std::move(grid);
}

PaintRaster::PaintRaster(const pdf::ObjectView& view, const pdf::Rect& area, OpacityCache& pictures, Work& work)
    : m_view(view), m_area(area), m_pictures(pictures), m_work(work) {
  if (area.area() <= 0) return;
  m_cell = std::max(kLeastCell, std::max(area.width(), area.height()) / kMostCells);
  m_columns = static_cast<std::size_t>(std::ceil(area.width() / m_cell));
  m_rows = static_cast<std::size_t>(std::ceil(area.height() / m_cell));
  const std::size_t count = m_columns * m_rows;
  (void)m_work.spend(count / 16);
  m_solid.resize(count);
  m_ink.resize(count);
  m_touched.resize(count);
}

bool PaintRaster::is_opaque(const pdf::PaintStyle& style) {
  return style.alpha >= kOpaqueAlpha && !(style.lets_dark_shine && style.lightness >= 0.5);
}

pdf::Rect PaintRaster::cell_box(std::size_t column, std::size_t row) const {
  const double x = m_area.x0 + static_cast<double>(column) * m_cell, y = m_area.y0 + static_cast<double>(row) * m_cell;
  return {x, y, x + m_cell, y + m_cell};
}

PaintRaster::Cells PaintRaster::cells_of(const pdf::Rect& rect) const {
  const pdf::Rect seen = rect.intersection(m_area);
  if (m_columns == 0 || !(seen.width() >= 0) || !(seen.height() >= 0)) return {};
  const auto low = [&](double value) { return static_cast<std::size_t>(std::max(0.0, std::floor(value / m_cell))); };
  const auto high = [&](double value, std::size_t most) {
    return std::min(most, static_cast<std::size_t>(std::max(0.0, std::ceil(value / m_cell))));
  };
  return {low(seen.x0 - m_area.x0), low(seen.y0 - m_area.y0), high(seen.x1 - m_area.x0, m_columns),
          high(seen.y1 - m_area.y0, m_rows)};
}

void PaintRaster::mark(std::size_t column, std::size_t row, double coverage, Layer layer, bool is_opaque_paint) {
  const std::size_t index = row * m_columns + column;
  m_is_empty = false;
  m_touched[index] = true;
  if (!is_opaque_paint) return;
  float& value = (layer == Layer::solid ? m_solid : m_ink)[index];
  value = static_cast<float>(std::min(1.0, value + coverage));
}

// Where the centres of cells lie inside (ISO 32000-2 section 8.5.3.3).
void PaintRaster::fill_polygon(const Polygon& polygon, bool even_odd, double coverage, Layer layer,
                               bool is_opaque_paint, const pdf::Rect& clip) {
  const Cells within = cells_of(clip);
  if (within.x0 >= within.x1 || within.y0 >= within.y1) return;
  std::vector<std::vector<std::pair<double, int>>> crossings(within.y1 - within.y0);
  for (const auto& line : polygon) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      pdf::PaintPoint a = line[i], b = line[(i + 1) % line.size()];
      const int direction = a.y < b.y ? 1 : -1;
      if (direction < 0) std::swap(a, b);
      const double first = std::ceil((a.y - m_area.y0) / m_cell - 0.5),
                   end = std::ceil((b.y - m_area.y0) / m_cell - 0.5);
      const auto from =
          static_cast<std::size_t>(clamp_to(first, static_cast<double>(within.y0), static_cast<double>(within.y1)));
      const auto to =
          static_cast<std::size_t>(clamp_to(end, static_cast<double>(within.y0), static_cast<double>(within.y1)));
      if (!m_work.spend(1 + (to > from ? to - from : 0))) return;
      for (std::size_t row = from; row < to; ++row) {
        const double y = m_area.y0 + (static_cast<double>(row) + 0.5) * m_cell;
        const double x = a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y);
        if (std::isfinite(x)) crossings[row - within.y0].emplace_back(x, direction);
      }
    }
  }
  for (std::size_t row = within.y0; row < within.y1; ++row) {
    auto& line = crossings[row - within.y0];
    std::ranges::sort(line);
    int winding = 0;
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
      winding += even_odd ? 1 : line[i].second;
      if (even_odd ? winding % 2 == 0 : winding == 0) continue;
      const double first = std::ceil((line[i].first - m_area.x0) / m_cell - 0.5);
      const double end = std::ceil((line[i + 1].first - m_area.x0) / m_cell - 0.5);
      const auto from =
          static_cast<std::size_t>(clamp_to(first, static_cast<double>(within.x0), static_cast<double>(within.x1)));
      const auto to =
          static_cast<std::size_t>(clamp_to(end, static_cast<double>(within.x0), static_cast<double>(within.x1)));
      if (to > from && !m_work.spend((to - from) / 16 + 1)) return;
      for (std::size_t column = from; column < to; ++column) mark(column, row, coverage, layer, is_opaque_paint);
    }
  }
}

void PaintRaster::fill(const pdf::PaintPath& path, bool even_odd, const pdf::PaintStyle& style, const pdf::Rect& clip) {
  if (style.alpha > 0) fill_polygon(path.lines, even_odd, 1, Layer::solid, is_opaque(style), clip);
}

void PaintRaster::draw_line(pdf::PaintPoint from, pdf::PaintPoint to, double width, bool is_opaque_paint,
                            const pdf::Rect& clip) {
  const double dx = to.x - from.x, dy = to.y - from.y, length = std::hypot(dx, dy);
  if (!std::isfinite(length)) return;
  if (width >= m_cell * 1.5) {
    const double half = width / 2;
    // Butt or round or projecting: the ends are within half a width.
    const double ux = length > 0 ? dx / length : 1, uy = length > 0 ? dy / length : 0;
    const pdf::PaintPoint a{from.x - ux * half, from.y - uy * half}, b{to.x + ux * half, to.y + uy * half};
    fill_polygon({{{a.x - uy * half, a.y + ux * half},
                   {b.x - uy * half, b.y + ux * half},
                   {b.x + uy * half, b.y - ux * half},
                   {a.x + uy * half, a.y - ux * half}}},
                 false, 1, width >= 4 ? Layer::solid : Layer::ink, is_opaque_paint, clip);
    return;
  }
  const pdf::Rect box{std::min(from.x, to.x), std::min(from.y, to.y), std::max(from.x, to.x), std::max(from.y, to.y)};
  const pdf::Rect seen = box.intersection(clip.intersection(m_area));
  if (!(seen.width() >= 0) || !(seen.height() >= 0)) return;
  if (!clip_line(from, to, seen)) return;
  const double inner_length = std::hypot(to.x - from.x, to.y - from.y);
  const double most = 4.0 * static_cast<double>(m_columns + m_rows + 1);
  const auto steps = static_cast<std::size_t>(clamp_to(std::ceil(inner_length / m_cell), 1, most));
  if (!m_work.spend(steps / 4 + 1)) return;
  for (std::size_t i = 0; i < steps; ++i) {
    const double t = (static_cast<double>(i) + 0.5) / static_cast<double>(steps);
    const double x = from.x + t * (to.x - from.x), y = from.y + t * (to.y - from.y);
    if (x < seen.x0 - 1e-6 || x > seen.x1 + 1e-6 || y < seen.y0 - 1e-6 || y > seen.y1 + 1e-6) continue;
    const auto column =
        static_cast<std::size_t>(clamp_to((x - m_area.x0) / m_cell, 0, static_cast<double>(m_columns - 1)));
    const auto row = static_cast<std::size_t>(clamp_to((y - m_area.y0) / m_cell, 0, static_cast<double>(m_rows - 1)));
    mark(column, row, std::min(1.0, width / m_cell), Layer::ink, is_opaque_paint);
  }
}

void PaintRaster::stroke(const pdf::PaintPath& path, double width, const pdf::PaintStyle& style,
                         const pdf::Rect& clip) {
  if (style.alpha <= 0 || m_columns == 0) return;
  const bool is_opaque_paint = is_opaque(style);
  for (const auto& line : path.lines) {
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
      if (m_work.is_spent()) return;
      draw_line(line[i], line[i + 1], width, is_opaque_paint, clip);
    }
  }
}

void PaintRaster::glyph(const pdf::PaintGlyph& glyph, const pdf::PaintStyle& style, const pdf::Rect& clip) {
  if (glyph.is_described)
    return fill_polygon(
        {{{m_area.x0, m_area.y0}, {m_area.x1, m_area.y0}, {m_area.x1, m_area.y1}, {m_area.x0, m_area.y1}}}, false, 1,
        Layer::solid, true, clip);
  if (!glyph.is_drawn || glyph.is_blank || style.alpha <= 0) return;
  fill_polygon({{glyph.corners[0], glyph.corners[1], glyph.corners[2], glyph.corners[3]}}, false, kGlyphInk, Layer::ink,
               is_opaque(style), clip);
}

void PaintRaster::image(const pdf::PaintImage& image, const pdf::PaintStyle& style, const pdf::Rect& clip) {
  const auto back = image.placement.inverse();
  const pdf::Rect box = image.placement.apply(pdf::Rect{0, 0, 1, 1});
  const Cells within = cells_of(box.intersection(clip));
  if (style.alpha <= 0 || !back || within.x0 >= within.x1 || within.y0 >= within.y1) return;
  if (!m_work.spend((within.x1 - within.x0) * (within.y1 - within.y0) / 16 + 1)) return;
  static const std::vector<double> kOpaque;
  const std::vector<double>& opacity = image.stream != nullptr ? m_pictures.of(m_view, *image.stream, m_work) : kOpaque;
  constexpr std::size_t columns = OpacityCache::kSide, rows = OpacityCache::kSide;
  // A picture multiplied onto the page hides what its dark parts lie on; which they are is not looked at.
  const bool is_opaque_paint = style.alpha >= kOpaqueAlpha;
  for (std::size_t row = within.y0; row < within.y1; ++row) {
    for (std::size_t column = within.x0; column < within.x1; ++column) {
      const pdf::Rect cell = cell_box(column, row);
      const auto [u, v] = back->apply((cell.x0 + cell.x1) / 2, (cell.y0 + cell.y1) / 2);
      if (u < 0 || u > 1 || v < 0 || v > 1) continue;
      double value = 1;
      if (!opacity.empty()) {
        const auto x = std::min(columns - 1, static_cast<std::size_t>(u * static_cast<double>(columns)));
        const auto y = std::min(rows - 1, static_cast<std::size_t>((1 - v) * static_cast<double>(rows)));
        value = opacity[y * columns + x];
      }
      if (value < 0.02) continue;
      mark(column, row, value >= 0.9 ? 1 : value * 0.5, Layer::solid, is_opaque_paint);
    }
  }
}

void PaintRaster::shading(const pdf::PaintStyle& style, const pdf::Rect& clip) {
  if (style.alpha <= 0) return;
  const Cells cells = cells_of(clip);
  for (std::size_t row = cells.y0; row < cells.y1; ++row) {
    for (std::size_t column = cells.x0; column < cells.x1; ++column)
      mark(column, row, 1, Layer::solid, is_opaque(style));
  }
}

void PaintRaster::cover(const pdf::Rect& rect) {
  shading(pdf::PaintStyle{}, rect);
}

PaintRaster::Sum PaintRaster::sum(const Cells& cells) const {
  Sum total;
  for (std::size_t row = cells.y0; row < cells.y1; ++row) {
    for (std::size_t column = cells.x0; column < cells.x1; ++column) {
      const std::size_t index = row * m_columns + column;
      total.solid += m_solid[index];
      total.ink += m_ink[index];
      total.touched += m_touched[index] ? 1 : 0;
      total.covered += m_solid[index] >= 0.9F ? 1 : 0;
      ++total.cells;
    }
  }
  (void)m_work.spend(total.cells / 64 + 1);
  return total;
}

// The blank above and below the letters does not count. The rest is looked at in pieces as wide as a digit, along the
// line: one hidden figure of a price is enough.
Covering PaintRaster::over_text(const pdf::Rect& box) const {
  const bool is_upright = box.width() < box.height() * 0.999 && box.height() > 2 * box.width();
  const double trim = 0.2 * std::min(box.width(), box.height());
  const pdf::Rect inner = is_upright ? pdf::Rect{box.x0 + trim, box.y0, box.x1 - trim, box.y1}
                                     : pdf::Rect{box.x0, box.y0 + trim, box.x1, box.y1 - trim};
  const pdf::Rect seen = inner.intersection(m_area);
  if (!(seen.width() > 0.3) || !(seen.height() > 0.3)) return Covering::nothing;
  const double length = is_upright ? inner.height() : inner.width(),
               breadth = is_upright ? inner.width() : inner.height();
  const auto pieces = static_cast<std::size_t>(clamp_to(std::ceil(length / std::max(1.0, 0.8 * breadth)), 1, 2000));
  Covering worst = Covering::nothing;
  for (std::size_t i = 0; i < pieces; ++i) {
    const double from = length * static_cast<double>(i) / static_cast<double>(pieces);
    const double to = length * static_cast<double>(i + 1) / static_cast<double>(pieces);
    const pdf::Rect piece = is_upright ? pdf::Rect{inner.x0, inner.y0 + from, inner.x1, inner.y0 + to}
                                       : pdf::Rect{inner.x0 + from, inner.y0, inner.x0 + to, inner.y1};
    const Sum total = sum(cells_of(piece));
    if (total.cells == 0 || total.touched == 0) continue;
    const double whole = std::max(1.0, piece.area() / (m_cell * m_cell));  // cells beyond the area are blank
    if ((total.solid + total.ink) / std::max(whole, static_cast<double>(total.cells)) >= kTextHidden)
      return Covering::hides;
    worst = Covering::see_through;
  }
  return worst;
}

Covering PaintRaster::over_mark(const pdf::Rect& box) const {
  const Cells cells = cells_of(box);
  if (cells.x0 >= cells.x1 || cells.y0 >= cells.y1) return Covering::nothing;
  const Sum total = sum(cells);
  if (total.touched == 0) return Covering::nothing;
  if (std::min(box.width(), box.height()) >= kGroundSide) {
    const double hidden = static_cast<double>(total.covered) * m_cell * m_cell;
    return hidden >= kGroundHidden ? Covering::hides : Covering::see_through;
  }
  const double whole = std::max(1.0, box.intersection(m_area).area() / (m_cell * m_cell));
  const bool is_hidden = total.solid / std::max(whole, static_cast<double>(total.cells)) >= kMarkHidden;
  // A line of which only a little lies below the paint still shows what it separates.
  const pdf::Rect below = box.intersection(m_area);
  const double part = box.width() >= box.height() ? below.width() / std::max(box.width(), 0.01)
                                                  : below.height() / std::max(box.height(), 0.01);
  return is_hidden && part > 0.25 ? Covering::hides : Covering::see_through;
}

}  // namespace kyso::verify
