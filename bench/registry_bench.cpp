#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>

#include "db/migration.h"
#include "net/request_head.h"
#include "registry/account/accounts.h"
#include "registry/desk/queues.h"
#include "registry/desk/routes.h"
#include "registry/dossier/view.h"
#include "registry/notice/delivery.h"
#include "registry/organisation/routes.h"
#include "registry/public_pages/routes.h"
#include "registry/report/reports.h"
#include "registry/report/routes.h"
#include "registry_data.h"

// Every list, search and report of the portal over a registry of the size of a country:
//   kyso_registry_bench --database postgresql://… [--dossiers 1000000] [--certificates 3000000] [--rounds 200]
//                       [--only TEXT]
// An empty database is filled first. Each line: milliseconds from a request to its answer, without network and session,
// median, 99th of a hundred, the longest; then the goal for the 99th ("-": none), and how many rows the longest had.
namespace {

using namespace kyso;
using namespace kyso::registry;
using bench::organisation_id;

struct Options {
  std::string url, only;
  bench::RegistrySize size;
  int rounds = 200;
};

Result<Options> read_options(int count, char** words) {
  Options out;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = words[i], value = words[i + 1];
    const auto number = [&](auto& to) { std::from_chars(value.data(), value.data() + value.size(), to); };
    if (name == "--database") out.url = value;
    if (name == "--only") out.only = value;
    if (name == "--dossiers") number(out.size.dossiers);
    if (name == "--certificates") number(out.size.certificates);
    if (name == "--rounds") number(out.rounds);
  }
  if (out.url.empty()) return fail("base.internal", "--database is missing");
  out.size.accounts = out.size.dossiers * 3 / 20;
  return out;
}

// ---- the portal without network -------------------------------------------------------------------------------------

Error unused() {
  return fail("base.internal", "lists ask nobody outside");
}
struct NoAuthority final : IssuingAuthority {
  Result<AuthorityRequest> submit(std::string_view, const Within&) override { return unused(); }
  Result<AuthorityRequest> decide(const std::string&, std::string_view, const Within&) override { return unused(); }
  Result<AuthorityRequest> request(const std::string&) override { return unused(); }
  Result<std::shared_ptr<const vault::Policy>> policy() override { return unused(); }
  Result<IssuedCertificate> certificate(const std::string&, const std::string&) override { return unused(); }
  Result<Changes> changes(std::int64_t, std::size_t) override { return unused(); }
  Result<std::vector<std::pair<std::string, Bytes>>> released_so_pins(const std::string&) override { return unused(); }
};
struct NoVerifier final : LetterVerifier {
  Result<LetterVerdict> verify(ByteView, Instant) override { return unused(); }
  Result<Report> report(ByteView, std::string_view, Instant) override { return unused(); }
};

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    out.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return out;
}

class Portal {
 public:
  Portal(db::Database& database, Instant now)
      : m_clock(now),
        m_accounts(database, {}),
        m_dossiers({database, m_verifier, m_clock, {}, nullptr}),
        m_view(m_dossiers),
        m_desk({database, m_authority, m_calendar, m_clock, {}}) {
    const auto add = [&](std::vector<PortalRoute> routes) {
      for (PortalRoute& route : routes)
        if (route.method == "GET") m_routes.emplace_back(segments_of(route.where), std::move(route));
    };
    add(account_routes(m_accounts, database));
    add(outbox_routes(database));
    add(organisation_routes(database));
    add(dossier_routes(m_dossiers, m_view));
    add(certificate_routes(m_dossiers));
    DossierViews views;
    views.row = [this](const Dossier& dossier) { return m_view.row(dossier); };
    add(desk_routes(m_desk, database, m_clock, std::move(views), {}));
    add(report_routes(database));
    PublicParts parts{database, m_verifier, nullptr, {}, {}};
    parts.look_ups = {1'000'000, std::chrono::seconds(60)};
    add(public_routes(std::move(parts)));
  }

  // "/dossiers?box=draft" for this person at this time: the answer's body.
  Result<Bytes> get(const std::string& target, const Caller& caller, Instant now) const {
    net::ServerRequest http;
    http.method = "GET";
    http.id = "bench";
    const std::string whole = "/api/v1" + target.substr(0, target.find('?'));
    const PortalRoute& route = KYSO_TRY(find(whole, http));
    if (const std::size_t mark = target.find('?'); mark != std::string::npos)
      for (std::string_view rest = std::string_view(target).substr(mark); !rest.empty();) {
        rest.remove_prefix(1);
        const std::string_view pair = rest.substr(0, rest.find('&'));
        const std::size_t equal = std::min(pair.find('='), pair.size());
        http.query.emplace_back(pair.substr(0, equal),
                                net::percent_decode(pair.substr(std::min(equal + 1, pair.size())), true).value_or(""));
        rest.remove_prefix(pair.size());
      }
    const net::ServerResponse answer = KYSO_TRY(route.handler({http, caller, now}));
    if (answer.status != 200) return fail("base.internal", "{}: status {}", target, answer.status);
    return *answer.body;
  }

 private:
  using Known = std::pair<std::vector<std::string>, PortalRoute>;

  Result<std::reference_wrapper<const PortalRoute>> find(const std::string& path, net::ServerRequest& http) const {
    const std::vector<std::string> segments = segments_of(path);
    for (const auto& [where, route] : m_routes) {
      http.captures.clear();
      const bool fits = std::ranges::equal(where, segments, [&](const std::string& name, const std::string& segment) {
        if (!name.starts_with('{')) return name == segment;
        http.captures.emplace_back(name.substr(1, name.size() - 2), segment);
        return true;
      });
      if (fits) return std::cref(route);
    }
    return fail("base.internal", "no route {}", path);
  }

  FixedClock m_clock;
  NoAuthority m_authority;
  NoVerifier m_verifier;
  WorkingCalendar m_calendar;
  Accounts m_accounts;
  Dossiers m_dossiers;
  DossierView m_view;
  Desk m_desk;
  std::vector<Known> m_routes;
};

// ---- what is asked for ----------------------------------------------------------------------------------------------

constexpr double kGoal = 50;  // milliseconds

struct Case {
  std::string name;
  Caller caller;
  std::function<std::string(int round)> target;
  std::optional<double> goal = kGoal;
};

Caller officer() {
  return {"account-7",
          "cb7@coquanmau.example.vn",
          "Nguyễn Văn A",
          organisation_id(1, 0),
          {Role::receiving, Role::checking, Role::approving, Role::auditor, Role::administrator},
          "",
          "s"};
}
Caller member(int level, std::int64_t number) {
  return {
      "a", "vt1@coquanmau.example.vn", "Nguyễn Văn A", organisation_id(level, number), {Role::clerk, Role::head}, "",
      "s"};
}

class Cases {
 public:
  std::vector<Case> all;

  template <typename Target>
  Case& add(std::string name, const Caller& caller, Target target) {
    return all.emplace_back(Case{std::move(name), caller, target_of(target)});
  }
  // For a ministry, a department and a unit, and for officers, who see everything.
  template <typename Target>
  void for_all(const std::string& name, Target target, std::string_view of_officers = {}) {
    const auto given = target_of(target);
    add(name + " [all]", officer(), [given, of_officers](int round) {
      const std::string text = given(round);
      const std::size_t mark = std::min(text.find('?'), text.size());
      return of_officers.empty() ? text : std::string(of_officers) + text.substr(mark);
    });
    add(name + " [ministry]", member(1, 17), given);
    add(name + " [department]", member(2, 1'042), given);
    add(name + " [unit]", member(3, 28'134), given);
  }

 private:
  static std::function<std::string(int)> target_of(const char* text) {
    return [target = std::string(text)](int) { return target; };
  }
  static std::function<std::string(int)> target_of(std::function<std::string(int)> target) { return target; }
};

void add_dossier_lists(Cases& cases, const bench::RegistrySize& size, Instant now) {
  const auto day = [now](int days_ago) { return iso_day(day_of(now) - std::chrono::days(days_ago)); };
  const auto listing = [&cases](const std::string& name, auto target) {
    cases.for_all("dossiers: " + name, target, "/desk/dossiers");
  };
  listing("newest", "/dossiers");
  listing("page in the midst",
          [size](int round) { return fmt::format("/dossiers?after={}", size.dossiers / 2 + round); });
  listing("finished", "/dossiers?box=finished&queue=finished");
  listing("submitted, kind 05", "/dossiers?box=submitted&kind=05");
  listing("common words", "/dossiers?q=truong+ubnd");
  listing("a person", "/dossiers?q=nguyễn+thanh+lan");
  listing("rare word", [](int round) { return fmt::format("/dossiers?q={}+ubnd", 3'000 + round * 13); });
  listing("word that none has", "/dossiers?q=xyzt+ubnd");
  listing("letter number", [](int round) { return fmt::format("/dossiers?number={}/UBND-VP", 1 + round); });
  listing("a month",
          [day](int round) { return fmt::format("/dossiers?from={}&to={}", day(430 + round), day(400 + round)); });
  for (const std::string_view queue : {"waiting", "processing", "mine", "overdue", "lines", "approval", "returned"})
    cases.add(fmt::format("desk: {}", queue), officer(),
              [queue](int) { return fmt::format("/desk/dossiers?queue={}", queue); });
  cases.add("desk: numbers of the queues", officer(), "/desk/queues");
  const auto one = [size](int round) { return bench::dossier_id(1 + round * 4'999 % size.dossiers); };
  cases.add("dossier: whole", officer(), [one](int round) { return "/dossiers/" + one(round); });
  cases.add("dossier: history", officer(), [one](int round) { return "/dossiers/" + one(round) + "/history"; });
  const std::string lines = "/dossiers/" + bench::dossier_id(1) + "/lines";
  cases.add("dossier of 1,000 lines: first page", officer(), [lines](int) { return lines; });
  cases.add("dossier of 1,000 lines: page in the midst", officer(),
            [lines](int round) { return fmt::format("{}?after={}", lines, 300 + round); });
  cases.add("dossier of 1,000 lines: with findings", officer(), [lines](int) { return lines + "?problems=true"; });
}

void add_certificate_lists(Cases& cases, const bench::RegistrySize& size, Instant now) {
  const auto listing = [&cases](const std::string& name, auto target) {
    cases.for_all("certificates: " + name, target);
  };
  const auto one = [size](int round) { return 1 + round * 9'973 % size.certificates; };
  listing("newest", "/certificates");
  listing("good", "/certificates?state=good");
  listing("expired", "/certificates?state=expired");
  listing("suspended", "/certificates?state=suspended");
  listing("revoked SIMs", "/certificates?state=revoked&device_kind=sim_pki");
  listing("central (none)", "/certificates?device_kind=central");
  listing("a name", "/certificates?name=nguyễn+thanh+lan");
  listing("a word", "/certificates?name=nguyen");
  listing("word that none has", "/certificates?name=xyzt");
  listing("stale", "/certificates?stale=true");
  listing("expiring in 60 days",
          [now](int) { return "/certificates?expires_before=" + iso_day(day_of(now) + std::chrono::days(60)); });
  listing("serial", [one](int round) { return "/certificates?serial=" + bench::certificate_serial(one(round)); });
  listing("e-mail",
          [one](int round) { return fmt::format("/certificates?email=n{}@coquanmau.example.vn", one(round)); });
  cases.add("certificates: outside, serial", member(3, 5), [one](int round) {
    return fmt::format("/certificates?outside=true&serial={}", bench::certificate_serial(one(round)));
  });
  cases.add("tokens: newest", officer(), "/desk/tokens");
  cases.add("tokens: in stock", officer(), "/desk/tokens?state=stock");
  cases.add("tokens: beginning of a number", officer(),
            [](int round) { return fmt::format("/desk/tokens?q=01{:02X}", round % 32); });
}

void add_reports(Cases& cases, Instant now) {
  cases.for_all("dashboard", "/reports/dashboard");
  const auto report = [&](const std::string& name, const std::string& kind, int days, std::optional<double> goal) {
    const std::size_t first = cases.all.size();
    cases.for_all("report: " + name, [now, kind, days](int round) {
      const auto from = day_of(now) - std::chrono::days(days + round % 300);
      return fmt::format("/reports/{}from={}&to={}", kind, iso_day(from), iso_day(from + std::chrono::days(days - 1)));
    });
    for (std::size_t i = first; i < cases.all.size(); ++i) cases.all[i].goal = goal;
  };
  report("by-time, a year by month", "by-time?unit=month&", 365, kGoal);
  report("by-time, a year by day", "by-time?unit=day&", 365, kGoal);
  report("by-organisation, a month", "by-organisation?", 30, kGoal);
  report("by-organisation, a year", "by-organisation?", 365, kGoal);
  report("by-kind, a year", "by-kind?", 365, kGoal);
  cases.for_all("report: by-device", "/reports/by-device");
  cases.for_all("report: expiring, 60 days", "/reports/expiring");
  report("sla, a month", "sla?", 30, kGoal);
  report("sla, a year", "sla?", 365, std::nullopt);
}

void add_people(Cases& cases) {
  const Caller administrator = officer();
  const auto accounts = [&](const std::string& name, const std::string& q) {
    cases.add("accounts: " + name, administrator, [q](int) { return "/accounts" + q; });
  };
  accounts("newest", "");
  accounts("a name", "?q=nguyễn+thanh+lan");
  accounts("common words", "?q=nguyen+coquanmau");
  accounts("word that none has", "?q=xyzt");
  cases.add("accounts: an address", administrator,
            [](int round) { return fmt::format("/accounts?q=vt{}@coquanmau", 1 + round * 331); });
  for (const auto& [level, name] : {std::pair(1, "ministry"), std::pair(2, "department"), std::pair(3, "unit")}) {
    Caller head = member(level, 17);
    cases.add(fmt::format("accounts: below [{}]", name), head, "/accounts");
    cases.add(fmt::format("accounts: below, a name [{}]", name), head, "/accounts?q=nguyen");
  }
  cases.add("outbox: newest", administrator, "/administration/outbox");
  cases.add("outbox: failed", administrator, "/administration/outbox?state=failed");
}

void add_organisations(Cases& cases) {
  cases.add("organisations: top", officer(), "/organisations?parent=root");
  cases.add("organisations: children", officer(),
            [](int round) { return "/organisations?parent=" + organisation_id(1 + round % 2, round % 60); });
  for (const std::string_view words :
       {"truong tieu hoc", "xa", "so y te", "phong", "y te son", "xa minh 77", "t", "lang son",
        "trung tam lang son hoa", "12345", "hoa tram", "binh an hung", "khong co ai", "son tay truong"})
    cases.add(fmt::format("organisations: “{}”", words), officer(), [words](int) {
      std::string q(words);
      std::ranges::replace(q, ' ', '+');
      return "/organisations?q=" + q;
    });
  cases.add("organisations: changes", officer(), "/organisation-changes");
}

void add_public_pages(Cases& cases, Instant now) {
  cases.add("public: figures", officer(), "/public/figures");
  cases.add("public: a dossier", officer(), [now](int round) {
    return fmt::format("/public/dossiers?organisation={}&number={}/UBND-VP&date={}",
                       organisation_id(3, round * 331 % bench::kLow), 1 + round,
                       iso_day(day_of(now) - std::chrono::days(round)));
  });
  cases.add("public: a certificate", officer(),
            [](int round) { return "/public/certificates/" + bench::certificate_serial(1 + round * 9'973); });
}

// ---- measuring ------------------------------------------------------------------------------------------------------

double at(std::vector<double>& times, double share) {
  std::ranges::sort(times);
  return times[std::min(times.size() - 1, static_cast<std::size_t>(share * static_cast<double>(times.size())))];
}

std::size_t rows_in(const Bytes& body) {
  const Result<json::Value> answer = json::parse(as_chars(body));
  if (!answer) return 0;
  for (const char* name : {"items", "rows", "figures"})
    if (const json::Value* list = answer->find(name); list != nullptr && list->as_array() != nullptr)
      return list->as_array()->size();
  return 1;
}

Result<> measure(const Portal& portal, const Case& one, int rounds, Instant now) {
  std::vector<double> times;
  std::size_t rows = 0;
  for (int round = -5; round < rounds; ++round) {
    const std::string target = one.target(std::abs(round));
    const auto begin = std::chrono::steady_clock::now();
    // Two minutes later each time: what is kept for a minute is made anew.
    const Bytes body = KYSO_TRY(portal.get(target, one.caller, now + std::chrono::minutes(2 * round)));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    rows = std::max(rows, rows_in(body));
    if (round >= 0) times.push_back(took.count());
  }
  const double median = at(times, 0.5), p99 = at(times, 0.99);
  fmt::print("{:<52} {:8.2f} {:8.2f} {:8.2f} {:>5} {:6}{}\n", one.name, median, p99, times.back(),
             one.goal ? fmt::format("{:.0f}", *one.goal) : "-", rows, one.goal && p99 >= *one.goal ? "  <-- slow" : "");
  std::fflush(stdout);
  return {};
}

// When the database was filled: what is in it is as old as it was then.
Result<Instant> filled(db::Database& database, const Options& options) {
  constexpr std::chrono::seconds kNewest{608'000};  // the newest dossier's age
  const auto row = KYSO_TRY(
      database.read([](db::Transaction& transaction) { return transaction.one("SELECT MAX(created) FROM dossier"); }));
  if (const auto newest = KYSO_TRY(row.get<std::optional<Instant>>(0))) return *newest + kNewest;
  const Instant now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  KYSO_TRY(bench::make_registry(database, options.size, now));
  return now;
}

Result<> run(const Options& options) {
  db::DatabaseOptions how;
  how.url = options.url;
  how.statement_timeout = std::chrono::hours(1);
  const auto database = KYSO_TRY(db::Database::open(how));
  KYSO_TRY(db::migrate(*database, KYSO_SOURCE_DIR "/db/migrations/platform", system_clock()));
  const Instant now = KYSO_TRY(filled(*database, options));
  // What jobs do.
  KYSO_TRY(follow_finished(*database, now + std::chrono::minutes(10)));
  KYSO_TRY(fold_counters(*database, now));
  KYSO_TRY(database->write([](db::Transaction& transaction) { return transaction.execute("ANALYZE"); }));
  Cases cases;
  add_dossier_lists(cases, options.size, now);
  add_certificate_lists(cases, options.size, now);
  add_people(cases);
  add_organisations(cases);
  add_reports(cases, now);
  add_public_pages(cases, now);
  const Portal portal(*database, now);
  fmt::print("{:<52} {:>8} {:>8} {:>8} {:>5} {:>6}   (milliseconds)\n", "", "median", "p99", "longest", "goal", "rows");
  for (const Case& one : cases.all)
    if (one.name.find(options.only) != std::string::npos) KYSO_TRY(measure(portal, one, options.rounds, now));
  return {};
}

}  // namespace

int main(int count, char** words) {
  const Result<Options> options = read_options(count, words);
  const Result<> done = options ? run(*options) : Result<>(options.error());
  if (done) return 0;
  fmt::print(stderr, "{} {}\n", done.error().code, done.error().detail);
  return 1;
}
