#include <algorithm>
#include <cmath>
#include <functional>

#include "base/text.h"
#include "verify/changes/page_paint.h"

// Whether what a form field shows is what it says (ISO 32000-2 section 12.7.4).
namespace kyso::verify {
namespace {

constexpr std::int64_t kPassword = 1 << 13, kCombo = 1 << 17;

// Looks for anything in the appearance that could be read otherwise than its letters say.
class Suspicion : public pdf::PaintSink {
 public:
  explicit Suspicion(const pdf::Rect& box) : m_box(box) {}

  // Borders, backgrounds and the lines between comb cells reach across the field; anything smaller could be a letter.
  void fill(const pdf::PaintPath& path, bool, const pdf::PaintStyle&, const pdf::Rect&) override {
    if (m_has_text && !is_frame(path)) is_found = true;
    check(path);
  }
  void stroke(const pdf::PaintPath& path, double, const pdf::PaintStyle&, const pdf::Rect&) override { check(path); }
  void glyph(const pdf::PaintGlyph& glyph, const pdf::PaintStyle& style, const pdf::Rect&) override {
    if (glyph.is_blank) return;
    m_has_text = true;
    const bool is_seen = glyph.is_drawn && style.alpha > 0.1 && style.lightness < 0.97;
    if (!is_seen || glyph.is_described || glyph.text.empty()) is_found = true;
  }
  void image(const pdf::PaintImage&, const pdf::PaintStyle&, const pdf::Rect&) override { is_found = true; }
  void shading(const pdf::PaintStyle&, const pdf::Rect&) override { is_found = true; }
  bool is_found = false;

 private:
  bool is_frame(const pdf::PaintPath& path) const {  // does not lie over the letters painted before
    return std::ranges::all_of(path.lines, [&](const auto& line) {
      const pdf::Rect box = bounds(line);
      return std::min(box.width(), box.height()) <= 3;
    });
  }
  static pdf::Rect bounds(const std::vector<pdf::PaintPoint>& line) {
    pdf::Rect box{line.front().x, line.front().y, line.front().x, line.front().y};
    for (const pdf::PaintPoint& point : line) {
      box = {std::min(box.x0, point.x), std::min(box.y0, point.y), std::max(box.x1, point.x),
             std::max(box.y1, point.y)};
    }
    return box;
  }
  void check(const pdf::PaintPath& path) {
    if (path.has_curves) is_found = true;
    for (const auto& line : path.lines) {
      const pdf::Rect box = bounds(line);
      const bool reaches = box.width() >= 0.75 * m_box.width() || box.height() >= 0.75 * m_box.height();
      if (!reaches) is_found = true;
    }
  }

  pdf::Rect m_box;
  bool m_has_text = false;
};

// NFC without white space: how lines break and cells are filled is the field's business.
std::string folded(std::string_view text) {
  std::string out;
  for (const char32_t c : to_utf32(to_nfc(text))) {
    if (c <= 0x20 || c == 0xA0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200B) || c == 0x2028 || c == 0xFEFF) continue;
    append_utf8(out, c);
  }
  return out;
}

std::string shown_text(const pdf::AppearanceText& text) {
  std::string out;
  for (const pdf::Line& line : text.lines) out += line.text();
  return folded(out);
}

// The texts that viewers show for the selected values (/Opt gives each its own).
std::vector<std::string> choices_of(const pdf::ObjectView& view, const FieldState& field) {
  std::vector<std::string> shown{folded(text_of_value(view, field.value))};
  const pdf::Object options = resolved(view, field.dictionary, "Opt");
  if (options.as_array() == nullptr) return shown;
  const std::string value = text_of_value(view, field.value);
  for (std::size_t i = 0; i < std::min<std::size_t>(options.as_array()->size(), 10'000); ++i) {
    const pdf::Object option = resolved(view, (*options.as_array())[i]);
    const pdf::Array* pair = option.as_array();
    if (pair == nullptr || pair->size() != 2) continue;
    if (text_of_value(view, resolved(view, pair->front())) != value) continue;
    shown.push_back(folded(text_of_value(view, resolved(view, pair->back()))));
  }
  return shown;
}

bool is_embedded(const pdf::ObjectView& view, const pdf::Dictionary& font) {
  const pdf::Object descriptor = resolved(view, font, "FontDescriptor");
  const pdf::Dictionary* d = descriptor.as_dictionary();
  return d != nullptr && (d->has("FontFile") || d->has("FontFile2") || d->has("FontFile3"));
}

// A font that came with the change. What its glyphs look like can't be told from what it says they mean, so only two
// kinds are taken: one that isn't embedded and says nothing of its own (the viewer's own glyphs are shown), and a
// composite font with Identity encoding and its program, as signing programs write for text that the document's fonts
// lack.
bool is_plausible_new_font(const pdf::ObjectView& view, std::uint32_t number) {
  const pdf::Object object = object_at(view, number);
  const pdf::Dictionary* font = object.as_dictionary();
  if (font == nullptr) return false;
  const pdf::Object subtype = resolved(view, *font, "Subtype");
  if (subtype.is_name("Type0")) {
    const pdf::Object descendants = resolved(view, *font, "DescendantFonts");
    if (descendants.as_array() == nullptr || descendants.as_array()->size() != 1) return false;
    const pdf::Object descendant = resolved(view, descendants.as_array()->front());
    if (descendant.as_dictionary() == nullptr) return false;
    const pdf::Object encoding = resolved(view, *font, "Encoding");
    return encoding.is_name("Identity-H") && is_embedded(view, *descendant.as_dictionary()) && font->has("ToUnicode");
  }
  if (subtype.is_name("Type3") || font->has("ToUnicode") || is_embedded(view, *font)) return false;
  const pdf::Object encoding = resolved(view, *font, "Encoding");
  return encoding.as_dictionary() == nullptr || !encoding.as_dictionary()->has("Differences");
}

bool is_dots(std::string_view text, std::size_t count) {
  const std::u32string shown = to_utf32(text);
  return shown.size() == count && std::ranges::all_of(shown, [&](char32_t c) {
           return c == shown.front() && (c == U'*' || c == 0x2022 || c == 0x25CF || c == 0x26AB);
         });
}

bool is_composite(const pdf::ObjectView& view, std::uint32_t font) {
  const pdf::Object object = object_at(view, font);
  return object.as_dictionary() != nullptr && resolved(view, *object.as_dictionary(), "Subtype").is_name("Type0");
}

bool says_value(const pdf::ObjectView& view, const FieldState& field, const std::string& shown,
                const std::string& value) {
  if (field.type == "Tx") {
    return (field.flags & kPassword) != 0 ? is_dots(shown, to_utf32(value).size()) : shown == value;
  }
  const std::vector<std::string> choices = choices_of(view, field);
  if ((field.flags & kCombo) != 0) return std::ranges::find(choices, shown) != choices.end();
  // A list box shows all its options and marks the selected one.
  return std::ranges::any_of(
      choices, [&](const std::string& choice) { return !choice.empty() && shown.find(choice) != std::string::npos; });
}

}  // namespace

Shown shows_text(const pdf::ObjectView& view, const WidgetState& widget, const FieldState& field,
                 const FontJudge& fonts, std::size_t& operators) {
  const auto shown_if = [](bool is_shown) { return is_shown ? Shown::yes : Shown::no; };
  const pdf::Stream* form = widget.appearance.as_stream();
  const std::string value = folded(text_of_value(view, field.value));
  if (form == nullptr) return shown_if(value.empty());
  const auto box = pdf::form_box(view, *form);
  if (!box || box->area() <= 0) return shown_if(value.empty());
  // Read upright, in the appearance's own space: its matrix turns it onto a page that is turned.
  const auto back = pdf::form_matrix(view, *form).inverse();
  if (!back) return Shown::no;
  pdf::Page page;
  page.media_box = page.crop_box = *box;
  Suspicion suspicion(*box);
  const auto text = pdf::paint_appearance(view, page, *form, *back, &suspicion, operators);
  if (!text) return Shown::no;
  const std::string shown = shown_text(*text);
  if (shown.empty() && value.empty()) return shown_if(!suspicion.is_found);
  if (suspicion.is_found || text->has_direct_font) return Shown::no;
  if (!says_value(view, field, shown, value)) return Shown::no;
  Shown result = Shown::yes;
  for (const pdf::ObjectId font : text->fonts) {
    if (fonts.is_known(font.number)) continue;
    if (!is_plausible_new_font(view, font.number)) return Shown::no;
    if (!is_composite(view, font.number)) continue;
    const FontTruth truth = fonts.truth(font.number);
    if (truth == FontTruth::lies) return Shown::no;
    if (truth == FontTruth::unverified) result = Shown::by_unverified_font;
  }
  return result;
}

std::string text_of_value(const pdf::ObjectView& view, const pdf::Object& value) {
  if (const pdf::String* string = value.as_string()) return pdf::text_of(*string);
  if (const std::string* name = value.as_name()) return *name;
  if (const pdf::Stream* stream = value.as_stream()) {
    const auto bytes = view.decode(*stream);
    return bytes ? pdf::text_of(pdf::String{std::string(as_chars(*bytes)), false}) : std::string();
  }
  std::string joined;
  if (const pdf::Array* array = value.as_array()) {
    for (std::size_t i = 0; i < std::min<std::size_t>(array->size(), 1000); ++i) {
      const pdf::Object item = resolved(view, (*array)[i]);
      if (item.as_string() == nullptr) continue;
      joined += (joined.empty() ? "" : ", ") + pdf::text_of(*item.as_string());
    }
  }
  return joined;
}

bool WidgetState::is_visible() const {
  constexpr std::int64_t kHidden = 2, kPrint = 4, kNoView = 32;
  if (rect.area() <= 0 || (flags & kHidden) != 0) return false;
  return (flags & kNoView) == 0 || (flags & kPrint) != 0;
}

}  // namespace kyso::verify
