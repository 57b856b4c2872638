#include "registry/dossier/rules.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "registry/organisation/provinces.h"

namespace kyso::registry {
namespace {

// One line under examination.
class LineCheck {
 public:
  LineCheck(LineForm& form, const LineContext& context) : m_form(form), m_context(context) {}

  std::vector<DossierFinding> run() {
    choose_device();
    check_organisation();
    switch (m_context.kind) {
      case DossierKind::person:
        check_person();
        break;
      case DossierKind::organisation:
        check_subject_organisation();
        break;
      case DossierKind::device:
        check_device_subject();
        break;
      case DossierKind::change:
        check_change();
        break;
      case DossierKind::revocation:
        check_revocation();
        break;
      case DossierKind::recovery:
        check_recovery();
        break;
    }
    return std::move(m_findings);
  }

 private:
  DossierFinding& say(Level level, std::string_view code, std::string_view field) {
    m_findings.push_back({std::string(code), level, {}, std::string(field), {}});
    return m_findings.back();
  }
  DossierFinding& block(std::string_view code, std::string_view field) { return say(Level::block, code, field); }
  DossierFinding& warn(std::string_view code, std::string_view field) { return say(Level::warn, code, field); }
  void take(const CheckFindings& findings, std::string_view field) {
    for (const CheckFinding& finding : findings) say(finding.level, finding.code, field).params = finding.params;
  }

  // True when something was entered.
  bool require(std::string_view field, bool is_there) {
    if (!is_there)
      block("registry.line.required", field).params = {{"title", std::string(vietnamese_field(m_context.kind, field))},
                                                       {"title_en", std::string(english_field(m_context.kind, field))}};
    return is_there;
  }
  bool require(std::string_view field, const std::string& text) { return require(field, !text.empty()); }

  void tidy(std::string& text, std::string_view field, Checked (*check)(std::string_view)) {
    if (text.empty()) return;
    Checked checked = check(text);
    text = std::move(checked.value);
    take(checked.findings, field);
  }

  std::optional<Day> day(std::string& text) {
    const std::optional<Day> read = parse_day(text);
    if (read) text = iso_day(*read);
    return read;
  }

  // Without a choice: what the rest of the line says.
  void choose_device() {
    if (m_form.device) return;
    if (m_context.kind == DossierKind::revocation) return;
    if (is_about_certificate(m_context.kind) && !m_context.certificates.empty()) {
      m_form.device = m_context.certificates.front().device;
    } else if (m_context.central_signing) {
      m_form.device = Device::central;
    } else {
      m_form.device = m_form.sim_operator.empty() ? Device::token : Device::sim_pki;
    }
  }

  void check_organisation() {
    if (is_about_certificate(m_context.kind) && m_form.organisation.empty() && m_form.organisation_names.empty())
      return;  // that of the certificate
    if (m_context.organisation_problem) {
      m_findings.push_back(*m_context.organisation_problem);
      return;
    }
    if (!require("organisation", m_context.organisation != nullptr)) return;
    if (!m_context.is_own_organisation)
      block("registry.line.organisation_foreign", "organisation").params = {{"name", m_context.organisation->name}};
  }

  void check_province(bool is_required) {
    if (m_form.province.empty() && m_context.organisation != nullptr)
      m_form.province = m_context.organisation->province;
    if (is_required && !require("province", m_form.province)) return;
    if (m_form.province.empty() || !province_name(m_form.province).empty()) return;
    const std::string_view code = province_by_name(m_form.province);
    if (code.empty()) {
      block("registry.line.province", "province").params = {{"value", m_form.province}};
    } else {
      m_form.province = code;
    }
  }

  void check_email(bool is_required) {
    if (is_required && !require("email", m_form.email)) return;
    if (m_form.email.empty()) return;
    Checked checked =
        check_official_mail(m_form.email, m_context.organisation == nullptr ? std::vector<std::string>()
                                                                            : m_context.organisation->mail_domains);
    m_form.email = std::move(checked.value);
    take(checked.findings, "email");
  }

  void check_phone(bool is_required) {
    if (is_required && !require("phone", m_form.phone)) return;
    tidy(m_form.phone, "phone", check_msisdn);
  }

  void check_name() {
    if (!require("name", m_form.name)) return;
    Checked checked = check_person_name(m_form.name);
    m_form.name = std::move(checked.value);
    take(checked.findings, "name");
  }

  void check_person() {
    check_name();
    tidy(m_form.position, "position", check_printed);
    std::optional<Day> birth;
    if (require("date_of_birth", m_form.date_of_birth)) {
      take(check_birth(m_form.date_of_birth, m_context.today), "date_of_birth");
      birth = day(m_form.date_of_birth);
    }
    if (require("identity", m_form.identity)) {
      Checked checked = check_identity(m_form.identity, birth);
      m_form.identity = std::move(checked.value);
      take(checked.findings, "identity");
    }
    require("identity_place", m_form.identity_place);
    if (require("identity_date", m_form.identity_date)) {
      take(check_issue_day(m_form.identity_date, birth, m_context.today), "identity_date");
      day(m_form.identity_date);
    }
    check_email(true);
    check_province(true);
    const bool needs_phone = m_form.device == Device::sim_pki || m_form.device == Device::central;
    check_phone(needs_phone);
    check_old_serial();
    check_active();
    check_sim();
    check_central();
  }

  // Kind 01, column "Số hiệu chứng thư chữ ký số cũ": a hint to the officer, so nothing of it blocks.
  void check_old_serial() {
    if (m_form.old_serial.empty()) return;
    tidy(m_form.old_serial, "old_serial", check_serial);
    if (m_context.old_certificates.empty()) {
      warn("registry.line.old_serial", "old_serial").params = {{"serial", m_form.old_serial}};
      return;
    }
    const SubscriberCertificate& old = m_context.old_certificates.front();
    if (!old.identity.empty() && old.identity != m_form.identity)
      warn("registry.line.old_serial_other", "old_serial").params = {{"serial", m_form.old_serial}};
  }

  // Same person, same organisation, an active certificate: usually a renewal (04) was meant.
  void check_active() {
    for (const SubscriberCertificate& active : m_context.active) {
      if (active.serial == m_form.old_serial) continue;
      if (m_context.organisation == nullptr || active.organisation != m_context.organisation->id) continue;
      warn("registry.line.active", "identity").params = {{"serial", active.serial}};
      return;
    }
  }

  // SIM PKI is for individuals; the operator is one of three (Mẫu 01 note 4).
  void check_sim() {
    if (m_form.device != Device::sim_pki) {
      if (!m_form.sim_operator.empty()) block("registry.line.sim_device", "device");
      return;
    }
    if (!require("sim_operator", m_form.sim_operator)) return;
    const SimChoice choice =
        check_sim_choice(m_form.sim_operator + (m_form.sim_keep_number ? "/cs" : ""), m_form.phone);
    take(choice.findings, "sim_operator");
    m_form.sim_keep_number = choice.keeps_number;
    if (!choice.carrier) return;
    switch (*choice.carrier) {  // as the forms write them
      case Operator::viettel:
        m_form.sim_operator = "Viettel";
        break;
      case Operator::vinaphone:
        m_form.sim_operator = "Vinaphone";
        break;
      case Operator::mobifone:
        m_form.sim_operator = "Mobifone";
        break;
      default:
        break;
    }
  }

  static std::optional<int> major_version(std::string_view text) {
    const std::size_t start = text.find_first_of("0123456789");
    if (start == std::string_view::npos) return std::nullopt;
    int value = 0;
    const auto [end, error] = std::from_chars(text.data() + start, text.data() + text.size(), value);
    static_cast<void>(end);
    return error == std::errc() ? std::optional(value) : std::nullopt;
  }

  void check_version(std::string_view field, const std::string& text, int least, std::string_view system) {
    const std::optional<int> version = major_version(text);
    if (!version || *version < least)
      block("registry.central.version", field).params = {{"system", std::string(system)},
                                                         {"least", fmt::format("{}", least)}};
  }

  // Who may use central signing: facts §3, conditions of the guide of 2023.
  void check_central() {
    if (m_form.device != Device::central) {
      if (m_context.central_signing) block("registry.central.device", "device");
      return;
    }
    if (!m_context.central_signing) block("registry.central.dossier", "device");
    const RuleSettings& rules = *m_context.settings;
    const std::string& sector = m_context.organisation != nullptr && !m_context.organisation->sector.empty()
                                    ? m_context.organisation->sector
                                    : m_form.sector;
    if (std::ranges::find(rules.central_sectors, sector) == rules.central_sectors.end())
      block("registry.central.sector", "sector");
    if (m_form.is_authorised_person != false) block("registry.central.authorised", "is_authorised_person");
    if (m_form.does_finance != false) block("registry.central.finance", "does_finance");
    if (m_form.owns_number != true) block("registry.central.number", "owns_number");
    m_form.phone_os = fold_case(m_form.phone_os);
    if (m_form.phone_os == "ios") {
      check_version("phone_os_version", m_form.phone_os_version, rules.min_ios, "iOS");
    } else if (m_form.phone_os == "android") {
      check_version("phone_os_version", m_form.phone_os_version, rules.min_android, "Android");
    } else {
      block("registry.central.phone", "phone_os");
    }
    check_version("computer_os_version", m_form.computer_os_version, rules.min_windows, "Windows");
  }

  // Central signing and SIM PKI are for individuals (facts §3, §4).
  void check_no_person_device() {
    if (m_form.device == Device::sim_pki) block("registry.line.sim_person", "device");
    if (m_form.device == Device::central) block("registry.central.person", "device");
    if (m_context.central_signing) block("registry.central.person", "");
  }

  void check_subject_organisation() {
    if (m_form.name.empty() && m_context.organisation != nullptr) m_form.name = m_context.organisation->name;
    require("name", m_form.name);
    tidy(m_form.name, "name", check_printed);
    if (m_form.address.empty() && m_context.organisation != nullptr) m_form.address = m_context.organisation->address;
    require("address", m_form.address);
    tidy(m_form.tax_code, "tax_code", check_tax_code);
    tidy(m_form.budget_code, "budget_code", check_budget_code);
    if (m_form.tax_code.empty() && m_form.budget_code.empty()) warn("registry.line.no_code", "tax_code");
    check_email(true);
    check_province(true);
    check_phone(false);
    check_no_person_device();
    if (m_context.organisation != nullptr && !m_form.name.empty() &&
        !same_person_name(m_form.name, m_context.organisation->name))
      warn("registry.line.organisation_name", "name").params = {{"name", m_context.organisation->name}};
  }

  static bool is_dns_name(std::string_view name) {
    if (name.starts_with("*.")) name.remove_prefix(2);
    if (name.empty() || name.size() > 253 || name.find('.') == std::string_view::npos) return false;
    std::size_t label = 0;
    char last = '.';
    for (const char c : name) {
      const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (c == '.') {
        if (last == '.' || last == '-') return false;
        label = 0;
      } else if (!is_letter && !(c == '-' && last != '.')) {
        return false;
      } else if (++label > 63) {
        return false;
      }
      last = c;
    }
    return last != '.' && last != '-';
  }

  void check_device_subject() {
    require("name", m_form.name);
    tidy(m_form.name, "name", check_printed);
    if (require("subject_kind", m_form.subject_kind)) {
      static constexpr std::string_view kKinds[] = {"device", "service", "software"};
      if (std::ranges::find(kKinds, m_form.subject_kind) == std::end(kKinds))
        block("registry.line.choice", "subject_kind").params = {{"value", m_form.subject_kind}};
    }
    for (std::string& name : m_form.dns_names) {
      name = fold_case(name);
      if (!is_dns_name(name)) block("registry.line.dns", "dns_names").params = {{"name", name}};
    }
    require("manager", m_form.manager);
    check_email(true);
    check_province(true);
    check_phone(false);
    check_no_person_device();
  }

  // Kinds 04 to 06: the certificate exists, is theirs and is active.
  const SubscriberCertificate* check_certificate() {
    if (!require("serial", m_form.serial)) return nullptr;
    tidy(m_form.serial, "serial", check_serial);
    if (m_context.certificates.empty()) {
      block("registry.line.certificate", "serial").params = {{"serial", m_form.serial}};
      return nullptr;
    }
    if (m_context.certificates.size() > 1) {
      block("registry.line.issuer", "issuer").params = {{"serial", m_form.serial}};
      return nullptr;
    }
    const SubscriberCertificate& found = m_context.certificates.front();
    m_form.issuer = found.issuer;
    if (!m_context.is_own(found)) {
      // Somebody who came from another organisation: the same person (facts §5, "old serial").
      const bool is_same_person =
          m_context.kind == DossierKind::change && !m_form.identity.empty() && m_form.identity == found.identity;
      if (!is_same_person) {
        block("registry.line.certificate_foreign", "serial").params = {{"serial", m_form.serial}};
        return nullptr;
      }
      warn("registry.line.certificate_outside", "serial").params = {{"serial", m_form.serial}};
    }
    const bool is_over = found.not_after <= m_context.now;
    const bool is_release = m_form.action == "release";
    const std::string_view wanted = is_release ? "suspended" : "good";
    const bool may_be_suspended =
        m_context.kind == DossierKind::revocation && !is_release && m_form.action != "suspend";
    if (is_over || (found.state != wanted && !(may_be_suspended && found.state == "suspended")))
      block("registry.line.certificate_state", "serial").params = {
          {"serial", m_form.serial},
          {"state", std::string(is_over                      ? "đã hết hạn"
                                : found.state == "revoked"   ? "đã thu hồi"
                                : found.state == "suspended" ? "đang tạm dừng"
                                                             : "đang hoạt động")},
          {"state_en", is_over ? std::string("expired") : found.state}};
    if (m_form.name.empty()) m_form.name = found.name;
    return &found;
  }

  void check_action(std::initializer_list<std::string_view> allowed) {
    if (m_form.action.empty()) m_form.action = *allowed.begin();
    if (std::ranges::find(allowed, m_form.action) == allowed.end())
      block("registry.line.choice", "action").params = {{"value", m_form.action}};
  }

  void check_change() {
    check_action({"renew", "change"});
    if (!m_form.identity.empty()) {
      Checked checked = check_identity(m_form.identity, std::nullopt);
      m_form.identity = std::move(checked.value);
      take(checked.findings, "identity");
    }
    const SubscriberCertificate* found = check_certificate();
    tidy(m_form.name, "name", check_printed);
    tidy(m_form.position, "position", check_printed);
    check_email(false);
    check_province(false);
    check_phone(false);
    tidy(m_form.tax_code, "tax_code", check_tax_code);
    tidy(m_form.budget_code, "budget_code", check_budget_code);
    if (found != nullptr && found->kind != "person") check_no_person_device();
    if (found != nullptr && found->kind == "person") check_sim();
    if (m_form.action != "change" || found == nullptr) return;
    const bool changes_name = !same_person_name(m_form.name, found->name);
    const bool changes_mail = !m_form.email.empty() && m_form.email != found->email;
    const bool changes_place = m_context.organisation != nullptr && m_context.organisation->id != found->organisation;
    const bool changes_other = !m_form.position.empty() || !m_form.address.empty() || !m_form.tax_code.empty() ||
                               !m_form.budget_code.empty() || !m_form.dns_names.empty() || found->is_stale;
    if (!changes_name && !changes_mail && !changes_place && !changes_other) block("registry.line.no_change", "action");
  }

  void check_revocation() {
    check_action({"revoke", "suspend", "release"});
    check_certificate();
    tidy(m_form.reason_text, "reason_text", check_printed);  // officers sign it
    if (m_form.action != "revoke") return;
    // CRLReason (RFC 5280 section 5.3.1) of end entities; 6 and 8 belong to suspending and releasing.
    static constexpr std::int64_t kReasons[] = {0, 1, 3, 4, 5, 9};
    if (!require("reason", m_form.reason.has_value())) return;
    if (std::ranges::find(kReasons, *m_form.reason) == std::end(kReasons))
      block("registry.line.choice", "reason").params = {{"value", fmt::format("{}", *m_form.reason)}};
    if (*m_form.reason == 0 && m_form.reason_text.empty()) require("reason_text", m_form.reason_text);
  }

  void check_recovery() {
    check_action({"recover"});
    const SubscriberCertificate* found = check_certificate();
    if (found == nullptr) return;
    if (found->device != Device::token) {
      block("registry.line.recovery_device", "serial").params = {{"serial", m_form.serial}};
      return;
    }
    if (m_form.token_serial.empty()) m_form.token_serial = found->device_serial;
    if (!found->device_serial.empty() && fold_case(m_form.token_serial) != fold_case(found->device_serial))
      block("registry.line.token", "token_serial").params = {{"token", found->device_serial}};
  }

  LineForm& m_form;
  const LineContext& m_context;
  std::vector<DossierFinding> m_findings;
};

void require_form(std::vector<DossierFinding>& out, DossierKind kind, std::string_view field, const std::string& text) {
  if (!text.empty()) return;
  out.push_back(
      {"registry.line.required",
       Level::block,
       {},
       std::string(field),
       {{"title", std::string(vietnamese_field(kind, field))}, {"title_en", std::string(english_field(kind, field))}}});
}

void take_form(std::vector<DossierFinding>& out, std::string_view field, const CheckFindings& findings) {
  for (const CheckFinding& finding : findings)
    out.push_back({std::string(finding.code), finding.level, {}, std::string(field), finding.params});
}

void check_letter_day(std::vector<DossierFinding>& out, std::string_view field, const std::string& text,
                      const Day& today) {
  if (text.empty()) return;
  const std::optional<Day> read = parse_day(text);
  if (!read || *read > today) out.push_back({"registry.dossier.letter_date", Level::block, {}, std::string(field), {}});
}

}  // namespace

std::vector<DossierFinding> check_line(LineForm& form, const LineContext& context) {
  return LineCheck(form, context).run();
}

std::vector<std::vector<DossierFinding>> check_list(const std::vector<LineForm>& forms) {
  std::vector<ListLine> list;
  list.reserve(forms.size());
  for (const LineForm& form : forms)
    list.push_back({form.identity,
                    form.organisation,
                    form.device == Device::sim_pki ? form.phone : std::string(),
                    {},
                    form.serial.empty() ? std::string() : form.issuer + "/" + form.serial});
  std::vector<std::vector<DossierFinding>> out(forms.size());
  for (const LineFinding& found : check_duplicates(list)) {
    const std::string_view field = found.field == "msisdn" ? "phone" : found.field;
    out[found.line].push_back(
        {std::string(found.finding.code), found.finding.level, {}, std::string(field), found.finding.params});
  }
  return out;
}

std::optional<DossierFinding> population_finding(Population population) {
  switch (population) {
    case Population::differs:
      return DossierFinding{"registry.line.population", Level::block, {}, "identity", {}};
    case Population::unknown:
      return DossierFinding{"registry.line.population_unknown", Level::warn, {}, "identity", {}};
    case Population::waiting:
      return DossierFinding{"registry.line.population_waiting", Level::warn, {}, "identity", {}};
    case Population::unchecked:
    case Population::matches:
      break;
  }
  return std::nullopt;
}

std::vector<DossierFinding> check_form(const Dossier& dossier, const Day& today) {
  std::vector<DossierFinding> out;
  const DossierForm& form = dossier.form;
  const auto require_text = [&](std::string_view field, const std::string& text) {
    require_form(out, dossier.kind, field, text);
  };
  require_text("letter_number", form.letter_number);
  require_text("letter_subject", form.letter_subject);
  require_text("letter_date", form.letter_date);
  check_letter_day(out, "letter_date", form.letter_date, today);
  // Nothing is handed over when certificates are revoked.
  if (dossier.kind != DossierKind::revocation || !form.receiver.is_empty()) {
    const Receiver& receiver = form.receiver;
    require_text("receiver/name", receiver.name);
    require_text("receiver/identity", receiver.identity);
    require_text("receiver/identity_date", receiver.identity_date);
    require_text("receiver/identity_place", receiver.identity_place);
    require_text("receiver/position", receiver.position);
    require_text("receiver/phone", receiver.phone);
    require_text("receiver/address", receiver.address);
    if (!receiver.identity.empty())
      take_form(out, "receiver/identity", check_identity(receiver.identity, std::nullopt).findings);
    if (!receiver.phone.empty()) take_form(out, "receiver/phone", check_msisdn(receiver.phone).findings);
    if (!receiver.email.empty() && !is_mail_address(receiver.email))
      out.push_back({"registry.dossier.mail", Level::block, {}, "receiver/email", {}});
  }
  if (dossier.kind == DossierKind::recovery) {
    require_text("coordinator/name", form.coordinator.name);
    require_text("coordinator/phone", form.coordinator.phone);
    if (!form.coordinator.phone.empty())
      take_form(out, "coordinator/phone", check_msisdn(form.coordinator.phone).findings);
  }
  if (form.has_revocation_letter) {
    require_text("revocation_number", form.revocation_number);
    require_text("revocation_date", form.revocation_date);
    check_letter_day(out, "revocation_date", form.revocation_date, today);
  }
  return out;
}

bool may_be_overridden(const DossierFinding& finding) {
  return finding.level == Level::block &&
         (finding.code == "registry.check.mail.domain" || finding.code == "registry.check.mail.public");
}

bool needs_reason(const DossierFinding& finding, const RuleSettings& settings) {
  if (finding.level == Level::block) return may_be_overridden(finding);
  if (finding.level != Level::warn || !settings.warnings_need_reasons) return false;
  // Nobody at the organisation can do anything about these.
  return finding.code != "registry.line.population_waiting";
}

bool keeps_key(DossierKind kind, const Line& before, const Line& after) {
  const LineForm &was = before.form, &is = after.form;
  if (was.device != is.device) return false;
  switch (kind) {
    case DossierKind::person:
      return was.identity.empty() || is.identity.empty() ? same_person_name(was.name, is.name)
                                                         : was.identity == is.identity;
    case DossierKind::organisation:
      return before.organisation == after.organisation;
    case DossierKind::device:
      return before.organisation == after.organisation && was.subject_kind == is.subject_kind &&
             same_person_name(was.name, is.name);
    default:
      return was.issuer == is.issuer && normal_serial(was.serial) == normal_serial(is.serial);
  }
}

std::string for_all_lines(const DossierFinding& finding) {
  return fmt::format("*/{}/{}", finding.code, finding.field);
}

const Override* override_of(const std::map<std::string, Override>& overrides, const DossierFinding& finding) {
  for (const std::string& key : {finding.id(), for_all_lines(finding)})
    if (const auto found = overrides.find(key); found != overrides.end()) return &found->second;
  return nullptr;
}

}  // namespace kyso::registry
