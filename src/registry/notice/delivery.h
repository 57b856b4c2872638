#pragma once
#include "db/job.h"
#include "net/mail.h"
#include "registry/notice/templates.h"
#include "registry/ports.h"
#include "registry/web/route.h"

// The outbox' way out: jobs that render a notice, hand it to the mail server or the SMS gateway, and record what came
// of it. A message may go out twice when a process dies between the server's answer and the record; its Message-ID is
// the same then.
namespace kyso::registry {

class MailCarrier {
 public:
  virtual ~MailCarrier() = default;
  // net.mail.refused and net.mail.address are final, everything else is tried again.
  virtual Result<> carry(const net::MailMessage& message) = 0;
};
class SmtpCarrier final : public MailCarrier {
 public:
  explicit SmtpCarrier(net::MailServer server) : m_server(std::move(server)) {}
  Result<> carry(const net::MailMessage& message) override { return net::deliver(m_server, message); }

 private:
  net::MailServer m_server;
};

// Where nobody has wired a gateway: registry.notice.gateway, so that the outbox says "not sent".
class NoSmsGateway final : public SmsGateway {
 public:
  Result<> send(const std::string& msisdn, const std::string& text) override;
};

struct DeliveryOptions {
  std::string from, from_name;
  std::string portal_name;  // {portal_name} in templates
  std::string portal_url;   // {portal_url}, without "/" at its end
  std::string node = "kysod";
  std::chrono::seconds give_up_after = std::chrono::hours(48);
  std::chrono::seconds keep_failed = std::chrono::hours(24 * 7);   // the values of what failed, for another try
  std::chrono::seconds keep_record = std::chrono::hours(24 * 90);  // that it was sent
};

class NoticeDelivery {
 public:
  NoticeDelivery(db::Database& database, const NoticeTemplates& templates, MailCarrier& mail, SmsGateway& sms,
                 DeliveryOptions options)
      : m_database(database), m_templates(templates), m_mail(mail), m_sms(sms), m_options(std::move(options)) {}
  // Delivers the next one that is due; false: none is. Several threads and processes may call it.
  Result<bool> run_one(Instant now);
  // Once an hour or so: removes what is old.
  Result<> forget(Instant now);

 private:
  Result<> hand_over(const std::string& id, const Notice& notice, Instant created);
  db::Database& m_database;
  const NoticeTemplates& m_templates;
  MailCarrier& m_mail;
  SmsGateway& m_sms;
  DeliveryOptions m_options;
};

// How long to wait after so many attempts: half a minute, doubling, at most four hours.
std::chrono::seconds pause_after(std::int64_t attempts);

// GET /api/v1/administration/outbox, POST …/{id}/retry.
std::vector<PortalRoute> outbox_routes(db::Database& database);

}  // namespace kyso::registry
