#include "decree30/planner.h"

#include <algorithm>

#include "base/text.h"
#include "decree30/template_keys.h"

namespace kyso::decree30 {
namespace {

pdf::Rect at_corner(Template::Corner corner, double width, double height, const Sheet& sheet, double margin) {
  const bool left = corner == Template::Corner::top_left || corner == Template::Corner::bottom_left;
  const bool top = corner == Template::Corner::top_left || corner == Template::Corner::top_right;
  const double x = std::max(0.0, left ? margin : sheet.width - margin - width);
  const double y = std::max(0.0, top ? sheet.height - margin - height : margin);
  return {x, y, std::min(x + width, sheet.width), std::min(y + height, sheet.height)};
}

}  // namespace

void Planner::note(std::string id) {
  if (std::ranges::find(plan.notes, id) == plan.notes.end()) plan.notes.push_back(std::move(id));
}

Result<std::size_t> Planner::chosen_page(std::size_t automatic) const {
  const std::size_t count = document.pages().count();
  std::size_t page = automatic;
  if (tmpl.page == Template::PageChoice::first) page = 0;
  if (tmpl.page == Template::PageChoice::last) page = count - 1;
  if (tmpl.page == Template::PageChoice::number) page = tmpl.page_number - 1;
  if (request.placement.page) page = *request.placement.page;
  if (page >= count) return fail("pdf.page.missing").with("page", page + 1).with("pages", count);
  return page;
}

Result<std::optional<Target>> Planner::explicit_target() {
  const Placement& wish = request.placement;
  if ((wish.near.empty() ? 0 : 1) + (wish.rect ? 1 : 0) + (wish.field.empty() ? 0 : 1) > 1)
    return fail("decree30.place.conflict");
  if (!wish.field.empty()) {
    const pdf::Field* field = document.form().find(to_nfc(wish.field));
    if (field == nullptr) return fail("pdf.field.missing").with("field", wish.field);
    return std::optional(KYSO_TRY(field_target(*field)));
  }
  if (!wish.rect) return std::optional<Target>();
  // The signatures of the letter itself stand at its end; everything else begins on the first page.
  const bool at_the_end =
      request.role == Role::initials || request.role == Role::leader || request.role == Role::organisation;
  const std::size_t page = KYSO_TRY(chosen_page(at_the_end ? document.pages().count() - 1 : 0));
  const pdf::Page found_page = KYSO_TRY(document.pages().page(page));
  const pdf::Rect& r = *wish.rect;
  const pdf::Rect box{std::min(r.x0, r.x1), std::min(r.y0, r.y1), std::max(r.x0, r.x1), std::max(r.y0, r.y1)};
  const pdf::Rect bounds{0, 0, found_page.visible_width(), found_page.visible_height()};
  if (!bounds.contains(box, 0.5)) {
    return fail("pdf.rect.outside")
        .with("page", page + 1)
        .with("width", fmt::format("{:.0f}", bounds.x1))
        .with("height", fmt::format("{:.0f}", bounds.y1));
  }
  return std::optional(Target{page, box.intersection(bounds), "rect", nullptr});
}

const pdf::Field* Planner::usable_field(const std::string& name) const {
  const pdf::Field* field = document.form().find(name);
  const bool usable = field != nullptr && field->kind == pdf::FieldKind::signature && !field->is_signed &&
                      !permissions.is_field_locked(field->name);
  return usable ? field : nullptr;
}

Result<Target> Planner::field_target(const pdf::Field& field) {
  Target target{0, {}, "field", &field};
  if (field.widgets.empty() || field.widgets.front().page == pdf::kNoPage) return target;
  const pdf::Widget& widget = field.widgets.front();
  const pdf::Page page = KYSO_TRY(document.pages().page(widget.page));
  target.page = widget.page;
  if (widget.rect.area() > 0) target.box = page.user_to_visible().apply(widget.rect);
  return target;
}

Result<Target> Planner::corner_target(Template::Corner corner, double width, double height) {
  const std::size_t page = KYSO_TRY(chosen_page(document.pages().count() - 1));
  const Sheet& sheet = *KYSO_TRY(reader.sheet(page));
  const pdf::Rect box = at_corner(corner, width, height, sheet, tmpl.margin);
  // The nearest place that covers nothing; on a page without one the corner stands: it was asked for.
  const auto free_box = find_free_box(sheet, box.width(), box.height(), {box.x0, box.y0}, sheet.bounds());
  if (!free_box && !sheet.is_free(box)) note("decree30.place.covers");
  return Target{page, free_box.value_or(box), "corner", nullptr};
}

std::string Planner::unused_field(const std::string& stem) const {
  return document.form().find(stem) == nullptr ? stem : document.form().unused_name(stem);
}

std::string Planner::agency() const {
  for (const std::string& text : {request.agency, tmpl.agency, request.certificate.organisation()})
    if (!trim(text).empty()) return to_nfc(trim(text));
  return request.certificate.has_personal_name() ? std::string() : request.certificate.common_name();
}

Result<> Planner::place(const Target& target, const std::string& stem, std::optional<pdf::Drawing> appearance) {
  const bool visible = target.is_visible() && appearance && !appearance->is_empty();
  if (target.field != nullptr) {
    KYSO_TRY(allow_signing_field(*this, *target.field));
    plan.field = target.field->name;
  } else {
    plan.field = unused_field(stem);
    KYSO_TRY(allow_new_field(*this, plan.field, visible));
    if (visible && is_signed()) note("decree30.signature.new_field");
  }
  plan.page = target.page;
  found.page = target.page;
  found.by = target.by;
  if (visible || target.field != nullptr) {
    const pdf::Page page = KYSO_TRY(document.pages().page(target.page));
    plan.rect = target.is_visible() ? page.visible_to_user().apply(target.box) : pdf::Rect{};
  }
  found.rect = plan.rect;
  if (visible) plan.appearance = std::move(appearance);
  return {};
}

Result<sign::Plan> Planner::finish(FoundPlace* out) {
  plan.reason = tmpl.reason;
  plan.location = tmpl.location;
  const std::optional<int> certify = request.certify ? request.certify : tmpl.certify;
  if (certify && (*certify < 1 || *certify > 3)) return fail("decree30.certify.level").with("level", *certify);
  // ISO 32000-2 section 12.8.2.2.1: only the first signature of a document certifies.
  if (certify && is_signed()) {
    if (request.certify) return fail("decree30.certify.not_first");
    note("decree30.certify.skipped");
  } else {
    plan.certify = certify;
  }
  if (request.lock) plan.field_mdp = pdf::FieldLock{pdf::LockAction::all, {}, std::nullopt};
  if (out != nullptr) *out = found;
  return plan;
}

}  // namespace kyso::decree30
