#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "pdf/text/text_font_parts.h"

// Type 0 fonts (ISO 32000-2 section 9.7).
namespace kyso::pdf {
namespace {

constexpr std::size_t kKeptGlyphs = 65'536;
constexpr int kMaxCMapChain = 4;

struct WidthRange {
  std::uint32_t low, high;
  double width;
};

// /W: "c [w1 … wn]" and "first last w" (section 9.7.4.3).
std::vector<WidthRange> widths_of(const ObjectView& view, const Dictionary& descendant) {
  std::vector<WidthRange> out;
  const Object value = resolved(view, descendant, "W");
  const Array* array = value.as_array();
  if (!array) return out;
  auto at = [&](std::size_t i) -> Object {
    if (i >= array->size()) return {};
    auto item = view.resolve((*array)[i]);
    return item ? *std::move(item) : Object();
  };
  for (std::size_t i = 0; i + 1 < array->size();) {
    const auto first = at(i).as_integer();
    const Object second = at(i + 1);
    const bool is_cid = first && *first >= 0 && *first <= 0xFFFF;
    if (const Array* list = second.as_array()) {
      for (std::size_t k = 0; is_cid && k < list->size() && k <= 0xFFFF; ++k) {
        const auto cid = static_cast<std::uint32_t>(*first) + static_cast<std::uint32_t>(k);
        if (const auto width = (*list)[k].as_number()) out.push_back({cid, cid, *width / 1000});
      }
      i += 2;
      continue;
    }
    const auto last = second.as_integer();
    const auto width = at(i + 2).as_number();
    if (is_cid && last && *last >= *first && width) {
      out.push_back({static_cast<std::uint32_t>(*first),
                     static_cast<std::uint32_t>(std::min<std::int64_t>(*last, 0xFFFF)), *width / 1000});
    }
    i += 3;
  }
  std::ranges::sort(out, {}, &WidthRange::low);
  return out;
}

class CompositeFont final : public TextFont {
 public:
  CompositeFont(const ObjectView& view, const Dictionary& font) {
    Dictionary descendant;
    const Object list = resolved(view, font, "DescendantFonts");
    if (list.as_array() && !list.as_array()->empty()) {
      auto first = view.resolve(list.as_array()->front());
      if (first && first->as_dictionary()) descendant = *first->as_dictionary();
    }
    const std::string name = resolved_name(view, font, "BaseFont");
    m_style = style_of(view, resolved_dictionary(view, descendant, "FontDescriptor"), name);
    m_widths = widths_of(view, descendant);
    m_default_width = resolved_number(view, descendant, "DW", 1000) / 1000;
    load_encoding(view, resolved(view, font, "Encoding"), 0);
    if (!m_encoding.has_code_space()) m_encoding.set_identity();
    load_vertical(view, descendant);
    m_to_unicode = to_unicode_of(view, font);
    if (!m_to_unicode || !m_to_unicode->names_vietnamese_letters()) m_legacy = legacy_encoding_of(name);
  }

  const FontGlyph& take(std::string_view& string) override {
    const CMap::Code code = m_encoding.first_code(string);
    string.remove_prefix(std::max<std::size_t>(1, std::min(code.length, string.size())));
    const std::uint64_t key = static_cast<std::uint64_t>(code.length) << 32U | code.value;
    auto found = m_glyphs.find(key);
    if (found != m_glyphs.end()) return found->second;
    if (m_glyphs.size() >= kKeptGlyphs) m_glyphs.clear();
    return m_glyphs.emplace(key, make(code)).first->second;
  }

 private:
  void load_encoding(const ObjectView& view, const Object& encoding, int depth) {
    if (depth > kMaxCMapChain) return;
    if (const std::string* name = encoding.as_name()) return m_encoding.set_predefined(*name);
    const Stream* stream = encoding.as_stream();
    if (!stream) return;
    load_encoding(view, resolved(view, *stream->dictionary, "UseCMap"), depth + 1);
    if (auto bytes = view.decode(*stream)) m_encoding.parse(*bytes);
  }

  void load_vertical(const ObjectView& view, const Dictionary& descendant) {
    m_vertical = m_encoding.is_vertical();
    const Object metrics = resolved(view, descendant, "DW2");
    if (metrics.as_array() && metrics.as_array()->size() >= 2) {
      if (auto advance = (*metrics.as_array())[1].as_number()) m_vertical_advance = *advance / 1000;
    }
  }

  double width_of(std::uint32_t cid) const {
    auto after = std::ranges::upper_bound(m_widths, cid, {}, &WidthRange::low);
    for (int step = 0; step < 8 && after != m_widths.begin(); ++step) {
      --after;
      if (cid <= after->high) return after->width;
    }
    return m_default_width;
  }

  FontGlyph make(const CMap::Code& code) const {
    FontGlyph glyph;
    glyph.is_word_space = code.length == 1 && code.value == 0x20;
    glyph.width = m_vertical ? m_vertical_advance : width_of(m_encoding.cid(code.value));
    if (!std::isfinite(glyph.width) || std::fabs(glyph.width) > 100) glyph.width = 0;
    if (m_to_unicode) glyph.text = m_to_unicode->unicode(code.value);
    if (glyph.text.empty()) glyph.text = m_encoding.unicode(code.value);
    glyph.text = read_as(m_legacy, std::move(glyph.text));
    return glyph;
  }

  CMap m_encoding;
  std::optional<CMap> m_to_unicode;
  std::vector<WidthRange> m_widths;
  double m_default_width = 1, m_vertical_advance = -1;
  LegacyEncoding m_legacy = LegacyEncoding::none;
  std::unordered_map<std::uint64_t, FontGlyph> m_glyphs;
};

}  // namespace

std::unique_ptr<TextFont> load_composite_font(const ObjectView& view, const Dictionary& font) {
  return std::make_unique<CompositeFont>(view, font);
}

}  // namespace kyso::pdf
