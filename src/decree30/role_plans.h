#pragma once
#include "decree30/letter_boxes.h"
#include "decree30/name_place.h"
#include "decree30/planner.h"

// One function per role: puts the signature into planner.plan. Private to the module.
namespace kyso::decree30 {

Result<> plan_leader(Planner& planner);
Result<> plan_initials(Planner& planner);
Result<> plan_organisation(Planner& planner);
Result<> plan_number_signature(Planner& planner);
Result<> plan_appendix(Planner& planner);
Result<> plan_copy(Planner& planner);
Result<> plan_comment(Planner& planner);
Result<> plan_incoming(Planner& planner);
Result<> plan_plain(Planner& planner);

// Place of the leader's signature by --near, the template's name or the certificate's name; the priors on a scanned
// page.
Result<Target> leader_place(Planner& planner);
// The same by the layout alone: title over name. Used when somebody else signs. nullopt: not found.
Result<std::optional<Target>> leader_place_by_layout(Planner& planner);
// Beside a text that the user named: above it, as the template's gap says.
Result<Target> place_near(Planner& planner, double width, double height);
// --field, --rect or --near, the latter at the template's size; nullopt when none is given.
Result<std::optional<Target>> place_by_user(Planner& planner);

// Fields for everybody who signs after the first signature (facts of strict validators: docs/decree30.md): number,
// date, the organisation's seal, and the leader's own when `with_leader_field`. `leader`: where the leader's image is
// or will be.
Result<> prepare_round(Planner& planner, const Target& leader, bool with_leader_field);
// The seal's box for a leader's box (visible space): right edge at the share of the signature that it covers, same
// middle.
pdf::Rect seal_box(const pdf::Rect& leader, const Template& tmpl, const Sheet& sheet);
// Names of the date's fields.
struct DateFields {
  std::string day, month, year;
};
DateFields date_fields(const Template& tmpl);
// What the organisation's signature locks.
std::vector<std::string> locked_names(const Template& tmpl);

// Adds a text field over a gap, in the gap's type; `value` may be empty.
struct TextEntry {
  std::string field, tooltip, value;
  std::optional<Gap> gap;
  pdf::Drawing::Align align = pdf::Drawing::Align::centre;
};
// The number stands close to what is printed: before "/CQM-VP", or after "Số:".
inline pdf::Drawing::Align number_align(const std::optional<NumberBox>& box) {
  return box && !box->suffix.empty() ? pdf::Drawing::Align::right : pdf::Drawing::Align::left;
}
Change adding_text_field(const Sheet& sheet, const TextEntry& entry);

// Number and date by the clerk, as changes of the same update.
struct NumberWork {
  std::vector<Change> changes;
  std::vector<std::string> notes;
};
enum class MissingFields {
  add,     // unsigned documents: new text fields
  refuse,  // decree30.number.separate and others: see number.cpp
};
Result<NumberWork> number_changes(Planner& planner, MissingFields missing);
bool has_number_fields(const Planner& planner);

// Page-edge seal (dấu giáp lai).
Result<> prepare_edge_seal(Planner& planner);  // way C, before the first signature
// With the organisation's signature; true when fields were filled, which are to be locked.
Result<bool> apply_edge_seal(Planner& planner);
Template::EdgeSeal edge_seal_way(const Planner& planner);

}  // namespace kyso::decree30
