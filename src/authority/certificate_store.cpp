#include <fmt/format.h>

#include <algorithm>

#include "authority/store.h"
#include "base/text.h"

namespace kyso::authority::store {
namespace {

constexpr std::string_view kColumns =
    "issuer, serial, intent, request_id, reference, profile, state, subject, search, key_sha256, not_before, "
    "not_after, "
    "shard, recorded, linting, der, replaces, replaces_issuer, changed, reason, invalid_since";

Result<CertificateRow> read_certificate(const db::Row& row) {
  CertificateRow out;
  out.issuer = KYSO_TRY(row.get<std::string>(0));
  out.serial = KYSO_TRY(row.get<Bytes>(1));
  out.intent = KYSO_TRY(row.get<std::string>(2));
  out.request_id = KYSO_TRY(row.get<std::string>(3));
  out.reference = KYSO_TRY(row.get<std::string>(4));
  out.profile = KYSO_TRY(row.get<std::string>(5));
  const std::optional<CertificateState> state = certificate_state_by_name(KYSO_TRY(row.get<std::string>(6)));
  if (!state) return fail("db.corrupt", "state of certificate {}", to_hex(out.serial));
  out.state = *state;
  out.subject = KYSO_TRY(row.get<std::string>(7));
  out.search = KYSO_TRY(row.get<std::string>(8));
  out.key_sha256 = KYSO_TRY(row.get<Bytes>(9));
  out.not_before = KYSO_TRY(row.get<Instant>(10));
  out.not_after = KYSO_TRY(row.get<Instant>(11));
  out.shard = KYSO_TRY(row.get<std::size_t>(12));
  out.recorded = KYSO_TRY(row.get<Instant>(13));
  out.linting = KYSO_TRY(row.get<Bytes>(14));
  out.der = KYSO_TRY(row.get<std::optional<Bytes>>(15));
  out.replaces = KYSO_TRY(row.get<std::optional<Bytes>>(16));
  out.replaces_issuer = KYSO_TRY(row.get<std::string>(17));
  out.changed = KYSO_TRY(row.get<std::optional<Instant>>(18));
  out.reason = KYSO_TRY(row.get<std::optional<int>>(19));
  out.invalid_since = KYSO_TRY(row.get<std::optional<Instant>>(20));
  return out;
}

db::Values values_of(const CertificateRow& row) {
  return {row.issuer,  row.serial, row.intent,     row.request_id,      row.reference, row.profile, name_of(row.state),
          row.subject, row.search, row.key_sha256, row.not_before,      row.not_after, row.shard,   row.recorded,
          row.linting, row.der,    row.replaces,   row.replaces_issuer, row.changed,   row.reason,  row.invalid_since};
}

Result<std::vector<CertificateRow>> read_all(db::Transaction& transaction, std::string_view condition,
                                             const db::Values& values) {
  std::vector<CertificateRow> out;
  for (const db::Row& row :
       KYSO_TRY(transaction.query(fmt::format("SELECT {} FROM certificate WHERE {}", kColumns, condition), values)))
    out.push_back(KYSO_TRY(read_certificate(row)));
  return out;
}

Result<std::optional<CertificateRow>> read_one(db::Transaction& transaction, std::string_view condition,
                                               const db::Values& values) {
  std::vector<CertificateRow> rows = KYSO_TRY(read_all(transaction, condition, values));
  if (rows.empty()) return std::optional<CertificateRow>();
  return std::optional(std::move(rows.front()));
}

// "%" and "_" of a word stand for themselves.
std::string like_pattern(std::string_view word) {
  std::string out = "%";
  for (const char c : word) {
    if (c == '%' || c == '_' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "%";
}

// The words of a search; one that looks like the beginning of a serial number is looked for there too.
void add_words(std::string_view text, std::string& condition, db::Values& values) {
  std::size_t begin = 0;
  const std::string folded = fold_accents(text);
  while (begin < folded.size()) {
    const std::size_t end = std::min(folded.find(' ', begin), folded.size());
    const std::string word = folded.substr(begin, end - begin);
    begin = end + 1;
    if (word.empty()) continue;
    const Result<Bytes> serial = from_hex(word);
    condition +=
        serial ? " AND (search LIKE ? ESCAPE '\\' OR (serial >= ? AND serial < ?))" : " AND search LIKE ? ESCAPE '\\'";
    values.emplace_back(like_pattern(word));
    if (!serial) continue;
    Bytes beyond = *serial;
    beyond.resize(21, 0xff);  // longer than any serial number
    values.emplace_back(*serial);
    values.emplace_back(beyond);
  }
}

}  // namespace

Result<> insert_waiting(db::Transaction& transaction, const std::vector<CertificateRow>& rows) {
  std::vector<db::Values> values;
  values.reserve(rows.size());
  for (const CertificateRow& row : rows) values.push_back(values_of(row));
  return transaction.execute_many(
      fmt::format("INSERT INTO certificate ({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                  "ON CONFLICT (intent) DO NOTHING",
                  kColumns),
      values);
}

Result<std::set<std::string>> recorded_intents(db::Transaction& transaction, const std::vector<std::string>& intents) {
  constexpr std::size_t kTogether = 200;
  std::set<std::string> out;
  for (std::size_t begin = 0; begin < intents.size(); begin += kTogether) {
    const std::size_t end = std::min(intents.size(), begin + kTogether);
    std::string marks = "?";
    for (std::size_t i = begin + 1; i < end; ++i) marks += ", ?";
    const db::Values values(intents.begin() + static_cast<std::ptrdiff_t>(begin),
                            intents.begin() + static_cast<std::ptrdiff_t>(end));
    for (const db::Row& row : KYSO_TRY(transaction.query(
             fmt::format("SELECT intent FROM certificate WHERE der IS NOT NULL AND intent IN ({})", marks), values)))
      out.insert(KYSO_TRY(row.get<std::string>(0)));
  }
  return out;
}

Result<> record_signed(db::Transaction& transaction, const std::vector<SignedCertificate>& rows, Instant now) {
  std::vector<db::Values> values;
  values.reserve(rows.size());
  for (const SignedCertificate& row : rows) values.push_back({row.der, now, row.issuer, row.serial});
  // A certificate that was revoked while it waited keeps that state and gets its bytes.
  return transaction.execute_many(
      "UPDATE certificate SET der = ?, state = CASE WHEN state = 'waiting' THEN 'good' ELSE state END, "
      "changed = CASE WHEN state = 'waiting' THEN ? ELSE changed END WHERE issuer = ? AND serial = ? AND der IS NULL",
      values);
}

Result<std::vector<CertificateRow>> certificates_of_request(db::Transaction& transaction, std::string_view request_id) {
  return read_all(transaction, "request_id = ? ORDER BY reference, serial", {request_id});
}

Result<std::optional<CertificateRow>> find_certificate(db::Transaction& transaction, std::string_view issuer,
                                                       ByteView serial) {
  return read_one(transaction, "issuer = ? AND serial = ?", {issuer, serial});
}

Result<std::optional<CertificateRow>> find_by_intent(db::Transaction& transaction, std::string_view intent) {
  return read_one(transaction, "intent = ?", {intent});
}

Result<std::vector<CertificateRow>> certificates_with_key(db::Transaction& transaction, ByteView key_sha256) {
  return read_all(transaction, "key_sha256 = ?", {key_sha256});
}

Result<std::vector<CertificateRow>> search_certificates(db::Transaction& transaction, const CertificateFilter& filter) {
  std::string condition = "1 = 1";
  db::Values values;
  add_words(filter.text, condition, values);
  const auto add = [&](std::string_view what, db::Value value) {
    condition += fmt::format(" AND {} ?", what);
    values.push_back(std::move(value));
  };
  if (filter.state) add("state =", name_of(*filter.state));
  if (!filter.issuer.empty()) add("issuer =", filter.issuer);
  if (!filter.profile.empty()) add("profile =", filter.profile);
  if (filter.expires_before) add("not_after <", *filter.expires_before);
  if (filter.after) {
    condition += " AND (issuer, serial) > (?, ?)";
    values.emplace_back(filter.after->first);
    values.emplace_back(filter.after->second);
  }
  condition += " ORDER BY issuer, serial LIMIT ?";
  values.emplace_back(filter.limit);
  return read_all(transaction, condition, values);
}

Result<std::vector<CertificateRow>> waiting_before(db::Transaction& transaction, Instant recorded, std::size_t limit) {
  return read_all(transaction, "state = 'waiting' AND recorded <= ? ORDER BY recorded LIMIT ?", {recorded, limit});
}

Result<std::int64_t> change_status(db::Transaction& transaction, const CertificateRow& row,
                                   const StatusChange& change) {
  const db::Row drawn =
      KYSO_TRY(transaction.one("UPDATE counter SET value = value + 1 WHERE name = 'status' RETURNING value"));
  const auto sequence = KYSO_TRY(drawn.get<std::int64_t>(0));
  KYSO_TRY(transaction.execute(
      "UPDATE certificate SET state = ?, changed = ?, reason = ?, invalid_since = ? WHERE issuer = ? AND serial = ?",
      {name_of(change.state), change.at, change.reason, change.invalid_since, row.issuer, row.serial}));
  KYSO_TRY(transaction.execute(
      "INSERT INTO status_event (sequence, issuer, serial, state, changed, reason, invalid_since, shard, not_after) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {sequence, row.issuer, row.serial, name_of(change.state), change.at, change.reason, change.invalid_since,
       row.shard, row.not_after}));
  return sequence;
}

Result<> remember_issuer(db::Transaction& transaction, std::string_view name, ByteView certificate, Instant now) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO issuer (name, certificate, added) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
      {name, certificate, now}));
  return {};
}

Result<std::vector<ExpiryWarning>> due_warnings(db::Transaction& transaction, int days, Instant now,
                                                std::size_t limit) {
  std::vector<ExpiryWarning> out;
  std::vector<CertificateRow> rows = KYSO_TRY(read_all(
      transaction,
      "state IN ('good', 'suspended') AND not_after > ? AND not_after <= ? AND NOT EXISTS (SELECT 1 FROM "
      "expiry_warning w WHERE w.issuer = certificate.issuer AND w.serial = certificate.serial AND w.days <= ?) "
      "AND NOT EXISTS (SELECT 1 FROM certificate n WHERE n.replaces_issuer = certificate.issuer AND n.replaces = "
      "certificate.serial AND n.state = 'good') ORDER BY not_after LIMIT ?",
      {now, now + std::chrono::days(days), days, limit}));
  for (CertificateRow& row : rows) out.push_back({std::move(row), days});
  return out;
}

Result<> record_warning(db::Transaction& transaction, const ExpiryWarning& warning, Instant now) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO expiry_warning (issuer, serial, days, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      {warning.certificate.issuer, warning.certificate.serial, warning.days, now}));
  return {};
}

Result<std::int64_t> last_journal_sequence(db::Transaction& transaction, std::uint8_t instance) {
  return KYSO_TRY(transaction.one("SELECT COALESCE(MAX(sequence), 0) FROM vault_journal WHERE instance = ?",
                                  {std::int64_t{instance}}))
      .get<std::int64_t>(0);
}

Result<> insert_journal(db::Transaction& transaction, std::uint8_t instance, const std::vector<JournalRow>& rows) {
  std::vector<db::Values> values;
  values.reserve(rows.size());
  for (const JournalRow& row : rows)
    values.push_back({std::int64_t{instance}, row.sequence, row.at, row.kind, row.body, row.chain});
  return transaction.execute_many(
      "INSERT INTO vault_journal (instance, sequence, at, kind, body, chain) VALUES (?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (instance, sequence) DO NOTHING",
      values);
}

Result<Counts> counts(db::Transaction& transaction, Instant now) {
  const db::Row waiting =
      KYSO_TRY(transaction.one("SELECT COUNT(*), COALESCE(MIN(recorded), 0) FROM certificate WHERE state = 'waiting'"));
  const db::Row open =
      KYSO_TRY(transaction.one("SELECT COUNT(*) FROM request WHERE state IN ('waiting', 'authorised')"));
  Counts out;
  out.waiting = KYSO_TRY(waiting.get<std::int64_t>(0));
  if (out.waiting > 0) out.oldest_waiting_age = (now - KYSO_TRY(waiting.get<Instant>(1))).count();
  out.open_requests = KYSO_TRY(open.get<std::int64_t>(0));
  return out;
}

}  // namespace kyso::authority::store
