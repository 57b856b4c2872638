#pragma once
#include "pdf/drawing/font_face.h"

// Lines from text of mixed styles: the rules behind Drawing::paragraph and lay_out().
namespace kyso::pdf {

struct LaidText {
  struct Fragment {  // part of a line in one style
    std::size_t run = 0;
    std::u32string letters;
    double x = 0;  // from the start of the line
  };
  struct Line {
    std::vector<Fragment> fragments;
    double width = 0;
    double baseline = 0;  // below the top of the box
  };
  std::vector<Line> lines;
  double scale = 1;  // of all font sizes
  double height = 0, width = 0;
};

struct LayoutBox {
  double width = 0, max_height = 0;
  double line_spacing = 1.15;  // baseline to baseline, of the line's largest font size
  double min_size = 5;         // the smallest run is not made smaller
};

// The largest size that fits. Words are broken only when the text at 70 % of its size or at `min_size` would still need
// it; then it is as large as the height allows. pdf.text.does_not_fit {text}, pdf.font.no_glyph.
Result<LaidText> lay_out_runs(std::span<const TextRun> runs, const LayoutBox& box);

}  // namespace kyso::pdf
