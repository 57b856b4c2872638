#include <fmt/format.h>

#include "audit/audit.h"
#include "authority/rules.h"
#include "authority/service.h"
#include "vault/passkey_statement.h"

// Revocation, suspension, release, recovery of tokens, and changes of the policy: carried out once they are authorised.
namespace kyso::authority {
namespace {

Result<vault::Request> request_of(const RequestRow& row) {
  return vault::parse_request(KYSO_TRY(vault::payload_of(row.jws, vault::kRequestType)));
}

Result<vault::SignedRequest> statements_of(db::Transaction& transaction, const RequestRow& row) {
  vault::SignedRequest statements{row.jws, {}};
  for (ApprovalRow& approval : KYSO_TRY(store::approvals_of(transaction, row.id)))
    statements.approvals.push_back(std::move(approval.jws));
  return statements;
}

std::string_view event_kind(CertificateState state) {
  switch (state) {
    case CertificateState::suspended:
      return "certificate.suspended";
    case CertificateState::good:
      return "certificate.released";
    default:
      return "certificate.revoked";
  }
}

}  // namespace

// All orders of the request or none, with their status events, in one transaction.
Result<> Authority::change_status(const RequestRow& row) {
  const vault::Request request = KYSO_TRY(request_of(row));
  const std::shared_ptr<const vault::Policy> current = KYSO_TRY(policy());
  const Instant now = m_clock.now();
  const Result<> changed = m_database.write([&](db::Transaction& transaction) -> Result<> {
    const std::optional<RequestRow> present = KYSO_TRY(store::find_request(transaction, row.id));
    if (present->state != RequestState::authorised) return {};  // somebody else was quicker
    // Authorised is not what the database says but what officers signed.
    KYSO_TRY(vault::authorize(*current, KYSO_TRY(statements_of(transaction, row)), present->updated));
    for (const vault::RevocationOrder& order : request.revocations) {
      const std::optional<CertificateRow> certificate =
          KYSO_TRY(store::find_certificate(transaction, request.issuer, KYSO_TRY(from_hex(order.serial))));
      if (!certificate) return fail("authority.certificate.missing").with("serial", order.serial);
      const StatusChange change = KYSO_TRY(change_for(order, request.act, certificate->state, now));
      const std::int64_t sequence = KYSO_TRY(store::change_status(transaction, *certificate, change));
      audit::Event event{std::string(event_kind(change.state)), "system:authority",
                         fmt::format("{}/{}", certificate->issuer, to_hex(certificate->serial)), json::Value::object()};
      event.details.set("request", row.id).set("status", sequence);
      if (change.reason) event.details.set("reason", *change.reason);
      KYSO_TRY(audit::append(transaction, event, now));
    }
    return store::set_request_state(transaction, row.id, RequestState::done, std::nullopt, now);
  });
  if (!changed) {
    if (changed.error().code.starts_with("db.")) return changed.error();
    return fail_request(row, changed.error());
  }
  tell();
  return {};
}

Result<> Authority::change_policy(const RequestRow& row) {
  const vault::SignedRequest statements =
      KYSO_TRY(m_database.read([&](db::Transaction& transaction) { return statements_of(transaction, row); }));
  Result<vault::Vault::State> adopted = m_vault.adopt_policy(statements);
  // Adopted before, by a call whose end was not recorded here?
  if (!adopted && adopted.error().code == "vault.request.used" &&
      KYSO_TRY(m_vault.policy_files()) == KYSO_TRY(request_of(row)).policy_files)
    adopted = m_vault.state();
  if (!adopted) {
    if (is_temporary(adopted.error())) return adopted.error();
    return fail_request(row, adopted.error());
  }
  {
    const std::lock_guard lock(m_policy_mutex);
    m_policy_read = {};
    m_policy.reset();
  }
  const Instant now = m_clock.now();
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    audit::Event event{"policy.adopted", "system:authority", row.id, json::Value::object()};
    event.details.set("version", adopted->policy_version).set("sha256", to_hex(adopted->policy_sha256));
    KYSO_TRY(audit::append(transaction, event, now));
    return store::set_request_state(transaction, row.id, RequestState::done, std::nullopt, now);
  });
}

// The vault gives the same again when the answer was lost, here or on its way.
Result<> Authority::recover_tokens(const RequestRow& row) {
  const vault::SignedRequest statements =
      KYSO_TRY(m_database.read([&](db::Transaction& transaction) { return statements_of(transaction, row); }));
  const Result<std::vector<vault::ReleasedPin>> released = m_vault.release_so_pins(statements);
  if (!released) {
    if (is_temporary(released.error())) return released.error();
    return fail_request(row, released.error());
  }
  const Instant now = m_clock.now();
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    const std::optional<RequestRow> present = KYSO_TRY(store::find_request(transaction, row.id));
    if (!present || present->state != RequestState::authorised) return {};  // somebody else was quicker
    KYSO_TRY(store::insert_released(transaction, row.id, *released));
    std::vector<audit::Event> events;
    for (const vault::ReleasedPin& pin : *released) {
      events.push_back({"token.recovered", "system:authority", pin.token_serial, json::Value::object()});
      events.back().details.set("request", row.id).set("reference", pin.reference);
    }
    KYSO_TRY(audit::append_many(transaction, events, now));
    return store::set_request_state(transaction, row.id, RequestState::done, std::nullopt, now);
  });
}

}  // namespace kyso::authority
