#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "pdf/text/page_text.h"

// What an appearance paints, told operator by operator: for judging what a change does to the page below it.
namespace kyso::pdf {

struct PaintStyle {
  double alpha = 1;
  double lightness = 0;          // 0 black … 1 white; 0 where the colour is not known (patterns, special spaces)
  bool lets_dark_shine = false;  // blend mode Multiply or Darken: a light colour leaves dark ink below readable
};

struct PaintPoint {
  double x = 0, y = 0;
};
struct PaintPath {  // curves as short lines; default user space
  std::vector<std::vector<PaintPoint>> lines;
  bool has_curves = false;
};

struct PaintImage {
  Matrix placement;                // of the unit square
  const Stream* stream = nullptr;  // nullptr: inline
  bool is_stencil = false;
};

struct PaintGlyph {
  PaintPoint corners[4];      // ascent to descent, advance width
  std::u32string_view text;   // empty: no Unicode value
  bool is_blank = false;      // white space
  bool is_drawn = true;       // false: rendering modes 3 and 7
  bool is_described = false;  // Type 3: a content stream of its own, which may paint anything
};

class PaintSink {
 public:
  virtual ~PaintSink() = default;
  virtual void fill(const PaintPath& path, bool even_odd, const PaintStyle& style, const Rect& clip) = 0;
  virtual void stroke(const PaintPath& path, double width, const PaintStyle& style, const Rect& clip) = 0;
  virtual void glyph(const PaintGlyph& glyph, const PaintStyle& style, const Rect& clip) = 0;
  virtual void image(const PaintImage& image, const PaintStyle& style, const Rect& clip) = 0;
  virtual void shading(const PaintStyle& style, const Rect& clip) = 0;
};

// Text and marks of a page's own content, without its annotations. `operators` is lowered by what it cost. Unreadable
// parts are skipped; pdf.limit when the operators run out.
Result<PageText> read_page_content(const ObjectView& view, const Page& page, std::size_t& operators);

// What an appearance stream shows.
struct AppearanceText {
  std::vector<Line> lines;       // what the glyphs say; /ActualText is not believed
  std::vector<ObjectId> fonts;   // that were selected
  bool has_direct_font = false;  // one that is no object of its own
};
// Interprets a form XObject with `matrix` before its own, in default user space.
Result<AppearanceText> paint_appearance(const ObjectView& view, const Page& page, const Stream& form,
                                        const Matrix& matrix, PaintSink* sink, std::size_t& operators);

// The transformed box of an appearance is moved and scaled onto the annotation's rectangle (ISO 32000-2 section
// 12.5.5). nullopt: it has no area, so that nothing is shown.
std::optional<Matrix> appearance_placement(const ObjectView& view, const Stream& form, const Rect& rect);
// /Matrix and /BBox of a form XObject.
Matrix form_matrix(const ObjectView& view, const Stream& form);
std::optional<Rect> form_box(const ObjectView& view, const Stream& form);
// The stream that is shown: /N, or the state of it that /AS names; null when there is none.
Object normal_appearance(const ObjectView& view, const Dictionary& annotation);

// How opaque an image is, averaged over a grid of `columns` × `rows` (row 0 at the top): from its soft mask, stencil
// mask or stencil; 1 throughout when it has none or it can't be read. Values 0 … 1.
std::vector<double> image_opacity(const ObjectView& view, const Stream& image, std::size_t columns, std::size_t rows);

}  // namespace kyso::pdf
