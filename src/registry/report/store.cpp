#include "registry/report/store.h"

#include <fmt/format.h>

#include <unordered_map>

#include "registry/dossier/model.h"
#include "registry/dossier/store.h"
#include "registry/dossier/store_support.h"
#include "registry/dossier/words.h"

namespace kyso::registry::report_store {
namespace {

constexpr std::string_view kEvent = "dossier.event/";        // <day>/<kind>/<state>
constexpr std::string_view kMonth = "dossier.month/";        // <month>/<kind>/<state>: sums of dossier.event
constexpr std::string_view kGood = "certificate/good/";      // <kind>/<device>
constexpr std::string_view kExpiry = "certificate.expiry/";  // <day>
using std::chrono::seconds;
using std::chrono::sys_days;

constexpr std::size_t kScopesAtOnce = 200;
const std::string kFinishedCursor = "finished";

// Everything of a counter from the first to the last day.
std::pair<std::string, std::string> range_of(std::string_view prefix, const Period& period) {
  return {fmt::format("{}{}", prefix, iso_day(period.first)),
          behind(fmt::format("{}{}", prefix, iso_day(period.last)))};
}

std::string marks(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += i == 0 ? "?" : ", ?";
  return out;
}

// `query` for pieces of the scopes; each row is (scope, …).
template <typename Query, typename Each>
Result<> in_pieces(const std::vector<std::string>& scopes, const Query& query, const Each& each) {
  for (std::size_t at = 0; at < scopes.size(); at += kScopesAtOnce) {
    const std::size_t end = std::min(scopes.size(), at + kScopesAtOnce);
    const std::vector<std::string> piece(scopes.begin() + static_cast<std::ptrdiff_t>(at),
                                         scopes.begin() + static_cast<std::ptrdiff_t>(end));
    for (const db::Row& row : KYSO_TRY(query(piece))) KYSO_TRY(each(row));
  }
  return {};
}

// Where the sums of whole months end for a scope: the first day that is in none.
std::string summed_name(std::string_view scope) {
  return fmt::format("summed/{}", scope);
}
Result<std::map<std::string, sys_days>> summed_until(db::Transaction& transaction) {
  std::map<std::string, sys_days> out;
  const std::string prefix = summed_name("");
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT name, value FROM report_cursor WHERE name >= ? AND name < ?", {prefix, behind(prefix)})))
    out[KYSO_TRY(row.get<std::string>(0)).substr(prefix.size())] =
        sys_days(std::chrono::days(KYSO_TRY(row.get<std::int64_t>(1))));
  return out;
}

// The ranges of counters that make up a period: whole months where they are summed up, days at its ends.
using Ranges = std::vector<std::pair<std::string, std::string>>;
struct Ways {
  Ranges days, months;
};
Ways ways_of(const Period& period, sys_days summed) {
  const sys_days begin = start_of(Unit::month, period.first);
  const sys_days first = begin == period.first ? begin : next_of(Unit::month, begin);
  const sys_days end = std::min(start_of(Unit::month, period.last + std::chrono::days(1)), summed);
  Ways out;
  if (first >= end) {
    out.days.push_back(range_of(kEvent, period));
    return out;
  }
  out.months.emplace_back(fmt::format("{}{}", kMonth, iso_day(first).substr(0, 7)),
                          fmt::format("{}{}", kMonth, iso_day(end).substr(0, 7)));
  if (period.first < first) out.days.push_back(range_of(kEvent, {period.first, first - std::chrono::days(1)}));
  if (end <= period.last) out.days.push_back(range_of(kEvent, {end, period.last}));
  return out;
}

// Rows (scope, time, kind, state, value) of these ranges. "dossier.event/2026-11-20/01/submitted": the time begins at
// 15, the kind at 26, the state at 29; "dossier.month/2026-11/01/submitted": at 15, 23 and 26.
struct Query {
  std::string sql;
  db::Values values;
};
Query rows_of(const std::vector<std::string>& scopes, const Ways& ways, std::size_t letters) {
  Query out;
  const auto add = [&](const Ranges& ranges, int kind, int state) {
    for (const auto& [from, to] : ranges) {
      out.sql += fmt::format(
          "{}SELECT scope, SUBSTR(what, 15, {}) AS at, SUBSTR(what, {}, 2) AS kind, SUBSTR(what, {}) AS state, value "
          "FROM registry_count WHERE scope IN ({}) AND what >= ? AND what < ?",
          out.sql.empty() ? "" : " UNION ALL ", letters, kind, state, marks(scopes.size()));
      out.values.insert(out.values.end(), scopes.begin(), scopes.end());
      out.values.emplace_back(from);
      out.values.emplace_back(to);
    }
  };
  add(ways.months, 23, 26);
  add(ways.days, 26, 29);
  return out;
}

// Rows (kind, handler, quarters, is_late): from report_finished, and from the dossiers themselves what finished behind
// the place up to which that is filled.
Result<Query> all_finished(db::Transaction& transaction, std::string_view scope, Instant from, Instant to) {
  Query out;
  out.sql =
      "SELECT kind, handler, quarters, is_late FROM report_finished WHERE scope = ? AND finished >= ? AND finished < ?";
  out.values = {scope, from, to};
  const std::optional<Cursor> filled = KYSO_TRY(cursor(transaction, kFinishedCursor));
  const Instant live = filled ? std::max(from, Instant(seconds(filled->value + 1))) : from;
  if (live >= to) return out;
  // The limit keeps the engine from beginning with the scope, which may be long, in place of what is new.
  out.sql += fmt::format(
      " UNION ALL SELECT d.kind, COALESCE(d.handler, ''), (d.finished - d.received + 899) / 900, "
      "CASE WHEN d.finished > d.due THEN 1 ELSE 0 END FROM (SELECT * FROM dossier WHERE finished >= ? AND "
      "finished < ? AND received IS NOT NULL ORDER BY finished LIMIT {}) d",
      INT64_MAX);
  out.values.emplace_back(live);
  out.values.emplace_back(to);
  if (scope.empty()) return out;
  out.sql +=
      " WHERE EXISTS (SELECT 1 FROM dossier_scope s WHERE s.scope = ? AND s.box = 'finished' AND s.kind = d.kind AND "
      "s.dossier = d.number)";
  out.values.emplace_back(scope);
  return out;
}

}  // namespace

Result<std::vector<EventCount>> events(db::Transaction& transaction, std::string_view scope, const Period& period,
                                       std::size_t letters) {
  sys_days summed{};
  if (letters <= 7)
    if (const auto known = KYSO_TRY(cursor(transaction, summed_name(scope))))
      summed = sys_days(std::chrono::days(known->value));
  const Query rows = rows_of({std::string(scope)}, ways_of(period, summed), letters);
  std::vector<EventCount> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           fmt::format(
               "SELECT at, kind, state, CAST(SUM(value) AS BIGINT) FROM ({}) r GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
               rows.sql),
           rows.values)))
    out.push_back({KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<std::string>(1)),
                   KYSO_TRY(row.get<std::string>(2)), KYSO_TRY(row.get<std::int64_t>(3))});
  return out;
}

Result<std::map<std::string, ByState>> events_of(db::Transaction& transaction, const std::vector<std::string>& scopes,
                                                 const Period& period) {
  const auto summed = KYSO_TRY(summed_until(transaction));
  std::map<sys_days, std::vector<std::string>> groups;  // those whose months are summed up to the same day
  for (const std::string& scope : scopes) {
    const auto known = summed.find(scope);
    groups[known == summed.end() ? sys_days() : known->second].push_back(scope);
  }
  std::map<std::string, ByState> out;
  for (const auto& [until, some] : groups) {
    const Ways ways = ways_of(period, until);
    KYSO_TRY(in_pieces(
        some,
        [&](const std::vector<std::string>& piece) {
          const Query rows = rows_of(piece, ways, 0);
          return transaction.query(
              fmt::format("SELECT scope, state, CAST(SUM(value) AS BIGINT) FROM ({}) r GROUP BY 1, 2", rows.sql),
              rows.values);
        },
        [&](const db::Row& row) -> Result<> {
          out[KYSO_TRY(row.get<std::string>(0))][KYSO_TRY(row.get<std::string>(1))] +=
              KYSO_TRY(row.get<std::int64_t>(2));
          return {};
        }));
  }
  return out;
}

Result<std::int64_t> valid_certificates(db::Transaction& transaction, std::string_view scope, sys_days today) {
  // Every good certificate is counted at the day of its end.
  return dossier_store::count_between(transaction, scope, fmt::format("{}{}", kExpiry, iso_day(today)),
                                      behind(kExpiry));
}

Result<std::map<std::string, std::int64_t>> good_certificates(db::Transaction& transaction,
                                                              const std::vector<std::string>& scopes) {
  std::map<std::string, std::int64_t> out;
  KYSO_TRY(in_pieces(
      scopes,
      [&](const std::vector<std::string>& piece) {
        db::Values values(piece.begin(), piece.end());
        values.emplace_back(kGood);
        values.emplace_back(behind(kGood));
        return transaction.query(fmt::format("SELECT scope, CAST(SUM(value) AS BIGINT) FROM registry_count "
                                             "WHERE scope IN ({}) AND what >= ? AND what < ? GROUP BY scope",
                                             marks(piece.size())),
                                 values);
      },
      [&](const db::Row& row) -> Result<> {
        out[KYSO_TRY(row.get<std::string>(0))] = KYSO_TRY(row.get<std::int64_t>(1));
        return {};
      }));
  return out;
}

Result<std::map<std::string, std::int64_t>> expiries(db::Transaction& transaction, std::string_view scope,
                                                     const Period& period, std::size_t letters) {
  const auto [from, to] = range_of(kExpiry, period);
  std::map<std::string, std::int64_t> out;
  for (const db::Row& row : KYSO_TRY(
           transaction.query(fmt::format("SELECT SUBSTR(what, 20, {}), CAST(SUM(value) AS BIGINT) FROM registry_count "
                                         "WHERE scope = ? AND what >= ? AND what < ? GROUP BY 1",
                                         letters),
                             {scope, from, to})))
    out[KYSO_TRY(row.get<std::string>(0))] = KYSO_TRY(row.get<std::int64_t>(1));
  return out;
}

Result<std::int64_t> overdue(db::Transaction& transaction, std::string_view scope, Instant now, std::int64_t most) {
  std::string sql = "SELECT 1 FROM dossier d WHERE d.state = 'processing' AND d.due < ?";
  db::Values values = {now};
  if (!scope.empty()) {
    sql +=
        " AND EXISTS (SELECT 1 FROM dossier_scope s WHERE s.scope = ? AND s.box = 'submitted' AND s.kind = d.kind AND "
        "s.dossier = d.number)";
    values.emplace_back(scope);
  }
  values.emplace_back(most);
  const db::Row row = KYSO_TRY(transaction.one(fmt::format("SELECT COUNT(*) FROM ({} LIMIT ?) found", sql), values));
  return row.get<std::int64_t>(0);
}

Result<std::vector<FinishedCount>> finished(db::Transaction& transaction, std::string_view scope, Instant from,
                                            Instant to) {
  // Counted here: the engine, which does not know how many there are, would sort them by all of these columns.
  const Query all = KYSO_TRY(all_finished(transaction, scope, from, to));
  std::map<std::string, std::unordered_map<std::int64_t, std::int64_t>, std::less<>> counts;
  KYSO_TRY(transaction.for_each(
      fmt::format("SELECT handler, (quarters * 2 + is_late) * 10 + CAST(kind AS BIGINT) FROM ({}) f", all.sql),
      all.values, [&](const db::Row& row) -> Result<bool> {
        const std::string_view handler = KYSO_TRY(row.get<std::string_view>(0));
        auto found = counts.find(handler);
        if (found == counts.end()) found = counts.try_emplace(std::string(handler)).first;
        ++found->second[KYSO_TRY(row.get<std::int64_t>(1))];
        return true;
      }));
  std::vector<FinishedCount> out;
  for (const auto& [handler, codes] : counts)
    for (const auto& [code, count] : codes)
      out.push_back({fmt::format("{:02}", code % 10), handler, code / 10 % 2 == 1, code / 20, count});
  return out;
}

Result<std::string> handler_name(db::Transaction& transaction, std::string_view handler) {
  const std::optional<db::Row> row = KYSO_TRY(
      transaction.maybe("SELECT COALESCE(handler_name, '') FROM dossier WHERE handler = ? AND handler IS NOT NULL "
                        "ORDER BY state DESC, urgent DESC, number DESC LIMIT 1",
                        {handler}));
  return row ? row->get<std::string>(0) : Result<std::string>(std::string());
}

Result<InTime> finished_in_time(db::Transaction& transaction, std::string_view scope, Instant from, Instant to) {
  const Query all = KYSO_TRY(all_finished(transaction, scope, from, to));
  const db::Row row = KYSO_TRY(transaction.one(
      fmt::format("SELECT COUNT(*), CAST(COALESCE(SUM(is_late), 0) AS BIGINT) FROM ({}) f", all.sql), all.values));
  return InTime{KYSO_TRY(row.get<std::int64_t>(0)), KYSO_TRY(row.get<std::int64_t>(1))};
}

Result<bool> follow_finished(db::Transaction& transaction, Instant until, std::size_t limit) {
  const std::optional<Cursor> before = KYSO_TRY(cursor(transaction, kFinishedCursor));
  const std::int64_t from = before ? before->value : INT64_MIN;
  const std::int64_t last = until.time_since_epoch().count();
  if (from >= last) return false;
  const db::Row row = KYSO_TRY(transaction.one(
      "SELECT COUNT(*), MAX(finished) FROM (SELECT finished FROM dossier WHERE finished > ? AND finished <= ? "
      "ORDER BY finished LIMIT ?) found",
      {from, last, limit}));
  const bool is_cut = KYSO_TRY(row.get<std::int64_t>(0)) >= static_cast<std::int64_t>(limit);
  // All of the last second belong to it: the place is a time.
  const std::int64_t to = is_cut ? KYSO_TRY(row.get<std::int64_t>(1)) : last;
  KYSO_TRY(
      transaction.execute("INSERT INTO report_finished (scope, finished, dossier, kind, handler, quarters, is_late) "
                          "SELECT s.scope, d.finished, d.number, d.kind, COALESCE(d.handler, ''), "
                          "(d.finished - d.received + 899) / 900, CASE WHEN d.finished > d.due THEN 1 ELSE 0 END "
                          "FROM dossier d JOIN dossier_scope s ON s.dossier = d.number "
                          "WHERE d.finished > ? AND d.finished <= ? AND d.received IS NOT NULL ON CONFLICT DO NOTHING",
                          {from, to}));
  KYSO_TRY(set_cursor(transaction, kFinishedCursor, {to, 0}));
  return is_cut;
}

Result<std::vector<sys_days>> months_to_fold(db::Transaction& transaction, std::string_view scope) {
  std::set<sys_days> out;
  for (const std::string_view prefix : {kEvent, kExpiry})
    for (const db::Row& row : KYSO_TRY(transaction.query(
             fmt::format("SELECT DISTINCT SUBSTR(what, {}, 7) FROM registry_count WHERE scope = ? AND what >= ? AND "
                         "what < ? AND shard > 0",
                         prefix.size() + 1),
             {scope, prefix, behind(prefix)}))) {
      out.insert(KYSO_TRY(read_day(KYSO_TRY(row.get<std::string>(0)) + "-01", "month")));
    }
  return std::vector<sys_days>(out.begin(), out.end());
}

Result<> fold(db::Transaction& transaction, std::string_view scope, sys_days month) {
  const Period period{month, next_of(Unit::month, month) - std::chrono::days(1)};
  std::vector<db::Values> sums, names;
  for (const std::string_view prefix : {kEvent, kExpiry}) {
    const auto [from, to] = range_of(prefix, period);
    for (const db::Row& row :
         KYSO_TRY(transaction.query("SELECT what, CAST(SUM(value) AS BIGINT) FROM registry_count WHERE scope = ? AND "
                                    "what >= ? AND what < ? GROUP BY what HAVING MAX(shard) > 0",
                                    {scope, from, to}))) {
      sums.push_back({scope, KYSO_TRY(row.get<std::string>(0)), 0, KYSO_TRY(row.get<std::int64_t>(1))});
      names.push_back({sums.back()[0], sums.back()[1]});
    }
  }
  KYSO_TRY(transaction.execute_many("DELETE FROM registry_count WHERE scope = ? AND what = ?", names));
  return transaction.execute_many("INSERT INTO registry_count (scope, what, shard, value) VALUES (?, ?, ?, ?)", sums);
}

Result<std::optional<sys_days>> month_to_sum_up(db::Transaction& transaction, std::string_view scope) {
  if (const auto known = KYSO_TRY(cursor(transaction, summed_name(scope))))
    return std::optional(sys_days(std::chrono::days(known->value)));
  const db::Row first =
      KYSO_TRY(transaction.one("SELECT MIN(what) FROM registry_count WHERE scope = ? AND what >= ? AND what < ?",
                               {scope, kEvent, behind(kEvent)}));
  const auto what = KYSO_TRY(first.get<std::optional<std::string>>(0));
  if (!what) return std::optional<sys_days>();
  return std::optional(KYSO_TRY(read_day(what->substr(kEvent.size(), 7) + "-01", "month")));
}

Result<> sum_up(db::Transaction& transaction, std::string_view scope, sys_days month) {
  const Period period{month, next_of(Unit::month, month) - std::chrono::days(1)};
  std::vector<db::Values> sums;
  const Ways days{{range_of(kEvent, period)}, {}};
  const Query rows = rows_of({std::string(scope)}, days, 0);
  for (const db::Row& row : KYSO_TRY(transaction.query(
           fmt::format("SELECT kind, state, CAST(SUM(value) AS BIGINT) FROM ({}) r GROUP BY 1, 2", rows.sql),
           rows.values)))
    sums.push_back({scope,
                    fmt::format("{}{}/{}/{}", kMonth, iso_day(month).substr(0, 7), KYSO_TRY(row.get<std::string>(0)),
                                KYSO_TRY(row.get<std::string>(1))),
                    0, KYSO_TRY(row.get<std::int64_t>(2))});
  // First the cursor: of two processes one must begin anew, not find its sums there already.
  KYSO_TRY(set_cursor(transaction, summed_name(scope), {(next_of(Unit::month, month).time_since_epoch()).count(), 0}));
  return transaction.execute_many("INSERT INTO registry_count (scope, what, shard, value) VALUES (?, ?, ?, ?)", sums);
}

Result<std::vector<std::string>> wide_scopes(db::Transaction& transaction) {
  std::vector<std::string> out = {""};
  for (const db::Row& row :
       KYSO_TRY(transaction.query("SELECT DISTINCT organisation FROM organisation_version WHERE level <= 2")))
    out.push_back(KYSO_TRY(row.get<std::string>(0)));
  return out;
}

Result<std::optional<Cursor>> cursor(db::Transaction& transaction, std::string_view name) {
  const std::optional<db::Row> row =
      KYSO_TRY(transaction.maybe("SELECT value, number FROM report_cursor WHERE name = ?", {name}));
  if (!row) return std::optional<Cursor>();
  return std::optional(Cursor{KYSO_TRY(row->get<std::int64_t>(0)), KYSO_TRY(row->get<std::int64_t>(1))});
}

Result<> set_cursor(db::Transaction& transaction, std::string_view name, const Cursor& cursor) {
  KYSO_TRY(
      transaction.execute("INSERT INTO report_cursor (name, value, number) VALUES (?, ?, ?) "
                          "ON CONFLICT (name) DO UPDATE SET value = excluded.value, number = excluded.number",
                          {name, cursor.value, cursor.number}));
  return {};
}

Result<std::vector<Ending>> ending(db::Transaction& transaction, const Cursor& behind, Instant to, std::size_t limit) {
  std::vector<Ending> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT c.number, c.serial, c.issuer, c.kind, c.name, c.email, c.organisation, c.organisation_chain, "
           "c.replaced_by, c.not_after FROM certificate_scope s JOIN subscriber_certificate c ON c.number = "
           "s.certificate WHERE s.scope = '' AND (s.not_after, s.certificate) > (?, ?) AND s.not_after < ? "
           "AND s.state = 'good' ORDER BY s.not_after, s.certificate LIMIT ?",
           {behind.value, behind.number, to, limit}))) {
    Ending one;
    one.number = KYSO_TRY(row.get<std::int64_t>(0));
    std::size_t column = 1;
    std::string chain;
    for (std::string* text :
         {&one.serial, &one.issuer, &one.kind, &one.name, &one.email, &one.organisation, &chain, &one.replaced_by})
      *text = KYSO_TRY(row.get<std::string>(column++));
    const std::vector<std::string> names = KYSO_TRY(names_from_json(chain));
    if (!names.empty()) one.organisation_name = names.back();
    one.not_after = KYSO_TRY(row.get<Instant>(column));
    out.push_back(std::move(one));
  }
  return out;
}

Result<std::vector<Person>> clerks_of(db::Transaction& transaction, std::string_view organisation) {
  std::vector<Person> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT a.email, a.name, a.language FROM account a JOIN account_role r ON r.account = a.id AND r.role = "
           "'clerk' WHERE a.organisation = ? AND a.state = 'active' ORDER BY a.created, a.id",
           {organisation})))
    out.push_back(
        {KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<std::string>(1)), KYSO_TRY(row.get<std::string>(2))});
  return out;
}

}  // namespace kyso::registry::report_store
