#include <algorithm>

#include "registry/account/accounts.h"
#include "registry/account/support.h"

// Signing in with a password.
namespace kyso::registry {
namespace {

constexpr std::size_t kMaxPasswordBytes = 1'000;

Error locked(std::chrono::seconds rest) {
  return fail("registry.account.locked").with("minutes", std::chrono::ceil<std::chrono::minutes>(rest).count());
}

// What keeps an account out although the password (or passkey) is right.
std::optional<Error> hindrance(const Account& account) {
  if (account.state == AccountState::active) return std::nullopt;
  if (account.state == AccountState::waiting) return fail("registry.account.waiting");
  return fail("registry.account.closed");
}

}  // namespace

Accounts::Accounts(db::Database& database, AccountOptions options, IssuingAuthority* authority)
    : m_database(database), m_options(std::move(options)), m_authority(authority), m_tickets(database) {
  if (!m_options.oidc) return;
  OidcOptions provider = std::move(*m_options.oidc);
  m_options.oidc.emplace();
  m_options.oidc->issuer = provider.issuer;
  m_provider =
      std::make_unique<OidcProvider>(std::move(provider), m_options.public_url + "/api/v1/session/oidc/callback");
}

Result<Captcha> Accounts::captcha(const std::string& address, Instant now) {
  const Attempts attempts = KYSO_TRY(m_database.read([&](db::Transaction& transaction) {
    return read_attempts(transaction, attempts_of_address(address), m_options.attempts.forget_after, now);
  }));
  // Dearer for a network from which many passwords were wrong.
  const bool is_busy = attempts.count >= m_options.attempts.address_dearer_after;
  return new_captcha(m_tickets, m_options.captcha_difficulty + (is_busy ? 2 : 0), now);
}

Result<bool> Accounts::needs_captcha(const std::string& address, Instant now) {
  const Attempts attempts = KYSO_TRY(m_database.read([&](db::Transaction& transaction) {
    return read_attempts(transaction, attempts_of_address(address), m_options.attempts.forget_after, now);
  }));
  return judge({}, attempts, m_options.attempts, now).needs_captcha;
}

Result<SignedIn> Accounts::admit(db::Transaction& transaction, const Account& account, SignInWay way,
                                 const Visitor& visitor, Instant now) {
  SignedIn out{account, {}};
  out.session = KYSO_TRY(open_session(transaction, account, {way, visitor.address, visitor.agent, visitor.session},
                                      m_options.sessions, now));
  out.account.last_sign_in = now;
  json::Value details = json::Value::object();
  details.set("way", name_of(way)).set("address", visitor.address).set("session", out.session.id);
  KYSO_TRY(record(transaction, "account.signed_in", account.id, std::move(details), now));
  return out;
}

// The attempt is counted before the password is looked at: a hundred at once are no more than one after another.
Result<Attempts> Accounts::count_attempt(const std::string& email, const std::string& address,
                                         const std::optional<CaptchaAnswer>& captcha,
                                         const std::optional<Tickets::Ticket>& ticket, Instant now) {
  const AttemptRules& rules = m_options.attempts;
  const std::string of_email = attempts_of_email(email), of_address = attempts_of_address(address);
  const auto counted = KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<std::optional<Attempts>> {
    const Attempts so_far = KYSO_TRY(read_attempts(transaction, of_email, rules.forget_after, now));
    const Attempts there = KYSO_TRY(read_attempts(transaction, of_address, rules.forget_after, now));
    const AttemptVerdict verdict = judge(so_far, there, rules, now);
    if (verdict.locked_for) return locked(*verdict.locked_for);
    if (verdict.wait.count() > 0) return fail("registry.limit.rate").with("seconds", verdict.wait.count());
    if (verdict.needs_captcha && !ticket) {
      // From now on the session tells this browser that a puzzle is needed.
      KYSO_TRY(raise_attempts(transaction, of_address, rules.address_captcha_after, now));
      return std::optional<Attempts>();
    }
    if (ticket) KYSO_TRY(spend_captcha(transaction, *captcha, *ticket));
    const Attempts next = KYSO_TRY(add_attempt(transaction, of_email, rules.forget_after, now));
    if (next.count >= rules.lock_after) KYSO_TRY(lock_attempts(transaction, of_email, now + rules.lock_for));
    const Attempts from_there = KYSO_TRY(add_attempt(transaction, of_address, rules.forget_after, now));
    if (from_there.count >= rules.address_lock_after)
      KYSO_TRY(lock_attempts(transaction, of_address, now + rules.lock_for));
    return std::optional(next);
  }));
  if (!counted) return fail("registry.captcha.needed");
  return *counted;
}

Result<SignedIn> Accounts::sign_in(const SignInForm& form, const Visitor& visitor, Instant now) {
  const AttemptRules& rules = m_options.attempts;
  const std::string of_email = attempts_of_email(form.email), of_address = attempts_of_address(visitor.address);
  std::optional<Tickets::Ticket> ticket;
  if (form.captcha) ticket = KYSO_TRY(check_captcha(m_tickets, *form.captcha, now));
  const Attempts counted = KYSO_TRY(count_attempt(form.email, visitor.address, form.captcha, ticket, now));

  const auto found = KYSO_TRY(m_database.read(
      [&](db::Transaction& transaction) { return account_store::find_by_email(transaction, form.email); }));
  bool is_right = false;
  std::optional<std::string> better_hash;
  const bool is_password = form.password.reveal().size() <= kMaxPasswordBytes;
  if (found && found->keys.password && is_password) {
    const auto check = KYSO_TRY(crypto::check_password(form.password, *found->keys.password, m_options.password_cost));
    is_right = check.is_right;
    if (check.is_right && check.needs_rehash)
      better_hash = KYSO_TRY(crypto::hash_password(form.password, m_options.password_cost));
  } else if (is_password) {
    crypto::pretend_password_check(form.password, m_options.password_cost);
  }

  // What is refused is recorded too: the refusal is the value of the transaction, not its failure.
  struct Outcome {
    std::optional<SignedIn> signed_in;
    std::optional<Error> refusal;
  };
  Outcome outcome = KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<Outcome> {
    Outcome out;
    const auto again = is_right ? KYSO_TRY(account_store::find(transaction, found->account.id)) : std::nullopt;
    if (!again || again->keys.password != found->keys.password) {
      out.refusal = fail("registry.account.sign_in");
      json::Value details = json::Value::object();
      details.set("address", visitor.address).set("failures", counted.count);
      KYSO_TRY(record(transaction, "account.sign_in_failed", found ? found->account.id : "unknown", std::move(details),
                      now, "visitor"));
      if (!found || counted.count != rules.lock_after) return out;
      KYSO_TRY(record(transaction, "account.locked_out", found->account.id, json::Value::object(), now, "visitor"));
      const auto minutes = std::chrono::ceil<std::chrono::minutes>(rules.lock_for).count();
      KYSO_TRY(
          write_to(transaction, "account.locked_out", found->account, {{"minutes", std::to_string(minutes)}}, now));
      return out;
    }
    KYSO_TRY(clear_attempts(transaction, of_email));
    KYSO_TRY(take_back_attempt(transaction, of_address));
    out.refusal = hindrance(again->account);
    if (out.refusal) return out;
    if (better_hash) KYSO_TRY(account_store::set_password(transaction, again->account.id, *better_hash));
    out.signed_in = KYSO_TRY(admit(transaction, again->account, SignInWay::password, visitor, now));
    return out;
  }));
  if (outcome.refusal) return *outcome.refusal;
  return *std::move(outcome.signed_in);
}

Result<> Accounts::sign_out(const Caller& caller, Instant now) {
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    KYSO_TRY(account_store::delete_session(transaction, caller.account, caller.session));
    json::Value details = json::Value::object();
    details.set("session", caller.session);
    return record(transaction, "account.signed_out", caller.account, std::move(details), now);
  });
}

}  // namespace kyso::registry
