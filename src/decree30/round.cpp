#include <algorithm>

#include "decree30/role_plans.h"

// Everything that later steps of the round will need is created before the first signature: a strict verifier refuses
// new visible fields after a certification and any new text field after a signature.
namespace kyso::decree30 {

DateFields date_fields(const Template& tmpl) {
  return {tmpl.date_field + "_Ngay", tmpl.date_field + "_Thang", tmpl.date_field + "_Nam"};
}

std::vector<std::string> locked_names(const Template& tmpl) {
  const DateFields date = date_fields(tmpl);
  return {tmpl.number_field, tmpl.date_field, date.day, date.month, date.year, tmpl.edge_seal_field};
}

pdf::Rect seal_box(const pdf::Rect& leader, const Template& tmpl, const Sheet& sheet) {
  const double diameter = tmpl.seal_diameter_mm * kPointsPerMm;
  const double x = leader.x0 + leader.width() * tmpl.seal_overlap_percent / 100 - diameter;
  const double y = (leader.y0 + leader.y1 - diameter) / 2;
  const double left = std::clamp(x, 0.0, std::max(0.0, sheet.width - diameter));
  const double bottom = std::clamp(y, 0.0, std::max(0.0, sheet.height - diameter));
  return {left, bottom, left + diameter, bottom + diameter};
}

Change adding_text_field(const Sheet& sheet, const TextEntry& entry) {
  pdf::FormWriter::TextFieldPlan field;
  field.name = entry.field;
  field.tooltip = entry.tooltip;
  field.widget = {sheet.page.index, sheet.to_user(entry.gap->box), std::nullopt};
  field.style = {entry.value, entry.gap->style, entry.gap->font_size / sheet.page.user_unit, {}};
  field.align = entry.align;
  return [field](pdf::FormWriter& form, pdf::IncrementalWriter&, pdf::ResourceWriter&) -> Result<> {
    KYSO_TRY(form.add_text_field(field));
    return {};
  };
}

namespace {

void prepare_text(Planner& planner, const Sheet& sheet, const TextEntry& entry) {
  if (entry.gap && planner.document.form().find(entry.field) == nullptr)
    planner.plan.changes.push_back(adding_text_field(sheet, entry));
}

Result<> prepare_number_and_date(Planner& planner) {
  const Sheet& sheet = *KYSO_TRY(planner.reader.sheet(0));
  const auto number = find_number_box(sheet);
  if (number && number->gap) {
    prepare_text(planner, sheet, {planner.tmpl.number_field, "Số văn bản", "", number->gap, number_align(number)});
  } else if (!number || number->printed.empty()) {
    planner.note("decree30.round.no_number_place");
  }
  const auto date = find_date_box(sheet);
  if (!date) {
    planner.note("decree30.round.no_date_place");
    return {};
  }
  const DateFields names = date_fields(planner.tmpl);
  prepare_text(planner, sheet, {names.day, "Ngày ban hành", "", date->day});
  prepare_text(planner, sheet, {names.month, "Tháng ban hành", "", date->month});
  prepare_text(planner, sheet, {names.year, "Năm ban hành", "", date->year, pdf::Drawing::Align::left});
  return {};
}

void add_signature_change(Planner& planner, const std::string& name, std::size_t page, const pdf::Rect& user,
                          std::optional<pdf::FieldLock> lock) {
  if (planner.document.form().find(name) != nullptr) return;
  planner.plan.changes.push_back([=](pdf::FormWriter& form, pdf::IncrementalWriter&, pdf::ResourceWriter&) -> Result<> {
    KYSO_TRY(form.add_signature_field(name, {page, user, std::nullopt}, lock));
    return {};
  });
}

}  // namespace

Result<> prepare_round(Planner& planner, const Target& leader, bool with_leader_field) {
  const Template& t = planner.tmpl;
  KYSO_TRY(prepare_number_and_date(planner));
  if (leader.is_visible()) {
    const Sheet& sheet = *KYSO_TRY(planner.reader.sheet(leader.page));
    if (with_leader_field)
      add_signature_change(planner, t.leader_field, leader.page, sheet.to_user(leader.box), std::nullopt);
    const pdf::Rect seal = sheet.to_user(seal_box(leader.box, t, sheet));
    add_signature_change(planner, t.organisation_field, leader.page, seal,
                         pdf::FieldLock{pdf::LockAction::include, locked_names(t), std::nullopt});
  } else {
    planner.note("decree30.round.no_leader_place");
  }
  if (edge_seal_way(planner) == Template::EdgeSeal::by_the_book) KYSO_TRY(prepare_edge_seal(planner));
  if (!planner.plan.changes.empty()) planner.note("decree30.round.prepared");
  return {};
}

}  // namespace kyso::decree30
