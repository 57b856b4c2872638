#include <fmt/format.h>

#include "base/text.h"
#include "registry/dossier/store.h"
#include "registry/dossier/store_support.h"
#include "registry/dossier/words.h"

namespace kyso::registry::dossier_store {
namespace {

constexpr std::string_view kColumns =
    "d.number, d.id, d.code, d.kind, d.state, d.step, d.revision, d.lines_revision, d.organisation, "
    "d.organisation_chain, d.on_behalf_of, d.on_behalf_of_chain, d.delegation, d.central_signing, d.source, d.creator, "
    "d.creator_name, d.creator_email, d.handler, d.handler_name, d.line_count, d.lines_approved, d.lines_returned, "
    "d.lines_issued, d.form, d.created, d.updated, d.submitted, d.resubmitted, d.received, d.due, d.appointment, "
    "d.finished, d.urgent, d.reason, d.request_id, d.request_state, d.hand_over";

Error corrupt(std::string_view what) {
  return fail("db.corrupt", "dossier: {}", what);
}

// Columns in the order of kColumns.
Result<Dossier> read(const db::Row& row) {
  Dossier out;
  std::size_t column = 0;
  const auto text = [&](std::string& to) -> Result<> {
    to = KYSO_TRY(row.get<std::optional<std::string>>(column++)).value_or("");
    return {};
  };
  out.number = KYSO_TRY(row.get<std::int64_t>(column++));
  KYSO_TRY(text(out.id));
  KYSO_TRY(text(out.code));
  std::string kind, state, step;
  KYSO_TRY(text(kind));
  KYSO_TRY(text(state));
  KYSO_TRY(text(step));
  const auto known_kind = dossier_kind_by_code(kind);
  const auto known_state = dossier_state_by_name(state);
  const auto known_step = step_by_name(step);
  if (!known_kind || !known_state || !known_step) return corrupt(out.id);
  out.kind = *known_kind;
  out.state = *known_state;
  out.step = *known_step;
  out.revision = KYSO_TRY(row.get<std::int64_t>(column++));
  out.lines_revision = KYSO_TRY(row.get<std::int64_t>(column++));
  KYSO_TRY(text(out.organisation));
  out.organisation_chain = KYSO_TRY(names_from_json(KYSO_TRY(row.get<std::string_view>(column++))));
  out.on_behalf_of = KYSO_TRY(row.get<std::optional<std::string>>(column++));
  std::string chain;
  KYSO_TRY(text(chain));
  out.on_behalf_of_chain = KYSO_TRY(names_from_json(chain));
  out.delegation = KYSO_TRY(row.get<std::optional<std::string>>(column++));
  out.central_signing = KYSO_TRY(row.get<bool>(column++));
  for (std::string* to : {&out.source, &out.creator, &out.creator_name, &out.creator_email}) KYSO_TRY(text(*to));
  out.handler = KYSO_TRY(row.get<std::optional<std::string>>(column++));
  out.handler_name = KYSO_TRY(row.get<std::optional<std::string>>(column++));
  for (std::int64_t* to : {&out.line_count, &out.lines_approved, &out.lines_returned, &out.lines_issued})
    *to = KYSO_TRY(row.get<std::int64_t>(column++));
  out.form = KYSO_TRY(dossier_form_from_json(KYSO_TRY(json::parse(KYSO_TRY(row.get<std::string_view>(column++))))));
  out.created = KYSO_TRY(row.get<Instant>(column++));
  out.updated = KYSO_TRY(row.get<Instant>(column++));
  for (std::optional<Instant>* to : {&out.submitted, &out.resubmitted, &out.received, &out.due})
    *to = KYSO_TRY(row.get<std::optional<Instant>>(column++));
  KYSO_TRY(text(out.appointment));
  out.finished = KYSO_TRY(row.get<std::optional<Instant>>(column++));
  out.urgent = KYSO_TRY(row.get<Instant>(column++));
  for (std::string* to : {&out.reason, &out.request_id, &out.request_state}) KYSO_TRY(text(*to));
  std::string hand_over;
  KYSO_TRY(text(hand_over));
  if (!hand_over.empty()) out.hand_over = KYSO_TRY(json::parse(hand_over));
  return out;
}

Result<std::vector<Dossier>> read_all(const db::Rows& rows) {
  std::vector<Dossier> out;
  out.reserve(rows.size());
  for (const db::Row& row : rows) out.push_back(KYSO_TRY(read(row)));
  return out;
}

std::optional<std::string> some(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::string folded_number(std::string_view number) {
  std::string folded = fold_case(number);
  std::erase(folded, ' ');
  return folded;
}

std::string count_name(const Dossier& dossier, DossierState state) {
  return fmt::format("dossier/{}/{}", code_of(dossier.kind), name_of(state));
}

Result<> count_state(db::Transaction& transaction, const Dossier& dossier, const std::set<std::string>& scopes,
                     DossierState state, Instant now) {
  KYSO_TRY(count(transaction, scopes, count_name(dossier, state), dossier.number, 1));
  return count(
      transaction, scopes,
      fmt::format("dossier.event/{}/{}/{}", iso8601_vietnam(now).substr(0, 10), code_of(dossier.kind), name_of(state)),
      dossier.number, 1);
}

Result<> insert_scopes(db::Transaction& transaction, const Dossier& dossier, const std::set<std::string>& scopes) {
  std::vector<db::Values> rows;
  for (const std::string& scope : scopes)
    rows.push_back({scope, name_of(box_of(dossier.state)), code_of(dossier.kind), dossier.number});
  return transaction.execute_many("INSERT INTO dossier_scope (scope, box, kind, dossier) VALUES (?, ?, ?, ?)", rows);
}

Result<> add_words(db::Transaction& transaction, const Dossier& dossier) {
  std::string text =
      dossier.form.letter_number + " " + dossier.code.substr(std::min<std::size_t>(36, dossier.code.size()));
  for (const std::string& name : dossier.principal_chain()) text += " " + name;
  std::vector<db::Values> rows;
  for (const std::string& word : words_of(text)) rows.push_back({word, dossier.number});
  return transaction.execute_many("INSERT INTO dossier_word (word, dossier) VALUES (?, ?) ON CONFLICT DO NOTHING",
                                  rows);
}

// The streams of a list: one for each box and kind, each in the order of the index; merged they are the list.
struct Streams {
  std::string sql;
  db::Values values;
};
Streams streams(const DossierFilter& filter, std::int64_t below, std::int64_t from, std::int64_t limit) {
  Streams out;
  for (const Box box : kBoxes) {
    if (filter.box && *filter.box != box) continue;
    for (const DossierKind kind : kDossierKinds) {
      if (filter.kind && *filter.kind != kind) continue;
      if (!out.sql.empty()) out.sql += " UNION ALL ";
      out.sql +=
          "SELECT * FROM (SELECT dossier FROM dossier_scope WHERE scope = ? AND box = ? AND kind = ? AND dossier < ? "
          "AND dossier >= ? ORDER BY dossier DESC LIMIT ?) one";
      for (db::Value value : {db::Value(filter.scope), db::Value(name_of(box)), db::Value(code_of(kind)),
                              db::Value(below), db::Value(from), db::Value(limit)})
        out.values.push_back(std::move(value));
    }
  }
  out.sql = fmt::format("SELECT dossier FROM ({}) several ORDER BY dossier DESC LIMIT ?", out.sql);
  out.values.emplace_back(limit);
  return out;
}

constexpr std::int64_t kBehindAll = INT64_MAX;

// Numbers follow creation, so a time bounds them; clocks of several servers may differ by a little.
Result<std::int64_t> first_created_from(db::Transaction& transaction, Instant time) {
  const std::optional<db::Row> row =
      KYSO_TRY(transaction.maybe("SELECT number FROM dossier WHERE created >= ? ORDER BY created, number LIMIT 1",
                                 {time - std::chrono::minutes(5)}));
  return row ? row->get<std::int64_t>(0) : Result<std::int64_t>(kBehindAll);
}

void add_times(const DossierFilter& filter, std::string& sql, db::Values& values) {
  if (filter.from) {
    sql += " AND d.created >= ?";
    values.emplace_back(*filter.from);
  }
  if (filter.to) {
    sql += " AND d.created < ?";
    values.emplace_back(*filter.to);
  }
}

void add_words_of(const DossierFilter& filter, std::string_view id_column, std::string& sql, db::Values& values) {
  sql += word_conditions("dossier_word", "dossier", id_column, filter.words.size());
  for (const std::string& word : filter.words) {
    values.emplace_back(word);
    values.emplace_back(behind(word));
  }
}

DossierPage cut(std::vector<Dossier> items, std::size_t limit) {
  DossierPage page{std::move(items), std::nullopt};
  if (page.items.size() > limit) {
    page.items.resize(limit);
    page.next = page.items.back().number;
  }
  return page;
}

// The dossiers that `matching` names, newest first.
Result<DossierPage> page_of(db::Transaction& transaction, const std::string& matching, const db::Values& values,
                            std::size_t limit) {
  // The engine must not begin with the wide rows: MATERIALIZED.
  return cut(KYSO_TRY(read_all(KYSO_TRY(transaction.query(
                 fmt::format("WITH m AS MATERIALIZED ({}) SELECT {} FROM m JOIN dossier d ON d.number = m.dossier "
                             "ORDER BY m.dossier DESC",
                             matching, kColumns),
                 values)))),
             limit);
}

void add_box_and_kind(const DossierFilter& filter, std::string& sql, db::Values& values) {
  if (filter.box) {
    sql += " AND s.box = ?";
    values.emplace_back(name_of(*filter.box));
  }
  if (filter.kind) {
    sql += " AND s.kind = ?";
    values.emplace_back(code_of(*filter.kind));
  }
}

// Those that hold a rare word: all of them are looked at.
Result<DossierPage> list_with_word(db::Transaction& transaction, const DossierFilter& filter, const std::string& word) {
  std::string sql =
      "SELECT k.dossier FROM (SELECT DISTINCT dossier FROM dossier_word WHERE word >= ? AND word < ? AND dossier < ?) "
      "k "
      "JOIN dossier_scope s ON s.dossier = k.dossier AND s.scope = ?";
  if (filter.from || filter.to) sql += " JOIN dossier d ON d.number = k.dossier";
  sql += " WHERE 1 = 1";
  db::Values values = {word, behind(word), filter.after.value_or(kBehindAll), filter.scope};
  add_box_and_kind(filter, sql, values);
  add_words_of(filter, "k.dossier", sql, values);
  add_times(filter, sql, values);
  sql += " ORDER BY k.dossier DESC LIMIT ?";
  values.emplace_back(filter.limit + 1);
  return page_of(transaction, sql, values, filter.limit);
}

// What a list goes along, newest first: the scope's own streams, or the dossiers of one letter number or one word.
struct Source {
  bool is_scope = true;
  std::optional<std::string> word;  // else the letter number of the filter
};
Streams source_of(const DossierFilter& filter, const Source& source, std::int64_t below, std::int64_t from,
                  std::int64_t limit) {
  if (source.is_scope) return streams(filter, below, from, limit);
  if (source.word)
    return {
        "SELECT DISTINCT dossier FROM dossier_word WHERE word >= ? AND word < ? AND dossier < ? AND dossier >= ? "
        "ORDER BY dossier DESC LIMIT ?",
        {*source.word, behind(*source.word), below, from, limit}};
  return {
      "SELECT number AS dossier FROM dossier WHERE letter_number_folded = ? AND letter_number_folded <> '' "
      "AND number < ? AND number >= ? ORDER BY number DESC LIMIT ?",
      {folded_number(filter.letter_number), below, from, limit}};
}

// One portion of it.
struct Portion {
  DossierPage page;
  bool is_end = false;  // nothing lies behind it
};
Result<Portion> walk_portion(db::Transaction& transaction, const DossierFilter& filter, const Source& source,
                             std::int64_t below, std::int64_t from, std::int64_t steps) {
  const Streams walked = source_of(filter, source, below, from, steps);
  std::string sql = fmt::format("SELECT a.dossier FROM ({}) a", walked.sql);
  db::Values values = walked.values;
  if (filter.from || filter.to) sql += " JOIN dossier d ON d.number = a.dossier";
  sql += " WHERE 1 = 1";
  if (!source.is_scope) {
    sql += " AND EXISTS (SELECT 1 FROM dossier_scope s WHERE s.dossier = a.dossier AND s.scope = ?";
    values.emplace_back(filter.scope);
    add_box_and_kind(filter, sql, values);
    sql += ")";
  }
  add_words_of(filter, "a.dossier", sql, values);
  add_times(filter, sql, values);
  sql += " ORDER BY a.dossier DESC LIMIT ?";
  values.emplace_back(filter.limit + 1);
  Portion out{KYSO_TRY(page_of(transaction, sql, values, filter.limit)), false};
  if (out.page.next) return out;
  const db::Row end = KYSO_TRY(transaction.one(
      fmt::format("SELECT COUNT(*), COALESCE(MIN(dossier), 0) FROM ({}) a", walked.sql), walked.values));
  out.is_end = KYSO_TRY(end.get<std::int64_t>(0)) < steps;
  if (!out.is_end) out.page.next = KYSO_TRY(end.get<std::int64_t>(1));
  return out;
}

// At most kMaxWalk dossiers are looked at. First a small portion: where much fits, or the scope is small, it is enough.
// Then along whatever names fewest: a word that is not too common, or the scope.
Result<DossierPage> list_along(db::Transaction& transaction, const DossierFilter& filter) {
  const std::int64_t from = filter.from ? KYSO_TRY(first_created_from(transaction, *filter.from)) : 0;
  std::int64_t below = filter.after.value_or(kBehindAll);
  if (filter.to) {
    const std::int64_t end = KYSO_TRY(first_created_from(transaction, *filter.to + std::chrono::minutes(10)));
    below = std::min(below, end);
  }
  Source source{filter.letter_number.empty(), std::nullopt};
  const auto first = static_cast<std::int64_t>(filter.limit) + 1;
  Portion portion = KYSO_TRY(walk_portion(transaction, filter, source, below, from, first * kFirstPortion));
  if (portion.page.items.size() >= filter.limit || portion.is_end) return std::move(portion.page);
  if (source.is_scope && !filter.words.empty()) {
    const Streams scope = streams(filter, below, from, kMaxWalk);
    const db::Row size = KYSO_TRY(transaction.one(fmt::format("SELECT COUNT(*) FROM ({}) a", scope.sql), scope.values));
    if (KYSO_TRY(size.get<std::int64_t>(0)) >= kMaxWalk)
      source.word = KYSO_TRY(rare_word(transaction, "dossier_word", filter.words, kMaxPostings));
    source.is_scope = !source.word;
  }
  return KYSO_TRY(walk_portion(transaction, filter, source, below, from, kMaxWalk)).page;
}

}  // namespace

Result<std::string> next_code(db::Transaction& transaction, const std::string& organisation, Instant now) {
  const CivilTime time = vietnam_time(now);
  const std::string day = fmt::format("{:02}{:02}{:02}", time.year % 100, time.month, time.day);
  const db::Row row = KYSO_TRY(
      transaction.one("INSERT INTO dossier_code (organisation, day, last) VALUES (?, ?, 1) "
                      "ON CONFLICT (organisation, day) DO UPDATE SET last = dossier_code.last + 1 RETURNING last",
                      {organisation, day}));
  return fmt::format("{}-{}-{:04}", organisation, day, KYSO_TRY(row.get<std::int64_t>(0)));
}

Result<> insert(db::Transaction& transaction, Dossier& dossier, const std::set<std::string>& scopes) {
  const db::Row row = KYSO_TRY(transaction.one(
      "INSERT INTO dossier (id, code, kind, state, step, revision, lines_revision, organisation, organisation_chain, "
      "on_behalf_of, on_behalf_of_chain, delegation, central_signing, source, creator, creator_name, creator_email, "
      "stated_count, line_count, lines_approved, lines_returned, lines_issued, letter_number, letter_number_folded, "
      "letter_subject, letter_date, form, created, updated, urgent) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "RETURNING number",
      {dossier.id,
       dossier.code,
       code_of(dossier.kind),
       name_of(dossier.state),
       name_of(dossier.step),
       dossier.revision,
       dossier.lines_revision,
       dossier.organisation,
       stored_json(names_to_json(dossier.organisation_chain)),
       dossier.on_behalf_of,
       stored_json(names_to_json(dossier.on_behalf_of_chain)),
       dossier.delegation,
       dossier.central_signing,
       dossier.source,
       dossier.creator,
       dossier.creator_name,
       dossier.creator_email,
       dossier.form.stated_count,
       dossier.line_count,
       dossier.lines_approved,
       dossier.lines_returned,
       dossier.lines_issued,
       dossier.form.letter_number,
       folded_number(dossier.form.letter_number),
       dossier.form.letter_subject,
       dossier.form.letter_date,
       stored_json(to_json(dossier.form)),
       dossier.created,
       dossier.updated,
       dossier.urgent}));
  dossier.number = KYSO_TRY(row.get<std::int64_t>(0));
  std::set<std::string> all = scopes;
  all.insert("");
  KYSO_TRY(insert_scopes(transaction, dossier, all));
  KYSO_TRY(add_words(transaction, dossier));
  return count_state(transaction, dossier, all, dossier.state, dossier.created);
}

Result<std::optional<Dossier>> find(db::Transaction& transaction, std::string_view id) {
  const std::optional<db::Row> row =
      KYSO_TRY(transaction.maybe(fmt::format("SELECT {} FROM dossier d WHERE d.id = ?", kColumns), {id}));
  if (!row) return std::optional<Dossier>();
  return std::optional(KYSO_TRY(read(*row)));
}

Result<std::optional<Dossier>> find_by_request(db::Transaction& transaction, std::string_view request_id) {
  const std::optional<db::Row> row = KYSO_TRY(transaction.maybe(
      fmt::format("SELECT {} FROM dossier d WHERE d.request_id = ? ORDER BY d.number DESC LIMIT 1", kColumns),
      {request_id}));
  if (!row) return std::optional<Dossier>();
  return std::optional(KYSO_TRY(read(*row)));
}

Result<> update(db::Transaction& transaction, Dossier& dossier, Instant now) {
  const std::optional<db::Row> row = KYSO_TRY(transaction.maybe(
      "SELECT state, letter_number FROM dossier WHERE id = ? AND revision = ?", {dossier.id, dossier.revision}));
  if (!row) return fail("registry.dossier.changed");
  const std::optional<DossierState> before = dossier_state_by_name(KYSO_TRY(row->get<std::string_view>(0)));
  if (!before) return corrupt(dossier.id);
  const bool has_new_number = KYSO_TRY(row->get<std::string_view>(1)) != dossier.form.letter_number;
  dossier.updated = now;
  const std::int64_t changed = KYSO_TRY(transaction.execute(
      "UPDATE dossier SET state = ?, step = ?, revision = revision + 1, lines_revision = ?, handler = ?, "
      "handler_name = ?, stated_count = ?, line_count = ?, lines_approved = ?, lines_returned = ?, lines_issued = ?, "
      "letter_number = ?, letter_number_folded = ?, letter_subject = ?, letter_date = ?, form = ?, updated = ?, "
      "submitted = ?, resubmitted = ?, received = ?, due = ?, appointment = ?, finished = ?, urgent = ?, reason = ?, "
      "request_id = ?, request_state = ?, hand_over = ? WHERE id = ? AND revision = ?",
      {name_of(dossier.state),
       name_of(dossier.step),
       dossier.lines_revision,
       dossier.handler,
       dossier.handler_name,
       dossier.form.stated_count,
       dossier.line_count,
       dossier.lines_approved,
       dossier.lines_returned,
       dossier.lines_issued,
       dossier.form.letter_number,
       folded_number(dossier.form.letter_number),
       dossier.form.letter_subject,
       dossier.form.letter_date,
       stored_json(to_json(dossier.form)),
       now,
       dossier.submitted,
       dossier.resubmitted,
       dossier.received,
       dossier.due,
       some(dossier.appointment),
       dossier.finished,
       dossier.urgent,
       some(dossier.reason),
       some(dossier.request_id),
       some(dossier.request_state),
       dossier.hand_over.is_null() ? db::Value() : db::Value(stored_json(dossier.hand_over)),
       dossier.id,
       dossier.revision}));
  if (changed != 1) return fail("registry.dossier.changed");
  ++dossier.revision;
  if (has_new_number) KYSO_TRY(add_words(transaction, dossier));
  if (*before == dossier.state) return {};
  const std::set<std::string> scopes = KYSO_TRY(scopes_of(transaction, "dossier_scope", "dossier", dossier.number));
  KYSO_TRY(count(transaction, scopes, count_name(dossier, *before), dossier.number, -1));
  KYSO_TRY(count_state(transaction, dossier, scopes, dossier.state, now));
  if (box_of(*before) != box_of(dossier.state))
    KYSO_TRY(transaction.execute("UPDATE dossier_scope SET box = ? WHERE dossier = ?",
                                 {name_of(box_of(dossier.state)), dossier.number}));
  return {};
}

Result<> remove(db::Transaction& transaction, const Dossier& dossier) {
  const std::set<std::string> scopes = KYSO_TRY(scopes_of(transaction, "dossier_scope", "dossier", dossier.number));
  const std::int64_t removed = KYSO_TRY(
      transaction.execute("DELETE FROM dossier WHERE id = ? AND revision = ?", {dossier.id, dossier.revision}));
  if (removed != 1) return fail("registry.dossier.changed");
  KYSO_TRY(transaction.execute("DELETE FROM dossier_scope WHERE dossier = ?", {dossier.number}));
  KYSO_TRY(transaction.execute("DELETE FROM dossier_word WHERE dossier = ?", {dossier.number}));
  return count(transaction, scopes, count_name(dossier, dossier.state), dossier.number, -1);
}

Result<bool> is_visible(db::Transaction& transaction, const Dossier& dossier, std::string_view scope) {
  const std::optional<db::Row> row =
      KYSO_TRY(transaction.maybe("SELECT 1 FROM dossier_scope WHERE scope = ? AND box = ? AND kind = ? AND dossier = ?",
                                 {scope, name_of(box_of(dossier.state)), code_of(dossier.kind), dossier.number}));
  return row.has_value();
}

Result<> set_scopes(db::Transaction& transaction, const Dossier& dossier, const std::set<std::string>& scopes) {
  std::set<std::string> all = scopes;
  all.insert("");
  const std::set<std::string> before = KYSO_TRY(scopes_of(transaction, "dossier_scope", "dossier", dossier.number));
  if (before == all) return {};
  KYSO_TRY(transaction.execute("DELETE FROM dossier_scope WHERE dossier = ?", {dossier.number}));
  KYSO_TRY(count(transaction, before, count_name(dossier, dossier.state), dossier.number, -1));
  KYSO_TRY(insert_scopes(transaction, dossier, all));
  return count(transaction, all, count_name(dossier, dossier.state), dossier.number, 1);
}

Result<std::vector<Dossier>> of_organisation(db::Transaction& transaction, const std::string& organisation,
                                             std::int64_t after, std::size_t limit) {
  return read_all(KYSO_TRY(transaction.query(
      fmt::format("SELECT {} FROM dossier d WHERE d.number IN ({} UNION {}) ORDER BY d.number LIMIT ?", kColumns,
                  "SELECT number FROM (SELECT number FROM dossier WHERE organisation = ? AND number > ? ORDER BY "
                  "number LIMIT ?) a",
                  "SELECT number FROM (SELECT number FROM dossier WHERE on_behalf_of = ? AND number > ? ORDER BY "
                  "number LIMIT ?) b"),
      {organisation, after, limit, organisation, after, limit, limit})));
}

Result<DossierPage> list(db::Transaction& transaction, const DossierFilter& filter) {
  if (!filter.words.empty() && filter.letter_number.empty())
    if (const std::optional<std::string> word =
            KYSO_TRY(rare_word(transaction, "dossier_word", filter.words, kMaxWalk)))
      return list_with_word(transaction, filter, *word);
  return list_along(transaction, filter);
}

Result<std::vector<Dossier>> queue(db::Transaction& transaction, const QueueFilter& filter) {
  std::string sql = fmt::format("SELECT {} FROM dossier d WHERE d.state = ?", kColumns);
  db::Values values = {name_of(filter.state)};
  if (filter.step) {
    sql += " AND d.step = ?";
    values.emplace_back(name_of(*filter.step));
  }
  if (filter.handler) {
    sql += " AND d.handler = ?";
    values.emplace_back(*filter.handler);
  }
  if (filter.due_before) {
    sql += " AND d.due < ?";
    values.emplace_back(*filter.due_before);
  }
  if (filter.after) {
    sql += " AND (d.urgent, d.number) > (?, ?)";
    values.emplace_back(filter.after->first);
    values.emplace_back(filter.after->second);
  }
  sql += " ORDER BY d.urgent, d.number LIMIT ?";
  values.emplace_back(filter.limit);
  return read_all(KYSO_TRY(transaction.query(sql, values)));
}

Result<std::vector<Dossier>> submitted_by_letter(db::Transaction& transaction, std::string_view organisation,
                                                 std::string_view number, std::string_view day, std::size_t limit) {
  // The second condition lets the engine use the partial index.
  return read_all(KYSO_TRY(transaction.query(
      fmt::format("SELECT {} FROM dossier d WHERE d.letter_number_folded = ? AND d.letter_number_folded <> '' AND "
                  "d.letter_date = ? AND (d.organisation = ? OR d.on_behalf_of = ?) AND d.submitted IS NOT NULL "
                  "ORDER BY d.number DESC LIMIT ?",
                  kColumns),
      {folded_number(number), day, organisation, organisation, limit})));
}

}  // namespace kyso::registry::dossier_store
