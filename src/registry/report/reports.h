#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "db/database.h"
#include "json/json.h"
#include "registry/report/period.h"
#include "registry/web/caller.h"

// Figures and tables. They come from counters that are kept while things change, from report_finished, and from lists
// that indexes lead along: nothing is counted row by row.
namespace kyso::registry {

// What a caller may see: the own organisation with those below it; officers see everything. With `wanted`, that
// organisation of these: registry.organisation.missing when it is none, or lies outside.
struct ReportScope {
  std::string id;        // "": everything
  std::string name;      // of the organisation, or empty
  bool of_desk = false;  // who asks works for the authority
};
Result<ReportScope> report_scope(db::Transaction& transaction, const Caller& caller,
                                 const std::optional<std::string>& wanted, Instant now);

// Schema Dashboard.
Result<json::Value> dashboard(db::Transaction& transaction, const ReportScope& scope, Instant now);

enum class ReportKind : std::uint8_t { by_time, by_organisation, by_kind, by_device, expiring, sla };
std::optional<ReportKind> report_by_name(std::string_view name);
std::string_view name_of(ReportKind kind);

struct ReportQuery {
  ReportKind kind = ReportKind::by_time;
  Period period{};
  Unit unit = Unit::month;
  bool is_english = false;
  std::size_t max_rows = 200;  // of lists of certificates
};
// ?from=&to=&unit=&lang= as they came, empty when absent; what is absent follows from the report. registry.input.
// parameter {name}; registry.report.period {years}, registry.report.rows {max} (too many days or weeks).
struct ReportWords {
  std::string from, to, unit, language;
};
Result<ReportQuery> report_query(ReportKind kind, const ReportWords& words, Instant now);

struct ReportColumn {
  enum class Kind : std::uint8_t { text, number, date, percent } kind = Kind::text;
  std::string title, title_en;
};
using ReportCell = std::variant<std::monostate, std::string, double>;  // dates are "YYYY-MM-DD"
struct ReportTable {
  std::string title, title_en;
  std::string period;  // "từ 01/01/2026 đến 20/11/2026", or the day that it shows
  std::vector<ReportColumn> columns;
  std::vector<std::vector<ReportCell>> rows;
  bool is_cut = false;
};
Result<ReportTable> make_report(db::Transaction& transaction, const ReportScope& scope, const ReportQuery& query,
                                Instant now);
json::Value to_json(const ReportTable& table, Instant made);

// As files, in Vietnamese. `organisation`: who reports, with the one above it.
struct ReportHead {
  std::string superior, organisation, place;
};
Result<Bytes> report_to_xlsx(const ReportTable& table, const ReportHead& head, const ReportScope& scope, Instant made);
Result<Bytes> report_to_pdf(const ReportTable& table, const ReportHead& head, const ReportScope& scope, Instant made);

// ---- looking after
// --------------------------------------------------------------------------------------------------- Every minute or
// so, by any process: takes over what finished. The figures are the same without it, but slower.
Result<> follow_finished(db::Database& database, Instant now);
// Once a day: one row instead of several for each counter, and sums of months that are over, for the scopes that have
// many. The figures are the same without it, but slower.
Result<> fold_counters(db::Database& database, Instant now);

}  // namespace kyso::registry
