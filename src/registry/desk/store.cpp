#include "registry/desk/store.h"

namespace kyso::registry::desk_store {
namespace {

constexpr std::string_view kColumns = "id, dossier, act, state, payload, created, expires, updated, failure";

Result<DeskRequest> read(db::Transaction& transaction, const db::Row& row) {
  DeskRequest out;
  out.id = KYSO_TRY(row.get<std::string>(0));
  out.dossier = KYSO_TRY(row.get<std::string>(1));
  const auto act = vault::act_by_name(KYSO_TRY(row.get<std::string>(2)));
  const auto state = desk_request_state_by_name(KYSO_TRY(row.get<std::string>(3)));
  if (!act || !state) return fail("db.corrupt", "desk_request {}", out.id);
  out.act = *act;
  out.state = *state;
  out.payload = KYSO_TRY(row.get<std::string>(4));
  out.created = KYSO_TRY(row.get<Instant>(5));
  out.expires = KYSO_TRY(row.get<Instant>(6));
  out.updated = KYSO_TRY(row.get<Instant>(7));
  out.failure = KYSO_TRY(row.get<std::string>(8));
  for (const db::Row& line :
       KYSO_TRY(transaction.query("SELECT reference, line FROM desk_request_line WHERE request = ?", {out.id})))
    out.lines.emplace(KYSO_TRY(line.get<std::string>(0)), KYSO_TRY(line.get<std::string>(1)));
  return out;
}

}  // namespace

Result<> insert(db::Transaction& transaction, const DeskRequest& request) {
  KYSO_TRY(
      transaction.execute(fmt::format("INSERT INTO desk_request ({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", kColumns),
                          {request.id, request.dossier, name_of(request.act), name_of(request.state), request.payload,
                           request.created, request.expires, request.updated, request.failure}));
  std::vector<db::Values> rows;
  for (const auto& [reference, line] : request.lines) rows.push_back({request.id, reference, line});
  return transaction.execute_many("INSERT INTO desk_request_line (request, reference, line) VALUES (?, ?, ?)", rows);
}

Result<std::optional<DeskRequest>> find(db::Transaction& transaction, std::string_view id) {
  const auto row = KYSO_TRY(transaction.maybe(fmt::format("SELECT {} FROM desk_request WHERE id = ?", kColumns), {id}));
  if (!row) return std::optional<DeskRequest>();
  return std::optional(KYSO_TRY(read(transaction, *row)));
}

Result<std::vector<DeskRequest>> of_dossier(db::Transaction& transaction, std::string_view dossier) {
  std::vector<DeskRequest> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           fmt::format("SELECT {} FROM desk_request WHERE dossier = ? ORDER BY created, id", kColumns), {dossier})))
    out.push_back(KYSO_TRY(read(transaction, row)));
  return out;
}

Result<> update(db::Transaction& transaction, const DeskRequest& request) {
  KYSO_TRY(transaction.execute("UPDATE desk_request SET state = ?, failure = ?, updated = ? WHERE id = ?",
                               {name_of(request.state), request.failure, request.updated, request.id}));
  return {};
}

Result<> forget_proposals(db::Transaction& transaction, std::string_view dossier) {
  KYSO_TRY(
      transaction.execute("DELETE FROM desk_request_line WHERE request IN (SELECT id FROM desk_request WHERE "
                          "dossier = ? AND state = 'proposed')",
                          {dossier}));
  KYSO_TRY(transaction.execute("DELETE FROM desk_request WHERE dossier = ? AND state = 'proposed'", {dossier}));
  return {};
}

Result<std::vector<std::string>> open_requests(db::Transaction& transaction, std::size_t limit) {
  std::vector<std::string> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT id FROM desk_request WHERE state IN ('waiting', 'authorised') ORDER BY updated LIMIT ?", {limit})))
    out.push_back(KYSO_TRY(row.get<std::string>(0)));
  return out;
}

Result<std::vector<UnderWay>> under_way(db::Transaction& transaction, const UnderWayFilter& filter) {
  std::vector<UnderWay> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT state, step, CASE WHEN handler = ? THEN 1 ELSE 0 END, COUNT(*), "
           "SUM(CASE WHEN due < ? THEN 1 ELSE 0 END), "
           "SUM(CASE WHEN due >= ? AND due < CASE WHEN kind = '05' THEN CAST(? AS BIGINT) ELSE CAST(? AS BIGINT) END "
           "THEN 1 ELSE 0 END) FROM dossier WHERE state IN ('submitted', 'processing', 'returned') GROUP BY 1, 2, 3",
           {filter.account, filter.now, filter.now, filter.revocation_soon, filter.soon}))) {
    const auto state = dossier_state_by_name(KYSO_TRY(row.get<std::string_view>(0)));
    const auto step = step_by_name(KYSO_TRY(row.get<std::string_view>(1)));
    if (!state || !step) return fail("db.corrupt", "state or step of a dossier");
    out.push_back({*state, *step, KYSO_TRY(row.get<bool>(2)), KYSO_TRY(row.get<std::int64_t>(3)),
                   KYSO_TRY(row.get<std::int64_t>(4)), KYSO_TRY(row.get<std::int64_t>(5))});
  }
  return out;
}

Result<std::int64_t> cursor(db::Transaction& transaction, std::string_view name) {
  const auto row = KYSO_TRY(transaction.maybe("SELECT value FROM desk_cursor WHERE name = ?", {name}));
  return row ? row->get<std::int64_t>(0) : Result<std::int64_t>(0);
}

Result<> set_cursor(db::Transaction& transaction, std::string_view name, std::int64_t value) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO desk_cursor (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      {name, value}));
  return {};
}

}  // namespace kyso::registry::desk_store
