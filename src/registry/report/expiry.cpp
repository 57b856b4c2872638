#include "registry/report/expiry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "registry/notice/notices.h"
#include "registry/report/period.h"
#include "registry/report/store.h"

namespace kyso::registry {
namespace {

using report_store::Cursor;
using report_store::Ending;
using report_store::Person;
using std::chrono::days;
using std::chrono::sys_days;

constexpr std::array kDaysBefore = {7, 30, 60};
constexpr std::size_t kAtOnce = 500;
constexpr std::size_t kMaxListed = 100;  // of one mail; how many more there are is said

Instant moment_of(sys_days day) {
  return Period{day, day}.begins();
}

std::int64_t seconds(Instant instant) {
  return instant.time_since_epoch().count();
}

Result<> tell_holder(db::Transaction& transaction, const Ending& one, sys_days today, Instant now) {
  Notice notice;
  notice.kind = "certificate.expiring";
  notice.to = one.email;
  const sys_days last = day_of(one.not_after);
  notice.values = {{"name", one.name},
                   {"serial", one.serial},
                   {"organisation", one.organisation_name},
                   {"day", shown_day(last)},
                   {"days", fmt::format("{}", (last - today).count())}};
  notice.about = one.issuer + "/" + one.serial;
  return notify(transaction, notice, now);
}

std::string list_of(const std::vector<Ending>& endings, bool is_english) {
  std::string out;
  for (std::size_t i = 0; i < std::min(endings.size(), kMaxListed); ++i)
    out += fmt::format("{}- {} · {} · {}", i == 0 ? "" : "\n", shown_day(day_of(endings[i].not_after)),
                       endings[i].serial, endings[i].name);
  if (endings.size() > kMaxListed)
    out += fmt::format(fmt::runtime(is_english ? "\n- and {} more" : "\n- và {} chứng thư số khác"),
                       endings.size() - kMaxListed);
  return out;
}

Result<> tell_clerk(db::Transaction& transaction, const Person& clerk, const std::vector<Ending>& endings,
                    int days_before, Instant now) {
  Notice notice;
  notice.kind = "certificate.expiring_list";
  notice.to = clerk.email;
  notice.language = clerk.language;
  notice.values = {{"name", clerk.name},
                   {"organisation", endings.front().organisation_name},
                   {"count", fmt::format("{}", endings.size())},
                   {"days", fmt::format("{}", days_before)},
                   {"list", list_of(endings, clerk.language == "en")}};
  notice.about = endings.front().organisation;
  return notify(transaction, notice, now);
}

// One step of one threshold: the place moves on with the notices that it caused, so that each is written once.
struct Step {
  std::size_t notices = 0;
  bool has_more = false;
};
Result<Step> step(db::Transaction& transaction, int days_before, int nearer, Instant now) {
  const std::string name = fmt::format("expiring.{}", days_before);
  const sys_days today = day_of(now);
  // What is nearer gets the next threshold's notice instead. Whole days, so that one mail tells of all of a day.
  const Instant first = std::max(now, moment_of(today + days(nearer + 1)) - std::chrono::seconds(1));
  const Cursor nearest{seconds(first), INT64_MAX};
  Cursor behind = KYSO_TRY(report_store::cursor(transaction, name)).value_or(nearest);
  if (std::pair(behind.value, behind.number) < std::pair(nearest.value, nearest.number)) behind = nearest;
  const Instant until = moment_of(today + days(days_before + 1));
  const std::vector<Ending> endings = KYSO_TRY(report_store::ending(transaction, behind, until, kAtOnce));
  if (endings.empty()) return Step{};
  Step out;
  std::map<std::string, std::vector<Ending>> by_organisation;
  for (const Ending& one : endings) {
    if (!one.replaced_by.empty()) continue;
    by_organisation[one.organisation].push_back(one);
    if (one.email.empty()) continue;
    KYSO_TRY(tell_holder(transaction, one, today, now));
    ++out.notices;
  }
  for (const auto& [organisation, some] : by_organisation)
    for (const Person& clerk : KYSO_TRY(report_store::clerks_of(transaction, organisation))) {
      KYSO_TRY(tell_clerk(transaction, clerk, some, days_before, now));
      ++out.notices;
    }
  KYSO_TRY(report_store::set_cursor(transaction, name, {seconds(endings.back().not_after), endings.back().number}));
  out.has_more = endings.size() == kAtOnce;
  return out;
}

}  // namespace

Result<std::size_t> warn_expiring(db::Database& database, Instant now) {
  std::size_t notices = 0;
  int nearer = -1;
  for (const int days_before : kDaysBefore) {
    for (;;) {
      const Step done = KYSO_TRY(
          database.write([&](db::Transaction& transaction) { return step(transaction, days_before, nearer, now); }));
      notices += done.notices;
      if (!done.has_more) break;
    }
    nearer = days_before;
  }
  return notices;
}

}  // namespace kyso::registry
