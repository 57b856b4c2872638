#include "registry/public_pages/lookups.h"

#include <algorithm>
#include <cmath>

#include "base/error_text.h"
#include "base/text.h"
#include "registry/dossier/certificate_store.h"
#include "registry/dossier/store.h"
#include "registry/report/store.h"

namespace kyso::registry {
namespace {

constexpr std::chrono::days kRecent{90};
constexpr std::size_t kMaxDossiers = 20;
constexpr int kMissing = 121;  // the exit class of errors that say "there is none"

std::string shown_state(const std::string& state, Instant not_after, Instant now) {
  return state != "revoked" && not_after <= now ? "expired" : state;
}

PublicCertificate shown(const SubscriberCertificate& certificate, Instant now) {
  PublicCertificate out;
  out.issuer = certificate.issuer;
  out.serial = certificate.serial;
  out.state = shown_state(certificate.state, certificate.not_after, now);
  if (certificate.kind != "person") out.name = certificate.name;
  if (!certificate.organisation_chain.empty()) out.organisation = certificate.organisation_chain.back();
  out.not_before = certificate.not_before;
  out.not_after = certificate.not_after;
  if (certificate.state == "revoked") out.revoked = certificate.changed;
  return out;
}

std::optional<PublicCertificate> shown(const IssuedCertificate& certificate, Instant now) {
  const std::string& state = certificate.state;
  if (state != "good" && state != "suspended" && state != "revoked") return std::nullopt;
  PublicCertificate out;
  out.issuer = certificate.issuer;
  out.serial = certificate.serial;
  out.state = shown_state(state, certificate.not_after, now);
  out.not_before = certificate.not_before;
  out.not_after = certificate.not_after;
  if (state == "revoked") out.revoked = certificate.changed;
  return out;
}

bool says_missing(const Error& error) {
  const ErrorRow* row = find_error_row(error.code);
  return row != nullptr && row->exit_code == kMissing;
}

}  // namespace

Result<PublicFigures> public_figures(db::Transaction& transaction, Instant now) {
  PublicFigures out;
  for (const auto& [what, count] : KYSO_TRY(dossier_store::counts(transaction, "", "dossier/"))) {
    const std::string state = what.substr(what.rfind('/') + 1);
    if (state == "draft") continue;
    out.total += count;
    (state == "completed" || state == "rejected" ? out.finished : out.processing) += count;
  }
  const auto recent =
      KYSO_TRY(report_store::finished_in_time(transaction, "", now - kRecent, now + std::chrono::seconds(1)));
  if (recent.count > 0)
    out.on_time_percent =
        std::round(1000.0 * static_cast<double>(recent.count - recent.late) / static_cast<double>(recent.count)) / 10;
  return out;
}

Result<std::vector<PublicDossier>> find_public_dossiers(db::Transaction& transaction, const std::string& organisation,
                                                        const std::string& number, const std::string& day) {
  std::vector<PublicDossier> out;
  for (const Dossier& dossier :
       KYSO_TRY(dossier_store::submitted_by_letter(transaction, organisation, number, day, kMaxDossiers)))
    out.push_back({dossier.code, std::string(code_of(dossier.kind)), std::string(name_of(dossier.state)),
                   dossier.line_count, dossier.submitted, dossier.received, dossier.due, dossier.appointment});
  return out;
}

Result<std::vector<PublicCertificate>> find_public_certificates(db::Database& database, IssuingAuthority* authority,
                                                                const std::vector<std::string>& issuers,
                                                                const std::string& serial, Instant now) {
  const std::string normal = normal_serial(serial);
  if (normal.empty()) return fail("registry.input.parameter").with("name", "serial");
  std::vector<PublicCertificate> out;
  for (const SubscriberCertificate& certificate : KYSO_TRY(database.read(
           [&](db::Transaction& transaction) { return certificate_store::by_serial(transaction, normal); })))
    out.push_back(shown(certificate, now));
  if (authority == nullptr) return out;
  for (const std::string& issuer : issuers) {
    if (std::ranges::any_of(out, [&](const PublicCertificate& known) { return known.issuer == issuer; })) continue;
    const Result<IssuedCertificate> found = authority->certificate(issuer, normal);
    if (!found && says_missing(found.error())) continue;
    if (!found) return found.error();
    if (auto certificate = shown(*found, now)) out.push_back(*std::move(certificate));
  }
  return out;
}

}  // namespace kyso::registry
