#include <algorithm>

#include "base/text.h"
#include "decree30/role_plans.h"

// The clerk's number and date (Appendix I, II.3 and II.4), after the leader and before or with the organisation's seal.
namespace kyso::decree30 {
namespace {

struct Work {
  std::vector<TextEntry> entries;
  const Sheet* sheet = nullptr;
};

bool has_field(const Planner& planner, const std::string& name) {
  return planner.document.form().find(name) != nullptr;
}

// A date in one field made by somebody else: in full where the page prints no words of its own.
std::string whole_date(const CivilTime& date, bool words_printed) {
  if (words_printed) return fmt::format("{}/{}/{}", day_text(date), month_text(date), date.year);
  return fmt::format("ngày {} tháng {} năm {}", day_text(date), month_text(date), date.year);
}

Result<> add_date(const Planner& planner, const Sheet& sheet, const CivilTime& date, std::vector<TextEntry>& out) {
  std::optional<DateBox> box = find_date_box(sheet);
  const DateFields names = date_fields(planner.tmpl);
  if (has_field(planner, planner.tmpl.date_field) && !has_field(planner, names.day)) {
    out.push_back({planner.tmpl.date_field, "Ngày ban hành", whole_date(date, box.has_value()), std::nullopt});
    return {};
  }
  DateBox printed = box.value_or(DateBox{});
  // What an earlier filling shows is no printed word.
  if (has_field(planner, names.day)) printed.printed_day.clear();
  if (has_field(planner, names.month)) printed.printed_month.clear();
  const bool year_field = has_field(planner, names.year);
  if (year_field && printed.printed_year.size() == 4) printed.printed_year.clear();
  KYSO_TRY(check_date(date, printed));
  const auto part = [&](const std::string& name, std::string_view tooltip, const std::string& value,
                        const std::optional<Gap>& gap) {
    if (gap || has_field(planner, name)) out.push_back({name, std::string(tooltip), value, gap});
  };
  part(names.day, "Ngày ban hành", day_text(date), printed.day);
  part(names.month, "Tháng ban hành", month_text(date), printed.month);
  part(names.year, "Năm ban hành", year_text(date, printed), printed.year);
  if (!out.empty() && out.back().field == names.year) out.back().align = pdf::Drawing::Align::left;
  return {};
}

// Number and date with the places that the first page offers for them.
Result<Work> plan_entries(Planner& planner) {
  const RoleRequest& request = planner.request;
  if (trim(request.number).empty()) return fail("decree30.number.missing");
  const DocumentNumber number = KYSO_TRY(parse_number(request.number));
  Work work;
  work.sheet = KYSO_TRY(planner.reader.sheet(0));
  const std::optional<NumberBox> box = find_number_box(*work.sheet);
  const std::string& field = planner.tmpl.number_field;
  if (box && !box->printed.empty() && !has_field(planner, field)) {
    const bool same = fold_case(box->printed) == fold_case(number.number);
    if (!same)
      return fail("decree30.number.mismatch")
          .with("given", number.text())
          .with("printed", box->printed + "/" + box->suffix);
    KYSO_TRY(number_to_write(number, box));
  } else {
    work.entries.push_back({field, "Số văn bản", KYSO_TRY(number_to_write(number, box)), box ? box->gap : std::nullopt,
                            number_align(box)});
  }
  KYSO_TRY(add_date(planner, *work.sheet, vietnam_time(request.date.value_or(request.now)), work.entries));
  return work;
}

// Way (a): the fields are there.
Result<NumberWork> fill_fields(Planner& planner, const Work& work) {
  NumberWork out;
  for (const TextEntry& entry : work.entries) {
    const pdf::Field* field = planner.document.form().find(entry.field);
    if (field == nullptr) continue;
    KYSO_TRY(allow_filling(planner, *field));
    if (!field->value.empty() && field->value != entry.value) out.notes.push_back("decree30.number.replaced");
    out.changes.push_back(
        [name = entry.field, value = entry.value](pdf::FormWriter& form, pdf::IncrementalWriter&,
                                                  pdf::ResourceWriter&) { return form.fill_text_field(name, value); });
  }
  out.notes.push_back("decree30.number.fields");
  return out;
}

// Way (b): nobody has signed yet, so fields can still be made.
Result<NumberWork> add_fields(const Work& work) {
  NumberWork out;
  for (const TextEntry& entry : work.entries) {
    if (!entry.gap) return fail("decree30.number.no_place");
    out.changes.push_back(adding_text_field(*work.sheet, entry));
  }
  out.notes.push_back("decree30.number.added");
  return out;
}

}  // namespace

bool has_number_fields(const Planner& planner) {
  return has_field(planner, planner.tmpl.number_field) || has_field(planner, planner.tmpl.date_field) ||
         has_field(planner, date_fields(planner.tmpl).day);
}

Result<NumberWork> number_changes(Planner& planner, MissingFields missing) {
  const Work work = KYSO_TRY(plan_entries(planner));
  if (has_number_fields(planner)) return fill_fields(planner, work);
  if (work.entries.empty()) return NumberWork{{}, {"decree30.number.printed"}};
  if (missing == MissingFields::add) return add_fields(work);
  // Signed, and nothing was prepared: a text field added now would break the earlier signatures.
  if (planner.permissions.certification) return fail("decree30.permission.number");
  return fail("decree30.number.separate");
}

namespace {

pdf::Rect united(const pdf::Rect& a, const pdf::Rect& b) {
  return {std::min(a.x0, b.x0), std::min(a.y0, b.y0), std::max(a.x1, b.x1), std::max(a.y1, b.y1)};
}

// Way (c): the number and date are the appearance of the clerk's own signature, one field over both places, with
// nothing painted in between.
Result<> sign_over_gaps(Planner& planner, const Work& work) {
  std::optional<pdf::Rect> box;
  for (const TextEntry& entry : work.entries) {
    if (!entry.gap) return fail("decree30.number.no_place");
    box = box ? united(*box, entry.gap->box) : entry.gap->box;
  }
  if (!box) return fail("decree30.number.no_place");
  pdf::Drawing drawing(box->width(), box->height());
  for (const TextEntry& entry : work.entries) {
    const Gap& gap = *entry.gap;
    const pdf::Font font = KYSO_TRY(pdf::Font::shipped(gap.style));
    const double natural = KYSO_TRY(font.width(entry.value)) * gap.font_size / 1000;
    const double size = gap.font_size * std::min(1.0, gap.box.width() / std::max(natural, 0.1));
    if (size < 6) return fail("decree30.text.no_room").with("text", entry.value);
    const double x = entry.align == pdf::Drawing::Align::left    ? gap.box.x0
                     : entry.align == pdf::Drawing::Align::right ? gap.box.x1
                                                                 : (gap.box.x0 + gap.box.x1) / 2;
    drawing.text({entry.value, gap.style, size, {}}, x - box->x0, baseline_in(gap.box) - box->y0, entry.align);
  }
  planner.note("decree30.number.signature");
  return planner.place({work.sheet->page.index, *box, "name", nullptr}, "SoVaNgay", std::move(drawing));
}

}  // namespace

Result<> plan_number_signature(Planner& planner) {
  if (planner.is_signed() && !has_number_fields(planner)) {
    if (planner.permissions.certification) return fail("decree30.permission.number");
    return sign_over_gaps(planner, KYSO_TRY(plan_entries(planner)));
  }
  NumberWork work = KYSO_TRY(number_changes(planner, MissingFields::add));
  for (std::string& id : work.notes) planner.note(std::move(id));
  std::ranges::move(work.changes, std::back_inserter(planner.plan.changes));
  const auto by_user = KYSO_TRY(planner.explicit_target());
  // The fields show it all; the signature itself stays invisible.
  return planner.place(by_user.value_or(Target{0, {}, "field", nullptr}), "SoVaNgay", std::nullopt);
}

}  // namespace kyso::decree30
