#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "registry/dossier/certificate_store.h"
#include "registry/dossier/store.h"
#include "registry/organisation/organisations.h"
#include "registry/organisation/store.h"
#include "registry/report/reports.h"
#include "registry/report/store.h"

namespace kyso::registry {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using Kind = ReportColumn::Kind;
using Row = std::vector<ReportCell>;
using report_store::ByState;

constexpr std::array<std::string_view, 6> kNames = {"by-time",   "by-organisation", "by-kind",
                                                    "by-device", "expiring",        "sla"};
constexpr int kMaxYears = 10;
constexpr int kMaxUnits = 600;
constexpr std::size_t kMaxOrganisations = 500;
constexpr std::size_t kPage = 200;

std::int64_t value_of(const ByState& counts, std::string_view name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

ReportCell number(std::int64_t value) {
  return static_cast<double>(value);
}

// The states that a dossier comes into, as columns.
constexpr std::array<std::string_view, 6> kStates = {"draft",    "submitted", "processing",
                                                     "returned", "rejected",  "completed"};
void add_state_columns(ReportTable& table) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kTitles = {
      {{"Lập mới", "Begun"},
       {"Lượt nộp", "Submissions"},
       {"Tiếp nhận", "Received"},
       {"Trả về", "Returned"},
       {"Từ chối", "Rejected"},
       {"Hoàn thành", "Completed"}}};
  for (const auto& [vi, en] : kTitles) table.columns.push_back({Kind::number, std::string(vi), std::string(en)});
}
void add_states(Row& row, const ByState& counts) {
  for (const std::string_view state : kStates) row.push_back(number(value_of(counts, state)));
}
void add(ByState& to, const ByState& what) {
  for (const auto& [state, count] : what) to[state] += count;
}

struct Words {
  bool is_english = false;
  std::string operator()(std::string_view vi, std::string_view en) const { return std::string(is_english ? en : vi); }
};

// ---- by time --------------------------------------------------------------------------------------------------------

// How many letters of a day tell its unit, where one look at the counter's name is enough.
std::size_t letters_of(Unit unit) {
  return unit == Unit::day || unit == Unit::week ? 10 : 7;
}

Result<ReportTable> by_time(db::Transaction& transaction, const ReportScope& scope, const ReportQuery& query) {
  const Words words{query.is_english};
  ReportTable table;
  table.title = "Thống kê hồ sơ theo thời gian";
  table.title_en = "Dossiers by time";
  table.columns = {{Kind::text, "Thời gian", "Time"}};
  add_state_columns(table);
  std::map<sys_days, ByState> counts;
  ByState total;
  for (const auto& event :
       KYSO_TRY(report_store::events(transaction, scope.id, query.period, letters_of(query.unit)))) {
    const std::string day = event.day.size() == 7 ? event.day + "-01" : event.day;
    counts[start_of(query.unit, KYSO_TRY(read_day(day, "day")))][event.state] += event.count;
    total[event.state] += event.count;
  }
  for (const sys_days start : units_of(query.unit, query.period)) {
    Row row = {label_of(query.unit, start, query.is_english)};
    add_states(row, counts[start]);
    table.rows.push_back(std::move(row));
  }
  Row last = {words("Tổng cộng", "Total")};
  add_states(last, total);
  table.rows.push_back(std::move(last));
  return table;
}

// ---- by organisation ------------------------------------------------------------------------------------------------

Result<std::vector<Organisation>> below(db::Transaction& transaction, const std::string& parent, Instant now,
                                        bool& is_cut) {
  std::vector<Organisation> out =
      KYSO_TRY(store::children(transaction, parent, now, std::nullopt, kMaxOrganisations + 1));
  is_cut = out.size() > kMaxOrganisations;
  if (is_cut) out.resize(kMaxOrganisations);
  return out;
}

Result<ReportTable> by_organisation(db::Transaction& transaction, const ReportScope& scope, const ReportQuery& query,
                                    Instant now) {
  const Words words{query.is_english};
  ReportTable table;
  table.title = "Thống kê theo cơ quan, tổ chức";
  table.title_en = "By organisation";
  table.columns = {{Kind::text, "Cơ quan, tổ chức", "Organisation"}};
  add_state_columns(table);
  table.columns.push_back(
      {Kind::number, "CTS không thu hồi, không tạm dừng", "Certificates neither revoked nor suspended"});
  const std::vector<Organisation> children = KYSO_TRY(below(transaction, scope.id, now, table.is_cut));
  std::vector<std::string> ids = {scope.id};
  for (const Organisation& child : children) ids.push_back(child.id);
  auto events = KYSO_TRY(report_store::events_of(transaction, ids, query.period));
  auto good = KYSO_TRY(report_store::good_certificates(transaction, ids));
  const auto add_row = [&](const std::string& name, const std::string& id) {
    Row row = {name};
    add_states(row, events[id]);
    row.push_back(number(good[id]));
    table.rows.push_back(std::move(row));
  };
  for (const Organisation& child : children) add_row(child.name, child.id);
  // A dossier that one organisation files for another is seen in both of their rows, and once here.
  add_row(words("Toàn bộ", "All"), scope.id);
  return table;
}

// ---- by kind and device ---------------------------------------------------------------------------------------------

Result<ReportTable> by_kind(db::Transaction& transaction, const ReportScope& scope, const ReportQuery& query) {
  const Words words{query.is_english};
  ReportTable table;
  table.title = "Thống kê theo loại hồ sơ";
  table.title_en = "By kind of dossier";
  table.columns = {{Kind::text, "Loại hồ sơ", "Kind"}};
  add_state_columns(table);
  table.columns.push_back({Kind::number, "Hiện đang giải quyết", "Under way now"});
  std::map<std::string, ByState> counts;
  for (const auto& event : KYSO_TRY(report_store::events(transaction, scope.id, query.period, 0)))
    counts[event.kind][event.state] += event.count;
  std::map<std::string, std::int64_t> open;
  for (const auto& [what, count] : KYSO_TRY(dossier_store::counts(transaction, scope.id, "dossier/")))
    if (what.ends_with("/submitted") || what.ends_with("/processing")) open[what.substr(8, 2)] += count;
  ByState total;
  std::int64_t all_open = 0;
  for (const DossierKind kind : kDossierKinds) {
    const std::string code(code_of(kind));
    Row row = {words(vietnamese_title(kind), english_title(kind))};
    add_states(row, counts[code]);
    row.push_back(number(open[code]));
    add(total, counts[code]);
    all_open += open[code];
    table.rows.push_back(std::move(row));
  }
  Row last = {words("Tổng cộng", "Total")};
  add_states(last, total);
  last.push_back(number(all_open));
  table.rows.push_back(std::move(last));
  return table;
}

struct Named {
  std::string_view name, vi, en;
};
constexpr std::array<Named, 4> kDevices = {{{"token", "USB Token", "USB token"},
                                            {"pkcs10", "Khóa tự tạo (PKCS#10)", "Own key (PKCS#10)"},
                                            {"sim_pki", "SIM PKI", "SIM PKI"},
                                            {"central", "Ký số tập trung", "Central signing"}}};
constexpr std::array<Named, 5> kSubjects = {{{"person", "Cá nhân", "Person"},
                                             {"organisation", "Cơ quan, tổ chức", "Organisation"},
                                             {"device", "Thiết bị", "Device"},
                                             {"service", "Dịch vụ", "Service"},
                                             {"software", "Phần mềm", "Software"}}};

Result<ReportTable> by_device(db::Transaction& transaction, const ReportScope& scope, const ReportQuery& query,
                              Instant now) {
  const Words words{query.is_english};
  ReportTable table;
  table.title = "Thống kê chứng thư số theo thiết bị";
  table.title_en = "Certificates by device";
  table.columns = {{Kind::text, "Thiết bị", "Device"},
                   {Kind::text, "Đối tượng", "Subject"},
                   {Kind::number, "Không thu hồi, không tạm dừng", "Neither revoked nor suspended"},
                   {Kind::number, "Tạm dừng", "Suspended"},
                   {Kind::number, "Đã thu hồi", "Revoked"},
                   {Kind::number, "Tổng", "Sum"}};
  std::map<std::string, std::int64_t> counts;
  for (const auto& [what, count] : KYSO_TRY(dossier_store::counts(transaction, scope.id, "certificate/")))
    counts[what] = count;
  std::array<std::int64_t, 4> total{};
  for (const Named& device : kDevices)
    for (const Named& subject : kSubjects) {
      std::array<std::int64_t, 4> sums{};
      static constexpr std::array<std::string_view, 3> kCertificateStates = {"good", "suspended", "revoked"};
      for (std::size_t i = 0; i < 3; ++i) {
        sums[i] = counts[fmt::format("certificate/{}/{}/{}", kCertificateStates[i], subject.name, device.name)];
        sums[3] += sums[i];
      }
      if (sums[3] == 0) continue;
      Row row = {words(device.vi, device.en), words(subject.vi, subject.en)};
      for (std::size_t i = 0; i < 4; ++i) {
        row.push_back(number(sums[i]));
        total[i] += sums[i];
      }
      table.rows.push_back(std::move(row));
    }
  Row last = {words("Tổng cộng", "Total"), std::string()};
  for (const std::int64_t sum : total) last.push_back(number(sum));
  table.rows.push_back(std::move(last));
  const std::int64_t valid = KYSO_TRY(report_store::valid_certificates(transaction, scope.id, day_of(now)));
  table.rows.push_back({words("Trong đó còn hiệu lực", "Of these still valid"), std::string(), number(valid),
                        std::monostate(), std::monostate(), std::monostate()});
  return table;
}

// ---- certificates about to end --------------------------------------------------------------------------------------

template <std::size_t N>
std::string shown(const std::array<Named, N>& names, std::string_view name, const Words& words) {
  const auto found = std::ranges::find(names, name, &Named::name);
  return found == names.end() ? std::string(name) : words(found->vi, found->en);
}

Result<ReportTable> expiring(db::Transaction& transaction, const ReportScope& scope, const ReportQuery& query) {
  const Words words{query.is_english};
  ReportTable table;
  table.title = "Chứng thư số sắp hết hạn";
  table.title_en = "Certificates about to end";
  table.columns = {{Kind::text, "Số hiệu CTS", "Serial number"},
                   {Kind::text, "Tên", "Name"},
                   {Kind::text, "Cơ quan, tổ chức", "Organisation"},
                   {Kind::text, "Đối tượng", "Subject"},
                   {Kind::text, "Thiết bị", "Device"},
                   {Kind::date, "Hết hạn", "Ends"}};
  certificate_store::CertificateFilter filter;
  filter.scope = scope.id;
  filter.now = query.period.begins();
  filter.expires_before = query.period.ends();
  for (;;) {
    filter.limit = std::min(kPage, query.max_rows - table.rows.size());
    const auto page = KYSO_TRY(certificate_store::search(transaction, filter));
    for (const SubscriberCertificate& one : page.items)
      table.rows.push_back({one.serial, one.name,
                            one.organisation_chain.empty() ? std::string() : one.organisation_chain.back(),
                            shown(kSubjects, one.kind, words), shown(kDevices, name_of(one.device), words),
                            iso_day(day_of(one.not_after))});
    if (!page.next) return table;
    filter.after = *page.next;
    if (table.rows.size() < query.max_rows) continue;
    table.is_cut = true;
    return table;
  }
}

// ---- how quick the desk is ------------------------------------------------------------------------------------------

struct Durations {
  std::int64_t count = 0, late = 0;
  std::map<std::int64_t, std::int64_t> quarters;  // of an hour → dossiers
  void add(const report_store::FinishedCount& finished) {
    count += finished.count;
    if (finished.is_late) late += finished.count;
    quarters[finished.quarters] += finished.count;
  }
  // The nearest rank: so many of a hundred took no longer.
  ReportCell hours_of(std::int64_t percent) const {
    const std::int64_t rank = (count * percent + 99) / 100;
    std::int64_t seen = 0;
    for (const auto& [quarter, dossiers] : quarters) {
      seen += dossiers;
      if (seen >= rank) return static_cast<double>(quarter) / 4;
    }
    return std::monostate();
  }
  Row row(std::string group, std::string name) const {
    Row out = {std::move(group), std::move(name), number(count), number(count - late), number(late)};
    if (count == 0) {
      out.insert(out.end(), 3, ReportCell());
      return out;
    }
    out.emplace_back(std::round(1000.0 * static_cast<double>(count - late) / static_cast<double>(count)) / 10);
    out.push_back(hours_of(50));
    out.push_back(hours_of(95));
    return out;
  }
};

Result<ReportTable> sla(db::Transaction& transaction, const ReportScope& scope, const ReportQuery& query) {
  const Words words{query.is_english};
  ReportTable table;
  table.title = "Thời hạn giải quyết hồ sơ";
  table.title_en = "Deadlines";
  table.columns = {{Kind::text, "Nhóm", "Group"},
                   {Kind::text, "Loại hồ sơ, chuyên viên", "Kind, officer"},
                   {Kind::number, "Đã giải quyết", "Finished"},
                   {Kind::number, "Đúng hạn", "In time"},
                   {Kind::number, "Quá hạn", "Late"},
                   {Kind::percent, "Tỷ lệ đúng hạn (%)", "In time (%)"},
                   {Kind::number, "Trung vị (giờ)", "Median (hours)"},
                   {Kind::number, "95% hồ sơ trong (giờ)", "95% within (hours)"}};
  std::map<std::string, Durations> kinds, handlers;
  Durations all;
  for (const auto& finished :
       KYSO_TRY(report_store::finished(transaction, scope.id, query.period.begins(), query.period.ends()))) {
    all.add(finished);
    kinds[finished.kind].add(finished);
    handlers[finished.handler].add(finished);
  }
  for (const DossierKind kind : kDossierKinds)
    table.rows.push_back(kinds[std::string(code_of(kind))].row(words("Loại hồ sơ", "Kind"),
                                                               words(vietnamese_title(kind), english_title(kind))));
  // Who handled what is the desk's own matter.
  std::vector<std::pair<std::string, std::string>> by_name;
  if (scope.of_desk)
    for (const auto& [id, durations] : handlers)
      by_name.emplace_back(id.empty() ? std::string() : KYSO_TRY(report_store::handler_name(transaction, id)), id);
  std::ranges::sort(by_name);
  for (const auto& [name, id] : by_name)
    table.rows.push_back(handlers[id].row(words("Chuyên viên", "Officer"),
                                          id.empty() ? words("(chưa phân công)", "(nobody assigned)") : name));
  table.rows.push_back(all.row(words("Tổng cộng", "Total"), std::string()));
  return table;
}

// Without `from` and `to`.
Period usual_period(ReportKind kind, sys_days today) {
  if (kind == ReportKind::expiring) return {today, today + days(60)};
  return {start_of(kind == ReportKind::sla ? Unit::month : Unit::year, today), today};
}

}  // namespace

std::optional<ReportKind> report_by_name(std::string_view name) {
  const auto* found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<ReportKind>(found - kNames.begin());
}

std::string_view name_of(ReportKind kind) {
  return kNames.at(static_cast<std::size_t>(kind));
}

Result<ReportQuery> report_query(ReportKind kind, const ReportWords& words, Instant now) {
  ReportQuery out;
  out.kind = kind;
  out.is_english = words.language == "en";
  out.period = usual_period(kind, day_of(now));
  if (!words.from.empty()) out.period.first = KYSO_TRY(read_day(words.from, "from"));
  if (!words.to.empty()) out.period.last = KYSO_TRY(read_day(words.to, "to"));
  // One end alone, beyond the usual other one: a period of one day.
  if (words.to.empty()) out.period.last = std::max(out.period.first, out.period.last);
  if (words.from.empty()) out.period.first = std::min(out.period.first, out.period.last);
  if (!words.unit.empty()) {
    const std::optional<Unit> unit = unit_by_name(words.unit);
    if (!unit) return fail("registry.input.parameter").with("name", "unit");
    out.unit = *unit;
  }
  const std::chrono::year_month_day latest =
      std::chrono::year_month_day(out.period.first) + std::chrono::years(kMaxYears);
  if (out.period.first > out.period.last || out.period.last > sys_days(latest))
    return fail("registry.report.period").with("years", kMaxYears);
  const int unit_days = out.unit == Unit::day ? 1 : 7;
  if (kind == ReportKind::by_time && (out.unit == Unit::day || out.unit == Unit::week) &&
      out.period.length() > kMaxUnits * unit_days)
    return fail("registry.report.rows").with("max", kMaxUnits);
  return out;
}

Result<ReportTable> make_report(db::Transaction& transaction, const ReportScope& scope, const ReportQuery& query,
                                Instant now) {
  const auto made = [&]() -> Result<ReportTable> {
    switch (query.kind) {
      case ReportKind::by_time:
        return by_time(transaction, scope, query);
      case ReportKind::by_organisation:
        return by_organisation(transaction, scope, query, now);
      case ReportKind::by_kind:
        return by_kind(transaction, scope, query);
      case ReportKind::by_device:
        return by_device(transaction, scope, query, now);
      case ReportKind::expiring:
        return expiring(transaction, scope, query);
      case ReportKind::sla:
        break;
    }
    return sla(transaction, scope, query);
  };
  ReportTable table = KYSO_TRY(made());
  table.period =
      query.kind == ReportKind::by_device
          ? fmt::format("Đến ngày {}", shown_day(day_of(now)))
          : fmt::format("Từ ngày {} đến ngày {}", shown_day(query.period.first), shown_day(query.period.last));
  return table;
}

json::Value to_json(const ReportTable& table, Instant made) {
  static constexpr std::array<std::string_view, 4> kColumnKinds = {"text", "number", "date", "percent"};
  json::Value columns = json::Value::array();
  for (const ReportColumn& column : table.columns) {
    json::Value one = json::Value::object();
    one.set("title", column.title).set("title_en", column.title_en);
    one.set("kind", kColumnKinds.at(static_cast<std::size_t>(column.kind)));
    columns.push_back(std::move(one));
  }
  json::Value rows = json::Value::array();
  for (const Row& row : table.rows) {
    json::Value one = json::Value::array();
    for (const ReportCell& cell : row) {
      if (const auto* text = std::get_if<std::string>(&cell)) {
        one.push_back(*text);
      } else if (const auto* value = std::get_if<double>(&cell)) {
        const bool is_whole = *value == std::floor(*value) && std::abs(*value) < 9e15;
        one.push_back(is_whole ? json::Value(static_cast<std::int64_t>(*value)) : json::Value(*value));
      } else {
        one.push_back(json::Value());
      }
    }
    rows.push_back(std::move(one));
  }
  json::Value out = json::Value::object();
  out.set("title", table.title).set("title_en", table.title_en).set("made", iso8601_vietnam(made));
  out.set("columns", std::move(columns)).set("rows", std::move(rows)).set("is_cut", table.is_cut);
  return out;
}

}  // namespace kyso::registry
