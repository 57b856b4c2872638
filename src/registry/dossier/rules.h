#pragma once
#include <functional>
#include <span>

#include "registry/dossier/model.h"
#include "registry/organisation/organisations.h"

// Every check of a line and of a dossier (Decree 68/2024/NĐ-CP and the portal's own): pure functions. docs/dossiers.md
// lists them with level and clause.
namespace kyso::registry {

struct RuleSettings {
  // Central signing is for individuals of these sectors alone.
  std::vector<std::string> central_sectors = {"education", "health"};
  int min_ios = 14, min_android = 9, min_windows = 10;
  // A finding at level warn stands in the way of submitting until somebody has said why it is right all the same.
  bool warnings_need_reasons = true;
};

// What the record says that matters to one line.
struct LineContext {
  DossierKind kind = DossierKind::person;
  bool central_signing = false;
  Day today{};
  const Organisation* organisation = nullptr;           // of the line; null: see below
  std::optional<DossierFinding> organisation_problem;   // why it is not known
  bool is_own_organisation = true;                      // the principal or below it
  std::vector<SubscriberCertificate> certificates;      // with the line's serial number (and issuer, when given)
  std::vector<SubscriberCertificate> old_certificates;  // with old_serial
  std::vector<SubscriberCertificate> active;            // of this person: good or suspended
  std::function<bool(const SubscriberCertificate&)> is_own = [](const auto&) { return true; };
  const RuleSettings* settings = nullptr;
  Instant now{};
};

// Puts what was entered into its usual form (days ISO, numbers without blanks, 84…, lower-case addresses) and checks
// it.
std::vector<DossierFinding> check_line(LineForm& form, const LineContext& context);
// The same number twice in one list: findings of each line, in their order.
std::vector<std::vector<DossierFinding>> check_list(const std::vector<LineForm>& forms);
// What the answer of the population database means. Absent: nothing to say.
std::optional<DossierFinding> population_finding(Population population);

// The form of a dossier, as it must be when it is submitted.
std::vector<DossierFinding> check_form(const Dossier& dossier, const Day& today);
// A blocking finding that an officer may let pass (facts: official e-mail): the clerk says why and submits it.
bool may_be_overridden(const DossierFinding& finding);
// Whether it stands in the way of submitting while nobody has given a reason.
bool needs_reason(const DossierFinding& finding, const RuleSettings& settings);
// The reason given for a finding: by its id, or for all lines: "*/code/field".
std::string for_all_lines(const DossierFinding& finding);
const Override* override_of(const std::map<std::string, Override>& overrides, const DossierFinding& finding);

// Whether the key of a line serves what the line says now: the same person, organisation, device or certificate, and
// the same kind of device to keep it. A corrected name or another office leave a person his key.
bool keeps_key(DossierKind kind, const Line& before, const Line& after);

// Titles of columns and fields as the forms have them.
std::string_view vietnamese_field(DossierKind kind, std::string_view field);
std::string_view english_field(DossierKind kind, std::string_view field);

}  // namespace kyso::registry
