#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "pdf/syntax/lexer.h"
#include "pdf/update/form_writer_state.h"

// Text fields: made empty or filled before the first signature, filled later by whoever is allowed to.
namespace kyso::pdf {

namespace {

constexpr double kPadding = 2;  // points between a field's edge and its text, as common viewers have it
constexpr double kLargestAutomatic = 12;
constexpr double kSmallest = 4;

Result<double> text_width(const TextRun& run) {
  const Font font = KYSO_TRY(Font::shipped(run.style));
  return KYSO_TRY(font.width(run.text)) * run.size / 1000;
}

// One line in the middle of the box: as large as wanted, smaller when it would not fit, never cut.
Result<> draw_line(Drawing& drawing, TextRun run, const Drawing::Align align) {
  const double height = drawing.height(), room = drawing.width() - 2 * kPadding;
  if (run.size <= 0) run.size = std::clamp(height * 0.7, kSmallest, kLargestAutomatic);
  const double width = KYSO_TRY(text_width(run));
  if (width > room) {
    run.size *= std::max(room, 0.0) / width;
    if (run.size < kSmallest) return fail("pdf.text.does_not_fit").with("text", run.text);
  }
  const Font font = KYSO_TRY(Font::shipped(run.style));
  const double baseline = (height - run.size * (font.ascent() + font.descent()) / 1000) / 2;
  const double x = align == Drawing::Align::left     ? kPadding
                   : align == Drawing::Align::centre ? drawing.width() / 2
                                                     : drawing.width() - kPadding;
  drawing.text(std::move(run), x, baseline, align);
  return {};
}

// ISO 32000-2 table 231, Comb: cells of equal width, a letter centred in each.
Result<> draw_comb(Drawing& drawing, TextRun run, int cells) {
  const double cell = drawing.width() / cells;
  if (run.size <= 0) run.size = std::clamp(std::min(drawing.height() * 0.7, cell), kSmallest, kLargestAutomatic);
  const Font font = KYSO_TRY(Font::shipped(run.style));
  const double baseline = (drawing.height() - run.size * (font.ascent() + font.descent()) / 1000) / 2;
  const std::u32string letters = to_utf32(run.text);
  for (std::size_t i = 0; i < letters.size(); ++i) {
    TextRun letter = run;
    letter.text = to_utf8(letters.substr(i, 1));
    drawing.text(std::move(letter), (static_cast<double>(i) + 0.5) * cell, baseline, Drawing::Align::centre);
  }
  return {};
}

}  // namespace

Result<ObjectId> draw_value(IncrementalWriter& writer, ResourceWriter& resources, const Rect& rect, int rotate,
                            const ValueStyle& style) {
  const bool sideways = rotate % 180 != 0;
  Drawing drawing(sideways ? rect.height() : rect.width(), sideways ? rect.width() : rect.height());
  if (style.run.text.empty()) return add_empty_appearance(writer, rect.width(), rect.height());
  if (style.multi_line) {
    TextRun run = style.run;
    if (run.size <= 0) run.size = kLargestAutomatic;
    const Rect box{kPadding, kPadding, drawing.width() - kPadding, drawing.height() - kPadding};
    drawing.paragraph({std::move(run)}, box, style.align);
  } else if (style.comb) {
    KYSO_TRY(draw_comb(drawing, style.run, *style.comb));
  } else {
    KYSO_TRY(draw_line(drawing, style.run, style.align));
  }
  return drawing.write(writer, resources, rotate);
}

namespace {

// The names that viewers use for the standard fonts in a form's resources.
struct FormFont {
  std::string_view resource, base_font;
};
FormFont form_font(FontStyle style) {
  switch (style) {
    case FontStyle::bold:
      return {"TiBo", "Times-Bold"};
    case FontStyle::italic:
      return {"TiIt", "Times-Italic"};
    case FontStyle::bold_italic:
      return {"TiBI", "Times-BoldItalic"};
    case FontStyle::regular:
      break;
  }
  return {"TiRo", "Times-Roman"};
}

std::string number(double value) {
  return serialize(Object(value));
}

std::string default_appearance(std::string_view font, const TextRun& run) {
  const Colour& c = run.colour;
  const std::string colour = c.r == c.g && c.g == c.b
                                 ? fmt::format("{} g", number(c.r))
                                 : fmt::format("{} {} {} rg", number(c.r), number(c.g), number(c.b));
  return fmt::format("/{} {} Tf {}", font, number(run.size), colour);
}

struct ParsedAppearance {
  std::string font;
  double size = 0;
  Colour colour;
};

// /DA is a piece of content stream (ISO 32000-2 section 12.7.4.3); operators other than font and colour don't matter.
ParsedAppearance parse_default_appearance(const std::string& text) {
  ParsedAppearance parsed;
  Lexer lexer(as_bytes(text));
  std::vector<double> numbers;
  std::string name;
  constexpr int kMostTokens = 1000;
  for (int i = 0; i < kMostTokens; ++i) {
    const Token token = lexer.next();
    if (token.kind == Token::Kind::end || token.kind == Token::Kind::invalid) break;
    if (token.kind == Token::Kind::integer) numbers.push_back(static_cast<double>(token.integer));
    if (token.kind == Token::Kind::real) numbers.push_back(token.real);
    if (token.kind == Token::Kind::name) name = token.text;
    if (token.kind != Token::Kind::keyword) continue;
    const std::size_t n = numbers.size();
    if (token.text == "Tf" && n >= 1) {
      parsed.font = name;
      parsed.size = std::clamp(numbers.back(), 0.0, 1000.0);
    } else if (token.text == "g" && n >= 1) {
      parsed.colour = {numbers.back(), numbers.back(), numbers.back()};
    } else if (token.text == "rg" && n >= 3) {
      parsed.colour = {numbers[n - 3], numbers[n - 2], numbers[n - 1]};
    } else if (token.text == "k" && n >= 4) {
      const double light = 1 - std::clamp(numbers[n - 1], 0.0, 1.0);
      parsed.colour = {(1 - numbers[n - 4]) * light, (1 - numbers[n - 3]) * light, (1 - numbers[n - 2]) * light};
    }
    numbers.clear();
  }
  for (double* part : {&parsed.colour.r, &parsed.colour.g, &parsed.colour.b}) *part = std::clamp(*part, 0.0, 1.0);
  return parsed;
}

// Weight and slope of the font that a resource name stands for, judged by its /BaseFont.
FontStyle style_of(const std::string& base_font) {
  const std::string folded = fold_case(base_font);
  const bool bold = folded.find("bold") != std::string::npos;
  const bool italic = folded.find("italic") != std::string::npos || folded.find("oblique") != std::string::npos;
  if (bold) return italic ? FontStyle::bold_italic : FontStyle::bold;
  return italic ? FontStyle::italic : FontStyle::regular;
}

Result<FontStyle> style_of_resource(const IncrementalWriter& writer, const std::string& resource) {
  Object value = KYSO_TRY(writer.view().catalog());
  for (const std::string_view key : {"AcroForm", "DR", "Font", resource.c_str(), "BaseFont"}) {
    if (value.as_dictionary() == nullptr) return FontStyle::regular;
    value = KYSO_TRY(writer.resolve(value.as_dictionary()->get(key)));
  }
  return value.as_name() != nullptr ? style_of(*value.as_name()) : FontStyle::regular;
}

Drawing::Align align_of(const Object& quadding) {
  const auto value = quadding.as_integer().value_or(0);
  return value == 1 ? Drawing::Align::centre : value == 2 ? Drawing::Align::right : Drawing::Align::left;
}

}  // namespace

Result<ObjectId> FormWriter::add_text_field(const TextFieldPlan& plan) {
  State& state = *m_state;
  const std::string name = to_nfc(plan.name);
  KYSO_TRY(state.permit(State::Change::new_field));
  KYSO_TRY(state.check_new_name(name));
  const Page page = KYSO_TRY(state.document.pages().page(plan.widget.page));
  ValueStyle style{plan.style, plan.align, false, std::nullopt};
  style.run.text = to_nfc(plan.style.text);
  const FormFont font = form_font(plan.style.style);
  WidgetPlan widget = plan.widget;
  Object font_resource = Dictionary{{"Type", Name{"Font"}},
                                    {"Subtype", Name{"Type1"}},
                                    {"BaseFont", Name{std::string(font.base_font)}},
                                    {"Encoding", Name{"WinAnsiEncoding"}}};
  KYSO_TRY(state.with_resources([&](ResourceWriter& resources) -> Result<> {
    if (!widget.appearance) {
      widget.appearance = KYSO_TRY(draw_value(state.writer, resources, widget.rect, page.rotate, style));
    }
    if (state.document.conformance().pdfa_part == 0) return {};
    // Every font of an archive document is embedded, also one that is only named.
    KYSO_TRY(resources.encode(plan.style.style, "0123456789"));
    font_resource = Object(resources.font(plan.style.style));
    return {};
  }));

  Dictionary field = state.annotation("Widget", page, widget, kPrint);
  field.set("FT", Name{"Tx"});
  field.set("T", text_string(name));
  if (!plan.tooltip.empty()) {
    field.set("TU", text_string(plan.tooltip));
  } else if (state.document.conformance().is_tagged) {
    field.set("TU", text_string(name));
  }
  if (!style.run.text.empty()) field.set("V", text_string(style.run.text));
  if (plan.read_only) field.set("Ff", kFieldReadOnly);
  field.set("DA", String{default_appearance(font.resource, plan.style), false});
  if (plan.align != Drawing::Align::left) field.set("Q", plan.align == Drawing::Align::centre ? 1 : 2);
  if (page.rotate != 0) field.set("MK", Dictionary{{"R", page.rotate}});
  const ObjectId id = state.writer.add(std::move(field));
  KYSO_TRY(state.add_to_form(id, false));
  KYSO_TRY(edit_catalog_entry(state.writer, "AcroForm", Create::indirect, [&](Dictionary& form) {
    return edit_entry(state.writer, form, "DR", Create::direct, [&](Dictionary& resources) {
      return edit_entry(state.writer, resources, "Font", Create::direct, [&](Dictionary& fonts) -> Result<> {
        if (fonts.has(font.resource)) return {};
        fonts.set(font.resource,
                  font_resource.as_reference() ? font_resource : Object(state.writer.add(font_resource)));
        return {};
      });
    });
  }));
  KYSO_TRY(state.add_to_page(page, id, "Form", plan.tooltip.empty() ? name : plan.tooltip));
  state.created.emplace(name, id);
  return id;
}

Result<> FormWriter::fill_text_field(const std::string& name, std::string_view value, std::optional<TextRun> style) {
  State& state = *m_state;
  const Field field = KYSO_TRY(state.field(name));
  const auto flags = KYSO_TRY(state.writer.resolve(field.dictionary.get("Ff"))).as_integer().value_or(0);
  if (field.kind != FieldKind::text || !field.id || (flags & kPassword) != 0) {
    return fail("pdf.field.not_text").with("field", name);
  }
  KYSO_TRY(state.permit(State::Change::fill, field.name));
  const std::string text = to_nfc(value);
  const auto most = KYSO_TRY(state.writer.resolve(field.dictionary.get("MaxLen"))).as_integer();
  if (most && *most > 0 && to_utf32(text).size() > static_cast<std::size_t>(*most)) {
    return fail("pdf.field.value_too_long").with("field", name).with("max", *most);
  }

  ValueStyle drawn;
  if (style) {
    drawn.run = *std::move(style);
  } else if (const Object appearance = KYSO_TRY(state.writer.resolve(field.dictionary.get("DA")));
             appearance.as_string() != nullptr) {
    const ParsedAppearance parsed = parse_default_appearance(appearance.as_string()->bytes);
    drawn.run.style = KYSO_TRY(style_of_resource(state.writer, parsed.font));
    drawn.run.size = parsed.size;
    drawn.run.colour = parsed.colour;
  }
  drawn.run.text = text;
  drawn.align = align_of(KYSO_TRY(state.writer.resolve(field.dictionary.get("Q"))));
  drawn.multi_line = (flags & kMultiLine) != 0;
  if ((flags & kComb) != 0 && !drawn.multi_line && most && *most > 0) drawn.comb = static_cast<int>(*most);

  KYSO_TRY(state.writer.update_entry(*field.id, "V", text_string(text)));
  return state.with_resources([&](ResourceWriter& resources) -> Result<> {
    for (const Widget& widget : field.widgets) {
      if (!widget.id || widget.rect.area() <= 0) continue;
      const int rotate = widget.page == kNoPage ? 0 : KYSO_TRY(state.document.pages().page(widget.page)).rotate;
      const ObjectId appearance = KYSO_TRY(draw_value(state.writer, resources, widget.rect, rotate, drawn));
      KYSO_TRY(state.set_appearance(*widget.id, appearance));
    }
    return {};
  });
}

}  // namespace kyso::pdf
