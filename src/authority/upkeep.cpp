#include <fmt/format.h>

#include <algorithm>

#include "audit/audit.h"
#include "authority/rules.h"
#include "authority/service.h"
#include "base/log.h"
#include "pki/issue/issue.h"

// What the clock asks for.
namespace kyso::authority {
namespace {

// Another process goes on when one was killed. That two work at once does no harm, only wastes time.
constexpr std::chrono::seconds kLease{3};
constexpr std::chrono::seconds kLeftBehind{2};  // an authorised request that its process would have carried out by now
constexpr std::size_t kTogether = 64;
constexpr std::size_t kJournalPage = 1'000;

// Of an entry "intent.signed".
std::vector<std::string> intents_of(const vault::JournalEntry& entry) {
  std::vector<std::string> out;
  const Result<json::Value> body = json::parse(entry.body);
  const json::Value* certificates = body ? body->find("certificates") : nullptr;
  if (certificates == nullptr || certificates->as_array() == nullptr) return out;
  for (const json::Value& certificate : *certificates->as_array())
    if (const json::Value* intent = certificate.find("intent"); intent != nullptr && intent->as_string())
      out.emplace_back(*intent->as_string());
  return out;
}

// What is on record of a certificate that is known by its bytes alone.
CertificateRow row_of(const crypto::Certificate& certificate, std::string issuer, std::size_t shards, Instant now) {
  CertificateRow row;
  row.issuer = std::move(issuer);
  row.serial.assign(certificate.serial().begin(), certificate.serial().end());
  row.subject = certificate.subject_text();
  row.search = search_text(certificate);
  row.key_sha256 = crypto::digest(crypto::DigestAlgorithm::sha256, certificate.public_key().spki());
  row.not_before = certificate.not_before();
  row.not_after = certificate.not_after();
  row.shard = pki::issue::crl_shard_of(row.serial, shards);
  row.recorded = now;
  return row;
}

}  // namespace

Result<> Authority::look_after() {
  const Instant now = m_clock.now();
  const std::optional<db::Lease> lease =
      KYSO_TRY(db::acquire_lease(m_database, "authority.upkeep", m_options.node, now, kLease));
  if (!lease) return {};
  KYSO_TRY(expire());
  KYSO_TRY(reconcile());
  const std::vector<std::string> left = KYSO_TRY(m_database.read([&](db::Transaction& transaction) {
    // Those from before this process began are none of its threads' work.
    return store::authorised_before(transaction, std::max(now - kLeftBehind, m_started), kTogether);
  }));
  if (!left.empty()) KYSO_TRY(execute_together(left));
  return warn();
}

Result<> Authority::expire() {
  const Instant now = m_clock.now();
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    std::vector<audit::Event> events;
    for (const std::string& id : KYSO_TRY(store::expire_requests(transaction, now)))
      events.push_back({"request.expired", "system:authority", id, json::Value::object()});
    return audit::append_many(transaction, events, now);
  });
}

Result<std::size_t> Authority::reconcile() {
  const std::lock_guard reconciling(m_reconcile_mutex);
  KYSO_TRY(policy());
  std::uint8_t instance = 0;
  {
    const std::lock_guard lock(m_policy_mutex);
    instance = m_state->instance;
  }
  std::int64_t last = KYSO_TRY(m_database.read(
      [&](db::Transaction& transaction) { return store::last_journal_sequence(transaction, instance); }));
  std::size_t missing = 0;
  for (;;) {
    const std::vector<vault::JournalEntry> entries = KYSO_TRY(m_vault.journal(last, kJournalPage));
    if (entries.empty()) {
      KYSO_TRY(adopt_signers());
      return missing;
    }
    std::vector<store::JournalRow> rows;
    for (const vault::JournalEntry& entry : entries) {
      if (entry.kind == "intent.signed")
        for (const std::string& intent : KYSO_TRY(unrecorded(entry))) missing += KYSO_TRY(recover(intent)) ? 1 : 0;
      if (entry.kind == "intent.void") KYSO_TRY(resolve_void(entry));
      rows.push_back({entry.sequence, entry.time, entry.kind, entry.body, entry.chain});
    }
    // Copied last: what was not put on record is looked at again.
    KYSO_TRY(m_database.write(
        [&](db::Transaction& transaction) { return store::insert_journal(transaction, instance, rows); }));
    last = entries.back().sequence;
  }
}

// Almost always none: asked for together.
Result<std::vector<std::string>> Authority::unrecorded(const vault::JournalEntry& entry) {
  std::vector<std::string> intents = intents_of(entry);
  const auto recorded = KYSO_TRY(
      m_database.read([&](db::Transaction& transaction) { return store::recorded_intents(transaction, intents); }));
  std::erase_if(intents, [&](const std::string& intent) { return recorded.contains(intent); });
  return intents;
}

// Whether this signed certificate was not on record.
Result<bool> Authority::recover(const std::string& intent) {
  const std::optional<CertificateRow> known = KYSO_TRY(
      m_database.read([&](db::Transaction& transaction) { return store::find_by_intent(transaction, intent); }));
  if (known && known->der) return false;
  const std::vector<vault::Intent> found = KYSO_TRY(m_vault.intents({intent}));
  if (found.empty() || found.front().state != vault::IntentState::signed_) return false;
  const vault::Intent& entry = found.front();
  const Instant now = m_clock.now();
  const auto certificate = KYSO_TRY(crypto::Certificate::from_der(entry.certificate));
  CertificateRow row = row_of(certificate, entry.prepared.issuer, KYSO_TRY(shards(entry.prepared.issuer)), now);
  row.intent = intent;
  row.request_id = entry.prepared.request_id;
  row.reference = entry.prepared.reference;
  row.profile = entry.prepared.profile;
  row.linting = entry.prepared.linting_certificate;
  KYSO_TRY(put_on_record(row, entry.certificate, "vault"));
  return !known;
}

// The vault forgot an intent that nobody signed in time: never to be signed, and on record so.
Result<> Authority::resolve_void(const vault::JournalEntry& entry) {
  const Result<json::Value> body = json::parse(entry.body);
  const json::Value* intent = body ? body->find("intent") : nullptr;
  if (intent == nullptr || !intent->as_string()) return {};
  const std::optional<CertificateRow> known = KYSO_TRY(m_database.read(
      [&](db::Transaction& transaction) { return store::find_by_intent(transaction, *intent->as_string()); }));
  if (!known || known->der || !after(known->state, CertificateEvent::give_up)) return {};
  return give_up(*known, fail("vault.intent.void").with("intent", known->intent));
}

Result<> Authority::put_on_record(const CertificateRow& row, const Bytes& der, std::string_view source) {
  const Instant now = m_clock.now();
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    // Whoever works on it may have been quicker.
    const auto present = KYSO_TRY(store::find_certificate(transaction, row.issuer, row.serial));
    if (present && present->der) return {};
    KYSO_TRY(store::insert_waiting(transaction, {row}));
    KYSO_TRY(store::record_signed(transaction, {{row.issuer, row.serial, der}}, now));
    audit::Event event{"certificate.recovered", "system:authority",
                       fmt::format("{}/{}", row.issuer, to_hex(row.serial)), json::Value::object()};
    event.details.set("source", source).set("intent", row.intent).set("profile", row.profile);
    event.details.set("sha256", to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, der)));
    KYSO_TRY(audit::append(transaction, event, now));
    return {};
  });
}

// The vault's own keys that an authority here certified in a ceremony: asked for their status like any other.
Result<> Authority::adopt_signers() {
  const vault::Vault::State state = KYSO_TRY(vault_state());
  for (const vault::Signer& signer : state.signers) {
    if (signer.purpose == vault::KeyPurpose::issue || m_adopted.contains(signer.certificate.sha256())) continue;
    const Result<std::size_t> count = shards(signer.issuer);
    if (!count) continue;  // certified elsewhere
    CertificateRow row = row_of(signer.certificate, signer.issuer, *count, m_clock.now());
    const auto known = KYSO_TRY(m_database.read(
        [&](db::Transaction& transaction) { return store::find_certificate(transaction, row.issuer, row.serial); }));
    if (!known) {
      const ByteView der = signer.certificate.der();
      row.intent = fmt::format("ceremony:{}/{}", row.issuer, to_hex(row.serial));
      row.request_id = "ceremony";
      row.reference = signer.name;
      row.linting.assign(der.begin(), der.end());
      KYSO_TRY(put_on_record(row, row.linting, "ceremony"));
    }
    m_adopted.insert(signer.certificate.sha256());
  }
  return {};
}

Result<> Authority::warn() {
  const Instant now = m_clock.now();
  // The nearest end first, so that a certificate found late is told once and with the right number of days.
  std::vector<int> days = m_options.warning_days;
  std::ranges::sort(days);
  for (const int count : days)
    KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<> {
      std::vector<audit::Event> events;
      for (const store::ExpiryWarning& warning : KYSO_TRY(store::due_warnings(transaction, count, now, 500))) {
        KYSO_TRY(store::record_warning(transaction, warning, now));
        const CertificateRow& row = warning.certificate;
        audit::Event event{"certificate.expiring", "system:authority",
                           fmt::format("{}/{}", row.issuer, to_hex(row.serial)), json::Value::object()};
        event.details.set("days", count).set("not_after", iso8601_vietnam(row.not_after));
        events.push_back(std::move(event));
      }
      return audit::append_many(transaction, events, now);
    }));
  return {};
}

}  // namespace kyso::authority
