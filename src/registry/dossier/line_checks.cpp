#include "registry/dossier/line_checks.h"

#include <algorithm>

#include "base/text.h"
#include "registry/dossier/certificate_store.h"

namespace kyso::registry {
namespace {

std::vector<std::string> keys_of(const std::set<std::string>& set) {
  return {set.begin(), set.end()};
}

template <typename Map>
std::vector<SubscriberCertificate> all_of(const Map& map, const std::string& key) {
  std::vector<SubscriberCertificate> out;
  const auto [first, last] = map.equal_range(key);
  for (auto one = first; one != last; ++one) out.push_back(one->second);
  return out;
}

std::string identity_key(const LineForm& form) {
  return form.identity.empty() ? std::string() : check_identity(form.identity, std::nullopt).value;
}

std::string serial_key(const std::string& serial) {
  return serial.empty() ? std::string() : normal_serial(check_serial(serial).value);
}

}  // namespace

bool CheckedLine::is_blocked() const {
  return std::ranges::any_of(findings, [](const DossierFinding& finding) {
    return finding.level == Level::block && !may_be_overridden(finding);
  });
}

Result<std::vector<CheckedLine>> LineChecks::check(std::vector<LineForm> forms, const std::vector<LineForm>& others) {
  KYSO_TRY(read_certificates(forms));
  std::vector<CheckedLine> out;
  out.reserve(forms.size());
  for (LineForm& form : forms) out.push_back(KYSO_TRY(check_one(std::move(form))));
  std::vector<LineForm> list = others;
  list.reserve(others.size() + out.size());
  for (const CheckedLine& line : out) {
    list.push_back(line.form);
    list.back().organisation = line.organisation;
  }
  std::vector<std::vector<DossierFinding>> doubled = check_list(list);
  for (std::size_t i = 0; i < out.size(); ++i)
    for (DossierFinding& finding : doubled[others.size() + i]) out[i].findings.push_back(std::move(finding));
  return out;
}

Result<> LineChecks::read_certificates(const std::vector<LineForm>& forms) {
  std::set<std::string> serials, identities;
  for (const LineForm& form : forms) {
    for (std::string key : {serial_key(form.serial), serial_key(form.old_serial)})
      if (!key.empty() && !m_by_serial.contains(key)) serials.insert(std::move(key));
    if (m_dossier.kind != DossierKind::person) continue;
    if (std::string key = identity_key(form); !key.empty() && !m_by_identity.contains(key))
      identities.insert(std::move(key));
  }
  for (SubscriberCertificate& one : KYSO_TRY(certificate_store::by_serials(m_transaction, keys_of(serials)))) {
    std::string key = one.serial;
    m_by_serial.emplace(std::move(key), std::move(one));
  }
  for (SubscriberCertificate& one :
       KYSO_TRY(certificate_store::active_of_people(m_transaction, keys_of(identities), m_now))) {
    std::string key = one.identity;
    m_by_identity.emplace(std::move(key), std::move(one));
  }
  return {};
}

Result<bool> LineChecks::is_own(const std::string& organisation) {
  if (organisation == m_dossier.principal()) return true;
  if (const auto known = m_own.find(organisation); known != m_own.end()) return known->second;
  const bool within = KYSO_TRY(Organisations::is_within(m_transaction, organisation, m_dossier.principal(), m_now));
  m_own.emplace(organisation, within);
  return within;
}

Result<LineChecks::Place> LineChecks::look_up(const LineForm& form, const std::string& fallback) {
  Place place;
  Result<Organisation> found = fail("registry.organisation.missing");
  if (!form.organisation_names.empty() && form.organisation.empty()) {
    found = Organisations::by_names(m_transaction, form.organisation_names, m_now);
  } else if (const std::string& id = form.organisation.empty() ? fallback : form.organisation; !id.empty()) {
    found = Organisations::find(m_transaction, id, m_now);
  } else {
    return place;
  }
  if (found) {
    place.is_own = KYSO_TRY(is_own(found->id));
    place.organisation = *std::move(found);
    return place;
  }
  // Only what the person entered: everything else (database gone) is an error of this call.
  if (!found.error().code.starts_with("registry.organisation.")) return std::move(found).error();
  place.problem =
      DossierFinding{std::string(found.error().code), Level::block, {}, "organisation", found.error().params};
  return place;
}

Result<const LineChecks::Place*> LineChecks::place_of(const LineForm& form, const std::string& fallback) {
  std::string key = form.organisation;
  if (key.empty())
    for (const std::string& name : form.organisation_names) key += "\n" + name;
  if (key.empty()) key = fallback;
  if (const auto known = m_places.find(key); known != m_places.end()) return &known->second;
  return &m_places.emplace(key, KYSO_TRY(look_up(form, fallback))).first->second;
}

Result<CheckedLine> LineChecks::check_one(LineForm form) {
  LineContext context;
  context.kind = m_dossier.kind;
  context.central_signing = m_dossier.central_signing;
  context.today = vietnam_day(m_now);
  context.now = m_now;
  context.settings = &m_settings;
  context.certificates = all_of(m_by_serial, serial_key(form.serial));
  if (!form.issuer.empty())
    std::erase_if(context.certificates, [&](const auto& one) { return one.issuer != form.issuer; });
  context.old_certificates = all_of(m_by_serial, serial_key(form.old_serial));
  if (context.kind == DossierKind::person) context.active = all_of(m_by_identity, identity_key(form));
  // Kinds 02 and 03 without a choice are about the asking organisation; 04 to 06 about the certificate's.
  std::string fallback;
  if (context.kind == DossierKind::organisation || context.kind == DossierKind::device)
    fallback = m_dossier.principal();
  if (is_about_certificate(context.kind) && context.certificates.size() == 1)
    fallback = context.certificates.front().organisation;
  const Place& place = *KYSO_TRY(place_of(form, fallback));
  context.organisation = place.organisation ? &*place.organisation : nullptr;
  context.organisation_problem = place.problem;
  context.is_own_organisation = place.is_own;
  std::set<std::string> own;
  for (const SubscriberCertificate& one : context.certificates)
    if (KYSO_TRY(is_own(one.organisation))) own.insert(one.organisation);
  context.is_own = [&own](const SubscriberCertificate& one) { return own.contains(one.organisation); };
  CheckedLine out;
  out.findings = check_line(form, context);
  if (context.organisation != nullptr) {
    out.organisation = context.organisation->id;
    out.organisation_chain = context.organisation->chain;
  }
  out.form = std::move(form);
  return out;
}

}  // namespace kyso::registry
