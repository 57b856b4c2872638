#pragma once
#include "kysod/portal_configuration.h"
#include "registry/account/sessions.h"
#include "registry/desk/desk.h"
#include "registry/desk/routes.h"
#include "registry/dossier/view.h"
#include "registry/notice/templates.h"
#include "registry/public_pages/routes.h"
#include "registry/web/events.h"

namespace kyso::daemon {

// Portal: the registration portal's parts and how they are wired together.
class Portal {
 public:
  // Seeds organisations; errors of the database, of files and of trust stores.
  static Result<std::unique_ptr<Portal>> create(PortalOptions options, db::Database& database,
                                                authority::Authority& authority, vault::Vault& vault);
  ~Portal() { stop(); }
  // Mail, requests under way, changes of status, what is over: several processes may do it.
  void start();
  void stop();
  // Pages, files and /api/v1.
  std::vector<net::Route> routes();
  // As the server's routes are described: for the test that compares them with api/openapi.yaml.
  std::vector<registry::PortalRoute> interface();
  // /station/v1, for officers' computers.
  std::vector<net::Route> station_routes(registry::AuthenticateOfficer authenticate);
  Result<registry::Account> create_account(const registry::NewAccount& wanted);

 private:
  Portal(PortalOptions options, db::Database& database, authority::Authority& authority, vault::Vault& vault);
  void send_mail(const std::stop_token& stop);
  void look_after(const std::stop_token& stop);
  void keep_reports(const std::stop_token& stop);
  void tidy(Instant now);
  registry::DossierViews views();
  Result<std::vector<registry::OfficerEntry>> officers();
  Result<std::vector<registry::AuthorityEntry>> authorities();

  PortalOptions m_options;
  db::Database& m_database;
  vault::Vault& m_vault;
  AuthorityPort m_authority;
  WorkingCalendar m_calendar;
  std::unique_ptr<PdfLetterVerifier> m_letters;
  std::unique_ptr<registry::PopulationDatabase> m_population;
  registry::NoSmsGateway m_sms;
  std::unique_ptr<registry::SmtpCarrier> m_mail;
  std::optional<registry::NoticeTemplates> m_templates;
  std::unique_ptr<registry::NoticeDelivery> m_delivery;
  std::unique_ptr<registry::Accounts> m_accounts;
  registry::AccountSessions m_sessions;
  std::unique_ptr<registry::Dossiers> m_dossiers;
  std::unique_ptr<registry::DossierView> m_view;
  std::unique_ptr<registry::Desk> m_desk;
  registry::EventHub m_events;
  std::vector<std::jthread> m_threads;
};

}  // namespace kyso::daemon
