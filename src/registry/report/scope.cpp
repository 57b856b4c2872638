#include "registry/organisation/organisations.h"
#include "registry/report/reports.h"
#include "registry/report/store.h"

namespace kyso::registry {
namespace {

// A job's transaction ends with its answer, however long ago the commit was.
constexpr std::chrono::minutes kCommitLag{5};
constexpr std::size_t kFinishedAtOnce = 2'000;

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

Result<> fold_counters(db::Database& database) {
  const auto scopes =
      KYSO_TRY(database.read([&](db::Transaction& transaction) { return report_store::wide_scopes(transaction); }));
  // Month by month: whoever writes at the same moment waits for little.
  for (const std::string& scope : scopes)
    for (const std::string& prefix : report_store::folded_prefixes())
      for (const std::string& month : KYSO_TRY(database.read([&](db::Transaction& transaction) {
             return report_store::months_to_fold(transaction, scope, prefix);
           }))) {
        const auto first = KYSO_TRY(read_day(month + "-01", "month"));
        const auto last = next_of(Unit::month, first) - std::chrono::days(1);
        KYSO_TRY(database.write([&](db::Transaction& transaction) {
          return report_store::fold(transaction, scope, prefix, {first, last});
        }));
      }
  return {};
}

}  // namespace kyso::registry
