#include <fmt/format.h>

#include "authority/store.h"

namespace kyso::authority::store {
namespace {

constexpr std::string_view kRequestColumns =
    "id, act, issuer, state, purpose, requester, payload_sha256, jws, created, expires, updated, failure";

Result<RequestRow> read_request(const db::Row& row) {
  RequestRow out;
  out.id = KYSO_TRY(row.get<std::string>(0));
  out.act = KYSO_TRY(row.get<std::string>(1));
  out.issuer = KYSO_TRY(row.get<std::string>(2));
  const std::optional<RequestState> state = request_state_by_name(KYSO_TRY(row.get<std::string>(3)));
  if (!state) return fail("db.corrupt", "state of request {}", out.id);
  out.state = *state;
  out.purpose = KYSO_TRY(row.get<std::string>(4));
  out.requester = KYSO_TRY(row.get<std::string>(5));
  out.payload_sha256 = KYSO_TRY(row.get<Bytes>(6));
  out.jws = KYSO_TRY(row.get<std::string>(7));
  out.created = KYSO_TRY(row.get<Instant>(8));
  out.expires = KYSO_TRY(row.get<Instant>(9));
  out.updated = KYSO_TRY(row.get<Instant>(10));
  out.failure = KYSO_TRY(row.get<std::optional<std::string>>(11));
  return out;
}

Result<std::vector<std::string>> read_ids(const db::Rows& rows) {
  std::vector<std::string> ids;
  ids.reserve(rows.size());
  for (const db::Row& row : rows) ids.push_back(KYSO_TRY(row.get<std::string>(0)));
  return ids;
}

}  // namespace

Result<> insert_request(db::Transaction& transaction, const RequestRow& row) {
  KYSO_TRY(transaction.execute(
      fmt::format("INSERT INTO request ({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", kRequestColumns),
      {row.id, row.act, row.issuer, name_of(row.state), row.purpose, row.requester, row.payload_sha256, row.jws,
       row.created, row.expires, row.updated, row.failure}));
  return {};
}

Result<std::optional<RequestRow>> find_request(db::Transaction& transaction, std::string_view id) {
  const std::optional<db::Row> row =
      KYSO_TRY(transaction.maybe(fmt::format("SELECT {} FROM request WHERE id = ?", kRequestColumns), {id}));
  if (!row) return std::optional<RequestRow>();
  return std::optional(KYSO_TRY(read_request(*row)));
}

Result<std::vector<RequestRow>> list_requests(db::Transaction& transaction, const RequestFilter& filter) {
  std::string sql = fmt::format("SELECT {} FROM request WHERE 1 = 1", kRequestColumns);
  db::Values values;
  if (filter.state) {
    sql += " AND state = ?";
    values.emplace_back(name_of(*filter.state));
  }
  if (!filter.after.empty()) {
    sql += " AND (created, id) > (SELECT created, id FROM request WHERE id = ?)";
    values.emplace_back(filter.after);
  }
  sql += " ORDER BY created, id LIMIT ?";
  values.emplace_back(filter.limit);
  std::vector<RequestRow> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(sql, values))) out.push_back(KYSO_TRY(read_request(row)));
  return out;
}

Result<std::vector<std::string>> authorised_before(db::Transaction& transaction, Instant updated, std::size_t limit) {
  return read_ids(KYSO_TRY(transaction.query(
      "SELECT id FROM request WHERE state = 'authorised' AND updated <= ? ORDER BY updated, id LIMIT ?",
      {updated, limit})));
}

Result<> set_request_state(db::Transaction& transaction, std::string_view id, RequestState state,
                           const std::optional<std::string>& failure, Instant now) {
  KYSO_TRY(transaction.execute("UPDATE request SET state = ?, failure = ?, updated = ? WHERE id = ?",
                               {name_of(state), failure, now, id}));
  return {};
}

Result<bool> set_failed(db::Transaction& transaction, std::string_view id, std::string_view failure, Instant now) {
  const std::int64_t changed = KYSO_TRY(transaction.execute(
      "UPDATE request SET state = 'failed', failure = ?, updated = ? WHERE id = ? AND state = 'authorised'",
      {failure, now, id}));
  return changed > 0;
}

Result<std::vector<std::string>> expire_requests(db::Transaction& transaction, Instant now) {
  return read_ids(KYSO_TRY(transaction.query(
      "UPDATE request SET state = 'expired', updated = ? WHERE state = 'waiting' AND expires <= ? RETURNING id",
      {now, now})));
}

Result<> insert_released(db::Transaction& transaction, std::string_view request_id,
                         const std::vector<vault::ReleasedPin>& pins) {
  std::vector<db::Values> rows;
  for (const vault::ReleasedPin& pin : pins)
    rows.push_back({request_id, rows.size(), pin.reference, pin.token_serial, pin.ciphertext});
  KYSO_TRY(transaction.execute_many(
      "INSERT INTO released_pin (request_id, line, reference, token_serial, ciphertext) VALUES (?, ?, ?, ?, ?)", rows));
  return {};
}

Result<std::vector<vault::ReleasedPin>> released_of(db::Transaction& transaction, std::string_view request_id) {
  std::vector<vault::ReleasedPin> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT reference, token_serial, ciphertext FROM released_pin WHERE request_id = ? ORDER BY line",
           {request_id})))
    out.push_back({KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<std::string>(1)), KYSO_TRY(row.get<Bytes>(2))});
  return out;
}

Result<> insert_approval(db::Transaction& transaction, std::string_view request_id, const ApprovalRow& row) {
  KYSO_TRY(transaction.execute("INSERT INTO approval (request_id, person, decision, jws, at) VALUES (?, ?, ?, ?, ?)",
                               {request_id, row.person, row.decision, row.jws, row.at}));
  return {};
}

Result<std::vector<ApprovalRow>> approvals_of(db::Transaction& transaction, std::string_view request_id) {
  std::vector<ApprovalRow> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT person, decision, jws, at FROM approval WHERE request_id = ? ORDER BY at, person", {request_id})))
    out.push_back({KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<std::string>(1)),
                   KYSO_TRY(row.get<std::string>(2)), KYSO_TRY(row.get<Instant>(3))});
  return out;
}

}  // namespace kyso::authority::store
