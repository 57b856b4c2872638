#include "base/log.h"
#include "registry/account/accounts.h"
#include "registry/account/mail_wish.h"
#include "registry/account/support.h"

// Mails that were asked for: written here, delivered by the outbox.
namespace kyso::registry {
namespace {

constexpr std::string_view kJob = "account.mail";
constexpr std::chrono::seconds kLease{60};
constexpr std::size_t kToldAtOnce = 20;

Result<MailWish> wish_of(const db::Job& job) {
  const json::Value value = KYSO_TRY(json::parse(job.payload));
  return MailWish{KYSO_TRY(json::require_string(value, "what")), KYSO_TRY(json::require_string(value, "registration")),
                  KYSO_TRY(json::require_string(value, "email"))};
}

std::string hours(std::chrono::seconds life) {
  return std::to_string(std::chrono::ceil<std::chrono::hours>(life).count());
}

Result<> tell_of(db::Transaction& transaction, const std::string& kind, const Account& about,
                 const std::vector<Account>& people, Instant now) {
  const auto organisation = Organisations::find(transaction, about.organisation, now);
  for (const Account& person : people) {
    if (person.id == about.id) continue;
    KYSO_TRY(write_to(transaction, kind, person,
                      {{"account_name", about.name},
                       {"account_email", about.email},
                       {"organisation", organisation ? chain_text(*organisation) : about.organisation},
                       {"roles", roles_text(about.roles, person.language)},
                       {"state", state_text(about.state, person.language)}},
                      now));
  }
  return {};
}

}  // namespace

Result<> enqueue_wish(db::Transaction& transaction, const MailWish& wish, Instant now) {
  json::Value payload = json::Value::object();
  payload.set("what", wish.what).set("registration", wish.registration).set("email", wish.email);
  db::NewJob job;
  job.kind = kJob;
  job.payload = json::serialize(payload);
  return db::enqueue(transaction, job, now);
}

Result<> Accounts::ask_for_mail(std::string_view what, const std::string& email,
                                const std::optional<CaptchaAnswer>& captcha, Instant now) {
  const std::string address = KYSO_TRY(normalised_email(email));
  if (!captcha) return fail("registry.captcha.needed");
  const Tickets::Ticket ticket = KYSO_TRY(check_captcha(m_tickets, *captcha, now));
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    KYSO_TRY(spend_captcha(transaction, *captcha, ticket));
    return enqueue_wish(transaction, {std::string(what), "", address}, now);
  });
}

Result<> Accounts::ask_for_activation_mail(const std::string& email, const std::optional<CaptchaAnswer>& captcha,
                                           Instant now) {
  return ask_for_mail("activation", email, captcha, now);
}

Result<> Accounts::ask_for_reset_mail(const std::string& email, const std::optional<CaptchaAnswer>& captcha,
                                      Instant now) {
  return ask_for_mail("reset", email, captcha, now);
}

Result<> Accounts::write_activation_mail(db::Transaction& transaction, const account_store::Registration& registration,
                                         Instant now) {
  const auto organisation = Organisations::find(transaction, registration.organisation, now);
  if (!organisation) return {};  // dissolved meanwhile: nothing to belong to
  const std::string token = crypto::random_token();
  KYSO_TRY(account_store::set_registration_token(transaction, registration.id, token_hash(token),
                                                 now + m_options.activation_life));
  Notice notice;
  notice.kind = "account.activation";
  notice.to = registration.email;
  notice.language = registration.language;
  notice.values = {{"name", registration.name},
                   {"organisation", chain_text(*organisation)},
                   {"token", token},
                   {"hours", hours(m_options.activation_life)}};
  notice.about = registration.id;
  return notify(transaction, notice, now);
}

Result<> Accounts::write_registration_mail(db::Transaction& transaction, const MailWish& wish, Instant now) {
  const auto registration = KYSO_TRY(account_store::find_registration(transaction, wish.registration));
  if (!registration) return {};
  const auto account = KYSO_TRY(account_store::find_by_email(transaction, registration->email));
  const bool is_within_limit = KYSO_TRY(take_one(transaction, mails_to(registration->email),
                                                 m_options.attempts.mails_per_hour, std::chrono::hours(1), now));
  if (!account && is_within_limit) return write_activation_mail(transaction, *registration, now);
  KYSO_TRY(account_store::delete_registration(transaction, registration->id));
  if (!is_within_limit) return {};
  return write_to(transaction, "account.known", account->account, {}, now);
}

Result<> Accounts::write_reset_mail(db::Transaction& transaction, const MailWish& wish, Instant now) {
  const auto found = KYSO_TRY(account_store::find_by_email(transaction, wish.email));
  if (!found || found->account.state == AccountState::locked || found->account.state == AccountState::closed) return {};
  const std::string token = crypto::random_token();
  KYSO_TRY(account_store::insert_token(transaction, token_hash(token), found->account.id, now + m_options.reset_life));
  KYSO_TRY(record(transaction, "account.reset_asked", found->account.id, json::Value::object(), now, "visitor"));
  return write_to(transaction, "account.reset", found->account,
                  {{"token", token}, {"hours", hours(m_options.reset_life)}}, now);
}

Result<bool> Accounts::run_one(Instant now) {
  const auto job = KYSO_TRY(db::take(m_database, {std::string(kJob)}, m_options.node, now, kLease));
  if (!job) return false;
  const MailWish wish = KYSO_TRY(wish_of(*job));
  const Result<> done = m_database.write([&](db::Transaction& transaction) -> Result<> {
    KYSO_TRY(db::finish(transaction, *job));
    if (wish.what == "registration") return write_registration_mail(transaction, wish, now);
    if (!KYSO_TRY(
            take_one(transaction, mails_to(wish.email), m_options.attempts.mails_per_hour, std::chrono::hours(1), now)))
      return {};
    if (wish.what == "reset") return write_reset_mail(transaction, wish, now);
    const auto registration = KYSO_TRY(account_store::newest_registration(transaction, wish.email, now));
    return registration ? write_activation_mail(transaction, *registration, now) : Result<>();
  });
  if (!done && done.error().code != "db.job.lost") {
    log::write(log::Level::error, "account.mail", done.error());
    KYSO_TRY(db::retry_later(m_database, *job, done.error().code, now));
  }
  return true;
}

Result<> Accounts::forget(Instant now) {
  KYSO_TRY(m_database.write([&](db::Transaction& transaction) { return account_store::forget(transaction, now); }));
  return {};
}

Result<> Accounts::tell_administrators(db::Transaction& transaction, const std::string& kind, const Account& about,
                                       const std::string& but_not, Instant now) {
  std::vector<Account> administrators =
      KYSO_TRY(account_store::holders_of(transaction, Role::administrator, kToldAtOnce));
  std::erase_if(administrators, [&](const Account& one) { return one.id == but_not; });
  return tell_of(transaction, kind, about, administrators, now);
}

Result<> Accounts::tell_who_may_admit(db::Transaction& transaction, const Account& about, Instant now) {
  KYSO_TRY(tell_administrators(transaction, "account.to_admit", about, "", now));
  const auto heads = KYSO_TRY(account_store::holders_of(transaction, Role::head, kToldAtOnce, about.organisation));
  return tell_of(transaction, "account.to_admit", about, heads, now);
}

}  // namespace kyso::registry
