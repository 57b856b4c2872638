#include <algorithm>

#include "base/text.h"
#include "registry/checks/checks.h"
#include "registry/organisation/form.h"
#include "registry/organisation/names.h"
#include "registry/organisation/provinces.h"
#include "registry/organisation/tree.h"

namespace kyso::registry {
namespace {

constexpr std::string_view kKinds[] = {
    "ministry",       "agency",           "party",      "court", "province", "city",     "district",   "commune",
    "people_council", "people_committee", "department", "unit",  "school",   "hospital", "enterprise", "other"};
constexpr std::string_view kSectors[] = {"administration", "education", "health",    "finance", "justice",
                                         "security",       "culture",   "transport", "other"};
constexpr std::size_t kMaxName = 300, kMaxText = 500, kMaxDomains = 20;

using Problems = std::vector<std::pair<std::string, Error>>;

void check_length(Problems& problems, std::string_view field, const std::optional<std::string>& text, std::size_t max) {
  if (text && to_utf32(*text).size() > max)
    problems.emplace_back(field, fail("registry.input.long").with("field", field).with("max", max));
}

void check_value(Problems& problems, std::string_view field, const std::optional<std::string>& text,
                 Checked (*check)(std::string_view)) {
  if (!text || text->empty()) return;
  for (const CheckFinding& finding : check(*text).findings)
    if (finding.level == CheckLevel::block) problems.emplace_back(field, finding.error());
}

void check_domains(Problems& problems, const std::vector<std::string>& domains) {
  const auto wrong = [&](const std::string& domain) {
    problems.emplace_back("mail_domains", fail("registry.organisation.domain").with("domain", domain));
  };
  if (domains.size() > kMaxDomains) return wrong(domains.back());
  for (const std::string& domain : domains) {
    const std::string folded = fold_case(domain);
    if (!is_mail_address("x@" + folded) || is_public_mail_domain(folded)) return wrong(domain);
  }
}

}  // namespace

bool is_organisation_kind(std::string_view kind) {
  return std::ranges::find(kKinds, kind) != std::end(kKinds);
}

std::vector<std::pair<std::string, Error>> check_form(const OrganisationForm& form, bool is_new) {
  Problems problems;
  if (is_new ? !form.name || tidy_name(*form.name).empty() : form.name && tidy_name(*form.name).empty())
    problems.emplace_back("name", fail("registry.input.missing").with("field", "name"));
  check_value(problems, "name", form.name, check_printed);  // certificates bear it
  check_length(problems, "name", form.name, kMaxName);
  check_length(problems, "address", form.address, kMaxText);
  check_length(problems, "instrument", form.instrument, kMaxText);
  if (form.kind && !is_organisation_kind(*form.kind))
    problems.emplace_back("kind", fail("registry.organisation.kind").with("kind", *form.kind));
  if (form.sector && !form.sector->empty() && std::ranges::find(kSectors, *form.sector) == std::end(kSectors))
    problems.emplace_back("sector", fail("registry.organisation.sector").with("sector", *form.sector));
  if (form.province && !form.province->empty() && province_name(*form.province).empty())
    problems.emplace_back("province", fail("registry.organisation.province").with("province", *form.province));
  check_length(problems, "code", form.code, 40);
  check_value(problems, "tax_code", form.tax_code, check_tax_code);
  check_length(problems, "budget_code", form.budget_code, 20);
  if (form.mail_domains) check_domains(problems, *form.mail_domains);
  return problems;
}

void apply_form(const OrganisationForm& form, Version& version) {
  if (form.name) version.name = tidy_name(*form.name);
  if (form.parent) version.parent = *form.parent == "root" ? std::string() : *form.parent;
  if (form.kind) version.kind = *form.kind;
  if (form.province) version.province = *form.province;
  if (form.code) version.code = form.code->empty() ? std::string() : check_organisation_code(*form.code).value;
  if (form.tax_code) version.tax_code = form.tax_code->empty() ? std::string() : check_tax_code(*form.tax_code).value;
  if (form.budget_code)
    version.budget_code = form.budget_code->empty() ? std::string() : check_budget_code(*form.budget_code).value;
  if (form.address) version.address = tidy_name(*form.address);
  if (form.sector) version.sector = *form.sector;
  if (form.mail_domains) {
    version.mail_domains.clear();
    for (const std::string& domain : *form.mail_domains) version.mail_domains.push_back(fold_case(domain));
  }
}

Version draft_of(const OrganisationForm& form) {
  Version draft;
  draft.kind = "unit";
  apply_form(form, draft);
  return draft;
}

Instant day_start(Instant instant) {
  return start_of(vietnam_day(instant));
}

}  // namespace kyso::registry
