#pragma once
#include <string>
#include <string_view>

// What the codes of simple fonts and the names of glyphs mean in Unicode (ISO 32000-2 Annex D and section 9.10.2).
namespace kyso::pdf {

enum class BaseEncoding { standard, win_ansi, mac_roman, symbol, zapf_dingbats };

// The character of a code; 0 when the encoding has none.
char32_t character_of(BaseEncoding encoding, unsigned char code);

// The text of a glyph name: listed names, "uni1EA4", "u1F600", a letter with accents in any order of the Adobe Glyph
// List
// ("Acircumflexacute", "ohorngrave"), ligatures "f_i", all with an optional ".suffix". Empty when it says nothing.
std::u32string text_of_glyph_name(std::string_view name);

}  // namespace kyso::pdf
