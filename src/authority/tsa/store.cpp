#include "authority/tsa/store.h"

#include "audit/audit.h"
#include "crypto/algorithm.h"

namespace kyso::authority::tsa {
namespace {

constexpr std::string_view kColumns =
    "serial, at_us, policy, is_ordered, algorithm, imprint, signer, request_sha256, token_sha256";

Result<TokenRecord> to_record(const db::Row& row) {
  TokenRecord record;
  record.serial = KYSO_TRY(row.get<Bytes>(0));
  record.time_us = KYSO_TRY(row.get<std::int64_t>(1));
  record.policy = KYSO_TRY(row.get<std::string>(2));
  record.is_ordered = KYSO_TRY(row.get<bool>(3));
  record.algorithm = KYSO_TRY(row.get<std::string>(4));
  record.imprint = KYSO_TRY(row.get<Bytes>(5));
  record.signer = KYSO_TRY(row.get<Bytes>(6));
  record.request_sha256 = KYSO_TRY(row.get<Bytes>(7));
  record.token_sha256 = KYSO_TRY(row.get<Bytes>(8));
  return record;
}

db::Values to_values(const TokenRecord& record, std::int64_t event) {
  return {record.serial,    event,          record.time_us, record.policy,         record.is_ordered,
          record.algorithm, record.imprint, record.signer,  record.request_sha256, record.token_sha256};
}

audit::Event event_of(const std::vector<TokenRecord>& records) {
  crypto::Digester digester(crypto::DigestAlgorithm::sha256);
  for (const TokenRecord& record : records) digester.update(as_bytes(canonical_line(record)));
  audit::Event event{.kind = "tsa.tokens",
                     .actor = "system:kysod",
                     .subject = to_hex(records.front().serial),
                     .details = json::Value::object()};
  event.details.set("count", records.size())
      .set("first", to_hex(records.front().serial))
      .set("last", to_hex(records.back().serial))
      .set("sha256", to_hex(digester.finish()));
  return event;
}

}  // namespace

Result<std::int64_t> reserve_serials(db::Database& database, int instance, std::int64_t count, std::int64_t floor) {
  return database.write([&](db::Transaction& transaction) -> Result<std::int64_t> {
    const db::Row row = KYSO_TRY(transaction.one(
        "INSERT INTO tsa_serial (instance, next) VALUES (?, ?) ON CONFLICT (instance) DO UPDATE SET next = "
        "CASE WHEN tsa_serial.next < ? THEN ? ELSE tsa_serial.next END + ? RETURNING next",
        {instance, floor + count, floor, floor, count}));
    return KYSO_TRY(row.get<std::int64_t>(0)) - count;
  });
}

Result<std::optional<OrderingGrant>> acquire_ordering(db::Database& database, const std::string& owner,
                                                      std::int64_t now_us, std::int64_t until_us) {
  return database.write([&](db::Transaction& transaction) -> Result<std::optional<OrderingGrant>> {
    const auto row = KYSO_TRY(transaction.maybe(
        "INSERT INTO tsa_ordering (name, owner, fence, until_us) VALUES ('tsa', ?, 1, ?) ON CONFLICT (name) DO UPDATE "
        "SET fence = tsa_ordering.fence + CASE WHEN tsa_ordering.owner = excluded.owner THEN 0 ELSE 1 END, "
        "owner = excluded.owner, until_us = CASE WHEN excluded.until_us > tsa_ordering.until_us THEN excluded.until_us "
        "ELSE tsa_ordering.until_us END "
        "WHERE tsa_ordering.owner = excluded.owner OR tsa_ordering.until_us <= ? RETURNING fence, until_us",
        {owner, until_us, now_us}));
    if (!row) return std::optional<OrderingGrant>();
    return std::optional<OrderingGrant>(
        OrderingGrant{.fence = KYSO_TRY(row->get<std::int64_t>(0)), .until_us = KYSO_TRY(row->get<std::int64_t>(1))});
  });
}

Result<> release_ordering(db::Database& database, const std::string& owner, std::int64_t last_us) {
  return database.write([&](db::Transaction& transaction) -> Result<> {
    KYSO_TRY(transaction.execute("UPDATE tsa_ordering SET owner = '', until_us = ? WHERE name = 'tsa' AND owner = ?",
                                 {last_us + 1, owner}));
    return {};
  });
}

std::string canonical_line(const TokenRecord& record) {
  return fmt::format("{} {} {} {} {} {} {} {} {}\n", to_hex(record.serial), record.time_us, record.policy,
                     record.is_ordered ? 1 : 0, record.algorithm, to_hex(record.imprint), to_hex(record.signer),
                     to_hex(record.request_sha256), to_hex(record.token_sha256));
}

Result<> record_tokens(db::Database& database, const std::vector<TokenRecord>& records, Instant now) {
  if (records.empty()) return {};
  const audit::Event event = event_of(records);
  return database.write([&](db::Transaction& transaction) -> Result<> {
    const std::int64_t id = KYSO_TRY(audit::append(transaction, event, now));
    std::vector<db::Values> rows;
    rows.reserve(records.size());
    for (const TokenRecord& record : records) rows.push_back(to_values(record, id));
    return transaction.execute_many(
        "INSERT INTO tsa_token (serial, event, at_us, policy, is_ordered, algorithm, imprint, signer, request_sha256, "
        "token_sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows);
  });
}

Result<std::vector<TokenRecord>> tokens_of(db::Database& database, std::int64_t event) {
  return database.read([&](db::Transaction& transaction) -> Result<std::vector<TokenRecord>> {
    std::vector<TokenRecord> records;
    const auto rows = KYSO_TRY(
        transaction.query(fmt::format("SELECT {} FROM tsa_token WHERE event = ? ORDER BY serial", kColumns), {event}));
    for (const db::Row& row : rows) records.push_back(KYSO_TRY(to_record(row)));
    return records;
  });
}

Result<std::optional<TokenRecord>> find_token(db::Database& database, ByteView serial) {
  return database.read([&](db::Transaction& transaction) -> Result<std::optional<TokenRecord>> {
    const auto row =
        KYSO_TRY(transaction.maybe(fmt::format("SELECT {} FROM tsa_token WHERE serial = ?", kColumns), {serial}));
    if (!row) return std::optional<TokenRecord>();
    return std::optional<TokenRecord>(KYSO_TRY(to_record(*row)));
  });
}

}  // namespace kyso::authority::tsa
