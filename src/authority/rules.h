#pragma once
#include "authority/model.h"
#include "base/result.h"
#include "vault/policy.h"

// Pure decisions, tested without a database.
namespace kyso::authority {

enum class CertificateEvent : std::uint8_t { sign, give_up, suspend, release, revoke };
// The state that an event leads to; nullopt: not from here. The only table of this machine (docs/authority.md).
std::optional<CertificateState> after(CertificateState state, CertificateEvent event);
CertificateEvent event_of(vault::Act act);  // revoke, suspend, release

// What was said about one certificate in an order, as a change. The time is never before what is on record and never in
// the future; RFC 5280 section 5.3.1 for the reasons.
Result<StatusChange> change_for(const vault::RevocationOrder& order, vault::Act act, CertificateState state,
                                Instant now);

// May this key be certified again? `known`: certificates with the same key. A key that was compromised is never
// certified again: authority.key.compromised {serial}. A key of another certificate than the one that is being replaced
// is somebody else's, or somebody lost count: authority.key.reused {serial}.
struct ReplacedCertificate {
  std::string issuer, serial;  // serial: hexadecimal, upper case
};
std::optional<ReplacedCertificate> replaced_by(const pki::issue::CertificateRequest& line, const std::string& issuer);
Result<> check_key_history(const std::vector<CertificateRow>& known,
                           const std::optional<ReplacedCertificate>& replaced);

// Not the fault of what was asked: the vault, its token or the database is away, and the same will work later.
bool is_temporary(const Error& error);

// What a search looks in: without diacritics, lower case.
std::string search_text(const crypto::Certificate& certificate);

}  // namespace kyso::authority
