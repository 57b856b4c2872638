#include "authority/status/crl_publisher.h"

#include <algorithm>
#include <charconv>

#include "audit/audit.h"
#include "authority/status/list_names.h"
#include "base/log.h"
#include "base/metrics.h"

namespace kyso::authority::status {
namespace {

using pki::status::EntryStore;
using pki::status::ListDescription;
using pki::status::RevokedEntry;

constexpr std::size_t kPiece = 512U << 10U;
constexpr std::size_t kPiecesTogether = 8;

constexpr int kCertificateHold = 6;
constexpr int kRemoveFromCrl = 8;

RevokedEntry entry_of(const store::StatusEvent& event) {
  RevokedEntry entry{event.serial, event.standing.changed, event.standing.reason, event.invalid_since};
  if (event.standing.state == CertificateState::suspended) entry.reason = kCertificateHold;
  return entry;
}

std::string with_shard(std::string url, std::int64_t shard) {
  constexpr std::string_view kPlace = "{shard}";
  for (std::size_t at = url.find(kPlace); at != std::string::npos; at = url.find(kPlace))
    url.replace(at, kPlace.size(), std::to_string(shard));
  return url;
}

metrics::Counter& published(const char* result) {
  return metrics::registry().counter("kyso_crl_published_total", "Certificate revocation lists, by how it went",
                                     {{"result", result}});
}

}  // namespace

// One list that is kept up to date.
struct CrlPublisher::Scope {
  std::string name;                   // "complete", "delta", or the number of the shard
  std::optional<std::int64_t> shard;  // nullopt: of all
  EntryStore entries;                 // what is kept between two lists; of some nothing is
  bool keeps_entries = false;
  bool is_dirty = false;
  store::ListRow newest;  // number 0: none yet
  Instant not_before{};   // after a failure
};

struct CrlPublisher::IssuerWork {
  const ServedIssuer* issuer = nullptr;
  const CrlSchedule* schedule = nullptr;
  db::Lease lease;
  bool is_loaded = false;
  Instant ask_again{};        // for the lease
  std::int64_t sequence = 0;  // of the last event that the entries know
  std::map<std::string, Scope> scopes;

  bool is_sharded() const { return issuer->settings.crl_shards > 1; }
  bool has_delta() const { return !schedule->delta_urls.empty(); }
  // Whether each change makes a new complete list.
  bool follows_with_complete() const { return !is_sharded() && !has_delta(); }
};

struct CrlPublisher::SignedList {
  std::int64_t number = 0;
  Instant this_update{}, next_update{};
  Bytes before, after, sha256;
  MemoryFile tbs;
  std::size_t size() const { return before.size() + tbs.size() + after.size(); }
};

CrlPublisher::CrlPublisher(db::Database& database, vault::Vault& vault, const OcspService& issuers, const Clock& clock,
                           CrlOptions options)
    : m_database(database),
      m_vault(vault),
      m_issuers(issuers),
      m_clock(clock),
      m_options(std::move(options)),
      m_owner(m_options.node + "/" + to_hex(crypto::random_bytes(8))) {}

CrlPublisher::~CrlPublisher() = default;

const CrlSchedule& CrlPublisher::schedule_of(const std::string& issuer) const {
  const auto found = m_options.by_issuer.find(issuer);
  return found == m_options.by_issuer.end() ? m_options.schedule : found->second;
}

Result<> CrlPublisher::tick() {
  const auto issuers = m_issuers.issuers();
  const std::int64_t last_event = KYSO_TRY(m_database.read(store::counters)).status;
  Result<> first;
  for (const ServedIssuer& issuer : *issuers)
    if (Result<> done = work_on(issuer, last_event); !done && first) first = std::move(done);
  return first;
}

void CrlPublisher::release() {
  for (const auto& [name, work] : m_work)
    if (work->is_loaded) static_cast<void>(db::release_lease(m_database, work->lease));
  m_work.clear();
}

// The lease is renewed when half of it is over; who hasn't got it asks a few times in its time.
Result<bool> CrlPublisher::hold_lease(IssuerWork& work, bool& is_new) {
  const Instant now = m_clock.now();
  is_new = !work.is_loaded;
  if (work.is_loaded && now < work.lease.until && work.lease.until - now > m_options.lease / 2) return true;
  if (!work.is_loaded && now < work.ask_again && work.ask_again - now <= m_options.lease) return false;
  const auto lease =
      KYSO_TRY(db::acquire_lease(m_database, "crl/" + work.issuer->settings.name, m_owner, now, m_options.lease));
  if (!lease) {
    // Another process has it, and what is known here will be out of date.
    work.is_loaded = false;
    work.scopes.clear();
    work.ask_again = now + m_options.lease / 4;
    return false;
  }
  is_new |= work.lease.fence != lease->fence;
  work.lease = *lease;
  return true;
}

Result<> CrlPublisher::work_on(const ServedIssuer& issuer, std::int64_t last_event) {
  std::unique_ptr<IssuerWork>& work = m_work[issuer.settings.name];
  if (!work) work = std::make_unique<IssuerWork>();
  work->issuer = &issuer;
  work->schedule = &schedule_of(issuer.settings.name);
  bool is_new = false;
  if (!KYSO_TRY(hold_lease(*work, is_new))) return {};
  if (is_new) {
    KYSO_TRY(load(*work));
  } else if (work->sequence != last_event) {
    KYSO_TRY(follow(*work));
  }
  Result<> first;
  // The complete list before the delta that refers to it.
  for (auto& [name, scope] : work->scopes) {
    if (due(*work, scope) > m_clock.now()) continue;
    Result<> done = publish(*work, scope);
    published(done ? "good" : "failed").add();
    if (done) continue;
    scope.not_before = m_clock.now() + m_options.retry_after;
    log::write(log::Level::error, "crl.failed", done.error());
    const bool is_lost = done.error().code == "db.lease.lost";
    if (first) first = std::move(done);
    if (is_lost) {
      work.reset();
      break;
    }
  }
  return first;
}

CrlPublisher::Scope& CrlPublisher::scope_of(IssuerWork& work, const std::string& name) {
  Scope& scope = work.scopes[name];
  scope.name = name;
  return scope;
}

CrlPublisher::Scope& CrlPublisher::shard_of(IssuerWork& work, std::int64_t shard) {
  Scope& scope = scope_of(work, std::to_string(shard));
  scope.shard = shard;
  scope.keeps_entries = true;
  return scope;
}

// Everything from the database; a list is dirty when it doesn't know the last event of its shard.
Result<> CrlPublisher::load(IssuerWork& work) {
  const std::string& issuer = work.issuer->settings.name;
  const CrlSchedule& schedule = *work.schedule;
  work.is_loaded = false;
  return m_database.read([&](db::Transaction& transaction) -> Result<> {
    work.scopes.clear();
    Scope& complete = scope_of(work, std::string(kCompleteList));
    complete.keeps_entries = work.follows_with_complete();
    if (work.has_delta()) scope_of(work, std::string(kDeltaList));
    if (work.is_sharded())
      for (std::size_t i = 0; i < work.issuer->settings.crl_shards; ++i) shard_of(work, static_cast<std::int64_t>(i));
    work.sequence = KYSO_TRY(store::counters(transaction)).status;
    std::optional<Instant> ended_after;
    if (!schedule.keep_expired) ended_after = m_clock.now() - 2 * schedule.complete_every;
    if (work.is_sharded() || complete.keeps_entries)
      KYSO_TRY(store::for_each_revoked(transaction, issuer, std::nullopt, ended_after,
                                       [&](std::int64_t shard, const RevokedEntry& entry) {
                                         (work.is_sharded() ? shard_of(work, shard) : complete).entries.put(entry);
                                       }));
    for (store::ListRow& row : KYSO_TRY(store::newest_lists(transaction, issuer)))
      if (const auto scope = work.scopes.find(row.scope); scope != work.scopes.end())
        scope->second.newest = std::move(row);
    for (const auto& [shard, sequence] : KYSO_TRY(store::last_events(transaction, issuer)))
      for (auto& [name, scope] : work.scopes)
        if ((!scope.shard || *scope.shard == shard) && scope.newest.sequence < sequence) scope.is_dirty = true;
    work.is_loaded = true;
    return {};
  });
}

Result<> CrlPublisher::follow(IssuerWork& work) {
  std::int64_t last = 0;
  const auto events =
      KYSO_TRY(m_database.read([&](db::Transaction& transaction) -> Result<std::vector<store::StatusEvent>> {
        last = KYSO_TRY(store::counters(transaction)).status;
        return store::events_of(transaction, work.issuer->settings.name, work.sequence);
      }));
  // A database that went back, to a backup: what is known here may never have happened.
  if (last < work.sequence) return load(work);
  for (const store::StatusEvent& event : events) apply(work, event);
  work.sequence = last;
  return {};
}

void CrlPublisher::apply(IssuerWork& work, const store::StatusEvent& event) {
  if (work.is_sharded()) shard_of(work, event.shard);
  for (auto& [name, scope] : work.scopes) {
    if (scope.shard && *scope.shard != event.shard) continue;
    scope.is_dirty = true;
    if (!scope.keeps_entries) continue;
    if (event.standing.state == CertificateState::good) {
      scope.entries.erase(event.serial);
    } else {
      scope.entries.put(entry_of(event));
    }
  }
}

Instant CrlPublisher::due(const IssuerWork& work, const Scope& scope) const {
  const CrlSchedule& schedule = *work.schedule;
  const store::ListRow& newest = scope.newest;
  if (scope.name == kDeltaList) {
    const store::ListRow& base = work.scopes.at(std::string(kCompleteList)).newest;
    if (base.number == 0) return Instant::max();
    // At another time than the complete list: they have different numbers (RFC 5280 section 5.2.3).
    const Instant earliest = std::max(scope.not_before, base.this_update + std::chrono::seconds(1));
    if (newest.number < base.number) return earliest;
    return std::max(earliest, newest.this_update + (scope.is_dirty ? m_options.at_most_every : schedule.delta_every));
  }
  if (newest.number == 0) return scope.not_before;
  const bool is_complete = scope.name == kCompleteList;
  const bool follows = !is_complete || work.follows_with_complete();
  const auto regular = follows ? schedule.every : schedule.complete_every;
  const auto pause = scope.is_dirty && follows ? std::min(m_options.at_most_every, regular) : regular;
  return std::max(scope.not_before, newest.this_update + pause);
}

// Of all shards: from the database, for it is made seldom and the shards hold the same entries.
Result<> CrlPublisher::fill_complete(IssuerWork& work, EntryStore& entries, std::int64_t& sequence) {
  std::optional<Instant> ended_after;
  if (!work.schedule->keep_expired) ended_after = m_clock.now() - 2 * work.schedule->complete_every;
  return m_database.read([&](db::Transaction& transaction) -> Result<> {
    entries = EntryStore();
    sequence = KYSO_TRY(store::counters(transaction)).status;
    return store::for_each_revoked(transaction, work.issuer->settings.name, std::nullopt, ended_after,
                                   [&](std::int64_t, const RevokedEntry& entry) { entries.put(entry); });
  });
}

// What changed since the complete list; a certificate that was released meanwhile is named with removeFromCRL
// (RFC 5280 section 5.2.4).
Result<> CrlPublisher::fill_delta(IssuerWork& work, EntryStore& entries, std::int64_t& sequence) {
  const store::ListRow& base = work.scopes.at(std::string(kCompleteList)).newest;
  return m_database.read([&](db::Transaction& transaction) -> Result<> {
    entries = EntryStore();
    sequence = KYSO_TRY(store::counters(transaction)).status;
    for (const store::StatusEvent& event :
         KYSO_TRY(store::events_of(transaction, work.issuer->settings.name, base.sequence))) {
      RevokedEntry entry = entry_of(event);
      if (event.standing.state == CertificateState::good) entry.reason = kRemoveFromCrl;
      entries.put(entry);
    }
    return {};
  });
}

Result<> CrlPublisher::publish(IssuerWork& work, Scope& scope) {
  std::int64_t sequence = work.sequence;
  if (scope.name == kDeltaList) {
    EntryStore entries;
    KYSO_TRY(fill_delta(work, entries, sequence));
    return publish_entries(work, scope, entries, sequence);
  }
  if (!scope.keeps_entries) {
    EntryStore entries;
    KYSO_TRY(fill_complete(work, entries, sequence));
    return publish_entries(work, scope, entries, sequence);
  }
  // Those that have ended since the last round leave with this one.
  if (!work.schedule->keep_expired && !scope.is_dirty) {
    const Instant ended_after = m_clock.now() - 2 * work.schedule->complete_every;
    KYSO_TRY(m_database.read([&](db::Transaction& transaction) -> Result<> {
      scope.entries = EntryStore();
      // Not newer than what the other scopes know; the events after it are applied again.
      return store::for_each_revoked(transaction, work.issuer->settings.name, scope.shard, ended_after,
                                     [&](std::int64_t, const RevokedEntry& entry) { scope.entries.put(entry); });
    }));
  }
  return publish_entries(work, scope, scope.entries, sequence);
}

ListDescription CrlPublisher::describe(const IssuerWork& work, const Scope& scope, Instant now) const {
  const CrlSchedule& schedule = *work.schedule;
  const crypto::Certificate& certificate = work.issuer->settings.certificate.certificate();
  ListDescription list;
  const auto copy = [](ByteView bytes) { return Bytes(bytes.begin(), bytes.end()); };
  list.issuer_name = copy(certificate.subject_der());
  list.issuer_key_id = copy(certificate.subject_key_id());
  if (list.issuer_key_id.empty())
    list.issuer_key_id = pki::status::key_hash(crypto::DigestAlgorithm::sha1, certificate.public_key());
  list.scheme = work.issuer->settings.scheme;
  list.this_update = now;
  if (schedule.keep_expired) list.expired_certificates_since = certificate.not_before();
  auto validity = schedule.validity;
  if (scope.name == kDeltaList) {
    validity = schedule.delta_validity;
    list.delta_base = work.scopes.at(std::string(kCompleteList)).newest.number;
  } else if (scope.shard) {
    // The same addresses as in the certificates (RFC 5280 section 6.3.3 (b)(2)).
    for (const std::string& url : work.issuer->settings.crl_urls)
      list.distribution_urls.push_back(with_shard(url, *scope.shard));
  } else {
    if (!work.follows_with_complete()) validity = schedule.complete_validity;
    list.freshest_urls = schedule.delta_urls;
  }
  list.next_update = now + validity;
  return list;
}

Result<std::int64_t> CrlPublisher::draw(const IssuerWork& work, const Scope& scope, std::int64_t at_least) {
  const std::string_view group = scope.name == kDeltaList ? kCompleteList : std::string_view(scope.name);
  const auto number = KYSO_TRY(m_database.write([&](db::Transaction& transaction) {
    return store::draw_number(transaction, work.issuer->settings.name, group, work.lease.fence, at_least);
  }));
  if (!number) return fail("db.lease.lost").with("name", work.lease.name);
  return *number;
}

Result<CrlPublisher::SignedList> CrlPublisher::sign(IssuerWork& work, Scope& scope, const EntryStore& entries) {
  const Instant now = m_clock.now(), last = scope.newest.this_update;
  // A list that says it is older than the one before would be ignored, or worse.
  if (now + m_options.clock_tolerance < last)
    return fail("authority.crl.clock").with("issuer", work.issuer->settings.name);
  ListDescription list = describe(work, scope, std::max(now, last));
  std::int64_t at_least = scope.newest.number;
  for (int attempt = 0;; ++attempt) {
    list.number = KYSO_TRY(draw(work, scope, at_least));
    MemoryFile tbs = KYSO_TRY(MemoryFile::create());
    KYSO_TRY(pki::status::write_list(list, entries, [&](ByteView piece) { return tbs.append(piece); }));
    const ByteView content = KYSO_TRY(tbs.seal());
    const auto signature = m_vault.sign_crl(work.issuer->settings.name, tbs.descriptor(), tbs.size());
    if (!signature) {
      // The vault remembers a greater number: the database came from a backup.
      if (signature.error().code != "vault.crl.number" || attempt > 0) return signature.error();
      for (const auto& [name, value] : signature.error().params)
        if (name == "last") std::from_chars(value.data(), value.data() + value.size(), at_least);
      continue;
    }
    auto [before, after] = pki::status::envelope(tbs.size(), list.scheme, *signature);
    crypto::Digester digester(crypto::DigestAlgorithm::sha256);
    for (const ByteView part : {ByteView(before), content, ByteView(after)}) digester.update(part);
    return SignedList{list.number,      list.this_update,  list.next_update, std::move(before),
                      std::move(after), digester.finish(), std::move(tbs)};
  }
}

Result<> CrlPublisher::publish_entries(IssuerWork& work, Scope& scope, const EntryStore& entries,
                                       std::int64_t sequence) {
  const SignedList list = KYSO_TRY(sign(work, scope, entries));
  store::ListRow row{work.issuer->settings.name,
                     scope.name,
                     list.number,
                     list.this_update,
                     list.next_update,
                     sequence,
                     static_cast<std::int64_t>(entries.size()),
                     static_cast<std::int64_t>(list.size()),
                     list.sha256};
  KYSO_TRY(record(work, row, list));
  scope.newest = std::move(row);
  scope.is_dirty = false;
  scope.not_before = Instant{};
  return {};
}

// The pieces first, a few in each transaction, for SQLite has one writer; the last one makes the list count.
Result<> CrlPublisher::record(IssuerWork& work, const store::ListRow& row, const SignedList& list) {
  std::vector<Bytes> pieces;
  const auto flush = [&](std::int64_t first, bool is_last) {
    return m_database.write([&](db::Transaction& transaction) -> Result<> {
      KYSO_TRY(db::require_lease(transaction, work.lease, m_clock.now()));
      for (std::size_t i = 0; i < pieces.size(); ++i)
        KYSO_TRY(store::insert_piece(transaction, row, first + static_cast<std::int64_t>(i), pieces[i]));
      if (!is_last) return {};
      if (!KYSO_TRY(store::publish(transaction, row))) return fail("db.lease.lost").with("name", work.lease.name);
      audit::Event event{"crl.published", "system:status", row.issuer + "/" + row.scope, json::Value::object()};
      event.details.set("number", row.number).set("entries", row.entries).set("sha256", to_hex(row.sha256));
      KYSO_TRY(audit::append(transaction, event, m_clock.now()));
      return {};
    });
  };
  std::int64_t written = 0;
  Bytes piece;
  for (ByteView part : {ByteView(list.before), list.tbs.view(), ByteView(list.after)}) {
    while (!part.empty()) {
      const std::size_t taken = std::min(part.size(), kPiece - piece.size());
      append(piece, part.first(taken));
      part = part.subspan(taken);
      if (piece.size() < kPiece) continue;
      pieces.push_back(std::exchange(piece, {}));
      if (pieces.size() < kPiecesTogether) continue;
      KYSO_TRY(flush(written, false));
      written += static_cast<std::int64_t>(pieces.size());
      pieces.clear();
    }
  }
  if (!piece.empty()) pieces.push_back(std::move(piece));
  return flush(written, true);
}

}  // namespace kyso::authority::status
