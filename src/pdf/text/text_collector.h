#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "pdf/text/page_text.h"

// From glyphs in the order of the content stream to words and lines in the order of reading.
namespace kyso::pdf {

struct Vector {
  double x = 0, y = 0;
};

// One glyph in default user space.
struct PlacedGlyph {
  Vector origin;
  Vector advance;  // along the baseline: the glyph's own width
  Vector pen;      // origin of the next glyph when nothing moves the pen (advance and character spacing)
  Vector rise;     // from the baseline to one em above it
  double ascent = 0.8, descent = -0.2;  // in ems along `rise`
  double size = 0;                      // length of `rise`
  bool bold = false, italic = false;
  std::u32string_view text;  // may be empty (no Unicode value), a blank, or several characters
};

class TextCollector {
 public:
  void add(const PlacedGlyph& glyph);
  // Marked content with /ActualText (ISO 32000-2 section 14.9.4): the text stands for all glyphs until end_actual_text.
  void begin_actual_text(std::u32string text);
  void end_actual_text();
  std::size_t glyphs() const { return m_glyphs; }
  bool has_unreadable() const { return m_unreadable; }

  // Words and lines within the page's crop box. The collector is empty afterwards.
  std::vector<Line> lines(const Page& page);

  // A piece of a word: glyphs that follow each other without a gap.
  struct Fragment {
    std::string text;
    Rect box;
    Vector start, end;  // on the baseline
    Vector pen;         // where the pen stood after the last glyph or blank
    Vector direction;   // unit vector
    double size = 0;
    bool bold = false, italic = false;
    double descent_share = 0.2;
    int blanks_after = 0;
  };

 private:
  struct HeldGlyph {
    PlacedGlyph glyph;
    std::u32string text;
  };
  struct ActualText {
    std::u32string text;
    int depth = 1;
    std::vector<HeldGlyph> glyphs;
  };

  void add_text(const PlacedGlyph& glyph);
  bool hold(const PlacedGlyph& glyph);
  void add_visible(const PlacedGlyph& glyph);
  void add_split(const PlacedGlyph& glyph, std::u32string_view text);
  void add_blank(const PlacedGlyph& glyph);
  bool continues(const PlacedGlyph& glyph) const;

  std::vector<Fragment> m_fragments;
  std::vector<ActualText> m_actual;  // none or one
  std::size_t m_glyphs = 0;
  bool m_word_open = false;  // the last fragment may grow
  bool m_unreadable = false;
};

}  // namespace kyso::pdf
