#include <algorithm>
#include <array>

#include "base/text.h"
#include "decree30/role_plans.h"

// The "ĐẾN" stamp of the receiving office (article 22; Appendix IV): a frame of 35×50 mm under box 3 or where there is
// room.
namespace kyso::decree30 {
namespace {

constexpr std::string_view kBlank = "…………";

// The stamp's lines at their places in a frame of any size.
Result<pdf::Drawing> draw_stamp(Planner& planner, double width, double height) {
  const Template& t = planner.tmpl;
  const RoleRequest& request = planner.request;
  const pdf::Colour ink = t.text_colour;
  const double scale = std::min(width / (50 * kPointsPerMm), height / (35 * kPointsPerMm));
  const double pad = 3 * scale, split = width * 0.27;
  const double top = height * 0.73, middle = height * 0.38;
  pdf::Drawing drawing(width, height);
  drawing.frame({0.5, 0.5, width - 0.5, height - 0.5}, std::max(0.5, scale), ink);
  drawing.line(0.5, middle, width - 0.5, middle, 0.5 * scale, ink);
  drawing.line(split, middle, split, top, 0.5 * scale, ink);
  drawing.line(0.5, top, width - 0.5, top, 0.5 * scale, ink);

  const auto or_blank = [](const std::string& value) {
    const std::string text = to_nfc(trim(value));
    return text.empty() ? std::string(kBlank) : text;
  };
  const CivilTime date = vietnam_time(request.date.value_or(request.now));
  const std::string day = fmt::format("{:02}/{:02}/{}", date.day, date.month, date.year);
  using Align = pdf::Drawing::Align;
  const auto write = [&](const std::string& text, pdf::FontStyle font, double size, Align align,
                         const pdf::Rect& box) -> Result<> {
    const TextStyle style{font, size * scale, ink, align, 4 * scale};
    const TextBlock block = KYSO_TRY(fit_lines({text}, style, box.width(), box.height()));
    const double spare = (box.height() - block.height) / 2;
    return draw_lines(drawing, {text}, style, {box.x0, box.y0, box.x1, box.y1 - spare});
  };
  using enum pdf::FontStyle;
  KYSO_TRY(write(to_upper(or_blank(planner.agency())), bold, 10, Align::centre, {pad, top, width - pad, height - pad}));
  KYSO_TRY(write("ĐẾN", bold, 13, Align::centre, {pad, middle, split - pad / 2, top}));
  const double half = (middle + top) / 2;
  KYSO_TRY(write("Số: " + or_blank(request.number), regular, 10, Align::left, {split + pad, half, width - pad, top}));
  KYSO_TRY(write("Ngày: " + day, regular, 10, Align::left, {split + pad, middle, width - pad, half}));
  const double low = middle / 2;
  KYSO_TRY(write("Chuyển: " + or_blank(request.incoming_forward), regular, 10, Align::left,
                 {pad, low, width - pad, middle}));
  KYSO_TRY(write("Số và ký hiệu HS: " + or_blank(request.incoming_file_code), regular, 10, Align::left,
                 {pad, pad / 2, width - pad, low}));
  return drawing;
}

// Under box 3 ("Số: …") and what belongs to it ("V/v …"), else the upper left corner.
std::pair<double, double> wished_corner(const Sheet& sheet, double height, double margin) {
  const auto number = find_number_box(sheet);
  if (!number) return {margin, sheet.height - margin - height};
  double bottom = number->label.y0;
  for (const Segment& segment : sheet.segments)
    if (segment.text().starts_with("V/v") || segment.text().starts_with("V/V"))
      bottom = std::min(bottom, segment.box.y0);
  return {std::max(margin, number->label.x0 - 40), bottom - 4 - height};
}

Result<Target> stamp_place(Planner& planner) {
  const Template& t = planner.tmpl;
  if (t.corner != Template::Corner::automatic) return planner.corner_target(t.corner, t.width, t.height);
  const std::size_t page = KYSO_TRY(planner.chosen_page(0));
  const Sheet& sheet = *KYSO_TRY(planner.reader.sheet(page));
  const pdf::Rect area{8, 8, sheet.width - 8, sheet.height - 8};
  // Its real size wherever it is free; smaller only on a page that is full.
  for (const double share : {1.0, 0.9, 0.8, 0.7, 0.6}) {
    const double width = t.width * share, height = t.height * share;
    const auto box = find_free_box(sheet, width, height, wished_corner(sheet, height, t.margin), area);
    if (!box) continue;
    if (share < 1) planner.note("decree30.incoming.smaller");
    return Target{page, *box, "corner", nullptr};
  }
  return fail("decree30.place.no_room").with("page", page + 1);
}

}  // namespace

Result<> plan_incoming(Planner& planner) {
  const auto by_user = KYSO_TRY(place_by_user(planner));
  const Target target = by_user ? *by_user : KYSO_TRY(stamp_place(planner));
  if (!target.is_visible()) return planner.place(target, "DauDen", std::nullopt);
  return planner.place(target, "DauDen", KYSO_TRY(draw_stamp(planner, target.box.width(), target.box.height())));
}

}  // namespace kyso::decree30
