#include <fmt/format.h>

#include "registry/dossier/store.h"
#include "registry/dossier/store_support.h"

namespace kyso::registry::dossier_store {

// ---- overrides ------------------------------------------------------------------------------------------------------

Result<> set_override(db::Transaction& transaction, std::string_view dossier, const Override& override_) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO dossier_override (dossier, finding, reason, account, by_name, at) VALUES (?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (dossier, finding) DO UPDATE SET reason = excluded.reason, account = excluded.account, "
      "by_name = excluded.by_name, at = excluded.at",
      {dossier, override_.finding, override_.reason, override_.account, override_.by_name, override_.at}));
  return {};
}

Result<> remove_override(db::Transaction& transaction, std::string_view dossier, std::string_view finding) {
  KYSO_TRY(transaction.execute("DELETE FROM dossier_override WHERE dossier = ? AND finding = ?", {dossier, finding}));
  return {};
}

Result<std::map<std::string, Override>> overrides(db::Transaction& transaction, std::string_view dossier) {
  std::map<std::string, Override> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT finding, reason, account, by_name, at FROM dossier_override WHERE dossier = ?", {dossier}))) {
    Override one{KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<std::string>(1)),
                 KYSO_TRY(row.get<std::string>(2)), KYSO_TRY(row.get<std::string>(3)), KYSO_TRY(row.get<Instant>(4))};
    std::string key = one.finding;
    out.emplace(std::move(key), std::move(one));
  }
  return out;
}

// ---- letters --------------------------------------------------------------------------------------------------------

Result<> put_letter(db::Transaction& transaction, const AttachedLetter& letter, std::string_view report,
                    ByteView content) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO dossier_letter (dossier, role, file_name, size, sha256, attached, attached_by, verdict, report, "
      "content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (dossier, role) DO UPDATE SET "
      "file_name = excluded.file_name, size = excluded.size, sha256 = excluded.sha256, attached = excluded.attached, "
      "attached_by = excluded.attached_by, verdict = excluded.verdict, report = excluded.report, "
      "content = excluded.content",
      {letter.dossier, name_of(letter.role), letter.file_name, letter.size, letter.sha256, letter.attached,
       letter.attached_by, stored_json(letter.verdict), report, content}));
  return {};
}

Result<> set_verdict(db::Transaction& transaction, const AttachedLetter& letter, std::string_view report) {
  // Of these bytes: another letter may have been attached while this one was being looked at.
  KYSO_TRY(transaction.execute(
      "UPDATE dossier_letter SET verdict = ?, report = ? WHERE dossier = ? AND role = ? AND sha256 = ?",
      {stored_json(letter.verdict), report, letter.dossier, name_of(letter.role), letter.sha256}));
  return {};
}

Result<std::vector<AttachedLetter>> letters(db::Transaction& transaction, std::string_view dossier) {
  std::vector<AttachedLetter> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT dossier, role, file_name, sha256, size, attached, attached_by, verdict FROM dossier_letter "
           "WHERE dossier = ? ORDER BY role",
           {dossier}))) {
    AttachedLetter letter;
    letter.dossier = KYSO_TRY(row.get<std::string>(0));
    const auto role = letter_role_by_name(KYSO_TRY(row.get<std::string_view>(1)));
    if (!role) return fail("db.corrupt", "role of a letter of {}", dossier);
    letter.role = *role;
    letter.file_name = KYSO_TRY(row.get<std::string>(2));
    letter.sha256 = KYSO_TRY(row.get<std::string>(3));
    letter.size = KYSO_TRY(row.get<std::int64_t>(4));
    letter.attached = KYSO_TRY(row.get<Instant>(5));
    letter.attached_by = KYSO_TRY(row.get<std::string>(6));
    letter.verdict = KYSO_TRY(json::parse(KYSO_TRY(row.get<std::string_view>(7))));
    out.push_back(std::move(letter));
  }
  return out;
}

Result<std::optional<Bytes>> letter_content(db::Transaction& transaction, std::string_view dossier, LetterRole role) {
  const std::optional<db::Row> row = KYSO_TRY(
      transaction.maybe("SELECT content FROM dossier_letter WHERE dossier = ? AND role = ?", {dossier, name_of(role)}));
  if (!row) return std::optional<Bytes>();
  return std::optional(KYSO_TRY(row->get<Bytes>(0)));
}

Result<bool> remove_letter(db::Transaction& transaction, std::string_view dossier, LetterRole role) {
  return KYSO_TRY(transaction.execute("DELETE FROM dossier_letter WHERE dossier = ? AND role = ?",
                                      {dossier, name_of(role)})) > 0;
}

// ---- notes and history ----------------------------------------------------------------------------------------------

Result<> add_note(db::Transaction& transaction, std::string_view dossier, const Note& note) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO dossier_note (dossier, at, account, by_name, text, internal) VALUES (?, ?, ?, ?, ?, ?)",
      {dossier, note.at, note.account, note.by_name, note.text, note.is_internal}));
  return {};
}

Result<std::int64_t> count_notes(db::Transaction& transaction, std::string_view dossier, std::string_view account) {
  const db::Row row = KYSO_TRY(
      transaction.one("SELECT COUNT(*) FROM dossier_note WHERE dossier = ? AND account = ?", {dossier, account}));
  return row.get<std::int64_t>(0);
}

Result<std::vector<Note>> notes(db::Transaction& transaction, std::string_view dossier, bool with_internal) {
  std::vector<Note> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT at, account, by_name, text, internal FROM dossier_note WHERE dossier = ? AND internal <= ? "
           "ORDER BY number",
           {dossier, with_internal})))
    out.push_back({KYSO_TRY(row.get<Instant>(0)), KYSO_TRY(row.get<std::string>(1)), KYSO_TRY(row.get<std::string>(2)),
                   KYSO_TRY(row.get<std::string>(3)), KYSO_TRY(row.get<bool>(4))});
  return out;
}

Result<> add_event(db::Transaction& transaction, std::string_view dossier, const HistoryEvent& event) {
  json::Value params = json::Value::object();
  for (const auto& [name, value] : event.params) params.set(name, value);
  KYSO_TRY(transaction.execute(
      "INSERT INTO dossier_event (dossier, at, kind, account, by_name, parameters, internal) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      {dossier, event.at, event.kind, event.account, event.by_name, stored_json(params), event.is_internal}));
  return {};
}

Result<std::vector<HistoryEvent>> events(db::Transaction& transaction, std::string_view dossier, bool with_internal) {
  std::vector<HistoryEvent> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT at, kind, account, by_name, parameters, internal FROM dossier_event WHERE dossier = ? "
           "AND internal <= ? ORDER BY number",
           {dossier, with_internal}))) {
    HistoryEvent event;
    event.at = KYSO_TRY(row.get<Instant>(0));
    event.kind = KYSO_TRY(row.get<std::string>(1));
    event.account = KYSO_TRY(row.get<std::string>(2));
    event.by_name = KYSO_TRY(row.get<std::string>(3));
    const json::Value params = KYSO_TRY(json::parse(KYSO_TRY(row.get<std::string_view>(4))));
    if (params.as_object() != nullptr)
      for (const auto& [name, value] : *params.as_object())
        event.params.emplace_back(name, value.as_string().value_or(""));
    event.is_internal = KYSO_TRY(row.get<bool>(5));
    out.push_back(std::move(event));
  }
  return out;
}

// ---- receivers ------------------------------------------------------------------------------------------------------

Result<> remember_receiver(db::Transaction& transaction, std::string_view organisation, const Receiver& receiver,
                           Instant now) {
  if (receiver.identity.empty() || receiver.name.empty()) return {};
  KYSO_TRY(transaction.execute(
      "INSERT INTO dossier_receiver (organisation, identity, content, used) VALUES (?, ?, ?, ?) "
      "ON CONFLICT (organisation, identity) DO UPDATE SET content = excluded.content, used = excluded.used",
      {organisation, receiver.identity, stored_json(to_json(receiver)), now}));
  return {};
}

Result<std::vector<Receiver>> receivers(db::Transaction& transaction, std::string_view organisation,
                                        std::size_t limit) {
  std::vector<Receiver> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT content FROM dossier_receiver WHERE organisation = ? ORDER BY used DESC, identity LIMIT ?",
           {organisation, limit})))
    out.push_back(KYSO_TRY(receiver_from_json(KYSO_TRY(json::parse(KYSO_TRY(row.get<std::string_view>(0)))))));
  return out;
}

// ---- imports --------------------------------------------------------------------------------------------------------

Result<> insert_import(db::Transaction& transaction, const ImportRecord& record, const std::vector<ImportRow>& rows) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO dossier_import (id, dossier, account, created, file_name, sha256, rows_total, rows_compatible, "
      "faults_total, remarks) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {record.id, record.dossier, record.account, record.created, record.file_name, record.sha256, record.rows_total,
       record.rows_compatible, record.faults_total, record.remarks}));
  std::vector<db::Values> values;
  values.reserve(rows.size());
  for (const ImportRow& row : rows)
    values.push_back({record.id, row.number, row.is_compatible, row.is_faulty, row.line, row.faults});
  return transaction.execute_many(
      "INSERT INTO dossier_import_row (import, number, compatible, faulty, line, faults) VALUES (?, ?, ?, ?, ?, ?)",
      values);
}

Result<Imported> imported_by(db::Transaction& transaction, std::string_view account, Instant since) {
  const db::Row row = KYSO_TRY(transaction.one(
      "SELECT COUNT(*), CAST(COALESCE(SUM(rows_total), 0) AS BIGINT) FROM dossier_import WHERE account = ? AND "
      "created >= ?",
      {account, since}));
  return Imported{KYSO_TRY(row.get<std::int64_t>(0)), KYSO_TRY(row.get<std::int64_t>(1))};
}

Result<std::optional<ImportRecord>> find_import(db::Transaction& transaction, std::string_view dossier,
                                                std::string_view id) {
  const std::optional<db::Row> row = KYSO_TRY(transaction.maybe(
      "SELECT id, dossier, account, file_name, sha256, created, rows_total, rows_compatible, faults_total, remarks, "
      "confirmed, COALESCE(added, 0) FROM dossier_import WHERE id = ? AND dossier = ?",
      {id, dossier}));
  if (!row) return std::optional<ImportRecord>();
  ImportRecord out;
  std::size_t column = 0;
  for (std::string* to : {&out.id, &out.dossier, &out.account, &out.file_name, &out.sha256})
    *to = KYSO_TRY(row->get<std::string>(column++));
  out.created = KYSO_TRY(row->get<Instant>(column++));
  for (std::int64_t* to : {&out.rows_total, &out.rows_compatible, &out.faults_total})
    *to = KYSO_TRY(row->get<std::int64_t>(column++));
  out.remarks = KYSO_TRY(row->get<std::string>(column++));
  out.confirmed = KYSO_TRY(row->get<std::optional<Instant>>(column++));
  out.added = KYSO_TRY(row->get<std::int64_t>(column));
  return std::optional(std::move(out));
}

Result<std::vector<ImportRow>> import_rows(db::Transaction& transaction, std::string_view id, bool only_faulty,
                                           std::int64_t after, std::size_t limit) {
  std::vector<ImportRow> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           fmt::format("SELECT number, compatible, faulty, line, faults FROM dossier_import_row WHERE import = ? "
                       "AND number > ?{} ORDER BY number LIMIT ?",
                       only_faulty ? " AND faulty = 1" : ""),
           {id, after, limit})))
    out.push_back({KYSO_TRY(row.get<std::int64_t>(0)), KYSO_TRY(row.get<bool>(1)), KYSO_TRY(row.get<bool>(2)),
                   KYSO_TRY(row.get<std::string>(3)), KYSO_TRY(row.get<std::string>(4))});
  return out;
}

Result<> set_confirmed(db::Transaction& transaction, std::string_view id, Instant at, std::int64_t added) {
  KYSO_TRY(transaction.execute("UPDATE dossier_import SET confirmed = ?, added = ? WHERE id = ?", {at, added, id}));
  return {};
}

Result<> forget_imports(db::Transaction& transaction, Instant created_before) {
  KYSO_TRY(transaction.execute("DELETE FROM dossier_import WHERE created < ?", {created_before}));
  return {};
}

}  // namespace kyso::registry::dossier_store
