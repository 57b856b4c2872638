#include <doctest/doctest.h>

#include <rapidcheck.h>
#include <future>

#include "registry/report/report_fixture.h"
#include "registry/report/reports.h"
#include "registry/report/routes.h"
#include "registry/report/store.h"
#include "sheet/workbook.h"

namespace kyso::registry {
namespace {

using namespace test;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kNowText = "2026-11-20T10:00:00+07:00";
const Instant kNow = at(kNowText);

std::string cell_text(const ReportCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* value = std::get_if<double>(&cell)) return fmt::format("{}", *value);
  return "-";
}
// "label|1|2|3"
std::string row_text(const std::vector<ReportCell>& row) {
  std::string out;
  for (const ReportCell& cell : row) out += (out.empty() ? "" : "|") + cell_text(cell);
  return out;
}
std::vector<std::string> rows_of(const ReportTable& table) {
  std::vector<std::string> out;
  for (const auto& row : table.rows) out.push_back(row_text(row));
  return out;
}

ReportTable table_of(db::Database& database, const Caller& caller, ReportKind kind, const ReportWords& words,
                     Instant now = kNow, const std::optional<std::string>& organisation = std::nullopt) {
  return must(database.read([&](db::Transaction& transaction) -> Result<ReportTable> {
    const ReportScope scope = KYSO_TRY(report_scope(transaction, caller, organisation, now));
    return make_report(transaction, scope, KYSO_TRY(report_query(kind, words, now)), now);
  }));
}

std::int64_t figure(const json::Value& dashboard, std::string_view name) {
  for (const json::Value& one : *dashboard.find("figures")->as_array())
    if (one.find("name")->as_string() == name) return *one.find("value")->as_integer();
  FAIL("no figure ", name);
  return -1;
}
std::int64_t point(const json::Value& dashboard, std::string_view series, std::string_view label) {
  for (const json::Value& one : *dashboard.find("series")->as_array())
    if (one.find("name")->as_string() == series)
      for (const json::Value& point : *one.find("points")->as_array())
        if (point.find("label")->as_string() == label) return *point.find("value")->as_integer();
  FAIL("no point ", series, " ", label);
  return -1;
}
json::Value dashboard_of(db::Database& database, const Caller& caller, Instant now = kNow) {
  return must(database.read([&](db::Transaction& transaction) -> Result<json::Value> {
    return dashboard(transaction, KYSO_TRY(report_scope(transaction, caller, std::nullopt, now)), now);
  }));
}

// One of each state in the office, one finished elsewhere.
struct Some {
  RegistryWorld world;
  Caller clerk, head, officer, stranger;
  explicit Some(db::Database& database)
      : world(database),
        clerk(RegistryWorld::caller(world.office, {Role::clerk})),
        head(RegistryWorld::caller(world.ministry, {Role::head})),
        officer(RegistryWorld::caller(world.authority, {Role::receiving})),
        stranger(RegistryWorld::caller(world.other, {Role::clerk})) {
    // The last second of October, the first of November in Viet Nam.
    Dossier first = world.dossier(world.office, DossierKind::person, at("2026-10-31T23:59:59+07:00"));
    world.move(first, DossierState::submitted, at("2026-11-01T00:00:00+07:00"));
    Dossier late = world.dossier(world.office, DossierKind::revocation, at("2026-11-10T08:00:00+07:00"));
    world.move(late, DossierState::submitted, at("2026-11-10T09:00:00+07:00"));
    world.move(late, DossierState::processing, at("2026-11-10T10:00:00+07:00"));
    Dossier returned = world.dossier(world.office, DossierKind::person, at("2026-11-12T08:00:00+07:00"));
    world.move(returned, DossierState::submitted, at("2026-11-12T09:00:00+07:00"));
    world.move(returned, DossierState::returned, at("2026-11-12T10:00:00+07:00"));
    world.dossier(world.office, DossierKind::person, at("2026-11-13T08:00:00+07:00"));
    world.finished(world.other, DossierKind::person, at("2026-11-16T08:00:00+07:00"), hours(5));
  }
};

TEST_CASE("days and units of Viet Nam") {
  using std::chrono::sys_days;
  CHECK(iso_day(day_of(at("2026-11-20T00:00:00+07:00"))) == "2026-11-20");
  CHECK(iso_day(day_of(at("2026-11-19T16:59:59Z"))) == "2026-11-19");
  CHECK(iso_day(day_of(at("2026-11-19T17:00:00Z"))) == "2026-11-20");
  const sys_days day = must(read_day("2027-01-01", "d"));
  CHECK(label_of(Unit::week, start_of(Unit::week, day), false) == "Tuần 53/2026");
  CHECK(label_of(Unit::week, start_of(Unit::week, must(read_day("2024-12-30", "d"))), true) == "Week 01/2025");
  CHECK(label_of(Unit::quarter, start_of(Unit::quarter, must(read_day("2026-12-31", "d"))), false) == "Quý IV/2026");
  CHECK(label_of(Unit::month, start_of(Unit::month, must(read_day("2024-02-29", "d"))), false) == "02/2024");
  CHECK(iso_day(next_of(Unit::month, must(read_day("2026-12-01", "d")))) == "2027-01-01");
  for (const std::string_view text :
       {"2026-02-29", "20/11/2026", "2026-1-01", "", "2026-11-20T00:00:00Z", "2026-13-01"})
    CHECK(code_of(read_day(text, "from")) == "registry.input.parameter");
}

TEST_CASE("units follow one another without a gap and hold the period") {
  rc::check([] {
    const auto first = std::chrono::sys_days(std::chrono::days(*rc::gen::inRange(0, 40'000)));
    const Period period{first, first + std::chrono::days(*rc::gen::inRange(0, 900))};
    for (const Unit unit : {Unit::day, Unit::week, Unit::month, Unit::quarter, Unit::year}) {
      const auto starts = units_of(unit, period);
      RC_ASSERT(starts.front() <= period.first);
      for (std::size_t i = 1; i < starts.size(); ++i) RC_ASSERT(next_of(unit, starts[i - 1]) == starts[i]);
      RC_ASSERT(next_of(unit, starts.back()) > period.last);
      RC_ASSERT(starts.back() <= period.last);
    }
  });
}

TEST_CASE("the dashboard shows the own organisation; officers see all") {
  db::on_each_engine([](db::Database& database) {
    Some some(database);
    some.world.certificate(some.world.office, at("2026-11-20T23:59:59+07:00"));                  // ends today
    some.world.certificate(some.world.office, at("2027-01-19T23:59:59+07:00"), "organisation");  // in 60 days
    some.world.certificate(some.world.office, at("2027-01-20T00:00:00+07:00"));                  // in 61
    some.world.certificate(some.world.office, at("2026-11-19T23:59:59+07:00"));                  // ended yesterday
    SubscriberCertificate stale = some.world.certificate(some.world.other, at("2029-01-01"));
    stale.is_stale = true;
    some.world.change(stale);
    SubscriberCertificate revoked =
        some.world.certificate(some.world.other, at("2026-12-01"), "person", Device::pkcs10);
    revoked.state = "revoked";
    some.world.change(revoked);

    for (const Caller& caller : {some.clerk, some.head}) {
      const json::Value own = dashboard_of(database, caller);
      CHECK(figure(own, "draft") == 1);
      CHECK(figure(own, "submitted") == 1);
      CHECK(figure(own, "processing") == 1);
      CHECK(figure(own, "returned") == 1);
      CHECK(figure(own, "completed") == 0);
      CHECK(figure(own, "overdue") == 1);
      CHECK(figure(own, "certificates_good") == 3);
      CHECK(figure(own, "certificates_expiring_60") == 2);
      CHECK(figure(own, "certificates_stale") == 0);
      CHECK(point(own, "dossiers_submitted_by_month", "2026-11") == 3);
      CHECK(point(own, "dossiers_submitted_by_month", "2026-10") == 0);
      CHECK(point(own, "dossiers_completed_by_month", "2026-11") == 0);
      CHECK(point(own, "dossiers_by_kind", "01") == 3);
      CHECK(point(own, "dossiers_by_kind", "05") == 1);
      CHECK(point(own, "certificates_expiring_by_month", "2026-11") == 1);
      CHECK(point(own, "certificates_expiring_by_month", "2027-01") == 2);
      CHECK(point(own, "certificates_by_kind", "organisation") == 1);
    }
    const json::Value all = dashboard_of(database, some.officer);
    CHECK(figure(all, "completed") == 1);
    CHECK(figure(all, "certificates_good") == 4);
    CHECK(figure(all, "certificates_stale") == 1);
    CHECK(point(all, "certificates_by_device", "token") == 5);
    const json::Value elsewhere = dashboard_of(database, some.stranger);
    CHECK(figure(elsewhere, "submitted") == 0);
    CHECK(figure(elsewhere, "completed") == 1);
    CHECK(figure(elsewhere, "overdue") == 0);
  });
}

TEST_CASE("dossiers by time: each at its day in Viet Nam") {
  db::on_each_engine([](db::Database& database) {
    Some some(database);
    const ReportTable months =
        table_of(database, some.clerk, ReportKind::by_time, {"2026-10-01", "2026-11-30", "month", ""});
    CHECK(rows_of(months) ==
          std::vector<std::string>{"10/2026|1|0|0|0|0|0", "11/2026|3|3|1|1|0|0", "Tổng cộng|4|3|1|1|0|0"});
    const ReportTable days =
        table_of(database, some.clerk, ReportKind::by_time, {"2026-10-31", "2026-11-01", "day", "en"});
    CHECK(rows_of(days) ==
          std::vector<std::string>{"31/10/2026|1|0|0|0|0|0", "01/11/2026|0|1|0|0|0|0", "Total|1|1|0|0|0|0"});
    const ReportTable weeks =
        table_of(database, some.officer, ReportKind::by_time, {"2026-11-09", "2026-11-20", "week", ""});
    CHECK(rows_of(weeks) ==
          std::vector<std::string>{"Tuần 46/2026|3|2|1|1|0|0", "Tuần 47/2026|1|1|1|0|0|1", "Tổng cộng|4|3|2|1|0|1"});
    // A month that the period cuts.
    const ReportTable cut =
        table_of(database, some.clerk, ReportKind::by_time, {"2026-11-11", "2026-11-12", "year", ""});
    CHECK(rows_of(cut) == std::vector<std::string>{"2026|1|1|0|1|0|0", "Tổng cộng|1|1|0|1|0|0"});
    // Without words: this year by month.
    CHECK(table_of(database, some.clerk, ReportKind::by_time, {}).rows.size() == 12);
  });
}

TEST_CASE("by organisation: one row for each one below, and one for all") {
  db::on_each_engine([](db::Database& database) {
    Some some(database);
    some.world.certificate(some.world.office, at("2028-01-01"));
    some.world.certificate(some.world.office, at("2026-11-01"));
    const ReportWords november{"2026-11-01", "2026-11-30", "", ""};
    CHECK(rows_of(table_of(database, some.head, ReportKind::by_organisation, november)) ==
          std::vector<std::string>{"Trung tâm mẫu|3|3|1|1|0|0|2", "Toàn bộ|3|3|1|1|0|0|2"});
    CHECK(rows_of(table_of(database, some.officer, ReportKind::by_organisation, november)) ==
          std::vector<std::string>{"Bộ mẫu|3|3|1|1|0|0|2", "Cơ quan khác|1|1|1|0|0|1|0", "Cục mẫu|0|0|0|0|0|0|0",
                                   "Toàn bộ|4|4|2|1|0|1|2"});
    CHECK(rows_of(table_of(database, some.clerk, ReportKind::by_organisation, november)) ==
          std::vector<std::string>{"Toàn bộ|3|3|1|1|0|0|2"});
  });
}

TEST_CASE("by kind and by device") {
  db::on_each_engine([](db::Database& database) {
    Some some(database);
    const ReportTable kinds = table_of(database, some.clerk, ReportKind::by_kind, {"2026-11-01", "2026-11-30", "", ""});
    REQUIRE(kinds.rows.size() == 7);
    CHECK(row_text(kinds.rows[0]) == std::string(vietnamese_title(DossierKind::person)) + "|2|2|0|1|0|0|1");
    CHECK(row_text(kinds.rows[4]) == std::string(vietnamese_title(DossierKind::revocation)) + "|1|1|1|0|0|0|1");
    CHECK(row_text(kinds.rows[6]) == "Tổng cộng|3|3|1|1|0|0|2");

    some.world.certificate(some.world.office, at("2028-01-01"));
    some.world.certificate(some.world.office, at("2026-01-01"));
    SubscriberCertificate gone = some.world.certificate(some.world.office, at("2028-01-01"), "device", Device::pkcs10);
    gone.state = "revoked";
    some.world.change(gone);
    CHECK(rows_of(table_of(database, some.clerk, ReportKind::by_device, {})) ==
          std::vector<std::string>{"USB Token|Cá nhân|2|0|0|2", "Khóa tự tạo (PKCS#10)|Thiết bị|0|0|1|1",
                                   "Tổng cộng||2|0|1|3", "Trong đó còn hiệu lực||1|-|-|-"});
    CHECK(rows_of(table_of(database, some.stranger, ReportKind::by_device, {})).size() == 2);
  });
}

TEST_CASE("certificates about to end, soonest first, from day to day") {
  db::on_each_engine([](db::Database& database) {
    RegistryWorld world(database);
    const auto second = world.certificate(world.office, at("2026-12-02T00:00:00+07:00"));
    const auto first = world.certificate(world.office, at("2026-12-01T23:59:59+07:00"));
    world.certificate(world.office, at("2026-12-03T00:00:00+07:00"));
    world.certificate(world.other, at("2026-12-01T12:00:00+07:00"));
    const Caller clerk = RegistryWorld::caller(world.office, {Role::clerk});
    const ReportTable table = table_of(database, clerk, ReportKind::expiring, {"2026-12-01", "2026-12-02", "", ""});
    CHECK(rows_of(table) ==
          std::vector<std::string>{first.serial + "|Nguyễn Văn A|Trung tâm mẫu|Cá nhân|USB Token|2026-12-01",
                                   second.serial + "|Nguyễn Văn A|Trung tâm mẫu|Cá nhân|USB Token|2026-12-02"});
    CHECK_FALSE(table.is_cut);
    const ReportTable cut = must(database.read([&](db::Transaction& transaction) -> Result<ReportTable> {
      ReportQuery query = KYSO_TRY(report_query(ReportKind::expiring, {}, kNow));
      query.max_rows = 1;
      return make_report(transaction, {world.office, "", false}, query, kNow);
    }));
    CHECK(cut.rows.size() == 1);
    CHECK(cut.is_cut);
  });
}

TEST_CASE("deadlines: in time and late, median and 95th of a hundred, before and after they are taken over") {
  db::on_each_engine([](db::Database& database) {
    RegistryWorld world(database);
    const Instant monday = at("2026-11-02T08:00:00+07:00");
    for (int i = 1; i <= 19; ++i) world.finished(world.office, DossierKind::person, monday, hours(i));
    world.finished(world.office, DossierKind::person, monday, hours(73));                          // late by an hour
    world.finished(world.office, DossierKind::revocation, monday, hours(72));                      // the last second
    world.finished(world.other, DossierKind::revocation, monday, minutes(16));                     // two quarters
    world.finished(world.office, DossierKind::device, at("2026-11-30T23:00:00+07:00"), hours(1));  // in December
    const ReportWords november{"2026-11-01", "2026-11-30", "", ""};
    const Caller clerk = RegistryWorld::caller(world.office, {Role::clerk});
    const Caller officer = RegistryWorld::caller(world.authority, {Role::checking});
    const auto check = [&] {
      const ReportTable own = table_of(database, clerk, ReportKind::sla, november);
      REQUIRE(own.rows.size() == 7);  // nobody's name for those outside of the desk
      const auto title = [](DossierKind kind) { return "Loại hồ sơ|" + std::string(vietnamese_title(kind)); };
      CHECK(row_text(own.rows[0]) == title(DossierKind::person) + "|20|19|1|95|10|19");
      CHECK(row_text(own.rows[2]) == title(DossierKind::device) + "|0|0|0|-|-|-");
      CHECK(row_text(own.rows[4]) == title(DossierKind::revocation) + "|1|1|0|100|72|72");
      CHECK(row_text(own.rows[6]) == "Tổng cộng||21|20|1|95.2|11|72");
      const ReportTable all = table_of(database, officer, ReportKind::sla, november);
      REQUIRE(all.rows.size() == 8);
      CHECK(row_text(all.rows[4]) == title(DossierKind::revocation) + "|2|2|0|100|0.5|72");
      CHECK(row_text(all.rows[6]) == "Chuyên viên|Trần Thị B|22|21|1|95.5|10|72");
    };
    check();
    // Half of them, then the rest; a second time changes nothing.
    must(follow_finished(database, monday + hours(10) + minutes(5)));
    check();
    must(follow_finished(database, at("2026-12-20")));
    check();
    must(follow_finished(database, at("2026-12-20")));
    check();
    const ReportWords december{"2026-12-01", "2026-12-31", "", ""};
    CHECK(row_text(table_of(database, clerk, ReportKind::sla, december).rows[2]).ends_with("|1|1|0|100|1|1"));
  });
}

TEST_CASE("folded counters are the same numbers in fewer rows") {
  db::on_each_engine([](db::Database& database) {
    RegistryWorld world(database);
    for (int i = 0; i < 20; ++i) {
      Dossier dossier = world.dossier(world.office, DossierKind::person, kNow);
      world.move(dossier, DossierState::submitted, kNow);
      world.certificate(world.office, at("2027-06-01"));
    }
    const Caller officer = RegistryWorld::caller(world.authority, {Role::auditor});
    const auto rows = [&](std::string_view prefix) {
      return must(must(database.read([&](db::Transaction& transaction) {
                    return transaction.one("SELECT COUNT(*) FROM registry_count WHERE scope = '' AND what LIKE ?",
                                           {std::string(prefix) + "%"});
                  })).get<std::int64_t>(0));
    };
    const auto before = json::serialize(dashboard_of(database, officer));
    CHECK(rows("dossier.event/") == 32);
    CHECK(rows("certificate.expiry/") == 16);
    must(fold_counters(database, kNow));
    CHECK(rows("dossier.event/") == 2);
    CHECK(rows("certificate.expiry/") == 1);
    CHECK(json::serialize(dashboard_of(database, officer)) == before);
    world.certificate(world.office, at("2027-06-01"));
    CHECK(figure(dashboard_of(database, officer), "certificates_good") == 21);
  });
}

TEST_CASE("months that are summed up are the same numbers, wherever a period begins and ends") {
  db::on_each_engine([](db::Database& database) {
    RegistryWorld world(database);
    std::vector<Instant> times;
    for (int i = 0; i < 60; ++i) times.push_back(at("2025-08-31T23:59:59+07:00") + hours(i * 179 + i % 3));
    for (std::size_t i = 0; i < times.size(); ++i)
      world.finished(i % 3 == 0 ? world.other : world.office, kDossierKinds.at(i % 6), times[i], hours(10));
    const Caller officer = RegistryWorld::caller(world.authority, {Role::auditor});
    const Caller clerk = RegistryWorld::caller(world.office, {Role::clerk});
    std::vector<ReportWords> periods = {
        {"2025-09-01", "2026-08-31", "month", ""},   {"2025-09-02", "2026-08-30", "month", ""},
        {"2025-08-01", "2026-11-30", "year", ""},    {"2025-09-15", "2025-09-20", "month", ""},
        {"2025-12-31", "2026-01-01", "quarter", ""}, {"2025-10-01", "2026-10-31", "week", ""},
        {"2026-02-01", "2026-02-28", "month", ""},   {"2026-10-31", "2026-11-20", "month", ""}};
    const auto all = [&](Instant now) {
      std::vector<std::string> out;
      for (const ReportWords& words : periods)
        for (const ReportKind kind : {ReportKind::by_time, ReportKind::by_kind, ReportKind::by_organisation})
          for (const Caller& caller : {officer, clerk})
            for (const std::string& row : rows_of(table_of(database, caller, kind, words, now))) out.push_back(row);
      return out;
    };
    const auto before = all(kNow);
    CHECK(before.size() > 300);
    // A month is over when no clock is in it any more.
    must(fold_counters(database, at("2026-07-02T23:00:00+07:00")));
    CHECK(all(kNow) == before);
    const auto last_sum = [&] {
      return must(must(database.read([](db::Transaction& transaction) {
                    return transaction.one("SELECT MAX(what) FROM registry_count WHERE what < 'dossier.month/9'");
                  })).get<std::string>(0));
    };
    CHECK(last_sum().starts_with("dossier.month/2026-05/"));
    // Two processes may do it at once.
    auto other = std::async(std::launch::async, [&] { return fold_counters(database, kNow); });
    must(fold_counters(database, kNow));
    must(other.get());
    CHECK(all(kNow) == before);
    CHECK(last_sum().starts_with("dossier.month/2026-10/"));
    must(fold_counters(database, kNow));
    CHECK(all(kNow) == before);
    // What happens later is counted on.
    world.finished(world.office, DossierKind::person, kNow, hours(1));
    CHECK(all(kNow) != before);
  });
}

// ---- access ---------------------------------------------------------------------------------------------------------

TEST_CASE("nobody sees figures of an organisation that is not his") {
  db::on_each_engine([](db::Database& database) {
    Some some(database);
    const auto scope_of = [&](const Caller& caller, const std::optional<std::string>& wanted) {
      const auto scope =
          database.read([&](db::Transaction& transaction) { return report_scope(transaction, caller, wanted, kNow); });
      return scope ? "scope " + scope->id : std::string(scope.error().code);
    };
    const RegistryWorld& world = some.world;
    CHECK(scope_of(some.clerk, std::nullopt) == "scope " + world.office);
    CHECK(scope_of(some.clerk, world.office) == "scope " + world.office);
    for (const std::string& elsewhere :
         {world.other, world.ministry, world.authority, std::string("none"), std::string()})
      CHECK(scope_of(some.clerk, elsewhere) == "registry.organisation.missing");
    CHECK(scope_of(some.head, world.office) == "scope " + world.office);
    CHECK(scope_of(some.head, world.other) == "registry.organisation.missing");
    CHECK(scope_of(some.officer, std::nullopt) == "scope ");
    CHECK(scope_of(some.officer, world.other) == "scope " + world.other);
    CHECK(scope_of(some.officer, "none") == "registry.organisation.missing");
    CHECK(scope_of(RegistryWorld::caller("", {Role::clerk}), std::nullopt) == "registry.organisation.missing");
  });
}

TEST_CASE("reports through their routes: roles, organisations, files") {
  db::on_each_engine([](db::Database& database) {
    Some some(database);
    AccountSessions sessions(database);
    const FixedClock clock(kNow);
    const std::string url = "https://cong.example.vn";
    const auto routes = serve({sessions, clock, url}, report_routes(database));
    const auto status = [&](const std::string& where, const std::optional<TestAccount>& account,
                            std::vector<std::pair<std::string, std::string>> query, std::string* body = nullptr) {
      net::ServerRequest http;
      http.method = "GET";
      http.query = std::move(query);
      if (account) http.headers = account->headers(url);
      for (const net::Route& route : routes)
        if (route.where == where) {
          const net::ServerResponse answer = route.handler(http);
          if (body != nullptr) *body = text_of(answer);
          return answer.status;
        }
      return -1;
    };
    const std::string report = "/api/v1/reports/{report}", file = "/api/v1/reports/{report}/file",
                      home = "/api/v1/reports/dashboard";
    CHECK(status(home, std::nullopt, {}) == 401);
    CHECK(status(report, std::nullopt, {{"report", "sla"}}) == 401);
    for (std::size_t i = 0; i < kRoles; ++i) {
      const Role role = static_cast<Role>(i);
      const TestAccount account =
          make_account(database, kNow, is_of_authority(role) ? some.world.authority : some.world.office, {role});
      CHECK(status(home, account, {}) == 200);
      const int expected = role == Role::administrator ? 403 : 200;
      CHECK(status(report, account, {{"report", "by-kind"}}) == expected);
      CHECK(status(file, account, {{"report", "by-kind"}, {"format", "xlsx"}}) == expected);
    }
    const TestAccount clerk = make_account(database, kNow, some.world.office, {Role::clerk});
    for (const char* name : {"by-time", "by-organisation", "by-kind", "by-device", "expiring", "sla"}) {
      CHECK(status(report, clerk, {{"report", name}, {"organisation", some.world.other}}) == 404);
      CHECK(status(file, clerk, {{"report", name}, {"organisation", some.world.other}, {"format", "pdf"}}) == 404);
      CHECK(status(report, clerk, {{"report", name}, {"organisation", ""}}) == 200);
      std::string body;
      CHECK(status(file, clerk, {{"report", name}, {"format", "pdf"}}, &body) == 200);
      CHECK(body.starts_with("%PDF-"));
      CHECK(status(file, clerk, {{"report", name}, {"format", "xlsx"}}, &body) == 200);
      CHECK(body.starts_with("PK"));
    }
    CHECK(status(report, clerk, {{"report", "secrets"}}) == 404);
    CHECK(status(file, clerk, {{"report", "sla"}, {"format", "exe"}}) == 400);
    CHECK(status(report, clerk, {{"report", "sla"}, {"from", "2026-11-31"}}) == 400);
    CHECK(status(report, clerk, {{"report", "sla"}, {"from", "2026-12-01"}, {"to", "2026-11-01"}}) == 422);
    CHECK(status(report, clerk, {{"report", "sla"}, {"from", "1999-01-01"}, {"to", "2026-11-01"}}) == 422);
    CHECK(status(report, clerk, {{"report", "by-time"}, {"from", "2020-01-01"}, {"unit", "day"}}) == 422);
    CHECK(status(report, clerk, {{"report", "by-time"}, {"unit", "century"}}) == 400);
    std::string body;
    status(report, clerk, {{"report", "sla"}, {"from", "2026-11-01"}}, &body);
    CHECK(body.find("Trần Thị B") == std::string::npos);
    CHECK(body.find("\"is_cut\":false") != std::string::npos);
  });
}

TEST_CASE("the files hold the same rows") {
  db::on_each_engine([](db::Database& database) {
    Some some(database);
    some.world.certificate(some.world.office, at("2026-12-01T23:59:59+07:00"));
    const ReportHead head{"BỘ MẪU", "Trung tâm mẫu", "Hà Nội"};
    const ReportScope scope{some.world.office, "Trung tâm mẫu", false};
    const ReportTable table = table_of(database, some.clerk, ReportKind::expiring, {});
    const Bytes workbook = must(report_to_xlsx(table, head, scope, kNow));
    std::vector<std::string> lines;
    must(sheet::read_xlsx(workbook, {}, [&](sheet::Row&& row) -> Result<bool> {
      std::string line;
      for (const sheet::Cell& cell : row.cells) line += (line.empty() ? "" : "|") + cell.text;
      lines.push_back(line);
      return true;
    }));
    CHECK(lines.front() == "Chứng thư số sắp hết hạn");
    CHECK(std::ranges::find(lines, "Phạm vi: Trung tâm mẫu") != lines.end());
    CHECK(lines.back() == cell_text(table.rows[0][0]) + "|Nguyễn Văn A|Trung tâm mẫu|Cá nhân|USB Token|01/12/2026");
    CHECK(must(report_to_xlsx(table, head, scope, kNow)) == workbook);

    const TestFolder folder;
    const Bytes letter = must(report_to_pdf(table, head, scope, kNow));
    const auto path = folder.write("report.pdf", as_chars(letter));
    const auto text = run_command("pdftotext -layout '" + path.string() + "' - 2>&1");
    CHECK(text.status == 0);
    CHECK(text.output.find("BÁO CÁO") != std::string::npos);
    CHECK(text.output.find("TRUNG TÂM MẪU") != std::string::npos);
    CHECK(text.output.find("01/12/2026") != std::string::npos);
  });
}

}  // namespace
}  // namespace kyso::registry
