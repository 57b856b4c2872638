#pragma once
#include <map>
#include <vector>

#include "pdf/text/painted.h"
#include "verify/changes/change.h"
#include "verify/changes/seats.h"

namespace kyso::verify {

// How opaque pictures are, each mask looked at once.
class OpacityCache {
 public:
  static constexpr std::size_t kSide = 128;  // cells each way
  // Row 0 at the top; empty: opaque throughout.
  const std::vector<double>& of(const pdf::ObjectView& view, const pdf::Stream& image, Work& work);
  void forget(std::uint32_t number) {
    m_grids.erase({number, false});
    m_grids.erase({number, true});
  }

 private:
  // By the number of the mask or picture, and whether it is a stencil, which reads its samples the other way.
  std::map<std::pair<std::uint32_t, bool>, std::vector<double>> m_grids;
  std::vector<double> m_last;  // of a picture without number
};

// PaintRaster: what an appearance paints inside a rectangle of the page, on a grid of cells of about three quarters of
// a point. White paint counts like any other: over text it hides.
class PaintRaster : public pdf::PaintSink {
 public:
  PaintRaster(const pdf::ObjectView& view, const pdf::Rect& area, OpacityCache& pictures, Work& work);

  void fill(const pdf::PaintPath& path, bool even_odd, const pdf::PaintStyle& style, const pdf::Rect& clip) override;
  void stroke(const pdf::PaintPath& path, double width, const pdf::PaintStyle& style, const pdf::Rect& clip) override;
  void glyph(const pdf::PaintGlyph& glyph, const pdf::PaintStyle& style, const pdf::Rect& clip) override;
  void image(const pdf::PaintImage& image, const pdf::PaintStyle& style, const pdf::Rect& clip) override;
  void shading(const pdf::PaintStyle& style, const pdf::Rect& clip) override;
  // Opaque paint over a whole rectangle, for annotations that viewers draw themselves.
  void cover(const pdf::Rect& rect);

  // What lies on text that stands in `box`, on a thin mark, on a picture or ground behind everything.
  Covering over_text(const pdf::Rect& box) const;
  Covering over_mark(const pdf::Rect& box) const;
  bool is_empty() const { return m_is_empty; }
  const pdf::Rect& area() const { return m_area; }

 private:
  enum class Layer : std::uint8_t { solid, ink };  // areas; letters and lines
  struct Cells {                                   // half open
    std::size_t x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  };
  struct Sum {
    double solid = 0, ink = 0;
    std::size_t cells = 0, touched = 0, covered = 0;
  };
  using Polygon = std::vector<std::vector<pdf::PaintPoint>>;

  static bool is_opaque(const pdf::PaintStyle& style);
  void mark(std::size_t column, std::size_t row, double coverage, Layer layer, bool is_opaque);
  void fill_polygon(const Polygon& polygon, bool even_odd, double coverage, Layer layer, bool is_opaque,
                    const pdf::Rect& clip);
  void draw_line(pdf::PaintPoint from, pdf::PaintPoint to, double width, bool is_opaque, const pdf::Rect& clip);
  Cells cells_of(const pdf::Rect& rect) const;
  Sum sum(const Cells& cells) const;
  pdf::Rect cell_box(std::size_t column, std::size_t row) const;

  const pdf::ObjectView& m_view;
  pdf::Rect m_area;
  OpacityCache& m_pictures;
  Work& m_work;
  double m_cell = 0.75;
  std::size_t m_columns = 0, m_rows = 0;
  std::vector<float> m_solid, m_ink;
  std::vector<bool> m_touched;
  bool m_is_empty = true;
};

}  // namespace kyso::verify
