#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "decree30/planner.h"
#include "decree30/template_keys.h"

namespace kyso::decree30 {
namespace {

constexpr double kSpacing = 1.15;

}  // namespace

Result<TextBlock> fit_lines(const std::vector<std::string>& lines, const TextStyle& style, double width,
                            double height) {
  const pdf::Font font = KYSO_TRY(pdf::Font::shipped(style.font));
  for (double size = style.size; size >= std::min(style.size, style.smallest) - 1e-9; size -= 0.5) {
    TextBlock block;
    block.size = size;
    bool fits = true;
    for (const std::string& line : lines) {
      const auto laid = pdf::lay_out(line, style.font, size, width, size, 1e6, kSpacing);
      if (!laid && laid.error().code != "pdf.text.does_not_fit") return laid.error();
      if (!laid) {
        fits = false;
        break;
      }
      for (const std::string& part : laid->lines) {
        block.width = std::max(block.width, KYSO_TRY(font.width(part)) * size / 1000);
        block.lines.push_back(part);
      }
    }
    const double count = static_cast<double>(block.lines.size());
    block.height = count == 0 ? 0 : size * ((count - 1) * kSpacing + (font.ascent() - font.descent()) / 1000);
    if (fits && block.height <= height + 1e-6) return block;
  }
  return fail("decree30.text.no_room").with("text", lines.empty() ? std::string() : lines.front());
}

Result<> draw_lines(pdf::Drawing& drawing, const std::vector<std::string>& lines, const TextStyle& style,
                    const pdf::Rect& box) {
  const TextBlock block = KYSO_TRY(fit_lines(lines, style, box.width(), box.height()));
  const pdf::Font font = KYSO_TRY(pdf::Font::shipped(style.font));
  double baseline = box.y1 - block.size * font.ascent() / 1000;
  double x = box.x0;
  if (style.align == pdf::Drawing::Align::centre) x = (box.x0 + box.x1) / 2;
  if (style.align == pdf::Drawing::Align::right) x = box.x1;
  for (const std::string& line : block.lines) {
    drawing.text({line, style.font, block.size, style.colour}, x, baseline, style.align);
    baseline -= block.size * kSpacing;
  }
  return {};
}

double baseline_in(const pdf::Rect& box) {
  constexpr double kDescentShare = 0.216 / (0.216 + 0.891);  // of Times New Roman
  return box.y0 + kDescentShare * box.height();
}

std::vector<std::string> information_lines(const Planner& planner) {
  const Template& t = planner.tmpl;
  std::vector<std::string> out;
  const auto add = [&](bool shown, const std::string& label, const std::string& value) {
    if (shown && !value.empty()) out.push_back(to_nfc(t.show_labels ? label + value : value));
  };
  add(t.show_name, t.label_name, planner.request.certificate.common_name());
  add(t.show_email, t.label_email, planner.request.certificate.email());
  add(t.show_agency, t.label_agency, planner.agency());
  add(t.show_time, t.label_time, format_time(planner.request.now, t.time_format));
  return out;
}

Result<std::optional<pdf::Drawing>> signature_appearance(Planner& planner, double width, double height) {
  const Template& t = planner.tmpl;
  const bool with_image = t.show == Template::Show::image || t.show == Template::Show::image_and_text;
  const bool with_text = t.show == Template::Show::text || t.show == Template::Show::image_and_text;
  if (t.show == Template::Show::nothing || width <= 0 || height <= 0) return std::optional<pdf::Drawing>();
  if (with_image && !with_text && !planner.request.image)
    return fail("decree30.image.missing").with("role", name_of(planner.request.role));

  pdf::Drawing drawing(width, height);
  pdf::Rect text_box{0, 0, width, height};
  if (with_image && planner.request.image) {
    pdf::Rect image_box = text_box;
    if (with_text) {
      // As the usual tools lay it out: the picture left, the information beside it.
      image_box.x1 = std::min(0.42 * width, height * 1.5);
      text_box.x0 = image_box.x1 + 4;
    }
    drawing.image(*planner.request.image, image_box);
  }
  const std::vector<std::string> lines = information_lines(planner);
  if (with_text && !lines.empty()) {
    const TextStyle style{t.font_style, t.font_size, t.text_colour, pdf::Drawing::Align::left, 5};
    const TextBlock block = KYSO_TRY(fit_lines(lines, style, text_box.width(), text_box.height()));
    const double spare = (text_box.height() - block.height) / 2;
    KYSO_TRY(draw_lines(drawing, lines, style, {text_box.x0, text_box.y0, text_box.x1, text_box.y1 - spare}));
  }
  return std::optional(std::move(drawing));
}

void check_ink(Planner& planner, Ink wanted) {
  if (!planner.request.image) return;
  const pdf::Image& image = *planner.request.image;
  if (!image.has_transparency()) planner.note("decree30.image.opaque");
  const pdf::Colour ink = image.ink();
  // Scanners differ: only a clearly other colour is worth a word.
  if (wanted == Ink::blue && ink.b < std::max(ink.r, ink.g) + 0.05) planner.note("decree30.image.not_blue");
  if (wanted == Ink::red && ink.r < std::max(ink.b, ink.g) + 0.15) planner.note("decree30.image.not_red");
}

}  // namespace kyso::decree30
