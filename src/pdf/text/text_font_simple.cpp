#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>

#include "pdf/syntax/lexer.h"
#include "pdf/text/standard_widths.h"
#include "pdf/text/text_encoding.h"
#include "pdf/text/text_font_parts.h"

// Type 1, TrueType, MMType1 and Type 3 fonts (ISO 32000-2 sections 9.6.2 to 9.6.5).
namespace kyso::pdf {
namespace {

std::optional<BaseEncoding> encoding_named(std::string_view name) {
  if (name == "WinAnsiEncoding") return BaseEncoding::win_ansi;
  if (name == "MacRomanEncoding") return BaseEncoding::mac_roman;
  if (name == "StandardEncoding") return BaseEncoding::standard;
  return std::nullopt;
}

// What a font program that is not looked into most likely has.
BaseEncoding implicit_encoding(std::string_view subtype, std::string_view font_name) {
  if (font_name.find("Dingbats") != font_name.npos) return BaseEncoding::zapf_dingbats;
  if (font_name.ends_with("Symbol") || font_name.find("SymbolMT") != font_name.npos) return BaseEncoding::symbol;
  return subtype == "TrueType" ? BaseEncoding::win_ansi : BaseEncoding::standard;
}

using GlyphNames = std::array<std::string, 256>;

// The built-in encoding of a Type 1 program, which stands in its clear text: "dup 65 /A put".
void read_type1_encoding(const ObjectView& view, const Dictionary& descriptor, GlyphNames& names) {
  const Object program = resolved(view, descriptor, "FontFile");
  if (!program.as_stream()) return;
  auto bytes = view.decode(*program.as_stream());
  if (!bytes) return;
  const std::string_view text = as_chars(*bytes);
  const auto start = text.find("/Encoding");
  if (start == text.npos) return;
  Lexer lexer(ByteView(*bytes).first(std::min(bytes->size(), text.find("eexec", start))), start + 9);
  Token last;
  for (Token token = lexer.next(); token.kind != Token::Kind::end; token = lexer.next()) {
    if (token.kind == Token::Kind::keyword && (token.text == "def" || token.text == "readonly")) return;
    if (token.kind == Token::Kind::name && last.kind == Token::Kind::integer && last.integer >= 0 &&
        last.integer < 256) {
      names[static_cast<std::size_t>(last.integer)] = token.text;
    }
    last = std::move(token);
  }
}

class SimpleFont : public TextFont {
 public:
  SimpleFont(const ObjectView& view, const Dictionary& font) {
    const std::string name = resolved_name(view, font, "BaseFont");
    const Dictionary descriptor = resolved_dictionary(view, font, "FontDescriptor");
    m_style = style_of(view, descriptor, name);
    m_face = nearest_face(name);
    load_encoding(view, font, descriptor, name);
    load_widths(view, font, descriptor);
    m_to_unicode = to_unicode_of(view, font);
    if (!m_to_unicode || !m_to_unicode->names_vietnamese_letters()) m_legacy = legacy_encoding_of(name);
    if (resolved_name(view, font, "Subtype") == "Type3") load_type3(view, font);
  }

  const FontGlyph& take(std::string_view& string) override {
    const auto code = static_cast<unsigned char>(string.front());
    string.remove_prefix(1);
    if (!m_made[code]) {
      m_made[code] = true;
      m_glyphs[code] = make(code);
    }
    return m_glyphs[code];
  }

 private:
  void load_encoding(const ObjectView& view, const Dictionary& font, const Dictionary& descriptor,
                     std::string_view name) {
    const std::string subtype = resolved_name(view, font, "Subtype");
    const Object encoding = resolved(view, font, "Encoding");
    std::optional<BaseEncoding> base;
    if (encoding.as_name()) base = encoding_named(*encoding.as_name());
    if (const Dictionary* dictionary = encoding.as_dictionary()) {
      base = encoding_named(resolved_name(view, *dictionary, "BaseEncoding"));
    }
    m_encoding = base.value_or(implicit_encoding(subtype, name));
    if (!base && subtype != "TrueType") read_type1_encoding(view, descriptor, m_names);
    if (const Dictionary* dictionary = encoding.as_dictionary())
      load_differences(resolved(view, *dictionary, "Differences"));
  }

  void load_differences(const Object& differences) {
    const Array* array = differences.as_array();
    if (!array) return;
    std::int64_t code = 0;
    for (const Object& item : *array) {
      if (const auto number = item.as_integer()) {
        code = *number;
      } else if (const std::string* glyph_name = item.as_name()) {
        if (code >= 0 && code < 256) m_names[static_cast<std::size_t>(code)] = *glyph_name;
        code = std::min<std::int64_t>(code, 256) + 1;
      }
    }
  }

  void load_widths(const ObjectView& view, const Dictionary& font, const Dictionary& descriptor) {
    m_widths.fill(-1);
    const Object widths = resolved(view, font, "Widths");
    if (!widths.as_array()) return;
    m_widths.fill(resolved_number(view, descriptor, "MissingWidth", 0) / 1000);
    const auto first = static_cast<std::int64_t>(std::clamp(resolved_number(view, font, "FirstChar", 0), 0.0, 256.0));
    for (std::size_t i = 0; i < widths.as_array()->size() && static_cast<std::size_t>(first) + i < 256; ++i) {
      auto item = view.resolve((*widths.as_array())[i]);
      if (!item) continue;
      const double width = item->as_number().value_or(0);
      m_widths[static_cast<std::size_t>(first) + i] = std::fabs(width) < 1e5 ? width / 1000 : 0;
    }
  }

  // Glyph space is what /FontMatrix says (section 9.6.4); boxes come from /FontBBox where it is of use.
  void load_type3(const ObjectView& view, const Dictionary& font) {
    const Object value = resolved(view, font, "FontMatrix");
    double x = 0.001, y = 0.001;
    if (value.as_array() && value.as_array()->size() == 6) {
      x = (*value.as_array())[0].as_number().value_or(x);
      y = (*value.as_array())[3].as_number().value_or(y);
    }
    if (!(std::fabs(x) > 1e-9 && std::fabs(x) < 1e6 && std::fabs(y) > 1e-9 && std::fabs(y) < 1e6)) x = y = 0.001;
    double sum = 0, count = 0;
    for (double& width : m_widths) {
      width = width < 0 ? 0 : width * 1000 * x;
      sum += width;
      count += width > 0 ? 1 : 0;
    }
    const auto box = rect_of(resolved(view, font, "FontBBox"));
    if (box && box->height() > 0 && box->height() * std::fabs(y) < 100) {
      const double low = std::min(box->y0 * y, box->y1 * y), high = std::max(box->y0 * y, box->y1 * y);
      m_style.ascent = high;
      m_style.descent = std::min(low, 0.0);
      m_style.em = high - m_style.descent;
    } else if (count > 0) {  // a letter is about half an em wide
      m_style.em = 2 * sum / count;
      m_style.ascent = 0.8 * m_style.em;
      m_style.descent = -0.2 * m_style.em;
    }
  }

  std::u32string encoded_text(unsigned char code) const {
    if (!m_names[code].empty()) return text_of_glyph_name(m_names[code]);
    const char32_t character = character_of(m_encoding, code);
    return character == 0 ? std::u32string() : std::u32string(1, character);
  }

  FontGlyph make(unsigned char code) const {
    FontGlyph glyph;
    glyph.is_word_space = code == 0x20;
    if (m_to_unicode) glyph.text = m_to_unicode->unicode(code);
    // A legacy font shows what stands at the code itself, whatever WinAnsi calls it.
    const bool is_raw = m_legacy != LegacyEncoding::none && m_names[code].empty() && code >= 0x20;
    if (is_raw && code == 0xAD && glyph.text == U"-") glyph.text.clear();  // WinAnsi's second hyphen
    if (glyph.text.empty()) glyph.text = is_raw ? std::u32string(1, code) : encoded_text(code);
    glyph.width = m_widths[code];
    if (glyph.width < 0) {
      const auto character = glyph.text.empty() ? U' ' : glyph.text.front();
      glyph.width = standard_width(m_face, character);
    }
    glyph.text = read_as(m_legacy, std::move(glyph.text));
    return glyph;
  }

  BaseEncoding m_encoding = BaseEncoding::standard;
  StandardFace m_face;
  GlyphNames m_names;
  std::array<double, 256> m_widths{};  // negative: to be taken from the standard fonts
  std::optional<CMap> m_to_unicode;
  LegacyEncoding m_legacy = LegacyEncoding::none;
  std::array<FontGlyph, 256> m_glyphs;
  std::bitset<256> m_made;
};

}  // namespace

std::unique_ptr<TextFont> load_simple_font(const ObjectView& view, const Dictionary& font) {
  return std::make_unique<SimpleFont>(view, font);
}

}  // namespace kyso::pdf
