#include "registry/account/accounts.h"
#include "registry/account/support.h"

// Forgotten and changed passwords.
namespace kyso::registry {

Result<> Accounts::reset_password(std::string_view token, const Secret& password, Instant now) {
  const Bytes hash = token_hash(token);
  // Looked at before anything expensive, taken away when it is used.
  const auto owner = KYSO_TRY(m_database.read([&](db::Transaction& transaction) -> Result<std::optional<Account>> {
    const auto id = KYSO_TRY(account_store::peek_token(transaction, hash, now));
    if (!id) return std::optional<Account>();
    const auto found = KYSO_TRY(account_store::find(transaction, *id));
    return found ? std::optional(found->account) : std::nullopt;
  }));
  if (!owner) return fail("registry.account.link");
  KYSO_TRY(check_password_rules(password, owner->email, owner->name));
  const std::string made = KYSO_TRY(crypto::hash_password(password, m_options.password_cost));
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    const auto id = KYSO_TRY(account_store::take_token(transaction, hash, now));
    const auto found = id ? KYSO_TRY(account_store::find(transaction, *id)) : std::nullopt;
    if (!found || found->account.state == AccountState::locked || found->account.state == AccountState::closed)
      return fail("registry.account.link");
    KYSO_TRY(account_store::set_password(transaction, *id, made));
    KYSO_TRY(account_store::delete_tokens(transaction, *id));
    KYSO_TRY(account_store::delete_sessions(transaction, *id));
    // Whoever reads the mailbox is the owner: others who guessed shall not keep him out.
    KYSO_TRY(clear_attempts(transaction, attempts_of_email(found->account.email)));
    KYSO_TRY(record(transaction, "account.password_reset", *id, json::Value::object(), now, "visitor"));
    return write_to(transaction, "account.password_changed", found->account, {}, now);
  });
}

Result<> Accounts::change_password(const Caller& caller, const Secret& present, const Secret& password,
                                   const Visitor& visitor, Instant now) {
  const AttemptRules& rules = m_options.attempts;
  const auto found = KYSO_TRY(
      m_database.read([&](db::Transaction& transaction) { return account_store::find(transaction, caller.account); }));
  if (!found) return fail("registry.account.missing");
  if (!found->keys.password) return fail("registry.account.password.none");
  KYSO_TRY(check_password_rules(password, found->account.email, found->account.name));
  // A stolen session shall not try passwords without end: the same counter as for signing in.
  const std::string counter = attempts_of_email(found->account.email);
  KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<> {
    const Attempts attempts = KYSO_TRY(read_attempts(transaction, counter, rules.forget_after, now));
    const AttemptVerdict verdict = judge(attempts, {}, rules, now);
    if (verdict.locked_for)
      return fail("registry.account.locked")
          .with("minutes", std::chrono::ceil<std::chrono::minutes>(*verdict.locked_for).count());
    if (verdict.wait.count() > 0) return fail("registry.limit.rate").with("seconds", verdict.wait.count());
    const Attempts next = KYSO_TRY(add_attempt(transaction, counter, rules.forget_after, now));
    if (next.count >= rules.lock_after) KYSO_TRY(lock_attempts(transaction, counter, now + rules.lock_for));
    return {};
  }));
  const auto check = KYSO_TRY(crypto::check_password(present, *found->keys.password, m_options.password_cost));
  if (!check.is_right) {
    json::Value details = json::Value::object();
    details.set("address", visitor.address);
    KYSO_TRY(m_database.write([&](db::Transaction& transaction) {
      return record(transaction, "account.password_change_failed", caller.account, details, now);
    }));
    return fail("registry.account.password.present");
  }
  const std::string made = KYSO_TRY(crypto::hash_password(password, m_options.password_cost));
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    const auto again = KYSO_TRY(account_store::find(transaction, caller.account));
    if (!again || again->keys.password != found->keys.password) return fail("registry.account.password.present");
    KYSO_TRY(account_store::set_password(transaction, caller.account, made));
    KYSO_TRY(account_store::delete_tokens(transaction, caller.account));
    KYSO_TRY(account_store::delete_sessions(transaction, caller.account, caller.session));
    KYSO_TRY(clear_attempts(transaction, counter));
    KYSO_TRY(record(transaction, "account.password_changed", caller.account, json::Value::object(), now));
    return write_to(transaction, "account.password_changed", again->account, {}, now);
  });
}

}  // namespace kyso::registry
