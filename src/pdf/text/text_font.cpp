#include "pdf/text/text_font.h"

#include <algorithm>
#include <cmath>

#include "pdf/text/standard_widths.h"
#include "pdf/text/text_font_parts.h"

namespace kyso::pdf {
namespace {

constexpr std::int64_t kItalicFlag = 1 << 6;  // ISO 32000-2 table 121
constexpr std::int64_t kForceBoldFlag = 1 << 18;
constexpr double kBoldStem = 130;  // Times is 84, Times Bold 139

bool has_word(std::string_view name, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return name.find(word) != name.npos; });
}

}  // namespace

Object resolved(const ObjectView& view, const Dictionary& dictionary, std::string_view key) {
  const Object& direct = dictionary.get(key);
  if (!direct.as_reference()) return direct;
  auto value = view.resolve(direct);
  return value ? *std::move(value) : Object();
}

Dictionary resolved_dictionary(const ObjectView& view, const Dictionary& dictionary, std::string_view key) {
  const Object value = resolved(view, dictionary, key);
  const Dictionary* found = value.as_dictionary();
  return found ? *found : Dictionary();
}

double resolved_number(const ObjectView& view, const Dictionary& dictionary, std::string_view key, double fallback) {
  const auto value = resolved(view, dictionary, key).as_number();
  return value && std::isfinite(*value) ? *value : fallback;
}

std::string resolved_name(const ObjectView& view, const Dictionary& dictionary, std::string_view key) {
  const Object value = resolved(view, dictionary, key);
  return value.as_name() ? *value.as_name() : std::string();
}

std::optional<CMap> to_unicode_of(const ObjectView& view, const Dictionary& font) {
  const Object value = resolved(view, font, "ToUnicode");
  const Stream* stream = value.as_stream();
  if (!stream) return std::nullopt;
  auto bytes = view.decode(*stream);
  if (!bytes) return std::nullopt;
  CMap map;
  map.parse(*bytes);
  if (!map.has_unicode()) return std::nullopt;
  return map;
}

FontStyle style_of(const ObjectView& view, const Dictionary& descriptor, std::string_view font_name) {
  FontStyle style;
  const StandardFace face = nearest_face(font_name);
  const double ascent = resolved_number(view, descriptor, "Ascent", 0) / 1000;
  const double descent = -std::fabs(resolved_number(view, descriptor, "Descent", 0)) / 1000;
  if (descriptor.size() == 0) {
    style.ascent = face.ascent();
    style.descent = face.descent();
  }
  if (ascent >= 0.3 && ascent <= 1.5) style.ascent = ascent;
  if (descent <= -0.05 && descent >= -0.6) style.descent = descent;
  const auto flags = static_cast<std::int64_t>(std::clamp(resolved_number(view, descriptor, "Flags", 0), 0.0, 4e9));
  style.bold = face.bold || has_word(font_name, {"Semibold", "SemiBold", "Demi"}) || (flags & kForceBoldFlag) != 0 ||
               resolved_number(view, descriptor, "StemV", 0) >= kBoldStem ||
               resolved_number(view, descriptor, "FontWeight", 400) >= 600;
  style.italic =
      face.italic || (flags & kItalicFlag) != 0 || std::fabs(resolved_number(view, descriptor, "ItalicAngle", 0)) >= 3;
  return style;
}

std::u32string read_as(LegacyEncoding encoding, std::u32string text) {
  if (encoding == LegacyEncoding::none) return text;
  std::u32string out;
  for (char32_t c : text) out += legacy_text(encoding, c);
  return out;
}

std::unique_ptr<TextFont> TextFont::load(const ObjectView& view, const Dictionary& font) {
  const std::string subtype = resolved_name(view, font, "Subtype");
  auto loaded = subtype == "Type0" ? load_composite_font(view, font) : load_simple_font(view, font);
  loaded->m_described = subtype == "Type3";
  return loaded;
}

}  // namespace kyso::pdf
