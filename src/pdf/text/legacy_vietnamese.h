#pragma once
#include <string>
#include <string_view>

// Fonts made before Unicode put Vietnamese letters on Latin codes. Much of what the state wrote until about 2005, and
// documents copied from it, use them; a PDF then calls "ộ" what the font shows as "ộ" by a Latin letter's name.
namespace kyso::pdf {

enum class LegacyEncoding {
  none,
  tcvn3,           // TCVN 5712:1993 VN3 ("ABC"), fonts ".VnTime"
  tcvn3_capitals,  // the same codes drawn as capitals, fonts ".VnTimeH"
  vni,             // a letter, then its accents as characters of their own, fonts "VNI-Times"
};

// By the font's name, with or without a subset prefix.
LegacyEncoding legacy_encoding_of(std::string_view font_name);

// The text that a character of Latin-1 (also as U+F000 + code) shows in such a font; VNI accents become combining
// marks. Characters that the encoding does not rule come back as they are.
std::u32string legacy_text(LegacyEncoding encoding, char32_t latin);

}  // namespace kyso::pdf
