#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "decree30/role_plans.h"

// Roles that show lines of text: appendix in its own file and electronic copy (Appendix I, III: no image, top right of
// the first page, upright 10, black), and a comment (bút phê).
namespace kyso::decree30 {
namespace {

std::string filled(std::string pattern, std::initializer_list<std::pair<std::string_view, std::string>> values) {
  std::string out;
  for (std::size_t at = 0; at < pattern.size();) {
    const auto hit =
        std::ranges::find_if(values, [&](const auto& v) { return pattern.compare(at, v.first.size(), v.first) == 0; });
    if (hit == values.end()) {
      out += pattern[at++];
    } else {
      out += hit->second;
      at += hit->first.size();
    }
  }
  return to_nfc(out);
}

struct Fitted {
  pdf::Rect box;
  TextStyle style;
};

// The free place nearest to the top right corner for a line: on one line first, then wrapped, then smaller.
Result<std::optional<Fitted>> top_right(const Sheet& sheet, const std::vector<std::string>& lines, TextStyle style,
                                        double margin) {
  const double inner = std::max(20.0, sheet.width - 2 * margin);
  const pdf::Rect area{std::min(margin, sheet.width / 2), 0.5 * sheet.height, sheet.width - margin, sheet.height - 8};
  std::optional<Fitted> best;
  double best_cost = 0;
  for (const double size : {1.0, 0.9, 0.8, 0.7}) {
    for (const double share : {1.0, 0.5, 0.35, 0.25}) {
      TextStyle attempt = style;
      attempt.size = attempt.smallest = style.size * size;
      const auto block = fit_lines(lines, attempt, inner * share, 0.3 * sheet.height);
      if (!block && block.error().code != "decree30.text.no_room") return block.error();
      if (!block) continue;
      const double width = block->width + 1, height = block->height + 1;
      const std::pair<double, double> wish{sheet.width - margin - width, sheet.height - margin - height};
      const auto box = find_free_box(sheet, width, height, wish, area);
      if (!box) continue;
      // How far from the corner, and what smaller or broken lines are worth.
      const double away = (sheet.width - margin - box->x1) + (sheet.height - margin - box->y1);
      const double cost = std::abs(away) + 25 * static_cast<double>(block->lines.size()) + 400 * (1 - size);
      if (!best || cost < best_cost) {
        best = Fitted{*box, attempt};
        best_cost = cost;
      }
    }
  }
  return best;
}

Result<> place_lines(Planner& planner, const std::vector<std::string>& lines, const std::string& stem) {
  const Template& t = planner.tmpl;
  TextStyle style{t.font_style, t.font_size, t.text_colour, pdf::Drawing::Align::right, 5};
  auto by_user = KYSO_TRY(planner.explicit_target());
  if (!by_user && !planner.request.placement.near.empty()) {
    const TextBlock block = KYSO_TRY(fit_lines(lines, style, 260, 200));
    by_user = KYSO_TRY(place_near(planner, block.width + 1, block.height + 1));
  }
  Target target;
  if (by_user) {
    target = *by_user;
    style.align = pdf::Drawing::Align::left;
  } else {
    const std::size_t page = KYSO_TRY(planner.chosen_page(0));
    const Sheet& sheet = *KYSO_TRY(planner.reader.sheet(page));
    const auto fitted = KYSO_TRY(top_right(sheet, lines, style, t.margin));
    if (!fitted) return fail("decree30.place.no_room").with("page", page + 1);
    style = fitted->style;
    target = {page, fitted->box, "corner", nullptr};
  }
  if (!target.is_visible()) return planner.place(target, stem, std::nullopt);
  pdf::Drawing drawing(target.box.width(), target.box.height());
  KYSO_TRY(draw_lines(drawing, lines, style, {0, 0, target.box.width(), target.box.height()}));
  return planner.place(target, stem, std::move(drawing));
}

}  // namespace

Result<> plan_appendix(Planner& planner) {
  const RoleRequest& request = planner.request;
  const bool wants_number = planner.tmpl.appendix_line.find("{number}") != std::string::npos;
  if (wants_number && trim(request.number).empty()) return fail("decree30.number.missing");
  const std::string number = wants_number ? KYSO_TRY(parse_number(request.number)).text() : std::string();
  const std::string line =
      filled(planner.tmpl.appendix_line, {{"{number}", number},
                                          {"{agency}", planner.agency()},
                                          {"{name}", request.certificate.common_name()},
                                          {"{time}", format_time(request.now, planner.tmpl.time_format)}});
  return place_lines(planner, {line}, "PhuLuc");
}

Result<> plan_copy(Planner& planner) {
  const RoleRequest& request = planner.request;
  const std::string line =
      filled(planner.tmpl.copy_line, {{"{kind}", std::string(text_of(planner.tmpl.copy_kind))},
                                      {"{agency}", planner.agency()},
                                      {"{name}", request.certificate.common_name()},
                                      {"{time}", format_time(request.now, planner.tmpl.time_format)}});
  return place_lines(planner, {line}, "BanSao");
}

namespace {

// The largest of some boxes that is free near the top left, where comments are written by hand.
Result<Target> comment_place(Planner& planner, const std::vector<std::string>& lines, const TextStyle& style) {
  const Template& t = planner.tmpl;
  const std::size_t page = KYSO_TRY(planner.chosen_page(0));
  const Sheet& sheet = *KYSO_TRY(planner.reader.sheet(page));
  const pdf::Rect area{8, 8, sheet.width - 8, sheet.height - 8};
  const double image_height = planner.request.image ? t.height / 2 : 0;
  for (const double share : {1.0, 0.75, 0.55, 0.4}) {
    TextStyle attempt = style;
    attempt.smallest = std::max(6.0, style.size * share);
    const auto block =
        fit_lines(lines, attempt, t.width * std::max(share, 0.5), std::max(t.height, 0.4 * sheet.height));
    if (!block && block.error().code != "decree30.text.no_room") return block.error();
    if (!block) continue;
    const double width = std::max(block->width, planner.request.image ? t.width * 0.5 : 0.0) + 2;
    const double height = block->height + image_height + 2;
    const auto box = find_free_box(sheet, width, height, {t.margin, sheet.height - t.margin - height}, area);
    if (box) return Target{page, *box, "corner", nullptr};
  }
  return fail("decree30.place.no_room").with("page", page + 1);
}

}  // namespace

Result<> plan_comment(Planner& planner) {
  const Template& t = planner.tmpl;
  const std::string text = to_nfc(trim(planner.request.comment));
  if (text.empty() && !planner.request.image) return fail("decree30.comment.missing");
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.emplace_back(trim(std::string_view(text).substr(at, end - at)));
    at = end + 1;
  }
  std::erase(lines, std::string());
  if (!lines.empty())
    for (std::string& line : information_lines(planner)) lines.push_back(std::move(line));
  const TextStyle style{t.font_style, t.font_size, t.text_colour, pdf::Drawing::Align::left, 6};

  const auto by_user = KYSO_TRY(place_by_user(planner));
  const Target target = by_user ? *by_user : KYSO_TRY(comment_place(planner, lines, style));
  if (!target.is_visible()) return planner.place(target, "YKien", std::nullopt);
  const double width = target.box.width(), height = target.box.height();
  pdf::Drawing drawing(width, height);
  double text_bottom = 0;
  if (planner.request.image) {
    text_bottom = lines.empty() ? height : height * 0.45;
    drawing.image(*planner.request.image, {0, 0, width, text_bottom});
    if (lines.empty()) text_bottom = height;
  }
  if (!lines.empty()) KYSO_TRY(draw_lines(drawing, lines, style, {0, text_bottom, width, height}));
  return planner.place(target, "YKien", std::move(drawing));
}

}  // namespace kyso::decree30
