#include <fmt/format.h>

#include <algorithm>

#include "audit/audit.h"
#include "authority/rules.h"
#include "authority/service.h"
#include "base/log.h"
#include "jose/jws.h"
#include "pki/issue/issue.h"

// What the clock asks for.
namespace kyso::authority {
namespace {

constexpr std::chrono::seconds kLease{30};
constexpr std::chrono::seconds kLeftBehind{5};  // an authorised request that its process would have carried out by now
constexpr std::size_t kTogether = 64;
constexpr std::size_t kJournalPage = 1'000;

std::string intent_of(const vault::JournalEntry& entry) {
  const Result<json::Value> body = json::parse(entry.body);
  if (!body) return {};
  const json::Value* intent = body->find("intent");
  return intent != nullptr && intent->as_string() ? std::string(*intent->as_string()) : std::string();
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
    return store::authorised_before(transaction, now - kLeftBehind, kTogether);
  }));
  if (!left.empty()) KYSO_TRY(carry_out(left));
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
    if (entries.empty()) return missing;
    std::vector<store::JournalRow> rows;
    for (const vault::JournalEntry& entry : entries) {
      if (entry.kind == "intent.signed")
        if (const std::string intent = intent_of(entry); !intent.empty() && KYSO_TRY(recover(intent))) ++missing;
      rows.push_back({entry.sequence, entry.time, entry.kind, entry.body, entry.chain});
    }
    // Copied last: what was not put on record is looked at again.
    KYSO_TRY(m_database.write(
        [&](db::Transaction& transaction) { return store::insert_journal(transaction, instance, rows); }));
    last = entries.back().sequence;
  }
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
  CertificateRow row;
  row.issuer = entry.prepared.issuer;
  row.serial = entry.prepared.serial;
  row.intent = intent;
  row.request_id = entry.prepared.request_id;
  row.reference = entry.prepared.reference;
  row.profile = entry.prepared.profile;
  row.subject = certificate.subject_text();
  row.search = search_text(certificate);
  row.key_sha256 = crypto::digest(crypto::DigestAlgorithm::sha256, certificate.public_key().spki());
  row.not_before = certificate.not_before();
  row.not_after = certificate.not_after();
  row.recorded = now;
  row.linting = entry.prepared.linting_certificate;
  row.shard = pki::issue::crl_shard_of(row.serial, KYSO_TRY(shards(row.issuer)));
  KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<> {
    KYSO_TRY(store::insert_waiting(transaction, {row}));
    KYSO_TRY(store::record_signed(transaction, {{row.issuer, row.serial, entry.certificate}}, now));
    audit::Event event{"certificate.recovered", "system:authority",
                       fmt::format("{}/{}", row.issuer, to_hex(row.serial)), json::Value::object()};
    event.details.set("intent", intent).set("profile", row.profile);
    KYSO_TRY(audit::append(transaction, event, now));
    return {};
  }));
  return !known;
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
