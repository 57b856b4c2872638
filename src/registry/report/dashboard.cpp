#include <fmt/format.h>

#include "registry/dossier/model.h"
#include "registry/dossier/store.h"
#include "registry/organisation/organisations.h"
#include "registry/report/reports.h"
#include "registry/report/store.h"

namespace kyso::registry {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr int kMonths = 12;
constexpr int kSoonDays = 60;
constexpr std::int64_t kMostOverdue = 10'000;

json::Value named(std::string_view name, std::int64_t value) {
  json::Value out = json::Value::object();
  out.set("name", name).set("value", value);
  return out;
}

json::Value point(std::string_view label, std::int64_t value) {
  json::Value out = json::Value::object();
  out.set("label", label).set("value", value);
  return out;
}

json::Value series(std::string_view name, json::Value points) {
  json::Value out = json::Value::object();
  out.set("name", name).set("points", std::move(points));
  return out;
}

using Counts = std::map<std::string, std::int64_t, std::less<>>;
std::int64_t value_of(const Counts& counts, std::string_view name) {
  const auto found = counts.find(name);
  return found == counts.end() ? 0 : found->second;
}

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> out;
  for (;;) {
    const std::size_t slash = text.find('/');
    out.emplace_back(text.substr(0, slash));
    if (slash == std::string_view::npos) return out;
    text.remove_prefix(slash + 1);
  }
}

// Sums of counters by one part of their names: "certificate/good/person/token".
struct Tally {
  Counts by[4];
};
Result<Tally> tally(db::Transaction& transaction, std::string_view scope, const std::string& prefix) {
  Tally out;
  for (const auto& [what, value] : KYSO_TRY(dossier_store::counts(transaction, scope, prefix))) {
    const std::vector<std::string> parts = parts_of(what);
    for (std::size_t i = 0; i < std::min<std::size_t>(parts.size(), 4); ++i) out.by[i][parts[i]] += value;
  }
  return out;
}

std::string month_name(sys_days start) {
  return iso_day(start).substr(0, 7);
}

Period months_until(sys_days today, int count) {
  const std::chrono::year_month_day month(start_of(Unit::month, today));
  return {sys_days(month - std::chrono::months(count - 1)), today};
}
Period months_from(sys_days today, int count) {
  const std::chrono::year_month_day month(start_of(Unit::month, today));
  return {today, sys_days(month + std::chrono::months(count)) - days(1)};
}

// One series for each state that matters over time.
Result<> add_months(db::Transaction& transaction, std::string_view scope, sys_days today, json::Value& all) {
  const Period period = months_until(today, kMonths);
  std::map<std::string, Counts> by_state;
  for (const auto& event : KYSO_TRY(report_store::events(transaction, scope, period, 7)))
    by_state[event.state][event.day] += event.count;
  for (const std::string_view state : {"submitted", "completed", "returned", "rejected"}) {
    json::Value points = json::Value::array();
    for (const sys_days start : units_of(Unit::month, period))
      points.push_back(point(month_name(start), value_of(by_state[std::string(state)], month_name(start))));
    all.push_back(series(fmt::format("dossiers_{}_by_month", state), std::move(points)));
  }
  return {};
}

Result<> add_expiries(db::Transaction& transaction, std::string_view scope, sys_days today, json::Value& all) {
  const Period period = months_from(today, kMonths);
  auto found = KYSO_TRY(report_store::expiries(transaction, scope, period, 7));
  json::Value points = json::Value::array();
  for (const sys_days start : units_of(Unit::month, period))
    points.push_back(point(month_name(start), found[month_name(start)]));
  all.push_back(series("certificates_expiring_by_month", std::move(points)));
  return {};
}

}  // namespace

Result<json::Value> dashboard(db::Transaction& transaction, const ReportScope& scope, Instant now) {
  const sys_days today = day_of(now);
  const Tally dossiers = KYSO_TRY(tally(transaction, scope.id, "dossier/"));
  const Tally certificates = KYSO_TRY(tally(transaction, scope.id, "certificate/good/"));
  const Tally stale = KYSO_TRY(tally(transaction, scope.id, "certificate.stale"));
  const std::int64_t valid = KYSO_TRY(report_store::valid_certificates(transaction, scope.id, today));
  std::int64_t expiring = 0;
  for (const auto& [all, count] :
       KYSO_TRY(report_store::expiries(transaction, scope.id, {today, today + days(kSoonDays)}, 0)))
    expiring += count;

  json::Value figures = json::Value::array();
  for (const std::string_view state : {"draft", "submitted", "processing", "returned", "completed", "rejected"})
    figures.push_back(named(state, value_of(dossiers.by[2], state)));
  figures.push_back(named("overdue", KYSO_TRY(report_store::overdue(transaction, scope.id, now, kMostOverdue))));
  figures.push_back(named("certificates_good", valid));
  figures.push_back(named("certificates_expiring_60", expiring));
  figures.push_back(named("certificates_stale", value_of(stale.by[0], "certificate.stale")));

  json::Value all = json::Value::array();
  KYSO_TRY(add_months(transaction, scope.id, today, all));
  json::Value by_kind = json::Value::array();
  for (const DossierKind kind : kDossierKinds)
    by_kind.push_back(point(code_of(kind), value_of(dossiers.by[1], code_of(kind))));
  all.push_back(series("dossiers_by_kind", std::move(by_kind)));
  json::Value by_device = json::Value::array();
  for (const Device device : {Device::token, Device::pkcs10, Device::sim_pki, Device::central})
    by_device.push_back(point(name_of(device), value_of(certificates.by[3], name_of(device))));
  all.push_back(series("certificates_by_device", std::move(by_device)));
  json::Value subjects = json::Value::array();
  for (const std::string_view kind : {"person", "organisation", "device", "service", "software"})
    subjects.push_back(point(kind, value_of(certificates.by[2], kind)));
  all.push_back(series("certificates_by_kind", std::move(subjects)));
  KYSO_TRY(add_expiries(transaction, scope.id, today, all));

  json::Value out = json::Value::object();
  out.set("figures", std::move(figures)).set("series", std::move(all));
  return out;
}

}  // namespace kyso::registry
