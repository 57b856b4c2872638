#include "authority/status/status_service.h"

#include <algorithm>

#include "authority/status/list_names.h"
#include "base/log.h"
#include "base/metrics.h"

namespace kyso::authority::status {
namespace {

constexpr std::chrono::milliseconds kRetry{500};

}  // namespace

StatusService::StatusService(db::Database& database, vault::Vault& vault, const Clock& clock, StatusOptions options)
    : m_database(database),
      m_clock(clock),
      m_options(std::move(options)),
      m_directory(database, m_options.directory),
      m_ocsp(vault, m_directory, clock, m_options.ocsp),
      m_shelf(database),
      m_publisher(database, vault, m_ocsp, clock, m_options.crl) {}

StatusService::~StatusService() {
  m_directory.stop();
  m_refreshing.reset();
  m_publishing.reset();
  m_fetching.reset();
  if (m_options.publishes_lists) m_publisher.release();
}

void StatusService::start() {
  if (const Result<> loaded = m_directory.load(); !loaded) log::write(log::Level::error, "status.load", loaded.error());
  refresh_issuers();
  m_fetching = std::make_unique<Ticker>(std::chrono::seconds(30), [this] {
    if (const Result<> fetched = m_shelf.refresh(); !fetched)
      log::write(log::Level::warning, "crl.refresh", fetched.error());
    if (const Result<> read = refresh_authorities(); !read)
      log::write(log::Level::warning, "status.authorities", read.error());
  });
  m_publishing = std::make_unique<Ticker>(m_options.tick_every, [this] { publish(); });
  m_refreshing = std::make_unique<Ticker>(kRetry, [this] {
    if (std::chrono::steady_clock::now() >= m_next_refresh) refresh_issuers();
  });
  m_directory.on_status_change([this] { m_publishing->wake(); });
  m_directory.on_new_lists([this] { m_fetching->wake(); });
  m_directory.start();
}

void StatusService::wake() {
  m_directory.wake();
}

// Seldom more than a handful.
Result<> StatusService::refresh_authorities() {
  const auto rows = KYSO_TRY(m_database.read(store::authorities));
  std::vector<std::pair<std::string, crypto::Certificate>> all;
  for (const store::Authority& row : rows)
    all.emplace_back(row.name, KYSO_TRY(crypto::Certificate::from_der(row.certificate)));
  Authorities out;
  for (const auto& [name, certificate] : all) {
    std::vector<crypto::Certificate>& chain = out[name];
    chain.push_back(certificate);
    while (!chain.back().is_self_issued()) {
      const auto issuer =
          std::ranges::find_if(all, [&](const auto& each) { return chain.back().is_issued_by(each.second); });
      if (issuer == all.end() || chain.size() > all.size()) break;
      chain.push_back(issuer->second);
    }
  }
  const std::lock_guard lock(m_mutex);
  m_authorities = std::move(out);
  return {};
}

std::vector<crypto::Certificate> StatusService::chain_of(std::string_view name) const {
  const auto issuers = m_ocsp.issuers();
  const auto served =
      std::ranges::find(*issuers, name, [](const ServedIssuer& each) { return std::string_view(each.settings.name); });
  if (served != issuers->end()) {
    std::vector<crypto::Certificate> out{served->settings.certificate.certificate()};
    out.insert(out.end(), served->chain.begin(), served->chain.end());
    return out;
  }
  const std::lock_guard lock(m_mutex);
  const auto known = m_authorities.find(name);
  return known == m_authorities.end() ? std::vector<crypto::Certificate>() : known->second;
}

std::vector<std::shared_ptr<const ShelvedList>> StatusService::root_lists() const {
  auto out = m_shelf.all();
  const std::lock_guard lock(m_mutex);
  std::erase_if(out, [&](const auto& list) {
    const auto known = m_authorities.find(list->row.issuer);
    return known == m_authorities.end() || !known->second.front().is_self_issued();
  });
  return out;
}

// A vault that is away is looked for again soon: without it nothing is answered after a start.
void StatusService::refresh_issuers() {
  const Result<> done = m_ocsp.refresh();
  if (!done) log::write(log::Level::warning, "status.vault", done.error());
  m_next_refresh =
      std::chrono::steady_clock::now() + (done ? std::chrono::milliseconds(m_options.refresh_every) : kRetry);
  metrics::registry()
      .gauge("kyso_status_certificates", "Certificates whose status is held in memory")
      .set(static_cast<std::int64_t>(m_directory.index().size()));
}

void StatusService::publish() {
  if (!m_options.publishes_lists) return;
  if (const Result<> done = m_publisher.tick(); !done && done.error().code.starts_with("db."))
    log::write(log::Level::warning, "crl.tick", done.error());
}

std::vector<net::Route> StatusService::routes() {
  std::vector<net::Route> out = ocsp_routes(m_ocsp);
  for (auto more : {list_routes(m_shelf, m_clock, m_options.list_max_age),
                    issuer_routes([this](std::string_view name) { return chain_of(name); })})
    for (net::Route& route : more) out.push_back(std::move(route));
  return out;
}

Result<> StatusService::check() const {
  if (!m_directory.is_current()) return fail("authority.status.behind");
  const Instant now = m_clock.now();
  const auto issuers = m_ocsp.issuers();
  for (const ServedIssuer& issuer : *issuers)
    if (std::ranges::none_of(issuer.responders,
                             [now](const vault::Signer& signer) { return now < signer.certificate.not_after(); }))
      return fail("authority.ocsp.responder").with("issuer", issuer.settings.name);
  for (const auto& list : m_shelf.all())
    if (list->row.next_update <= now)
      return fail("authority.crl.stale").with("name", list_file_name(list->row.issuer, list->row.scope));
  return {};
}

}  // namespace kyso::authority::status
