#include <fmt/format.h>

#include "registry/dossier/store.h"
#include "registry/dossier/store_support.h"
#include "registry/dossier/words.h"

namespace kyso::registry::dossier_store {
namespace {

constexpr std::string_view kColumns =
    "id, dossier, number, state, content, organisation, organisation_chain, findings, population, key_sha256, "
    "token_serial, profile, valid_to, decision_reason, decided_by, certificate_issuer, certificate_serial, failure, "
    "updated, revision";

Result<Line> read(const db::Row& row) {
  Line out;
  std::size_t column = 0;
  out.id = KYSO_TRY(row.get<std::string>(column++));
  out.dossier = KYSO_TRY(row.get<std::string>(column++));
  out.number = KYSO_TRY(row.get<std::int64_t>(column++));
  const auto state = line_state_by_name(KYSO_TRY(row.get<std::string_view>(column++)));
  if (!state) return fail("db.corrupt", "state of line {}", out.id);
  out.state = *state;
  out.form = KYSO_TRY(line_form_from_json(KYSO_TRY(json::parse(KYSO_TRY(row.get<std::string_view>(column++))))));
  out.organisation = KYSO_TRY(row.get<std::string>(column++));
  out.organisation_chain = KYSO_TRY(names_from_json(KYSO_TRY(row.get<std::string_view>(column++))));
  out.findings = KYSO_TRY(findings_from_json(KYSO_TRY(row.get<std::string_view>(column++))));
  const auto population = population_by_name(KYSO_TRY(row.get<std::string_view>(column++)));
  if (!population) return fail("db.corrupt", "population of line {}", out.id);
  out.population = *population;
  for (std::string* to : {&out.key_sha256, &out.token_serial, &out.profile, &out.valid_to, &out.decision_reason,
                          &out.decided_by, &out.certificate_issuer, &out.certificate_serial, &out.failure})
    *to = KYSO_TRY(row.get<std::string>(column++));
  out.updated = KYSO_TRY(row.get<Instant>(column++));
  out.revision = KYSO_TRY(row.get<std::int64_t>(column++));
  if (row.size() > column) out.pkcs10 = KYSO_TRY(row.get<std::optional<Bytes>>(column));
  return out;
}

Result<std::vector<Line>> read_all(const db::Rows& rows) {
  std::vector<Line> out;
  out.reserve(rows.size());
  for (const db::Row& row : rows) out.push_back(KYSO_TRY(read(row)));
  return out;
}

std::string worst_name(const Line& line) {
  const std::optional<Level> worst = worst_of(line.findings);
  return worst ? std::string(name_of(*worst)) : std::string();
}

std::string device_name(const Line& line) {
  return line.form.device ? std::string(name_of(*line.form.device)) : std::string();
}

db::Values changing_values(const Line& line) {
  return {name_of(line.state),
          stored_json(to_json(line.form)),
          line.form.name,
          line.form.identity,
          line.organisation,
          stored_json(names_to_json(line.organisation_chain)),
          device_name(line),
          line.form.issuer,
          line.form.serial,
          stored_json(findings_to_json(line.findings)),
          worst_name(line),
          name_of(line.population),
          line.token_serial,
          line.profile,
          line.valid_to,
          line.decision_reason,
          line.decided_by,
          line.certificate_issuer,
          line.certificate_serial,
          line.failure,
          line.updated,
          line.revision};
}
constexpr std::string_view kUpdate =
    "UPDATE dossier_line SET state = ?, content = ?, name = ?, identity = ?, organisation = ?, organisation_chain = ?, "
    "device = ?, issuer = ?, serial = ?, findings = ?, worst = ?, population = ?, token_serial = ?, profile = ?, "
    "valid_to = ?, decision_reason = ?, decided_by = ?, certificate_issuer = ?, certificate_serial = ?, failure = ?, "
    "updated = ?, revision = ? WHERE id = ? AND dossier = ?";

// People and certificates find their dossier. Words of what was taken out stay until the dossier goes: a hit too many
// does no harm, what is shown is read from the lines.
Result<> add_words(db::Transaction& transaction, const std::vector<Line>& lines) {
  if (lines.empty()) return {};
  const db::Row row = KYSO_TRY(transaction.one("SELECT number FROM dossier WHERE id = ?", {lines.front().dossier}));
  const std::int64_t dossier = KYSO_TRY(row.get<std::int64_t>(0));
  std::set<std::string> words;
  for (const Line& line : lines)
    for (std::string& word : words_of(line.form.name + " " + line.form.serial + " " + line.form.token_serial))
      words.insert(std::move(word));
  std::vector<db::Values> rows;
  for (const std::string& word : words) rows.push_back({word, dossier});
  return transaction.execute_many("INSERT INTO dossier_word (word, dossier) VALUES (?, ?) ON CONFLICT DO NOTHING",
                                  rows);
}

}  // namespace

Result<> insert_lines(db::Transaction& transaction, const Dossier& dossier, std::vector<Line>& lines) {
  const db::Row last =
      KYSO_TRY(transaction.one("SELECT COALESCE(MAX(number), 0) FROM dossier_line WHERE dossier = ?", {dossier.id}));
  std::int64_t number = KYSO_TRY(last.get<std::int64_t>(0));
  std::vector<db::Values> rows;
  rows.reserve(lines.size());
  for (Line& line : lines) {
    line.dossier = dossier.id;
    line.number = ++number;
    db::Values values = changing_values(line);
    values.insert(values.begin(), {db::Value(line.id), db::Value(line.dossier), db::Value(line.number)});
    values.emplace_back(line.pkcs10);
    values.emplace_back(line.key_sha256);
    rows.push_back(std::move(values));
  }
  KYSO_TRY(transaction.execute_many(
      "INSERT INTO dossier_line (id, dossier, number, state, content, name, identity, organisation, "
      "organisation_chain, device, issuer, serial, findings, worst, population, token_serial, profile, valid_to, "
      "decision_reason, decided_by, certificate_issuer, certificate_serial, failure, updated, revision, pkcs10, "
      "key_sha256) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      rows));
  return add_words(transaction, lines);
}

Result<std::optional<Line>> find_line(db::Transaction& transaction, std::string_view dossier, std::string_view id) {
  const std::optional<db::Row> row = KYSO_TRY(transaction.maybe(
      fmt::format("SELECT {}, pkcs10 FROM dossier_line WHERE id = ? AND dossier = ?", kColumns), {id, dossier}));
  if (!row) return std::optional<Line>();
  return std::optional(KYSO_TRY(read(*row)));
}

Result<std::optional<Line>> find_line(db::Transaction& transaction, std::string_view id) {
  const std::optional<db::Row> row =
      KYSO_TRY(transaction.maybe(fmt::format("SELECT {}, pkcs10 FROM dossier_line WHERE id = ?", kColumns), {id}));
  if (!row) return std::optional<Line>();
  return std::optional(KYSO_TRY(read(*row)));
}

Result<std::vector<Line>> list_lines(db::Transaction& transaction, std::string_view dossier, const LineFilter& filter) {
  std::string sql = fmt::format("SELECT {} FROM dossier_line WHERE dossier = ? AND number > ?", kColumns);
  db::Values values = {dossier, filter.after};
  if (filter.state) {
    sql += " AND state = ?";
    values.emplace_back(name_of(*filter.state));
  }
  if (filter.only_problems) sql += " AND worst <> ''";
  sql += " ORDER BY number LIMIT ?";
  values.emplace_back(filter.limit);
  return read_all(KYSO_TRY(transaction.query(sql, values)));
}

Result<std::vector<Line>> all_lines(db::Transaction& transaction, std::string_view dossier, bool with_pkcs10) {
  return read_all(
      KYSO_TRY(transaction.query(fmt::format("SELECT {}{} FROM dossier_line WHERE dossier = ? ORDER BY number",
                                             kColumns, with_pkcs10 ? ", pkcs10" : ""),
                                 {dossier})));
}

Result<> update_line(db::Transaction& transaction, const Line& line) {
  return update_lines(transaction, {line});
}

Result<> update_lines(db::Transaction& transaction, const std::vector<Line>& lines) {
  std::vector<db::Values> rows;
  rows.reserve(lines.size());
  for (const Line& line : lines) {
    db::Values values = changing_values(line);
    values.emplace_back(line.id);
    values.emplace_back(line.dossier);
    rows.push_back(std::move(values));
  }
  KYSO_TRY(transaction.execute_many(kUpdate, rows));
  return add_words(transaction, lines);
}

Result<> set_pkcs10(db::Transaction& transaction, const Line& line) {
  KYSO_TRY(transaction.execute(
      "UPDATE dossier_line SET pkcs10 = ?, key_sha256 = ?, updated = ?, revision = ? WHERE id = ? AND dossier = ?",
      {line.pkcs10, line.key_sha256, line.updated, line.revision, line.id, line.dossier}));
  return {};
}

Result<> remove_line(db::Transaction& transaction, const Line& line) {
  KYSO_TRY(transaction.execute("DELETE FROM dossier_line WHERE id = ? AND dossier = ?", {line.id, line.dossier}));
  KYSO_TRY(transaction.execute("UPDATE dossier_line SET number = number - 1 WHERE dossier = ? AND number > ?",
                               {line.dossier, line.number}));
  return {};
}

Result<std::vector<std::pair<std::string, std::string>>> waiting_for_population(db::Transaction& transaction,
                                                                                std::size_t limit) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const db::Row& row :
       KYSO_TRY(transaction.query("SELECT l.dossier, l.id FROM dossier_line l JOIN dossier d ON d.id = l.dossier WHERE "
                                  "l.population = 'waiting' "
                                  "AND d.state NOT IN ('completed', 'rejected') ORDER BY l.updated LIMIT ?",
                                  {limit})))
    out.emplace_back(KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<std::string>(1)));
  return out;
}

Result<bool> is_key_used(db::Transaction& transaction, const std::string& key_sha256, const std::string& except_line) {
  const std::optional<db::Row> row = KYSO_TRY(transaction.maybe(
      "SELECT 1 FROM dossier_line l JOIN dossier d ON d.id = l.dossier WHERE l.key_sha256 = ? AND l.key_sha256 <> '' "
      "AND l.id <> ? AND d.state <> 'rejected' LIMIT 1",
      {key_sha256, except_line}));
  return row.has_value();
}

}  // namespace kyso::registry::dossier_store
