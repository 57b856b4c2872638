#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "db/database.h"
#include "registry/report/period.h"

// All SQL of reports. A `scope` is an organisation's id (with all below it), or "" for everything.
namespace kyso::registry::report_store {

// How many dossiers came into each state ("draft" is: were begun), by unit of time and kind.
struct EventCount {
  std::string day;  // the first letters of "YYYY-MM-DD", as many as asked for
  std::string kind, state;
  std::int64_t count = 0;
};
// `letters`: 10 for days, 7 for months, 4 for years, 0: the whole period.
Result<std::vector<EventCount>> events(db::Transaction& transaction, std::string_view scope, const Period& period,
                                       std::size_t letters);

// For several scopes at once: scope → state → count.
using ByState = std::map<std::string, std::int64_t, std::less<>>;
Result<std::map<std::string, ByState>> events_of(db::Transaction& transaction, const std::vector<std::string>& scopes,
                                                 const Period& period);
// Certificates that are neither revoked nor suspended, whether past their end or not: scope → count.
Result<std::map<std::string, std::int64_t>> good_certificates(db::Transaction& transaction,
                                                              const std::vector<std::string>& scopes);
// Those of them that have not ended before this day.
Result<std::int64_t> valid_certificates(db::Transaction& transaction, std::string_view scope,
                                        std::chrono::sys_days today);
// Good certificates that end in a month ("YYYY-MM"), of a period.
Result<std::map<std::string, std::int64_t>> expiries(db::Transaction& transaction, std::string_view scope,
                                                     const Period& period, std::size_t letters);
// Dossiers in processing whose deadline has passed; counted up to `most`.
Result<std::int64_t> overdue(db::Transaction& transaction, std::string_view scope, Instant now, std::int64_t most);

// ---- finished dossiers ----------------------------------------------------------------------------------------------
// How many took so many quarters of an hour.
struct FinishedCount {
  std::string kind, handler;
  bool is_late = false;
  std::int64_t quarters = 0, count = 0;
};
Result<std::vector<FinishedCount>> finished(db::Transaction& transaction, std::string_view scope, Instant from,
                                            Instant to);
// As one of his last dossiers names him; empty when he has none.
Result<std::string> handler_name(db::Transaction& transaction, std::string_view handler);
struct InTime {
  std::int64_t count = 0, late = 0;
};
Result<InTime> finished_in_time(db::Transaction& transaction, std::string_view scope, Instant from, Instant to);
// Takes over what finished up to `until`, at most about `limit` dossiers; false: nothing is left to take over.
Result<bool> follow_finished(db::Transaction& transaction, Instant until, std::size_t limit);

// ---- counters -------------------------------------------------------------------------------------------------------
// Scopes with many rows: everything, and organisations of the two upper levels.
Result<std::vector<std::string>> wide_scopes(db::Transaction& transaction);
// The months in which a number of a scope has several rows.
Result<std::vector<std::chrono::sys_days>> months_to_fold(db::Transaction& transaction, std::string_view scope);
// One row instead of several for each number of a month: months that are over change seldom.
Result<> fold(db::Transaction& transaction, std::string_view scope, std::chrono::sys_days month);
// The first month of a scope that is not summed up yet; nullopt: nothing has happened.
Result<std::optional<std::chrono::sys_days>> month_to_sum_up(db::Transaction& transaction, std::string_view scope);
// The events of a month that is over, as sums that reports of months and years read instead of its days.
Result<> sum_up(db::Transaction& transaction, std::string_view scope, std::chrono::sys_days month);

struct Cursor {
  std::int64_t value = 0, number = 0;
};
Result<std::optional<Cursor>> cursor(db::Transaction& transaction, std::string_view name);
Result<> set_cursor(db::Transaction& transaction, std::string_view name, const Cursor& cursor);

// ---- certificates that end ------------------------------------------------------------------------------------------
struct Ending {
  std::int64_t number = 0;
  std::string serial, issuer, kind, name, email, organisation, organisation_name, replaced_by;
  Instant not_after{};
};
// Good ones behind a place and before `to`, soonest first.
Result<std::vector<Ending>> ending(db::Transaction& transaction, const Cursor& behind, Instant to, std::size_t limit);
struct Person {
  std::string email, name, language;
};
// Active accounts of the role clerk.
Result<std::vector<Person>> clerks_of(db::Transaction& transaction, std::string_view organisation);

}  // namespace kyso::registry::report_store
