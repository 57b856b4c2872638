#pragma once
#include <optional>

#include "pdf/text/legacy_vietnamese.h"
#include "pdf/text/text_cmap.h"
#include "pdf/text/text_font.h"

// Shared by the kinds of fonts.
namespace kyso::pdf {

// Resolved values; null or empty where something is broken.
Object resolved(const ObjectView& view, const Dictionary& dictionary, std::string_view key);
Dictionary resolved_dictionary(const ObjectView& view, const Dictionary& dictionary, std::string_view key);
double resolved_number(const ObjectView& view, const Dictionary& dictionary, std::string_view key, double fallback);
std::string resolved_name(const ObjectView& view, const Dictionary& dictionary, std::string_view key);

// /ToUnicode of a font; nullopt when there is none that can be read.
std::optional<CMap> to_unicode_of(const ObjectView& view, const Dictionary& font);

// Ascent, descent and style from a font descriptor (may be empty) and the font's name.
FontStyle style_of(const ObjectView& view, const Dictionary& descriptor, std::string_view font_name);

// What glyphs of a legacy font say where their ToUnicode or encoding names Latin letters.
std::u32string read_as(LegacyEncoding encoding, std::u32string text);

std::unique_ptr<TextFont> load_simple_font(const ObjectView& view, const Dictionary& font);
std::unique_ptr<TextFont> load_composite_font(const ObjectView& view, const Dictionary& font);

}  // namespace kyso::pdf
