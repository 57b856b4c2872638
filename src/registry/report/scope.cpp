#include "registry/organisation/organisations.h"
#include "registry/report/reports.h"
#include "registry/report/store.h"

namespace kyso::registry {
namespace {

// A job's transaction ends with its answer, however long ago the commit was.
constexpr std::chrono::minutes kCommitLag{5};
// No server's clock is still in a month that ended so long ago.
constexpr std::chrono::hours kClockLag{48};
constexpr std::size_t kFinishedAtOnce = 2'000;
constexpr int kMonthsAtOnce = 12;

}  // namespace

Result<ReportScope> report_scope(db::Transaction& transaction, const Caller& caller,
                                 const std::optional<std::string>& wanted, Instant now) {
  ReportScope out;
  out.of_desk = caller.is_officer();
  out.id = wanted ? *wanted : out.of_desk ? std::string() : caller.organisation;
  if (out.id.empty()) {
    // Nobody without an organisation sees everything.
    if (!out.of_desk || wanted) return fail("registry.organisation.missing");
    return out;
  }
  const bool is_allowed = out.of_desk || out.id == caller.organisation ||
                          KYSO_TRY(Organisations::is_within(transaction, out.id, caller.organisation, now));
  if (!is_allowed) return fail("registry.organisation.missing");
  out.name = KYSO_TRY(Organisations::find_last(transaction, out.id, now)).name;
  return out;
}

Result<> follow_finished(db::Database& database, Instant now) {
  for (;;) {
    const bool has_more = KYSO_TRY(database.write([&](db::Transaction& transaction) {
      return report_store::follow_finished(transaction, now - kCommitLag, kFinishedAtOnce);
    }));
    if (!has_more) return {};
  }
}

Result<> fold_counters(db::Database& database, Instant now) {
  using std::chrono::sys_days;
  const sys_days this_month = start_of(Unit::month, day_of(now - kClockLag));
  const auto scopes =
      KYSO_TRY(database.read([&](db::Transaction& transaction) { return report_store::wide_scopes(transaction); }));
  // Month by month: whoever writes at the same moment waits for little.
  for (const std::string& scope : scopes) {
    for (const sys_days month : KYSO_TRY(database.read(
             [&](db::Transaction& transaction) { return report_store::months_to_fold(transaction, scope); })))
      KYSO_TRY(
          database.write([&](db::Transaction& transaction) { return report_store::fold(transaction, scope, month); }));
    for (bool has_more = true; has_more;)
      has_more = KYSO_TRY(database.write([&](db::Transaction& transaction) -> Result<bool> {
        for (int i = 0; i < kMonthsAtOnce; ++i) {
          const auto month = KYSO_TRY(report_store::month_to_sum_up(transaction, scope));
          if (!month || *month >= this_month) return false;
          KYSO_TRY(report_store::sum_up(transaction, scope, *month));
        }
        return true;
      }));
  }
  return {};
}

}  // namespace kyso::registry
