#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>
#include <optional>

#include "db/migration.h"
#include "registry/desk/queues.h"
#include "registry/dossier/certificate_store.h"
#include "registry/dossier/store.h"
#include "registry/organisation/organisations.h"
#include "registry/public_pages/content.h"
#include "registry/public_pages/lookups.h"
#include "registry/report/reports.h"
#include "registry_data.h"

// Lists and reports of the portal over a registry of the size of a country:
//   kyso_registry_bench --database postgresql://… [--dossiers 1000000] [--certificates 3000000] [--rounds 200] [--only
//   TEXT]
// An empty database is filled first. Each line: milliseconds of one call with its transaction, median, 99th of a
// hundred, the longest.
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
    if (name == "--words") out.size.has_words = value != "no";
    if (name == "--dossiers") number(out.size.dossiers);
    if (name == "--certificates") number(out.size.certificates);
    if (name == "--rounds") number(out.rounds);
  }
  if (out.url.empty()) return fail("base.internal", "--database is missing");
  return out;
}

// A call of a round; what it gives is the number of rows, for a look.
using Call = std::function<Result<std::size_t>(db::Transaction&, int)>;
struct Case {
  std::string name;
  Call call;
};

double at(std::vector<double>& times, double share) {
  std::ranges::sort(times);
  return times[std::min(times.size() - 1, static_cast<std::size_t>(share * static_cast<double>(times.size())))];
}

Result<> measure(db::Database& database, const Case& one, int rounds) {
  std::vector<double> times;
  std::size_t rows = 0;
  for (int round = -5; round < rounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    rows = std::max(
        rows,
        KYSO_TRY(database.read([&](db::Transaction& transaction) { return one.call(transaction, std::abs(round)); })));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    if (round >= 0) times.push_back(took.count());
  }
  const double p99 = at(times, 0.99);
  fmt::print("{:<44} {:8.2f} {:8.2f} {:8.2f} {:6} rows{}\n", one.name, at(times, 0.5), p99, times.back(), rows,
             p99 > 50 ? "  <-- more than 50" : "");
  std::fflush(stdout);
  return {};
}

std::vector<std::string> scopes_of_round(int round) {
  return {"", organisation_id(1, round % bench::kTop), organisation_id(2, round * 37 % bench::kMiddle),
          organisation_id(3, round * 331 % bench::kLow)};
}
constexpr std::array<std::string_view, 4> kScopeNames = {"all", "ministry", "department", "unit"};

// For everything, a ministry, a department and a unit.
template <typename Make>
void for_scopes(std::vector<Case>& cases, const std::string& name, const Make& make) {
  for (std::size_t level = 0; level < kScopeNames.size(); ++level)
    cases.push_back({fmt::format("{} [{}]", name, kScopeNames[level]), [=](db::Transaction& transaction, int round) {
                       return make(transaction, scopes_of_round(round)[level], round);
                     }});
}

void add_dossier_lists(std::vector<Case>& cases, const bench::RegistrySize& size, Instant now) {
  using dossier_store::DossierFilter;
  const auto listing = [&cases](const std::string& name, auto change) {
    for_scopes(cases, "dossiers: " + name,
               [change](db::Transaction& transaction, const std::string& scope, int round) -> Result<std::size_t> {
                 DossierFilter filter;
                 filter.scope = scope;
                 change(filter, round);
                 return KYSO_TRY(dossier_store::list(transaction, filter)).items.size();
               });
  };
  listing("newest", [](DossierFilter&, int) {});
  listing("page in the midst", [size](DossierFilter& f, int round) { f.after = size.dossiers / 2 - round * 1000; });
  listing("finished", [](DossierFilter& f, int) { f.box = Box::finished; });
  listing("submitted, kind 05", [](DossierFilter& f, int) {
    f.box = Box::submitted;
    f.kind = DossierKind::revocation;
  });
  listing("common words", [](DossierFilter& f, int) { f.words = {"ubnd", "don"}; });
  listing("rare word", [](DossierFilter& f, int round) { f.words = {std::to_string(3000 + round * 13), "ubnd"}; });
  listing("word that none has", [](DossierFilter& f, int) { f.words = {"xyzt", "ubnd"}; });
  listing("letter number", [](DossierFilter& f, int round) { f.letter_number = fmt::format("{}/UBND-VP", 1 + round); });
  listing("a month", [now](DossierFilter& f, int round) {
    f.from = now - std::chrono::days(400 + round);
    f.to = *f.from + std::chrono::days(30);
  });
  for (const std::string_view name : {"waiting", "processing", "mine", "overdue", "approval", "returned"})
    cases.push_back(
        {fmt::format("queue: {}", name), [=](db::Transaction& transaction, int round) -> Result<std::size_t> {
           Caller caller;
           caller.account = fmt::format("account-{}", round % 30);
           return KYSO_TRY(dossier_store::queue(transaction, *queue_by_name(name, caller, now))).size();
         }});
  cases.push_back({"queue: numbers", [=](db::Transaction& transaction, int round) -> Result<std::size_t> {
                     Caller caller;
                     caller.account = fmt::format("account-{}", round % 30);
                     return KYSO_TRY(count_queues(transaction, DeskOptions(), caller, now)).size();
                   }});
}

void add_certificate_lists(std::vector<Case>& cases, const bench::RegistrySize& size, Instant now) {
  using certificate_store::CertificateFilter;
  const auto listing = [&cases, now](const std::string& name, auto change) {
    for_scopes(cases, "certificates: " + name,
               [=](db::Transaction& transaction, const std::string& scope, int round) -> Result<std::size_t> {
                 CertificateFilter filter;
                 filter.scope = scope;
                 filter.now = now;
                 change(filter, round);
                 return KYSO_TRY(certificate_store::search(transaction, filter)).items.size();
               });
  };
  listing("newest", [](CertificateFilter&, int) {});
  listing("good", [](CertificateFilter& f, int) { f.state = "good"; });
  listing("expired", [](CertificateFilter& f, int) { f.state = "expired"; });
  listing("suspended", [](CertificateFilter& f, int) { f.state = "suspended"; });
  listing("revoked SIMs", [](CertificateFilter& f, int) {
    f.state = "revoked";
    f.device = Device::sim_pki;
  });
  listing("central (none)", [](CertificateFilter& f, int) { f.device = Device::central; });
  listing("three words", [](CertificateFilter& f, int) { f.words = {"nguyen", "thanh", "lan"}; });
  listing("word that none has", [](CertificateFilter& f, int) { f.words = {"xyzt"}; });
  listing("stale", [](CertificateFilter& f, int) { f.only_stale = true; });
  listing("expiring in 60 days", [now](CertificateFilter& f, int) { f.expires_before = now + std::chrono::days(60); });
  listing("serial", [size](CertificateFilter& f, int round) {
    f.serial = bench::certificate_serial(1 + round * 9973 % size.certificates);
  });
  listing("e-mail", [size](CertificateFilter& f, int round) {
    f.email = fmt::format("n{}@coquanmau.example.vn", 1 + round * 9973 % size.certificates);
  });
}

void add_reports(std::vector<Case>& cases, Instant now) {
  for_scopes(cases, "dashboard",
             [now](db::Transaction& transaction, const std::string& scope, int) -> Result<std::size_t> {
               return json::serialize(KYSO_TRY(dashboard(transaction, {scope, "", true}, now))).size();
             });
  const auto report = [&cases, now](const std::string& name, ReportKind kind, int days, Unit unit) {
    for_scopes(cases, "report: " + name,
               [=](db::Transaction& transaction, const std::string& scope, int round) -> Result<std::size_t> {
                 ReportQuery query;
                 query.kind = kind;
                 query.unit = unit;
                 const auto first = day_of(now) - std::chrono::days(days + round % 300);
                 query.period = {first, first + std::chrono::days(days - 1)};
                 if (kind == ReportKind::expiring) query.period = {day_of(now), day_of(now) + std::chrono::days(60)};
                 return KYSO_TRY(make_report(transaction, {scope, "", true}, query, now)).rows.size();
               });
  };
  report("by-time, a year by month", ReportKind::by_time, 365, Unit::month);
  report("by-time, a year by day", ReportKind::by_time, 365, Unit::day);
  report("by-organisation, a month", ReportKind::by_organisation, 30, Unit::month);
  report("by-organisation, a year", ReportKind::by_organisation, 365, Unit::month);
  report("by-kind, a year", ReportKind::by_kind, 365, Unit::month);
  report("by-device", ReportKind::by_device, 30, Unit::month);
  report("expiring, 60 days", ReportKind::expiring, 60, Unit::month);
  report("sla, a month", ReportKind::sla, 30, Unit::month);
  report("sla, a year", ReportKind::sla, 365, Unit::month);
}

void add_public_pages(std::vector<Case>& cases, Instant now) {
  cases.push_back({"public: figures", [now](db::Transaction& transaction, int) -> Result<std::size_t> {
                     return static_cast<std::size_t>(KYSO_TRY(public_figures(transaction, now)).total);
                   }});
  cases.push_back({"public: dossier", [now](db::Transaction& transaction, int round) -> Result<std::size_t> {
                     return KYSO_TRY(find_public_dossiers(transaction, organisation_id(3, round * 331 % bench::kLow),
                                                          fmt::format("{}/UBND-VP", 1 + round),
                                                          iso_day(day_of(now) - std::chrono::days(round))))
                         .size();
                   }});
  cases.push_back(
      {"organisations: children", [now](db::Transaction& transaction, int round) -> Result<std::size_t> {
         return Organisations::find(transaction, organisation_id(3, round), now).transform([](const auto& o) {
           return o.chain.size();
         });
       }});
}

Result<> run(const Options& options) {
  db::DatabaseOptions how;
  how.url = options.url;
  how.statement_timeout = std::chrono::hours(1);
  const auto database = KYSO_TRY(db::Database::open(how));
  KYSO_TRY(db::migrate(*database, KYSO_SOURCE_DIR "/db/migrations/platform", system_clock()));
  const auto newest = KYSO_TRY(
      database->read([](db::Transaction& transaction) { return transaction.one("SELECT MAX(updated) FROM dossier"); }));
  auto filled = KYSO_TRY(newest.get<std::optional<Instant>>(0));
  if (!filled) {
    const Instant now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    KYSO_TRY(bench::make_registry(*database, options.size, now));
    fmt::print(stderr, "following what finished, folding counters\n");
    KYSO_TRY(follow_finished(*database, now + std::chrono::minutes(10)));
    KYSO_TRY(fold_counters(*database, now));
    KYSO_TRY(database->write([](db::Transaction& transaction) { return transaction.execute("ANALYZE"); }));
    filled = now - std::chrono::seconds(608'000);
  }
  const Instant now = *filled + std::chrono::seconds(608'000);
  std::vector<Case> cases;
  add_dossier_lists(cases, options.size, now);
  add_certificate_lists(cases, options.size, now);
  add_reports(cases, now);
  add_public_pages(cases, now);
  fmt::print("{:<44} {:>8} {:>8} {:>8}   (milliseconds)\n", "", "median", "p99", "longest");
  for (const Case& one : cases)
    if (one.name.find(options.only) != std::string::npos) KYSO_TRY(measure(*database, one, options.rounds));
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
