#include <algorithm>

#include "decree30/planner.h"

// What earlier signatures permit, judged as a strict verifier does (docs/decree30.md, "Những gì chữ ký trước cho
// phép").
namespace kyso::decree30 {
namespace {

// Empty signature fields that could be used instead of a new one.
std::string usable_fields(const Planner& planner) {
  std::string out;
  for (const pdf::Field& field : planner.document.form().fields())
    if (planner.usable_field(field.name) == &field) out += (out.empty() ? "" : ", ") + field.name;
  return out.empty() ? "–" : out;
}

// ISO 32000-2 table 257: P = 1 permits no change at all.
Result<> allow_any(const Planner& planner) {
  return planner.permissions.certification == 1 ? Result<>(fail("decree30.permission.none")) : Result<>{};
}

}  // namespace

Result<> allow_new_field(const Planner& planner, const std::string& name, bool visible) {
  KYSO_TRY(allow_any(planner));
  // Certified with P = 2 or 3: strict validators take a new visible field for a change that was not permitted; a new
  // invisible one, and signing into fields that were there, are permitted.
  if (planner.permissions.certification && visible)
    return fail("decree30.permission.certified").with("fields", usable_fields(planner));
  if (planner.permissions.is_field_locked(name)) return fail("decree30.permission.locked_all").with("field", name);
  return {};
}

Result<> allow_signing_field(const Planner& planner, const pdf::Field& field) {
  if (field.kind != pdf::FieldKind::signature) return fail("pdf.field.not_signature").with("field", field.name);
  if (field.is_signed) return fail("pdf.field.signed").with("field", field.name);
  KYSO_TRY(allow_any(planner));
  if (planner.permissions.is_field_locked(field.name))
    return fail("decree30.permission.locked").with("field", field.name);
  return {};
}

Result<> allow_filling_button(const Planner& planner, const pdf::Field& field) {
  if (field.kind != pdf::FieldKind::button || field.widgets.empty())
    return fail("decree30.edge_seal.broken").with("field", field.name);
  KYSO_TRY(allow_any(planner));
  if (planner.permissions.is_field_locked(field.name))
    return fail("decree30.permission.locked").with("field", field.name);
  return {};
}

Result<> allow_filling(const Planner& planner, const pdf::Field& field) {
  if (field.kind != pdf::FieldKind::text) return fail("pdf.field.not_text").with("field", field.name);
  KYSO_TRY(allow_any(planner));
  if (field.is_read_only || planner.permissions.is_field_locked(field.name))
    return fail("decree30.permission.locked").with("field", field.name);
  return {};
}

}  // namespace kyso::decree30
