#include "kysod/server.h"

#include <pwd.h>

#include <algorithm>
#include <condition_variable>

#include "audit/audit.h"
#include "audit/routes.h"
#include "authority/routes.h"
#include "base/metrics.h"
#include "db/job.h"
#include "db/migration.h"
#include "pki/time_stamp.h"

namespace kyso::daemon {
namespace {

constexpr std::chrono::seconds kUpkeep{1};
constexpr std::chrono::seconds kAuditLease{10};
constexpr std::chrono::seconds kPublicFileAge{300};

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
  void tell(const Result<>& result) {
    if (result) {
      if (!m_code.empty()) log::write(log::Level::info, m_event, {{"state", "well again"}});
      m_code.clear();
    } else if (m_code != result.error().code) {
      m_code = result.error().code;
      log::write(log::Level::error, m_event, result.error());
    }
  }

 private:
  std::string_view m_event;
  std::string m_code;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(Configuration configuration) {
  std::unique_ptr<Server> server(new Server(std::move(configuration)));
  KYSO_TRY(server->open());
  return server;
}

Result<> Server::open() {
  m_database = KYSO_TRY(db::Database::open(m_configuration.database));
  if (m_configuration.migrate)
    KYSO_TRY(db::migrate(*m_database, m_configuration.migrations, system_clock()));
  else
    KYSO_TRY(db::check_migrations(*m_database, m_configuration.migrations));
  m_vault = vault::connect(m_configuration.vault);
  m_authority =
      std::make_unique<authority::Authority>(*m_database, *m_vault, system_clock(), m_configuration.authority);
  m_status =
      std::make_unique<authority::status::StatusService>(*m_database, *m_vault, system_clock(), m_configuration.status);
  m_authority->on_status_change([this] { m_status->wake(); });
  if (const Result<> whole = require_newest_journal(); !whole && whole.error().code == "kysod.journal.older")
    return whole;
  // What the vault signed and nobody recorded is on record before anything is answered.
  if (const auto recovered = m_authority->reconcile(); !recovered)
    log::write(log::Level::error, "authority.reconcile", recovered.error());
  else if (*recovered > 0)
    log::write(log::Level::warning, "authority.recovered", {{"certificates", std::to_string(*recovered)}});
  m_status->start();
  KYSO_TRY(start_tsa());
  m_log = std::make_unique<audit::Log>(*m_database);
  if (m_configuration.portal)
    m_portal = KYSO_TRY(Portal::create(std::move(*m_configuration.portal), *m_database, *m_authority, *m_vault));
  add_checks();
  for (const Listener& listener : m_configuration.listeners)
    m_listeners.push_back(KYSO_TRY(net::HttpServer::start(listener.server, routes_of(listener))));
  if (m_portal) m_portal->start();
  m_threads.emplace_back([this](const std::stop_token& stop) { look_after(stop); });
  m_threads.emplace_back([this](const std::stop_token& stop) { integrate(stop); });
  return {};
}

Result<> Server::start_tsa() {
  using namespace authority::tsa;
  if (m_configuration.clock) {
    auto shared = std::make_unique<SharedClockStatus>();
    m_shared_clock = shared.get();
    m_clock_status = std::move(shared);
    ClockMonitor::Outlets outlets;
    outlets.publish = [this](const ClockStatus& status) { m_shared_clock->publish(status); };
    outlets.tell = [this](const ClockEvent& event) {
      log::write(log::Level::warning, event.kind, {{"detail", event.detail}});
      const Result<> recorded = m_database->write([&](db::Transaction& transaction) -> Result<> {
        audit::Event record{event.kind, "system:clock", m_configuration.node, json::Value::object()};
        record.details.set("detail", event.detail);
        KYSO_TRY(audit::append(transaction, record, system_clock().now()));
        return {};
      });
      if (!recorded) log::write(log::Level::error, "audit.append", recorded.error());
    };
    m_clock_monitor =
        ClockMonitor::start(m_configuration.clock->monitor, make_sources(*m_configuration.clock, machine_clock()),
                            machine_clock(), std::move(outlets));
  } else {
    std::vector<unsigned> owners;
    for (const std::string& name : m_configuration.tsa.clock_owners) {
      const passwd* user = ::getpwnam(name.c_str());
      if (user == nullptr) return fail("kysod.user.unknown").with("user", name);
      owners.push_back(user->pw_uid);
    }
    m_clock_status = watch_clock_status(m_configuration.tsa.clock_status, std::move(owners));
  }
  if (m_configuration.tsa.is_enabled)
    m_tsa = TimeStampAuthority::start(m_configuration.tsa, {*m_vault, *m_database, machine_clock(), *m_clock_status});
  return {};
}

// Who asks: an officer of the present policy, by a proof made for this one request.
registry::AuthenticateOfficer Server::officer_of_request() {
  return [this](const net::ServerRequest& request) -> Result<std::string> {
    const auto policy = KYSO_TRY(m_authority->policy());
    std::string_view given = request.header("authorization");
    const std::string scheme = std::string(vault::kAccessScheme) + " ";
    if (!given.starts_with(scheme)) return fail("authority.access.missing");
    given.remove_prefix(scheme.size());
    const vault::Officer* officer =
        KYSO_TRY(m_access.check(*policy, given, request.method, request.target, system_clock().now()));
    return officer->person;
  };
}

std::vector<net::Route> Server::routes_of(const Listener& listener) {
  std::vector<net::Route> out;
  const auto add = [&](std::vector<net::Route> more) { std::ranges::move(more, std::back_inserter(out)); };
  for (const Part part : listener.parts) switch (part) {
      case Part::status:
        add(m_status->routes());
        break;
      case Part::tsa:
        if (m_tsa) add(authority::tsa::time_stamp_routes(*m_tsa, m_configuration.tsa.path));
        break;
      case Part::officers:
        add(authority::routes(*m_authority, officer_of_request(), m_doctor));
        if (m_portal) add(m_portal->station_routes(officer_of_request()));
        break;
      case Part::audit:
        add(audit::routes(*m_log, *m_database));
        break;
      case Part::portal:
        add(m_portal->routes());
        break;
      case Part::metrics:
        out.push_back(net::metrics_route(
            [this] { return metrics::registry().text() + (m_tsa ? m_tsa->metrics() : std::string()); }));
        break;
    }
  if (!listener.public_folder.empty())
    out.push_back(net::static_files("/pub/", listener.public_folder, kPublicFileAge));
  std::vector<net::HealthCheck> checks = {{"database", [this] {
                                             return m_database->read([](db::Transaction& transaction) -> Result<> {
                                               KYSO_TRY(transaction.query("SELECT 1"));
                                               return {};
                                             });
                                           }}};
  const auto serves = [&](Part part) { return std::ranges::find(listener.parts, part) != listener.parts.end(); };
  if (serves(Part::status)) checks.push_back({"status", [this] { return m_status->check(); }});
  if (serves(Part::tsa) && m_tsa) checks.push_back({"tsa", [this] { return m_tsa->check(); }});
  if (serves(Part::officers))
    checks.push_back({"vault", [this]() -> Result<> {
                        KYSO_TRY(m_vault->state());
                        return {};
                      }});
  out.push_back(net::health_route(std::move(checks)));
  return out;
}

void Server::look_after(const std::stop_token& stop) {
  Told told("authority.upkeep");
  while (!stop.stop_requested()) {
    told.tell(m_authority->look_after());
    pause(stop, kUpkeep);
  }
}

Result<std::optional<vault::Signer>> Server::checkpoint_signer() {
  const vault::Vault::State state = KYSO_TRY(m_vault->state());
  for (const vault::Signer& signer : state.signers)
    if (signer.purpose == vault::KeyPurpose::checkpoint && signer.is_available) return std::optional(signer);
  return std::optional<vault::Signer>();
}

audit::Log::Notary Server::notary() {
  audit::Log::Notary notary;
  notary.origin = m_configuration.audit.origin;
  notary.key = [this]() -> Result<crypto::PublicKey> {
    const std::optional<vault::Signer> signer = KYSO_TRY(checkpoint_signer());
    if (!signer) return fail("vault.key.unavailable").with("key", "checkpoint");
    return signer->certificate.public_key();
  };
  notary.sign = [this](const std::string& text) { return m_vault->sign_checkpoint(text); };
  notary.time_stamp = [this](ByteView note) -> Result<std::optional<Bytes>> {
    if (!m_tsa) return std::optional<Bytes>();
    pki::TimeStampRequest request;
    request.imprint = crypto::digest(request.algorithm, note);
    request.nonce = crypto::random_bytes(8);
    request.nonce[0] = (request.nonce[0] & 0x7fU) | 1U;
    const Result<Bytes> token = m_tsa->token(pki::encode_request(request));
    // A checkpoint without a time-stamp is better than none; the next one has it again.
    return token ? std::optional<Bytes>(*token) : std::nullopt;
  };
  return notary;
}

Result<> Server::integrate_once(std::chrono::steady_clock::time_point& next_checkpoint) {
  const Instant now = system_clock().now();
  if (!KYSO_TRY(db::acquire_lease(*m_database, "audit.integrator", m_configuration.node, now, kAuditLease))) return {};
  while (KYSO_TRY(m_log->integrate()) > 0) continue;
  if (std::chrono::steady_clock::now() < next_checkpoint) return {};
  next_checkpoint = std::chrono::steady_clock::now() + m_configuration.audit.checkpoint_every;
  if (!KYSO_TRY(checkpoint_signer())) return {};
  KYSO_TRY(m_log->make_checkpoint(notary(), now));
  if (!m_configuration.audit.folder.empty()) KYSO_TRY(audit::export_files(*m_log, m_configuration.audit.folder));
  return {};
}

void Server::integrate(const std::stop_token& stop) {
  Told told("audit.integrate");
  std::chrono::steady_clock::time_point next_checkpoint{};
  while (!stop.stop_requested()) {
    told.tell(integrate_once(next_checkpoint));
    pause(stop, m_configuration.audit.integrate_every);
  }
}

std::vector<std::uint16_t> Server::ports() const {
  std::vector<std::uint16_t> out;
  for (const auto& listener : m_listeners) out.push_back(listener->port());
  return out;
}

void Server::reload_tls() {
  for (const auto& listener : m_listeners)
    if (const Result<> reloaded = listener->reload_tls(); !reloaded)
      log::write(log::Level::error, "tls.reload", reloaded.error());
}

void Server::drain(std::chrono::milliseconds patience) {
  for (const auto& listener : m_listeners) listener->drain(patience);
  // What was done until now is in the log's files before this process ends.
  std::chrono::steady_clock::time_point at_once{};
  Told("audit.integrate").tell(integrate_once(at_once));
}

Server::~Server() {
  if (m_portal) m_portal->stop();
  for (std::jthread& thread : m_threads) thread.request_stop();
  m_threads.clear();
  m_listeners.clear();
  m_clock_monitor.reset();
  m_tsa.reset();
}

}  // namespace kyso::daemon
