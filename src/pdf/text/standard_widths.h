#pragma once
#include <string_view>

// Advance widths of the fonts that a PDF need not describe (ISO 32000-2 section 9.6.2.2), for files without /Widths.
namespace kyso::pdf {

struct StandardFace {
  enum class Family { times, helvetica, courier };
  Family family = Family::times;
  bool bold = false, italic = false;
  double ascent() const;  // per em
  double descent() const;
};

// The standard font that is nearest to a font's name ("ArialMT,Bold", "ABCDEF+TimesNewRomanPS-ItalicMT").
StandardFace nearest_face(std::string_view font_name);

// Width per em of a character; a letter with accents is as wide as the letter.
double standard_width(const StandardFace& face, char32_t character);

}  // namespace kyso::pdf
