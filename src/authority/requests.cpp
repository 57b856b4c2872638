#include <algorithm>
#include <set>

#include "audit/audit.h"
#include "authority/rules.h"
#include "authority/service.h"
#include "pki/issue/issue.h"

// Requests and approvals: what officers send.
namespace kyso::authority {
namespace {

audit::Event event_of(std::string_view kind, std::string_view actor, const RequestRow& row) {
  audit::Event event{std::string(kind), std::string(actor), row.id, json::Value::object()};
  event.details.set("act", row.act).set("issuer", row.issuer).set("sha256", to_hex(row.payload_sha256));
  return event;
}

Result<RequestRow> row_of(const vault::Standing& standing, std::string_view jws, Instant now) {
  RequestRow row;
  row.id = standing.request.id;
  row.act = name_of(standing.request.act);
  row.issuer = standing.request.issuer;
  row.purpose = standing.request.purpose;
  row.requester = standing.requester;
  row.payload_sha256 = standing.request_sha256;
  row.jws = jws;
  row.created = standing.request.created;
  row.expires = standing.request.expires;
  row.updated = now;
  return row;
}

const pki::issue::IssuerSettings* find_issuer(const vault::Vault::State& state, std::string_view name) {
  const auto found = std::ranges::find(state.issuers, name, &pki::issue::IssuerSettings::name);
  return found == state.issuers.end() ? nullptr : &*found;
}

Error in_line(const Error& error, const std::string& reference) {
  Error out = fail("authority.request.line", "{} {}", error.code, error.detail)
                  .with("reference", reference)
                  .with("code", error.code);
  for (const auto& [name, value] : error.params)
    out.with(name == "reference" || name == "code" ? "inner_" + name : name, value);
  return out;
}

// Everything that the vault will check, so that nobody approves what cannot be issued. The digest of the key.
Result<Bytes> rehearse(const pki::issue::CertificateRequest& line, const vault::Policy& policy,
                       const pki::issue::IssuerSettings& issuer, Instant now) {
  const pki::issue::CertificateProfile& profile = policy.profiles().at(line.profile);  // vault::examine() saw to it
  pki::issue::ToBeSigned content = KYSO_TRY(
      pki::issue::ToBeSigned::build(profile, issuer, line, pki::issue::draw_serial(1), now, &policy.blocked_keys()));
  const auto linted = KYSO_TRY(pki::issue::Linted::lint(std::move(content), profile, &issuer.certificate));
  // The key as it will be certified: reading the request once more would verify its signature once more.
  const auto certificate = KYSO_TRY(crypto::Certificate::from_der(linted.certificate()));
  return crypto::digest(crypto::DigestAlgorithm::sha256, certificate.public_key().spki());
}

Result<> check_history(db::Transaction& transaction, const std::string& issuer,
                       const pki::issue::CertificateRequest& line, const Bytes& key) {
  const std::optional<ReplacedCertificate> replaced = replaced_by(line, issuer);
  KYSO_TRY(check_key_history(KYSO_TRY(store::certificates_with_key(transaction, key)), replaced));
  if (!replaced) return {};
  if (!KYSO_TRY(store::find_certificate(transaction, replaced->issuer, KYSO_TRY(from_hex(replaced->serial)))))
    return fail("authority.certificate.missing").with("serial", replaced->serial);
  return {};
}

}  // namespace

Result<> Authority::check_lines(const vault::Request& request, const vault::Policy& policy) {
  const vault::Vault::State state = KYSO_TRY(vault_state());
  const pki::issue::IssuerSettings* issuer = find_issuer(state, request.issuer);
  if (issuer == nullptr) return fail("authority.issuer.unknown").with("issuer", request.issuer);
  std::vector<Bytes> keys;
  std::set<Bytes> seen;
  for (const pki::issue::CertificateRequest& line : request.certificates) {
    Result<Bytes> key = rehearse(line, policy, *issuer, m_clock.now());
    if (!key) return in_line(key.error(), line.reference);
    if (!seen.insert(*key).second) return in_line(fail("authority.key.reused").with("serial", "-"), line.reference);
    keys.push_back(*std::move(key));
  }
  return m_database.read([&](db::Transaction& transaction) -> Result<> {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const pki::issue::CertificateRequest& line = request.certificates[i];
      const Result<> history = check_history(transaction, request.issuer, line, keys[i]);
      if (!history) return in_line(history.error(), line.reference);
    }
    return {};
  });
}

Result<> Authority::check_orders(const vault::Request& request) {
  return m_database.read([&](db::Transaction& transaction) -> Result<> {
    for (const vault::RevocationOrder& order : request.revocations) {
      const Bytes serial = KYSO_TRY(from_hex(order.serial));
      const std::optional<CertificateRow> row = KYSO_TRY(store::find_certificate(transaction, request.issuer, serial));
      if (!row) return fail("authority.certificate.missing").with("serial", order.serial);
      KYSO_TRY(change_for(order, request.act, row->state, m_clock.now()));
    }
    return {};
  });
}

// Nobody shall approve what no key can open.
Result<> Authority::check_recovery(const vault::Request& request) {
  const vault::Vault::State state = KYSO_TRY(vault_state());
  const bool has_key = std::ranges::any_of(state.signers, [&](const vault::Signer& signer) {
    return signer.purpose == vault::KeyPurpose::escrow && signer.issuer == request.issuer;
  });
  if (!has_key) return fail("vault.escrow.none").with("issuer", request.issuer);
  return {};
}

Result<RequestView> Authority::submit(std::string_view request_jws, const Within& within) {
  const std::shared_ptr<const vault::Policy> current = KYSO_TRY(policy());
  const Instant now = m_clock.now();
  const vault::SignedRequest statements{std::string(request_jws), {}};
  const std::optional<Examined> examined =
      Examined{statements, current->version(), KYSO_TRY(vault::examine(*current, statements, now))};
  const vault::Standing& standing = examined->standing;
  // Sent again because an answer was lost, perhaps after it was carried out: its own certificates don't speak against
  // it.
  const auto repeated =
      KYSO_TRY(m_database.read([&](db::Transaction& transaction) -> Result<std::optional<RequestView>> {
        const std::optional<RequestRow> known = KYSO_TRY(store::find_request(transaction, standing.request.id));
        if (!known || known->payload_sha256 != standing.request_sha256) return std::optional<RequestView>();
        return std::optional(KYSO_TRY(view(transaction, *known, *current, examined)));
      }));
  if (repeated) return *repeated;
  if (standing.request.act == vault::Act::issue) KYSO_TRY(check_lines(standing.request, *current));
  if (!standing.request.revocations.empty()) KYSO_TRY(check_orders(standing.request));
  if (standing.request.act == vault::Act::recover_token) KYSO_TRY(check_recovery(standing.request));
  const RequestRow row = KYSO_TRY(row_of(standing, request_jws, now));
  return m_database.write([&](db::Transaction& transaction) -> Result<RequestView> {
    if (const std::optional<RequestRow> known = KYSO_TRY(store::find_request(transaction, row.id))) {
      if (known->payload_sha256 != row.payload_sha256) return fail("authority.request.duplicate").with("id", row.id);
      return view(transaction, *known, *current, examined);
    }
    KYSO_TRY(store::insert_request(transaction, row));
    KYSO_TRY(audit::append(transaction, event_of("request.submitted", row.requester, row), now));
    if (within) KYSO_TRY(within(transaction));
    return view(transaction, row, *current, examined);
  });
}

// Within one transaction: the decision, the new state of the request, and their records.
Result<> Authority::record_decision(const RequestRow& row, std::string_view jws, const vault::Policy& policy,
                                    const Within& within, bool& complete, std::optional<Examined>& examined) {
  const Instant now = m_clock.now();
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    complete = false;
    examined.reset();
    const std::optional<RequestRow> present = KYSO_TRY(store::find_request(transaction, row.id));
    const std::vector<ApprovalRow> known = KYSO_TRY(store::approvals_of(transaction, row.id));
    if (std::ranges::find(known, jws, &ApprovalRow::jws) != known.end()) {
      complete = present->state == RequestState::authorised;
      return {};
    }
    if (present->state != RequestState::waiting)
      return fail("authority.request.state").with("id", row.id).with("state", name_of(present->state));
    vault::SignedRequest statements{row.jws, {}};
    for (const ApprovalRow& approval : known) statements.approvals.push_back(approval.jws);
    statements.approvals.emplace_back(jws);
    const Result<vault::Standing> standing = vault::examine(policy, statements, now);
    const bool is_rejection = !standing && standing.error().code == "vault.statement.rejected";
    if (!standing && !is_rejection) return standing.error();
    std::string person;
    if (standing) {
      person = standing->approvers.back();
      examined = Examined{statements, policy.version(), *standing};
    }
    if (is_rejection)
      for (const auto& [name, value] : standing.error().params)
        if (name == "person") person = value;
    KYSO_TRY(store::insert_approval(transaction, row.id,
                                    {person, is_rejection ? "reject" : "approve", std::string(jws), now}));
    KYSO_TRY(
        audit::append(transaction, event_of(is_rejection ? "request.rejected" : "request.approved", person, row), now));
    if (within) KYSO_TRY(within(transaction));
    if (is_rejection) return store::set_request_state(transaction, row.id, RequestState::rejected, std::nullopt, now);
    if (!standing->missing.empty()) return {};
    complete = true;
    return store::set_request_state(transaction, row.id, RequestState::authorised, std::nullopt, now);
  });
}

Result<RequestView> Authority::decide(const std::string& id, std::string_view approval_jws, const Within& within) {
  const std::shared_ptr<const vault::Policy> current = KYSO_TRY(policy());
  const std::optional<RequestRow> row =
      KYSO_TRY(m_database.read([&](db::Transaction& transaction) { return store::find_request(transaction, id); }));
  if (!row) return fail("authority.request.missing").with("id", id);
  bool complete = false;
  std::optional<Examined> examined;
  const Result<> recorded = record_decision(*row, approval_jws, *current, within, complete, examined);
  if (!recorded) {
    // Whoever tries what he may not is on record too.
    KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<> {
      audit::Event event = event_of("officer.refused", "unknown", *row);
      event.details.set("code", recorded.error().code);
      KYSO_TRY(audit::append(transaction, event, m_clock.now()));
      return {};
    }));
    return recorded.error();
  }
  // Whether it can be carried out now or later, the approval is recorded: the request's state tells.
  if (complete) (void)execute_together({id});
  return request(id, examined);
}

}  // namespace kyso::authority
