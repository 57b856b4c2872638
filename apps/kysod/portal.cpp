#include "kysod/portal.h"

#include <algorithm>
#include <condition_variable>

#include "base/log.h"
#include "registry/account/store.h"
#include "registry/dossier/view.h"
#include "registry/organisation/seed.h"
#include "registry/organisation_uses.h"
#include "registry/public_pages/content.h"
#include "registry/report/expiry.h"
#include "registry/report/reports.h"
#include "registry/report/routes.h"
#include "registry/web/pages.h"

namespace kyso::daemon {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kMailPause{300};
constexpr std::chrono::seconds kPause{1};
constexpr std::chrono::seconds kPopulationEvery{30};
constexpr std::chrono::hours kTidyEvery{1};
constexpr std::chrono::minutes kReportsPause{1};
constexpr std::chrono::hours kFoldEvery{24};
constexpr std::size_t kPopulationBatch = 100;
constexpr std::size_t kMaxOfficers = 500;
constexpr std::size_t kMarkedAtOnce = 100;

void pause(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, time, [] { return false; });
}

// An error that lasts is told once, and when it is over.
class Told {
 public:
  explicit Told(std::string_view event) : m_event(event) {}
  template <typename T>
  bool tell(const Result<T>& result) {
    if (result) {
      if (!m_code.empty()) log::write(log::Level::info, m_event, {{"state", "well again"}});
      m_code.clear();
    } else if (m_code != result.error().code) {
      m_code = result.error().code;
      log::write(log::Level::error, m_event, result.error());
    }
    return result.has_value();
  }

 private:
  std::string_view m_event;
  std::string m_code;
};

}  // namespace

Portal::Portal(PortalOptions options, db::Database& database, authority::Authority& authority, vault::Vault& vault)
    : m_options(std::move(options)),
      m_database(database),
      m_vault(vault),
      m_authority(authority, database),
      m_sessions(database),
      m_events(database, m_sessions) {}

Result<std::unique_ptr<Portal>> Portal::create(PortalOptions options, db::Database& database,
                                               authority::Authority& authority, vault::Vault& vault) {
  std::unique_ptr<Portal> out(new Portal(std::move(options), database, authority, vault));
  PortalOptions& set = out->m_options;
  out->m_calendar = KYSO_TRY(WorkingCalendar::load(set.calendar));
  out->m_templates = KYSO_TRY(registry::NoticeTemplates::load(set.notices));
  out->m_letters = KYSO_TRY(PdfLetterVerifier::create(set.letters));
  if (!set.population_url.empty())
    out->m_population = std::make_unique<HttpPopulationDatabase>(set.population_url, set.population_ca_file);
  if (set.seeds_organisations)
    for (const std::filesystem::path& folder : set.organisations)
      KYSO_TRY(registry::seed_organisations(database, folder, system_clock()));
  KYSO_TRY(registry::add_original_content(database, set.content, system_clock().now()));
  out->m_mail = std::make_unique<registry::SmtpCarrier>(std::move(set.mail));
  out->m_delivery =
      std::make_unique<registry::NoticeDelivery>(database, *out->m_templates, *out->m_mail, out->m_sms, set.delivery);
  out->m_accounts = std::make_unique<registry::Accounts>(database, std::move(set.accounts), &out->m_authority);
  out->m_dossiers = std::make_unique<registry::Dossiers>(registry::Dossiers::Parts{
      database, *out->m_letters, system_clock(), set.dossiers, out->m_population.get(),
      [](db::Transaction& transaction, const registry::Line& line, const registry::Caller& caller, Instant now) {
        return registry::token_store::let_go(transaction, line.id, caller.account, now);
      }});
  out->m_view = std::make_unique<registry::DossierView>(
      *out->m_dossiers, [desk = set.desk](const registry::Dossier& dossier, Instant now) {
        return std::string(registry::urgency(desk, dossier, now));
      });
  out->m_desk = std::make_unique<registry::Desk>(
      registry::Desk::Parts{database, out->m_authority, out->m_calendar, system_clock(), set.desk});
  return out;
}

void Portal::start() {
  m_events.start();
  m_threads.emplace_back([this](const std::stop_token& stop) { send_mail(stop); });
  m_threads.emplace_back([this](const std::stop_token& stop) { look_after(stop); });
  m_threads.emplace_back([this](const std::stop_token& stop) { keep_reports(stop); });
}

void Portal::stop() {
  for (std::jthread& thread : m_threads) thread.request_stop();
  m_threads.clear();
  m_events.stop();
}

void Portal::send_mail(const std::stop_token& stop) {
  Told written("account.mail"), delivered("notice.delivery");
  while (!stop.stop_requested()) {
    const Instant now = system_clock().now();
    const Result<bool> wrote = m_accounts->run_one(now), sent = m_delivery->run_one(now);
    written.tell(wrote);
    delivered.tell(sent);
    if (!wrote.value_or(false) && !sent.value_or(false)) pause(stop, kMailPause);
  }
}

void Portal::look_after(const std::stop_token& stop) {
  Told desk("desk.upkeep"), tree("organisations.upkeep"), people("population.upkeep");
  Instant next_people{}, next_tidying{};
  while (!stop.stop_requested()) {
    const Instant now = system_clock().now();
    desk.tell(m_desk->look_after());
    tree.tell(m_dossiers->follow_changes(kMarkedAtOnce));
    if (m_population && now >= next_people) {
      people.tell(m_dossiers->check_waiting(kPopulationBatch));
      next_people = now + kPopulationEvery;
    }
    if (now >= next_tidying) {
      tidy(now);
      next_tidying = now + kTidyEvery;
    }
    pause(stop, kPause);
  }
}

// What reports read instead of rows. The first time over a large registry takes minutes.
void Portal::keep_reports(const std::stop_token& stop) {
  Told finished("reports.finished"), counters("reports.counters");
  Instant next_folding{};
  while (!stop.stop_requested()) {
    const Instant now = system_clock().now();
    finished.tell(registry::follow_finished(m_database, now));
    if (now >= next_folding) {
      counters.tell(registry::fold_counters(m_database, now));
      next_folding = now + kFoldEvery;
    }
    pause(stop, kReportsPause);
  }
}

void Portal::tidy(Instant now) {
  Told("account.tidy").tell(m_accounts->forget(now));
  Told("notice.tidy").tell(m_delivery->forget(now));
  Told("certificate.warnings").tell(registry::warn_expiring(m_database, now));
}

registry::DossierViews Portal::views() {
  registry::DossierViews out;
  out.whole = [this](const registry::Caller& caller, const std::string& id) { return m_view->whole(caller, id); };
  out.row = [this](const registry::Dossier& dossier) { return m_view->row(dossier); };
  out.line = [this](const registry::Caller& caller, const std::string& dossier, const std::string& line) {
    return m_view->line(caller, dossier, line);
  };
  out.finding = [](const registry::DossierFinding& finding) { return registry::DossierView::finding(finding); };
  out.check_person = [this](const registry::Caller& caller, const std::string& dossier,
                            const std::string& line) -> Result<> {
    KYSO_TRY(m_dossiers->find(caller, dossier));
    KYSO_TRY(m_dossiers->check_person(dossier, line));
    return {};
  };
  return out;
}

// Everybody who works on dossiers, each once with all roles.
Result<std::vector<registry::OfficerEntry>> Portal::officers() {
  return m_database.read([](db::Transaction& transaction) -> Result<std::vector<registry::OfficerEntry>> {
    std::vector<registry::OfficerEntry> out;
    for (const registry::Role role : {registry::Role::receiving, registry::Role::checking, registry::Role::approving})
      for (const registry::Account& account :
           KYSO_TRY(registry::account_store::holders_of(transaction, role, kMaxOfficers)))
        if (std::ranges::find(out, account.id, &registry::OfficerEntry::account) == out.end())
          out.push_back({account.id, account.name, account.roles});
    return out;
  });
}

// What the page of authorities shows: who signs certificates and time-stamps, and where their status is found.
Result<std::vector<registry::AuthorityEntry>> Portal::authorities() {
  const vault::Vault::State state = KYSO_TRY(m_vault.state());
  std::vector<registry::AuthorityEntry> out;
  for (const vault::Signer& signer : state.signers) {
    const bool issues = signer.purpose == vault::KeyPurpose::issue;
    if (!issues && signer.purpose != vault::KeyPurpose::time_stamp) continue;
    registry::AuthorityEntry entry;
    entry.name = signer.name;
    entry.subject = signer.certificate.subject_text();
    entry.not_before = signer.certificate.not_before();
    entry.not_after = signer.certificate.not_after();
    entry.sha256 = to_hex(signer.certificate.sha256());
    if (!issues) entry.tsa_url = m_options.tsa_url;
    const auto settings = std::ranges::find(state.issuers, signer.name, &pki::issue::IssuerSettings::name);
    if (settings != state.issuers.end()) {
      entry.ocsp_urls = settings->ocsp_urls;
      entry.crl_urls = {fmt::format("{}/crl/{}.crl", m_options.status_url, signer.name)};
      entry.certificate_url = fmt::format("{}/ca/{}.crt", m_options.status_url, signer.name);
    }
    out.push_back(std::move(entry));
  }
  return out;
}

std::vector<registry::PortalRoute> Portal::interface() {
  std::vector<registry::PortalRoute> out;
  const auto add = [&](std::vector<registry::PortalRoute> more) { std::ranges::move(more, std::back_inserter(out)); };
  add(registry::account_routes(*m_accounts, m_database));
  add(registry::outbox_routes(m_database));
  add(registry::organisation_routes(m_database, registry::organisation_uses()));
  add(registry::dossier_routes(*m_dossiers, *m_view));
  add(registry::certificate_routes(*m_dossiers));
  add(registry::desk_routes(*m_desk, m_database, system_clock(), views(), [this] { return officers(); }));
  add(registry::report_routes(m_database));
  registry::PublicParts parts{
      m_database, *m_letters, &m_authority, {m_options.desk.issuer}, [this] { return authorities(); }};
  add(registry::public_routes(std::move(parts)));
  add(m_events.routes());
  return out;
}

std::vector<net::Route> Portal::routes() {
  const registry::PortalWeb web{m_sessions, system_clock(), m_options.public_url};
  std::vector<net::Route> out = registry::serve(web, interface());
  std::ranges::move(registry::page_routes(m_options.pages, m_options.public_url), std::back_inserter(out));
  return out;
}

std::vector<net::Route> Portal::station_routes(registry::AuthenticateOfficer authenticate) {
  return registry::station_routes(*m_desk, std::move(authenticate));
}

Result<registry::Account> Portal::create_account(const registry::NewAccount& wanted) {
  return registry::create_account(m_database, m_accounts->options(), wanted, system_clock().now());
}

}  // namespace kyso::daemon
