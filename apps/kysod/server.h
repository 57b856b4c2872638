#pragma once
#include "audit/log.h"
#include "authority/doctor.h"
#include "authority/tsa/clock_monitor.h"
#include "authority/tsa/service.h"
#include "kysod/configuration.h"
#include "kysod/portal.h"
#include "vault/access.h"

namespace kyso::daemon {

// Server: the services of kysod and how they are wired together. One thread starts and stops it.
class Server {
 public:
  // Errors: those of the database, of migrations, net.listen, and kysod.journal.older. A vault that is away does not
  // hinder the start.
  static Result<std::unique_ptr<Server>> start(Configuration configuration);
  ~Server();
  std::vector<std::uint16_t> ports() const;
  void reload_tls();
  Portal* portal() { return m_portal.get(); }
  // What has begun is finished, at most for this long.
  void drain(std::chrono::milliseconds patience);

 private:
  explicit Server(Configuration configuration) : m_configuration(std::move(configuration)) {}
  Result<> open();
  Result<> start_tsa();
  void add_checks();
  // kysod.journal.older: this vault has forgotten what it did, and might do it again (docs/operating.md, section 9).
  Result<> require_newest_journal();
  registry::AuthenticateOfficer officer_of_request();
  std::vector<net::Route> routes_of(const Listener& listener);
  audit::Log::Notary notary();
  Result<std::optional<vault::Signer>> checkpoint_signer();
  void look_after(const std::stop_token& stop);
  void integrate(const std::stop_token& stop);
  Result<> integrate_once(std::chrono::steady_clock::time_point& next_checkpoint);

  Configuration m_configuration;
  std::unique_ptr<db::Database> m_database;
  std::unique_ptr<vault::Vault> m_vault;
  std::unique_ptr<authority::Authority> m_authority;
  std::unique_ptr<authority::status::StatusService> m_status;
  std::unique_ptr<authority::tsa::ClockStatusSource> m_clock_status;
  authority::tsa::SharedClockStatus* m_shared_clock = nullptr;  // m_clock_status, when the monitor is in this process
  std::unique_ptr<authority::tsa::ClockMonitor> m_clock_monitor;
  std::unique_ptr<authority::tsa::TimeStampAuthority> m_tsa;
  std::unique_ptr<audit::Log> m_log;
  std::unique_ptr<Portal> m_portal;
  authority::Doctor m_doctor;
  vault::AccessGuard m_access;
  std::vector<std::unique_ptr<net::HttpServer>> m_listeners;
  std::vector<std::jthread> m_threads;
};

}  // namespace kyso::daemon
