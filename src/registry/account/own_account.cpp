#include "registry/account/accounts.h"
#include "registry/account/support.h"

// What people do with their own accounts.
namespace kyso::registry {

Result<Account> Accounts::account(const std::string& id) {
  const auto found =
      KYSO_TRY(m_database.read([&](db::Transaction& transaction) { return account_store::find(transaction, id); }));
  if (!found) return fail("registry.account.missing");
  return found->account;
}

Result<Account> Accounts::change_own(const Caller& caller, const OwnChange& change, Instant now) {
  std::optional<std::string> name, phone;
  if (change.name) name = KYSO_TRY(normalised_name(*change.name));
  if (change.phone) phone = KYSO_TRY(normalised_phone(*change.phone));
  if (change.language && *change.language != "vi" && *change.language != "en")
    return fail("registry.input.parameter").with("name", "language");
  return m_database.write([&](db::Transaction& transaction) -> Result<Account> {
    auto found = KYSO_TRY(account_store::find(transaction, caller.account));
    if (!found) return fail("registry.account.missing");
    Account& account = found->account;
    json::Value changed = json::Value::array();
    const auto put = [&](std::string& member, const std::optional<std::string>& value, std::string_view what) {
      if (!value || member == *value) return;
      member = *value;
      changed.push_back(what);
    };
    put(account.name, name, "name");
    put(account.phone, phone, "phone");
    put(account.language, change.language, "language");
    if (changed.as_array()->empty()) return account;
    KYSO_TRY(account_store::update(transaction, account));
    json::Value details = json::Value::object();
    details.set("members", std::move(changed));
    KYSO_TRY(record(transaction, "account.own_change", account.id, std::move(details), now));
    return account;
  });
}

Result<std::vector<account_store::SessionRow>> Accounts::sessions_of(const Caller& caller, Instant now) {
  return m_database.read(
      [&](db::Transaction& transaction) { return account_store::sessions_of(transaction, caller.account, now); });
}

Result<> Accounts::end_session(const Caller& caller, const std::string& id, Instant now) {
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    if (!KYSO_TRY(account_store::delete_session(transaction, caller.account, id)))
      return fail("registry.session.missing");
    json::Value details = json::Value::object();
    details.set("session", id);
    return record(transaction, "account.session_ended", caller.account, std::move(details), now);
  });
}

Result<> Accounts::end_other_sessions(const Caller& caller, Instant now) {
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    const auto ended = KYSO_TRY(account_store::delete_sessions(transaction, caller.account, caller.session));
    json::Value details = json::Value::object();
    details.set("sessions", ended);
    return record(transaction, "account.session_ended", caller.account, std::move(details), now);
  });
}

}  // namespace kyso::registry
