#include "authority/status/status_store.h"

namespace kyso::authority::status::store {
namespace {

// Columns from `first` on: state, changed, reason, not_after.
Result<Standing> read_standing(const db::Row& row, std::size_t first) {
  Standing out;
  const auto name = KYSO_TRY(row.get<std::string_view>(first));
  const auto state = certificate_state_by_name(name);
  if (!state) return fail("db.corrupt", "state {}", name);
  out.state = *state;
  out.changed = KYSO_TRY(row.get<std::optional<Instant>>(first + 1)).value_or(Instant{});
  out.reason = KYSO_TRY(row.get<std::optional<int>>(first + 2));
  out.not_after = KYSO_TRY(row.get<Instant>(first + 3));
  return out;
}

constexpr std::string_view kEventColumns =
    "SELECT sequence, issuer, serial, state, changed, reason, not_after, invalid_since, shard FROM status_event ";

Result<StatusEvent> read_event(const db::Row& row) {
  StatusEvent out;
  out.sequence = KYSO_TRY(row.get<std::int64_t>(0));
  out.issuer = KYSO_TRY(row.get<std::string>(1));
  out.serial = KYSO_TRY(row.get<Bytes>(2));
  out.standing = KYSO_TRY(read_standing(row, 3));
  out.invalid_since = KYSO_TRY(row.get<std::optional<Instant>>(7));
  out.shard = KYSO_TRY(row.get<std::int64_t>(8));
  return out;
}

Result<std::vector<StatusEvent>> read_events(const db::Rows& rows) {
  std::vector<StatusEvent> out;
  out.reserve(rows.size());
  for (const db::Row& row : rows) out.push_back(KYSO_TRY(read_event(row)));
  return out;
}

Result<ListRow> read_list(const db::Row& row) {
  ListRow out;
  out.issuer = KYSO_TRY(row.get<std::string>(0));
  out.scope = KYSO_TRY(row.get<std::string>(1));
  out.number = KYSO_TRY(row.get<std::int64_t>(2));
  out.this_update = KYSO_TRY(row.get<Instant>(3));
  out.next_update = KYSO_TRY(row.get<Instant>(4));
  out.sequence = KYSO_TRY(row.get<std::int64_t>(5));
  out.entries = KYSO_TRY(row.get<std::int64_t>(6));
  out.size = KYSO_TRY(row.get<std::int64_t>(7));
  out.sha256 = KYSO_TRY(row.get<Bytes>(8));
  return out;
}

}  // namespace

Result<Counters> counters(db::Transaction& transaction) {
  Counters out;
  for (const db::Row& row :
       KYSO_TRY(transaction.query("SELECT name, value FROM counter WHERE name IN ('status', 'crl')"))) {
    const auto value = KYSO_TRY(row.get<std::int64_t>(1));
    (KYSO_TRY(row.get<std::string_view>(0)) == "status" ? out.status : out.lists) = value;
  }
  return out;
}

Result<std::size_t> count_certificates(db::Transaction& transaction) {
  return KYSO_TRY(transaction.one("SELECT count(*) FROM certificate")).get<std::size_t>(0);
}

Result<> for_each_certificate(db::Transaction& transaction, const std::function<void(const KnownCertificate&)>& each) {
  return transaction.for_each(
      "SELECT issuer, serial, state, changed, reason, not_after FROM certificate WHERE state <> 'waiting'", {},
      [&](const db::Row& row) -> Result<bool> {
        each({KYSO_TRY(row.get<std::string_view>(0)), KYSO_TRY(row.get<ByteView>(1)), KYSO_TRY(read_standing(row, 2))});
        return true;
      });
}

Result<std::optional<Standing>> find_standing(db::Transaction& transaction, std::string_view issuer, ByteView serial) {
  const auto row = KYSO_TRY(transaction.maybe(
      "SELECT state, changed, reason, not_after FROM certificate WHERE issuer = ? AND serial = ?", {issuer, serial}));
  if (!row) return std::optional<Standing>();
  const Standing found = KYSO_TRY(read_standing(*row, 0));
  if (found.state == CertificateState::waiting) return std::optional<Standing>();
  return std::optional(found);
}

Result<std::vector<StatusEvent>> events_after(db::Transaction& transaction, std::int64_t sequence, std::size_t limit) {
  return read_events(KYSO_TRY(transaction.query(
      fmt::format("{} WHERE sequence > ? ORDER BY sequence LIMIT ?", kEventColumns), {sequence, limit})));
}

Result<std::vector<StatusEvent>> events_of(db::Transaction& transaction, std::string_view issuer, std::int64_t after) {
  return read_events(KYSO_TRY(transaction.query(
      fmt::format("{} WHERE issuer = ? AND sequence > ? ORDER BY sequence", kEventColumns), {issuer, after})));
}

Result<std::vector<std::pair<std::int64_t, std::int64_t>>> last_events(db::Transaction& transaction,
                                                                       std::string_view issuer) {
  std::vector<std::pair<std::int64_t, std::int64_t>> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT shard, MAX(sequence) FROM status_event WHERE issuer = ? GROUP BY shard", {issuer})))
    out.emplace_back(KYSO_TRY(row.get<std::int64_t>(0)), KYSO_TRY(row.get<std::int64_t>(1)));
  return out;
}

Result<> for_each_revoked(db::Transaction& transaction, std::string_view issuer, std::optional<std::int64_t> shard,
                          std::optional<Instant> ended_after,
                          const std::function<void(std::int64_t, const pki::status::RevokedEntry&)>& each) {
  std::string sql =
      "SELECT serial, changed, reason, invalid_since, shard FROM certificate "
      "WHERE issuer = ? AND state IN ('revoked', 'suspended', 'void')";
  db::Values values{issuer};
  if (shard) {
    sql += " AND shard = ?";
    values.emplace_back(*shard);
  }
  if (ended_after) {
    sql += " AND not_after > ?";
    values.emplace_back(*ended_after);
  }
  pki::status::RevokedEntry entry;
  return transaction.for_each(sql, values, [&](const db::Row& row) -> Result<bool> {
    const auto serial = KYSO_TRY(row.get<ByteView>(0));
    entry.serial.assign(serial.begin(), serial.end());
    entry.revoked_at = KYSO_TRY(row.get<std::optional<Instant>>(1)).value_or(Instant{});
    entry.reason = KYSO_TRY(row.get<std::optional<int>>(2));
    entry.invalid_since = KYSO_TRY(row.get<std::optional<Instant>>(3));
    each(KYSO_TRY(row.get<std::int64_t>(4)), entry);
    return true;
  });
}

Result<std::vector<ListRow>> newest_lists(db::Transaction& transaction, std::optional<std::string_view> issuer) {
  std::string sql =
      "SELECT issuer, scope, number, this_update, next_update, sequence, entries, size, sha256 FROM revocation_list l "
      "WHERE number = (SELECT MAX(number) FROM revocation_list n WHERE n.issuer = l.issuer AND n.scope = l.scope)";
  db::Values values;
  if (issuer) {
    sql += " AND issuer = ?";
    values.emplace_back(*issuer);
  }
  std::vector<ListRow> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(sql, values))) out.push_back(KYSO_TRY(read_list(row)));
  return out;
}

Result<std::optional<std::int64_t>> draw_number(db::Transaction& transaction, std::string_view issuer,
                                                std::string_view scope, std::int64_t fence, std::int64_t at_least) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO revocation_list_number (issuer, scope, number, fence) VALUES (?, ?, 0, 0) ON CONFLICT DO NOTHING",
      {issuer, scope}));
  const auto row = KYSO_TRY(transaction.maybe(
      "UPDATE revocation_list_number SET number = CASE WHEN number < ? THEN ? ELSE number + 1 END, fence = ? "
      "WHERE issuer = ? AND scope = ? AND fence <= ? RETURNING number",
      {at_least, at_least + 1, fence, issuer, scope, fence}));
  if (!row) return std::optional<std::int64_t>();
  return std::optional(KYSO_TRY(row->get<std::int64_t>(0)));
}

Result<std::vector<Authority>> authorities(db::Transaction& transaction) {
  std::vector<Authority> out;
  for (const db::Row& row : KYSO_TRY(transaction.query("SELECT name, certificate FROM issuer")))
    out.push_back({KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<Bytes>(1))});
  return out;
}

Result<std::optional<Bytes>> find_authority(db::Transaction& transaction, std::string_view name) {
  const auto row = KYSO_TRY(transaction.maybe("SELECT certificate FROM issuer WHERE name = ?", {name}));
  if (!row) return std::optional<Bytes>();
  return std::optional(KYSO_TRY(row->get<Bytes>(0)));
}

Result<> insert_authority(db::Transaction& transaction, std::string_view name, ByteView certificate, Instant now) {
  KYSO_TRY(
      transaction.execute("INSERT INTO issuer (name, certificate, added) VALUES (?, ?, ?)", {name, certificate, now}));
  return {};
}

Result<> insert_piece(db::Transaction& transaction, const ListRow& list, std::int64_t part, ByteView content) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO revocation_list_piece (issuer, scope, number, part, content) VALUES (?, ?, ?, ?, ?)",
      {list.issuer, list.scope, list.number, part, content}));
  return {};
}

Result<bool> publish(db::Transaction& transaction, const ListRow& list) {
  const auto newest = KYSO_TRY(
      KYSO_TRY(transaction.one("SELECT COALESCE(MAX(number), 0) FROM revocation_list WHERE issuer = ? AND scope = ?",
                               {list.issuer, list.scope}))
          .get<std::int64_t>(0));
  if (newest >= list.number) return false;
  KYSO_TRY(transaction.execute(
      "INSERT INTO revocation_list (issuer, scope, number, this_update, next_update, sequence, entries, size, sha256) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {list.issuer, list.scope, list.number, list.this_update, list.next_update, list.sequence, list.entries, list.size,
       list.sha256}));
  for (const std::string_view table : {"revocation_list", "revocation_list_piece"})
    KYSO_TRY(transaction.execute(
        fmt::format("DELETE FROM {} WHERE issuer = ? AND scope = ? AND number < ? AND number <> ?", table),
        {list.issuer, list.scope, list.number, newest}));
  KYSO_TRY(transaction.execute("UPDATE counter SET value = value + 1 WHERE name = 'crl'"));
  return true;
}

Result<> for_each_piece(db::Transaction& transaction, const ListRow& list,
                        const std::function<Result<>(ByteView)>& each) {
  return transaction.for_each(
      "SELECT content FROM revocation_list_piece WHERE issuer = ? AND scope = ? AND number = ? ORDER BY part",
      {list.issuer, list.scope, list.number}, [&](const db::Row& row) -> Result<bool> {
        KYSO_TRY(each(KYSO_TRY(row.get<ByteView>(0))));
        return true;
      });
}

}  // namespace kyso::authority::status::store
