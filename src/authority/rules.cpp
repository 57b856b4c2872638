#include "authority/rules.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace kyso::authority {
namespace {

constexpr int kKeyCompromise = 1;
constexpr int kCertificateHold = 6;

struct Transition {
  CertificateState from;
  CertificateEvent event;
  CertificateState to;
};
constexpr std::array<Transition, 7> kTransitions = {{
    {CertificateState::waiting, CertificateEvent::sign, CertificateState::good},
    {CertificateState::waiting, CertificateEvent::give_up, CertificateState::void_},
    {CertificateState::good, CertificateEvent::suspend, CertificateState::suspended},
    {CertificateState::good, CertificateEvent::revoke, CertificateState::revoked},
    {CertificateState::suspended, CertificateEvent::release, CertificateState::good},
    {CertificateState::suspended, CertificateEvent::revoke, CertificateState::revoked},
    // A certificate that may exist although nobody holds it can be revoked before it is known to be signed.
    {CertificateState::waiting, CertificateEvent::revoke, CertificateState::revoked},
}};

}  // namespace

std::optional<CertificateState> after(CertificateState state, CertificateEvent event) {
  const auto row =
      std::ranges::find_if(kTransitions, [&](const Transition& t) { return t.from == state && t.event == event; });
  return row == kTransitions.end() ? std::nullopt : std::optional(row->to);
}

CertificateEvent event_of(vault::Act act) {
  switch (act) {
    case vault::Act::suspend:
      return CertificateEvent::suspend;
    case vault::Act::release:
      return CertificateEvent::release;
    default:
      return CertificateEvent::revoke;
  }
}

Result<StatusChange> change_for(const vault::RevocationOrder& order, vault::Act act, CertificateState state,
                                Instant now) {
  const std::optional<CertificateState> next = after(state, event_of(act));
  if (!next) return fail("authority.state").with("serial", order.serial).with("state", name_of(state));
  StatusChange change;
  change.state = *next;
  change.at = now;
  if (act == vault::Act::suspend) change.reason = kCertificateHold;
  if (act == vault::Act::revoke) {
    change.reason = order.reason;
    if (order.invalid_since && *order.invalid_since <= now) change.invalid_since = order.invalid_since;
  }
  return change;
}

std::optional<ReplacedCertificate> replaced_by(const pki::issue::CertificateRequest& line, const std::string& issuer) {
  if (!line.replaces_serial) return std::nullopt;
  return ReplacedCertificate{line.replaces_issuer.value_or(issuer), *line.replaces_serial};
}

Result<> check_key_history(const std::vector<CertificateRow>& known,
                           const std::optional<ReplacedCertificate>& replaced) {
  for (const CertificateRow& row : known) {
    if (row.state == CertificateState::void_) continue;  // never signed
    const std::string serial = to_upper(to_hex(row.serial));
    if (row.state == CertificateState::revoked && row.reason == kKeyCompromise)
      return fail("authority.key.compromised").with("serial", serial);
    if (!replaced || replaced->issuer != row.issuer || replaced->serial != serial)
      return fail("authority.key.reused").with("serial", serial);
  }
  return {};
}

bool is_temporary(const Error& error) {
  static constexpr std::string_view kTemporary[] = {"vault.unreachable", "vault.timeout", "vault.busy",
                                                    "vault.protocol", "vault.key.unavailable"};
  return std::ranges::find(kTemporary, error.code) != std::end(kTemporary) || error.code.starts_with("db.") ||
         error.code.starts_with("token.");
}

std::string search_text(const crypto::Certificate& certificate) {
  return fold_accents(certificate.subject_text() + " " + certificate.email());
}

}  // namespace kyso::authority
