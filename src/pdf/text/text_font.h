#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "pdf/document/page.h"

// Fonts as far as reading needs them: how a string falls into codes, how wide each is and what it says
// (ISO 32000-2 sections 9.5 to 9.10). No glyph outlines.
namespace kyso::pdf {

struct FontGlyph {
  double width = 0;            // along the writing direction, text space of a font of size 1; negative when vertical
  bool is_word_space = false;  // the single-byte code 32, which Tw applies to
  std::u32string text;         // empty: it has no Unicode value
};

struct FontStyle {
  double ascent = 0.8, descent = -0.2;  // text space of a font of size 1
  double em = 1;                        // what a reader takes for the size, of a font of size 1
  bool bold = false, italic = false;
};

class TextFont {
 public:
  // Never fails: whatever is missing or broken is replaced by what viewers would assume.
  static std::unique_ptr<TextFont> load(const ObjectView& view, const Dictionary& font);
  virtual ~TextFont() = default;

  // Takes the first code of a string that is not empty. The glyph is valid until the next call.
  virtual const FontGlyph& take(std::string_view& string) = 0;
  const FontStyle& style() const { return m_style; }
  bool is_vertical() const { return m_vertical; }
  bool is_described() const { return m_described; }  // Type 3: glyphs are content streams

 protected:
  FontStyle m_style;
  bool m_vertical = false;
  bool m_described = false;
};

}  // namespace kyso::pdf
