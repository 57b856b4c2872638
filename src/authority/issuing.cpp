#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "audit/audit.h"
#include "authority/rules.h"
#include "authority/service.h"
#include "base/log.h"
#include "vault/passkey_statement.h"

// The issuance cycle on this side of the vault: prepare (vault) -> recorded as waiting -> sign (vault) -> good.
namespace kyso::authority {

struct Authority::Work {
  std::string id;
  bool is_done = false;
  std::optional<Error> error;
};

namespace {

constexpr int kSuperseded = 4;
constexpr std::size_t kTogether = 64;  // requests

audit::Event certificate_event(std::string_view kind, const CertificateRow& row) {
  audit::Event event{std::string(kind), "system:authority", fmt::format("{}/{}", row.issuer, to_hex(row.serial)),
                     json::Value::object()};
  event.details.set("request", row.request_id)
      .set("reference", row.reference)
      .set("profile", row.profile)
      .set("intent", row.intent);
  return event;
}

struct Draft {
  vault::SignedRequest statements;
  vault::Request request;
  RequestRow row;
};

Result<CertificateRow> waiting_row(const vault::PreparedCertificate& prepared, const vault::Request& request,
                                   std::size_t shards, Instant now) {
  const auto content = KYSO_TRY(crypto::Certificate::from_der(prepared.linting_certificate));
  CertificateRow row;
  row.issuer = prepared.issuer;
  row.serial = prepared.serial;
  row.intent = prepared.intent;
  row.request_id = prepared.request_id;
  row.reference = prepared.reference;
  row.profile = prepared.profile;
  row.subject = content.subject_text();
  row.search = search_text(content);
  row.key_sha256 = crypto::digest(crypto::DigestAlgorithm::sha256, content.public_key().spki());
  row.not_before = content.not_before();
  row.not_after = content.not_after();
  row.shard = pki::issue::crl_shard_of(prepared.serial, shards);
  row.recorded = now;
  row.linting = prepared.linting_certificate;
  const auto line =
      std::ranges::find(request.certificates, prepared.reference, &pki::issue::CertificateRequest::reference);
  if (line == request.certificates.end()) return row;
  if (const std::optional<ReplacedCertificate> replaced = replaced_by(*line, row.issuer)) {
    row.replaces_issuer = replaced->issuer;
    row.replaces = KYSO_TRY(from_hex(replaced->serial));
  }
  return row;
}

}  // namespace

Result<> Authority::execute_together(const std::vector<std::string>& ids_of_caller) {
  std::vector<std::shared_ptr<Work>> mine;
  for (const std::string& id : ids_of_caller) {
    mine.push_back(std::make_shared<Work>());
    mine.back()->id = id;
  }
  std::unique_lock lock(m_queue_mutex);
  m_queue.insert(m_queue.end(), mine.begin(), mine.end());
  while (!std::ranges::all_of(mine, &Work::is_done)) {
    if (m_is_working) {
      m_queue_done.wait(lock);
      continue;
    }
    m_is_working = true;
    const std::size_t count = std::min(m_queue.size(), kTogether);
    const std::vector<std::shared_ptr<Work>> batch(m_queue.begin(),
                                                   m_queue.begin() + static_cast<std::ptrdiff_t>(count));
    m_queue.erase(m_queue.begin(), m_queue.begin() + static_cast<std::ptrdiff_t>(count));
    lock.unlock();
    std::vector<std::string> ids;
    for (const auto& work : batch) ids.push_back(work->id);
    const Result<> result = carry_out(ids);
    lock.lock();
    for (const auto& work : batch) {
      work->is_done = true;
      if (!result) work->error = result.error();
    }
    m_is_working = false;
    m_queue_done.notify_all();
  }
  for (const auto& work : mine)
    if (work->error) return *work->error;
  return {};
}

Result<> Authority::carry_out(const std::vector<std::string>& ids) {
  std::vector<RequestRow> to_issue, others;
  KYSO_TRY(m_database.read([&](db::Transaction& transaction) -> Result<> {
    to_issue.clear();
    others.clear();
    for (const std::string& id : ids) {
      std::optional<RequestRow> row = KYSO_TRY(store::find_request(transaction, id));
      if (!row || row->state != RequestState::authorised) continue;
      const bool is_issue = row->act == name_of(vault::Act::issue);
      (is_issue ? to_issue : others).push_back(*std::move(row));
    }
    return {};
  }));
  std::optional<Error> first;
  const auto keep = [&](const Result<>& result) {
    if (!result && !first) first = result.error();
  };
  if (!to_issue.empty()) keep(issue(to_issue));
  for (const RequestRow& row : others) {
    const std::optional<vault::Act> act = vault::act_by_name(row.act);
    keep(act == vault::Act::change_policy   ? change_policy(row)
         : act == vault::Act::recover_token ? recover_tokens(row)
                                            : change_status(row));
  }
  if (first) return *first;
  return {};
}

Result<> Authority::fail_request(const RequestRow& row, const Error& error) {
  const Instant now = m_clock.now();
  log::write(log::Level::warning, "request.failed", error);
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    const std::optional<RequestRow> present = KYSO_TRY(store::find_request(transaction, row.id));
    if (!present || present->state != RequestState::authorised) return {};  // somebody else was quicker
    if (!KYSO_TRY(store::set_failed(transaction, row.id, error.code, now))) return {};
    audit::Event event{"request.failed", "system:authority", row.id, json::Value::object()};
    event.details.set("code", error.code);
    KYSO_TRY(audit::append(transaction, event, now));
    return {};
  });
}

Result<> Authority::issue(const std::vector<RequestRow>& rows) {
  const Instant now = m_clock.now();
  std::vector<CertificateRow> waiting;
  std::vector<Draft> drafts;
  KYSO_TRY(m_database.read([&](db::Transaction& transaction) -> Result<> {
    waiting.clear();
    drafts.clear();
    for (const RequestRow& row : rows) {
      std::vector<CertificateRow> known = KYSO_TRY(store::certificates_of_request(transaction, row.id));
      if (!known.empty()) {
        std::ranges::move(known, std::back_inserter(waiting));
        continue;
      }
      Draft draft;
      draft.row = row;
      draft.statements.request = row.jws;
      for (ApprovalRow& approval : KYSO_TRY(store::approvals_of(transaction, row.id)))
        draft.statements.approvals.push_back(std::move(approval.jws));
      draft.request = KYSO_TRY(vault::parse_request(KYSO_TRY(vault::payload_of(row.jws, vault::kRequestType))));
      drafts.push_back(std::move(draft));
    }
    return {};
  }));

  std::vector<vault::SignedRequest> statements;
  for (const Draft& draft : drafts) statements.push_back(draft.statements);
  std::optional<Error> temporary;
  std::vector<CertificateRow> fresh;
  std::vector<audit::Event> events;
  if (!statements.empty()) {
    const auto prepared = m_vault.prepare(statements);
    for (std::size_t i = 0; i < prepared.size(); ++i) {
      if (!prepared[i]) {
        if (is_temporary(prepared[i].error())) {
          temporary = prepared[i].error();
          continue;
        }
        if (prepared[i].error().code == "vault.request.used")
          KYSO_TRY(find_issued(drafts[i].row, waiting));
        else
          KYSO_TRY(fail_request(drafts[i].row, prepared[i].error()));
        continue;
      }
      for (const vault::PreparedCertificate& certificate : *prepared[i]) {
        fresh.push_back(
            KYSO_TRY(waiting_row(certificate, drafts[i].request, KYSO_TRY(shards(certificate.issuer)), now)));
        events.push_back(certificate_event("certificate.prepared", fresh.back()));
      }
    }
  }
  if (!fresh.empty()) {
    KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<> {
      KYSO_TRY(store::insert_waiting(transaction, fresh));
      return audit::append_many(transaction, events, now);
    }));
    std::ranges::move(fresh, std::back_inserter(waiting));
  }
  KYSO_TRY(sign_waiting(std::move(waiting)));
  if (temporary) return *temporary;
  return {};
}

// The vault carried this request out for somebody else: another process, or this one before it died. What it signed is
// on record, or comes there from the journal.
Result<> Authority::find_issued(const RequestRow& row, std::vector<CertificateRow>& found) {
  const auto look = [&] {
    return m_database.read(
        [&](db::Transaction& transaction) { return store::certificates_of_request(transaction, row.id); });
  };
  std::vector<CertificateRow> rows = KYSO_TRY(look());
  if (rows.empty()) {
    KYSO_TRY(reconcile());
    rows = KYSO_TRY(look());
  }
  if (rows.empty()) return fail_request(row, fail("vault.request.used"));
  std::ranges::move(rows, std::back_inserter(found));
  return {};
}

Result<> Authority::sign_waiting(std::vector<CertificateRow> rows) {
  if (rows.empty()) return {};
  std::vector<CertificateRow> unsigned_rows;
  for (const CertificateRow& row : rows)
    if (!row.der && row.state != CertificateState::void_) unsigned_rows.push_back(row);
  std::vector<std::string> intents;
  for (const CertificateRow& row : unsigned_rows) intents.push_back(row.intent);
  std::vector<store::SignedCertificate> done;
  std::optional<Error> temporary;
  if (!intents.empty()) {
    const auto certificates = m_vault.sign_prepared(intents);
    for (std::size_t i = 0; i < certificates.size(); ++i) {
      const CertificateRow& row = unsigned_rows[i];
      if (certificates[i]) {
        const ByteView der = certificates[i]->der();
        done.push_back({row.issuer, row.serial, Bytes(der.begin(), der.end())});
      } else if (is_temporary(certificates[i].error())) {
        temporary = certificates[i].error();
      } else {
        KYSO_TRY(give_up(row, certificates[i].error()));
      }
    }
  }
  KYSO_TRY(finish_issued(rows, done));
  if (temporary) return *temporary;
  return {};
}

// One transaction: the certificates are good, what they replace is revoked, requests that have all of theirs are done.
Result<> Authority::finish_issued(const std::vector<CertificateRow>& rows,
                                  const std::vector<store::SignedCertificate>& done) {
  const Instant now = m_clock.now();
  std::map<Bytes, const store::SignedCertificate*> by_serial;
  for (const store::SignedCertificate& certificate : done) by_serial[certificate.serial] = &certificate;
  std::vector<std::string> intents;
  for (const CertificateRow& row : rows)
    if (by_serial.contains(row.serial)) intents.push_back(row.intent);
  bool has_changed_status = false;
  KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<> {
    has_changed_status = false;
    // Those that another process or reconcile() has put on record since are in the log too.
    const std::set<std::string> recorded = KYSO_TRY(store::recorded_intents(transaction, intents));
    KYSO_TRY(store::record_signed(transaction, done, now));
    std::vector<audit::Event> events;
    std::map<std::string, bool> is_complete;
    for (const CertificateRow& row : rows) {
      const auto found = by_serial.find(row.serial);
      bool& complete = is_complete.try_emplace(row.request_id, true).first->second;
      const bool is_new = found != by_serial.end();
      complete = complete && (is_new || row.der || row.state == CertificateState::void_);
      if (is_new && !recorded.contains(row.intent)) {
        events.push_back(certificate_event("certificate.issued", row));
        events.back().details.set("sha256",
                                  to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, found->second->der)));
      }
      if (!row.replaces || (!is_new && !row.der)) continue;
      const std::optional<CertificateRow> old =
          KYSO_TRY(store::find_certificate(transaction, row.replaces_issuer, *row.replaces));
      if (!old || !after(old->state, CertificateEvent::revoke)) continue;
      StatusChange change;
      change.at = now;
      change.reason = kSuperseded;
      KYSO_TRY(store::change_status(transaction, *old, change));
      events.push_back(certificate_event("certificate.revoked", *old));
      events.back().details.set("reason", kSuperseded);
      has_changed_status = true;
    }
    for (const auto& [id, complete] : is_complete)
      if (complete) KYSO_TRY(store::set_request_state(transaction, id, RequestState::done, std::nullopt, now));
    return audit::append_many(transaction, events, now);
  }));
  if (has_changed_status) tell();
  return {};
}

// The vault will never sign this one: its serial number is burnt, and told as revoked for ever.
Result<> Authority::give_up(const CertificateRow& row, const Error& error) {
  log::write(log::Level::error, "certificate.given_up", error);
  const Result<> voided = m_vault.void_intent(row.intent);
  if (!voided && voided.error().code != "vault.intent.unknown" && voided.error().code != "vault.intent.void")
    return voided.error();
  const Instant now = m_clock.now();
  KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<> {
    const std::optional<CertificateRow> present =
        KYSO_TRY(store::find_certificate(transaction, row.issuer, row.serial));
    if (!present || present->der || !after(present->state, CertificateEvent::give_up)) return {};
    StatusChange change;
    change.state = CertificateState::void_;
    change.at = now;
    KYSO_TRY(store::change_status(transaction, *present, change));
    KYSO_TRY(store::set_request_state(transaction, row.request_id, RequestState::failed, std::string(error.code), now));
    audit::Event event = certificate_event("certificate.void", row);
    event.details.set("code", error.code);
    KYSO_TRY(audit::append(transaction, event, now));
    return {};
  }));
  tell();
  return {};
}

}  // namespace kyso::authority
