#include "registry/notice/delivery.h"

#include <algorithm>

#include "base/log.h"
#include "json/json.h"
#include "registry/notice/store.h"

namespace kyso::registry {
namespace {

// Longer than the slowest exchange with a mail server (net::MailServer::timeout): what a killed process had in hand is
// another one's after that.
constexpr std::chrono::seconds kLease{60};

bool is_final(const Error& error) {
  return error.code == "net.mail.refused" || error.code == "net.mail.address" ||
         error.code == "registry.notice.template" || error.code == "registry.notice.gateway";
}

std::string domain_of(std::string_view address) {
  const std::size_t at = address.rfind('@');
  return at == std::string_view::npos ? "localhost" : std::string(address.substr(at + 1));
}

Result<std::string> notice_of(const db::Job& job) {
  return json::require_string(KYSO_TRY(json::parse(job.payload)), "notice");
}

}  // namespace

std::chrono::seconds pause_after(std::int64_t attempts) {
  constexpr std::chrono::seconds kFirst{30}, kLongest{4 * 3'600};
  const auto doublings = std::clamp<std::int64_t>(attempts - 1, 0, 12);
  return std::min(kFirst * (std::int64_t{1} << doublings), kLongest);
}

Result<> NoSmsGateway::send(const std::string&, const std::string&) {
  return fail("registry.notice.gateway");
}

Result<> NoticeDelivery::hand_over(const std::string& id, const Notice& notice, Instant created) {
  RenderedNotice rendered = KYSO_TRY(
      m_templates.render(notice, {{"portal_name", m_options.portal_name}, {"portal_url", m_options.portal_url}}));
  if (notice.channel == Notice::Channel::sms) return m_sms.send(notice.to, rendered.text);
  net::MailMessage message;
  message.from = m_options.from;
  message.from_name = m_options.from_name;
  message.to = {notice.to};
  message.subject = std::move(rendered.subject);
  message.text = std::move(rendered.text);
  message.html = std::move(rendered.html);
  message.message_id = id + "@" + domain_of(m_options.from);
  message.date = created;
  return m_mail.carry(message);
}

Result<bool> NoticeDelivery::run_one(Instant now) {
  const auto job = KYSO_TRY(db::take(m_database, {std::string(notice_store::kJob)}, m_options.node, now, kLease));
  if (!job) return false;
  const std::string id = KYSO_TRY(notice_of(*job));
  const auto row =
      KYSO_TRY(m_database.read([&](db::Transaction& transaction) { return notice_store::find(transaction, id); }));
  const bool is_due = row && row->state == "waiting";
  const Result<> sent = is_due ? hand_over(id, row->notice, row->created) : Result<>();
  if (!sent) log::write(log::Level::warning, "notice.failed", sent.error());
  KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<> {
    KYSO_TRY(db::finish(transaction, *job));
    if (!is_due) return {};
    const std::int64_t attempts = row->attempts + 1;
    if (sent) return notice_store::mark_sent(transaction, id, attempts, now);
    const Instant next = now + pause_after(attempts);
    if (is_final(sent.error()) || next > row->created + m_options.give_up_after)
      return notice_store::mark_failed(transaction, id, attempts, sent.error(), now);
    KYSO_TRY(notice_store::mark_later(transaction, id, attempts, sent.error(), next));
    return notice_store::schedule(transaction, id, next, now);
  }));
  return true;
}

Result<> NoticeDelivery::forget(Instant now) {
  return m_database.write([&](db::Transaction& transaction) {
    return notice_store::forget(transaction, now - m_options.keep_failed, now - m_options.keep_record);
  });
}

}  // namespace kyso::registry
