#include "registry/desk/compose.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/password.h"
#include "registry/organisation/provinces.h"

namespace kyso::registry {
namespace {

using pki::GeneralName;
using pki::issue::SubjectAttribute;

// RFC 5280 appendix A.1, in characters.
constexpr std::array<std::pair<std::string_view, std::size_t>, 5> kUpperBounds = {
    {{"O", 64}, {"OU", 64}, {"CN", 64}, {"title", 64}, {"L", 128}}};
constexpr int kHold = 6, kRemoveFromCrl = 8, kCessation = 5;

// Pairs of digits, as serial numbers stand in requests.
std::string whole_octets(const std::string& serial) {
  return serial.size() % 2 == 0 ? serial : "0" + serial;
}

GeneralName text_name(GeneralName::Kind kind, std::string_view text) {
  return {kind, to_bytes(text)};
}

// UID as today's certificates write it: who it is, by the number of the document.
std::string person_uid(const std::string& identity) {
  const bool has_only_digits = std::ranges::all_of(identity, [](char c) { return c >= '0' && c <= '9'; });
  if (identity.empty()) return {};
  if (has_only_digits && identity.size() == 12) return "CCCD:" + identity;
  if (has_only_digits && identity.size() == 9) return "CMND:" + identity;
  return "HC:" + identity;
}

std::string organisation_uid(const std::string& tax_code, const std::string& budget_code) {
  if (!tax_code.empty()) return "MST:" + tax_code;
  return budget_code.empty() ? std::string() : "QHNS:" + budget_code;
}

// What a line says, with what is on record of the certificate that it renews or changes.
struct Subject {
  std::string kind, name, email, position, identity, tax_code, budget_code;
  std::vector<std::string> dns_names;
};

Subject subject_of(const Dossier& dossier, const ComposedLine& line) {
  const LineForm& form = line.line.form;
  const SubscriberCertificate known = line.certificate.value_or(SubscriberCertificate());
  return {subject_kind_of(dossier, line),
          first_of(form.name, known.name),
          first_of(form.email, known.email),
          form.position,
          first_of(form.identity, known.identity),
          first_of(form.tax_code, known.tax_code),
          first_of(form.budget_code, known.budget_code),
          form.dns_names};
}

std::vector<SubjectAttribute> subject_attributes(const Subject& subject, const Organisation& organisation,
                                                 const std::string& province) {
  std::vector<SubjectAttribute> out = {{"C", "VN"}};
  const std::vector<std::string>& chain = organisation.chain;
  // An organisation's own name is its CN; the units above it are O and OU.
  const bool names_itself =
      subject.kind == "organisation" && chain.size() > 1 && fold_case(chain.back()) == fold_case(subject.name);
  const std::size_t levels = chain.size() - (names_itself ? 1 : 0);
  for (std::size_t i = 0; i < levels; ++i) out.push_back({i == 0 ? "O" : "OU", chain[i]});
  if (const std::string_view place = province_name(province); !place.empty()) out.push_back({"L", std::string(place)});
  if (subject.kind == "person" && !subject.position.empty()) out.push_back({"title", subject.position});
  const std::string uid = subject.kind == "person"         ? person_uid(subject.identity)
                          : subject.kind == "organisation" ? organisation_uid(subject.tax_code, subject.budget_code)
                                                           : std::string();
  if (!uid.empty()) out.push_back({"UID", uid});
  out.push_back({"CN", subject.name});
  return out;
}

pki::issue::CertificateRequest certificate_request(const Dossier& dossier, const ComposedLine& line,
                                                   const DeskOptions& options, const std::string& reference) {
  const Subject subject = subject_of(dossier, line);
  pki::issue::CertificateRequest out;
  out.reference = reference;
  out.profile = profile_of(dossier, line, options);
  out.subject =
      subject_attributes(subject, line.organisation, first_of(line.line.form.province, line.organisation.province));
  const bool may_have_mail = subject.kind == "person" || subject.kind == "organisation" || subject.kind == "service";
  if (may_have_mail && !subject.email.empty())
    out.alternative_names.push_back(text_name(GeneralName::Kind::rfc822, subject.email));
  for (const std::string& name : subject.dns_names)
    out.alternative_names.push_back(text_name(GeneralName::Kind::dns, name));
  out.pkcs10 = line.line.pkcs10.value_or(Bytes());
  if (!line.line.valid_to.empty())
    if (const auto end = parse_time(line.line.valid_to)) out.not_after = *end + std::chrono::hours(24);
  if (dossier.kind == DossierKind::change && line.certificate) {
    out.replaces_serial = whole_octets(line.certificate->serial);
    if (line.certificate->issuer != options.issuer) out.replaces_issuer = line.certificate->issuer;
    // A change of names is no renewal: the new certificate ends when the old one would have.
    if (line.line.form.action == "change" && !out.not_after) out.not_after = line.certificate->not_after;
  }
  return out;
}

vault::RevocationOrder revocation_order(const ComposedLine& line) {
  vault::RevocationOrder out;
  const LineForm& form = line.line.form;
  out.serial = whole_octets(line.certificate->serial);
  out.reason = form.action == "suspend"   ? kHold
               : form.action == "release" ? kRemoveFromCrl
                                          : static_cast<int>(form.reason.value_or(kCessation));
  out.comment = form.reason_text;
  return out;
}

vault::Act act_of(const Dossier& dossier, const ComposedLine& line) {
  if (dossier.kind == DossierKind::recovery) return vault::Act::recover_token;
  if (dossier.kind != DossierKind::revocation) return vault::Act::issue;
  if (line.line.form.action == "suspend") return vault::Act::suspend;
  return line.line.form.action == "release" ? vault::Act::release : vault::Act::revoke;
}

// Who signs what becomes of the line: certificates are issued by today's issuer, and ended by their own.
const std::string& issuer_of(vault::Act act, const ComposedLine& line, const DeskOptions& options) {
  return act == vault::Act::issue ? options.issuer : line.certificate->issuer;
}

DossierFinding blocker(std::string code, const std::string& line, std::string field,
                       std::vector<std::pair<std::string, std::string>> params = {}) {
  return {std::move(code), Level::block, line, std::move(field), std::move(params)};
}

void check_names(const Dossier& dossier, const ComposedLine& line, std::vector<DossierFinding>& out) {
  const auto attributes = subject_attributes(subject_of(dossier, line), line.organisation,
                                             first_of(line.line.form.province, line.organisation.province));
  for (const SubjectAttribute& attribute : attributes) {
    const auto* bound = std::ranges::find(kUpperBounds, attribute.type, [](const auto& row) { return row.first; });
    if (bound == kUpperBounds.end() || to_utf32(attribute.value).size() <= bound->second) continue;
    out.push_back(blocker("registry.desk.name.long", line.line.id, attribute.type,
                          {{"number", std::to_string(line.line.number)},
                           {"attribute", attribute.type},
                           {"value", attribute.value},
                           {"max", std::to_string(bound->second)}}));
  }
}

// Whether the token on record is the one that holds the line's certificate: a SO-PIN opens nobody else's.
bool holds_certificate(const ComposedLine& line) {
  if (!line.certificate || !line.token) return false;
  const Token& token = *line.token;
  const bool is_written_there =
      token.certificate_serial == line.certificate->serial && token.certificate_issuer == line.certificate->issuer;
  return is_written_there || fold_case(line.certificate->device_serial) == fold_case(token.serial);
}

}  // namespace

const std::string& first_of(const std::string& entered, const std::string& known) {
  return entered.empty() ? known : entered;
}

std::string subject_kind_of(const Dossier& dossier, const ComposedLine& line) {
  switch (dossier.kind) {
    case DossierKind::person:
      return "person";
    case DossierKind::organisation:
      return "organisation";
    case DossierKind::device: {
      const std::string& kind = line.line.form.subject_kind;
      return kind == "service" && !line.line.form.dns_names.empty() ? "server" : kind;
    }
    default:
      return line.certificate ? line.certificate->kind : "person";
  }
}

std::string profile_of(const Dossier& dossier, const ComposedLine& line, const DeskOptions& options) {
  if (!line.line.profile.empty()) return line.line.profile;
  const std::string kind = subject_kind_of(dossier, line);
  // A changed name keeps the profile; a renewal has its own, shorter one.
  if (dossier.kind == DossierKind::change && line.line.form.action == "change" && line.certificate)
    return line.certificate->profile;
  if (dossier.kind == DossierKind::change)
    if (const auto found = options.renewal_profiles.find(kind); found != options.renewal_profiles.end())
      return found->second;
  const auto found = options.profiles.find(kind);
  return found == options.profiles.end() ? std::string() : found->second;
}

std::vector<DossierFinding> statement_blockers(const Dossier& dossier, const std::vector<Line>& lines,
                                               const std::vector<ComposedLine>& approved) {
  std::vector<DossierFinding> out;
  const auto pending = std::ranges::count(lines, LineState::pending, &Line::state);
  if (pending > 0) out.push_back(blocker("registry.desk.undecided", {}, {}, {{"count", std::to_string(pending)}}));
  if (approved.empty() && pending == 0) out.push_back(blocker("registry.desk.nothing", {}, {}));
  for (const ComposedLine& line : approved) {
    const std::string number = std::to_string(line.line.number);
    if (is_about_certificate(dossier.kind) && !line.certificate) {
      out.push_back(blocker("registry.desk.certificate", line.line.id, "serial",
                            {{"number", number}, {"serial", line.line.form.serial}}));
      continue;
    }
    if (dossier.kind == DossierKind::recovery) {
      if (!line.token || !line.token->escrow)
        out.push_back(blocker("registry.desk.escrow", line.line.id, "token_serial", {{"number", number}}));
      else if (!holds_certificate(line))
        out.push_back(blocker("registry.desk.token.other", line.line.id, "token_serial",
                              {{"number", number}, {"serial", line.token->serial}}));
      else if (!line.station_key)
        out.push_back(blocker("registry.desk.station", line.line.id, "token_serial", {{"number", number}}));
      continue;
    }
    if (dossier.kind == DossierKind::revocation) continue;
    const Device device = line.line.form.device.value_or(Device::pkcs10);
    if (device == Device::sim_pki || device == Device::central)
      out.push_back(blocker("registry.desk.device", line.line.id, "device",
                            {{"number", number}, {"device", std::string(name_of(device))}}));
    else if (!line.line.has_key())
      out.push_back(blocker("registry.desk.key", line.line.id, "pkcs10", {{"number", number}}));
    check_names(dossier, line, out);
  }
  return out;
}

std::vector<ComposedRequest> compose(const Dossier& dossier, const std::vector<ComposedLine>& approved,
                                     const DeskOptions& options, Instant now) {
  std::vector<ComposedRequest> out;
  for (const ComposedLine& line : approved) {
    const vault::Act act = act_of(dossier, line);
    const std::string& issuer = issuer_of(act, line, options);
    auto found = std::ranges::find_if(out, [&](const ComposedRequest& request) {
      return request.request.act == act && request.request.issuer == issuer && request.lines.size() < vault::kMaxLines;
    });
    if (found == out.end()) {
      const bool is_urgent = dossier.kind == DossierKind::revocation;
      ComposedRequest made;
      made.request.id = crypto::random_uuid();
      made.request.issuer = issuer;
      made.request.act = act;
      made.request.created = now;
      made.request.expires = now + (is_urgent ? options.revocation_life : options.request_life);
      const std::optional<Day> day = parse_day(dossier.form.letter_date);
      made.request.purpose = fmt::format("Hồ sơ {}, công văn số {} ngày {}", dossier.code, dossier.form.letter_number,
                                         day ? display_day(*day) : dossier.form.letter_date);
      found = out.insert(out.end(), std::move(made));
    }
    const std::string reference = fmt::format("{}/{}", dossier.code, line.line.number);
    found->lines.emplace(reference, line.line.id);
    if (act == vault::Act::issue)
      found->request.certificates.push_back(certificate_request(dossier, line, options, reference));
    else if (act == vault::Act::recover_token)
      found->request.recoveries.push_back(
          {reference, line.token->serial, *line.token->escrow, *line.station_key, line.line.form.name});
    else
      found->request.revocations.push_back(revocation_order(line));
  }
  return out;
}

}  // namespace kyso::registry
