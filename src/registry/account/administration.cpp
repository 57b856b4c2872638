#include <algorithm>

#include "registry/account/accounts.h"
#include "registry/account/support.h"

// What administrators do with accounts of others, and heads with those of colleagues.
namespace kyso::registry {
namespace {

bool is_person_name(std::string_view person) {
  return !person.empty() && person.size() <= 64 && std::ranges::all_of(person, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

bool concerns_desk(const Account& account) {
  return account.is_officer() || !account.person.empty();
}

json::Value change_json(const Account& before, const Account& after) {
  json::Value out = json::Value::object();
  out.set("roles_before", roles_text(before.roles, "en")).set("roles", roles_text(after.roles, "en"));
  out.set("state_before", name_of(before.state)).set("state", name_of(after.state));
  out.set("person_before", before.person).set("person", after.person);
  return out;
}

Result<> apply(Account& account, const Accounts::Change& change, bool is_authority) {
  if (change.roles) account.roles = *change.roles;
  if (change.person) account.person = change.person->value_or("");
  if (change.state) {
    if (account.state == AccountState::closed || *change.state == AccountState::waiting)
      return fail("registry.account.state")
          .with("state", state_text(account.state, "en"))
          .with("state.vi", state_text(account.state, "vi"));
    account.state = *change.state;
  }
  KYSO_TRY(check_roles(account.roles, is_authority));
  if (account.person.empty()) return {};
  if (!is_authority || !is_person_name(account.person)) return fail("registry.account.person");
  return {};
}

// A head admits colleagues as clerks: who waits for nothing else, in the own organisation. All else is an
// administrator's.
Result<> check_admission(db::Transaction& transaction, const Account& head, const Account& colleague,
                         const Accounts::Change& change, Instant now) {
  if (!KYSO_TRY(Organisations::is_within(transaction, colleague.organisation, head.organisation, now)))
    return fail("registry.account.missing");
  const bool waits_for_that =
      colleague.state == AccountState::waiting && colleague.roles.empty() && colleague.person.empty();
  const bool is_admission = change.state == AccountState::active && !change.person &&
                            change.roles.value_or(Roles{Role::clerk}) == Roles{Role::clerk};
  if (colleague.organisation != head.organisation || !waits_for_that || !is_admission)
    return fail("registry.access.forbidden");
  return {};
}

}  // namespace

Result<Account> Accounts::change_account(const Caller& caller, const std::string& id, const Change& change,
                                         Instant now) {
  // Nobody gives himself anything: it takes a second administrator.
  if (caller.account == id) return fail("registry.account.self");
  auto changed = m_database.write([&](db::Transaction& transaction) -> Result<Account> {
    // Of two who take each other's role away at the same moment, one comes too late.
    const auto self = KYSO_TRY(account_store::find(transaction, caller.account));
    const auto has = [&](Role role) {
      return self && self->account.state == AccountState::active && self->account.roles.contains(role);
    };
    if (!has(Role::administrator) && !has(Role::head)) return fail("registry.access.role");
    const auto found = KYSO_TRY(account_store::find(transaction, id));
    if (!found) return fail("registry.account.missing");
    const Account& before = found->account;
    Account after = before;
    if (!has(Role::administrator)) {
      KYSO_TRY(check_admission(transaction, self->account, before, change, now));
      after.roles = {Role::clerk};
    }
    const bool is_authority =
        KYSO_TRY(Organisations::is_within(transaction, before.organisation, m_options.authority_organisation, now));
    KYSO_TRY(apply(after, change, is_authority));
    if (after.roles == before.roles && after.person == before.person && after.state == before.state) return after;
    KYSO_TRY(account_store::update(transaction, after));
    KYSO_TRY(account_store::delete_sessions(transaction, id));
    if (after.state == AccountState::locked || after.state == AccountState::closed) {
      KYSO_TRY(account_store::delete_tokens(transaction, id));
      KYSO_TRY(account_store::delete_identities(transaction, id));
    }
    KYSO_TRY(record(transaction, "account.changed", id, change_json(before, after), now, caller.actor()));
    KYSO_TRY(write_to(
        transaction, "account.changed", after,
        {{"roles", roles_text(after.roles, after.language)}, {"state", state_text(after.state, after.language)}}, now));
    // The other administrators see who becomes an officer.
    if (concerns_desk(before) || concerns_desk(after))
      KYSO_TRY(tell_administrators(transaction, "account.officer_changed", after, caller.account, now));
    return after;
  });
  if (!changed) return explained(changed.error());
  return changed;
}

Result<account_store::AccountPage> Accounts::list(const account_store::ListFilter& filter) {
  return m_database.read([&](db::Transaction& transaction) { return account_store::list(transaction, filter); });
}

}  // namespace kyso::registry
