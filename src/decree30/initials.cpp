#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "decree30/role_plans.h"

// Ký nháy: by the drafter or the head of the unit, before the leader. The decree leaves place and size open.
namespace kyso::decree30 {
namespace {

constexpr double kAir = 4;

// The last line of the text ends with "./." (Appendix I, II.6).
Result<std::optional<std::pair<std::size_t, pdf::Rect>>> end_of_text(Planner& planner) {
  using Found = std::optional<std::pair<std::size_t, pdf::Rect>>;
  for (std::size_t page = 0; page < planner.reader.count(); ++page) {
    const Sheet& sheet = *KYSO_TRY(planner.reader.sheet(page));
    for (const Segment& segment : sheet.segments)
      if (segment.text().ends_with("./.")) return Found({page, segment.box});
  }
  return Found();
}

Result<std::optional<std::pair<std::size_t, pdf::Rect>>> recipients(Planner& planner) {
  using Found = std::optional<std::pair<std::size_t, pdf::Rect>>;
  for (std::size_t page = planner.reader.count(); page-- > 0;) {
    const Sheet& sheet = *KYSO_TRY(planner.reader.sheet(page));
    for (const Segment& segment : sheet.segments)
      if (fold_case(segment.text()).starts_with("nơi nhận")) return Found({page, segment.box});
  }
  return Found();
}

Result<Target> initials_place(Planner& planner, double width, double height) {
  const bool first_choice_text = planner.tmpl.initials_place == Template::InitialsPlace::after_text;
  auto beside = KYSO_TRY(first_choice_text ? end_of_text(planner) : recipients(planner));
  if (!beside) beside = KYSO_TRY(first_choice_text ? recipients(planner) : end_of_text(planner));
  if (!beside) return planner.corner_target(Template::Corner::bottom_left, width, height);
  const auto [page, text] = *beside;
  const Sheet& sheet = *KYSO_TRY(planner.reader.sheet(page));
  // On the line itself, then smaller, then the nearest free place.
  const double y = (text.y0 + text.y1 - height) / 2;
  const auto box = find_free_box(sheet, width, height, {text.x1 + kAir, y}, sheet.bounds(), 0.5);
  if (!box) return fail("decree30.place.no_room").with("page", page + 1);
  return Target{page, *box, "name", nullptr};
}

// A picture, or the first letters of the name: "Nguyễn Văn A" → "NVA".
std::string initials_of(const std::string& name) {
  std::string out;
  bool at_start = true;
  for (const char32_t c : to_utf32(name)) {
    if (at_start && c != U' ') append_utf8(out, c);
    at_start = c == U' ';
  }
  return to_upper(out);
}

Result<std::optional<pdf::Drawing>> initials_appearance(Planner& planner, double width, double height) {
  const Template& t = planner.tmpl;
  if (t.show != Template::Show::text && planner.request.image) return signature_appearance(planner, width, height);
  if (t.show == Template::Show::nothing || width <= 0 || height <= 0) return std::optional<pdf::Drawing>();
  const std::string name = t.signer_name.empty() ? planner.request.certificate.common_name() : t.signer_name;
  const std::string text = initials_of(to_nfc(name));
  if (text.empty()) return fail("decree30.image.missing").with("role", name_of(Role::initials));
  pdf::Drawing drawing(width, height);
  const TextStyle style{t.font_style, t.font_size, t.text_colour, pdf::Drawing::Align::centre, 5};
  const TextBlock block = KYSO_TRY(fit_lines({text}, style, width, height));
  KYSO_TRY(draw_lines(drawing, {text}, style, {0, 0, width, height - (height - block.height) / 2}));
  return std::optional(std::move(drawing));
}

}  // namespace

Result<> plan_initials(Planner& planner) {
  const Template& t = planner.tmpl;
  const auto by_user = KYSO_TRY(place_by_user(planner));
  Target target;
  if (by_user) {
    target = *by_user;
  } else if (t.corner != Template::Corner::automatic) {
    target = KYSO_TRY(planner.corner_target(t.corner, t.width, t.height));
  } else {
    target = KYSO_TRY(initials_place(planner, t.width, t.height));
  }
  auto appearance = KYSO_TRY(initials_appearance(planner, target.box.width(), target.box.height()));
  KYSO_TRY(planner.place(target, "KyNhay", std::move(appearance)));
  if (!t.prepare_round || planner.is_signed()) return {};
  const auto leader = KYSO_TRY(leader_place_by_layout(planner));
  return prepare_round(planner, leader.value_or(Target{}), true);
}

}  // namespace kyso::decree30
