#include "base/text.h"
#include "registry/account/accounts.h"
#include "registry/account/delegation_store.h"
#include "registry/account/support.h"

// Ủy quyền: the head of an organisation lets an account of another one submit for it.
namespace kyso::registry {
namespace {

constexpr std::chrono::hours kLongest{24 * 366 * 2};
constexpr std::size_t kMaxLive = 200, kMaxBasis = 500;
constexpr std::chrono::hours kDay{24};

std::string day_text(Instant at) {
  return display_vietnam(at).substr(0, 10);
}

}  // namespace

Result<std::optional<std::string>> delegation_for(db::Transaction& transaction, const std::string& account,
                                                  const std::string& organisation, Instant now) {
  return delegation_store::live_one(transaction, account, organisation, now);
}

Result<Delegation> Accounts::delegate(const Caller& caller, const NewDelegation& wanted, Instant now) {
  Delegation out;
  out.valid_from = wanted.valid_from;
  out.valid_to = wanted.valid_to + kDay;
  if (out.valid_to <= out.valid_from || out.valid_to <= now || out.valid_to - out.valid_from > kLongest)
    return fail("registry.delegation.period");
  out.basis = to_nfc(trim(wanted.basis));
  if (out.basis.empty()) return fail("registry.input.missing").with("field", "basis");
  if (to_utf32(out.basis).size() > kMaxBasis)
    return fail("registry.input.long").with("field", "basis").with("max", kMaxBasis);
  out.id = crypto::random_uuid();
  out.organisation = caller.organisation;
  KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<> {
    const auto found = KYSO_TRY(account_store::find_by_email(transaction, wanted.account_email));
    if (!found || found->account.state != AccountState::active || !found->account.roles.contains(Role::clerk))
      return fail("registry.delegation.account");
    const Account& account = found->account;
    if (account.organisation == caller.organisation) return fail("registry.delegation.own");
    out.account = account.id;
    out.account_email = account.email;
    out.account_name = account.name;
    if (KYSO_TRY(delegation_store::count_live(transaction, caller.organisation, now)) >= kMaxLive)
      return fail("registry.delegation.limit").with("max", kMaxLive);
    KYSO_TRY(delegation_store::insert(transaction, out, caller.account, now));
    json::Value details = json::Value::object();
    details.set("organisation", out.organisation)
        .set("delegation", out.id)
        .set("from", iso8601_vietnam(out.valid_from))
        .set("to", iso8601_vietnam(out.valid_to))
        .set("basis", out.basis);
    KYSO_TRY(record(transaction, "delegation.given", account.id, std::move(details), now, caller.actor()));
    const Organisation organisation = KYSO_TRY(Organisations::find(transaction, out.organisation, now));
    return write_to(transaction, "delegation.given", account,
                    {{"organisation", chain_text(organisation)},
                     {"from", day_text(out.valid_from)},
                     {"to", day_text(out.valid_to - std::chrono::seconds(1))},
                     {"basis", out.basis}},
                    now);
  }));
  return out;
}

Result<> Accounts::end_delegation(const Caller& caller, const std::string& id, Instant now) {
  return m_database.write([&](db::Transaction& transaction) -> Result<> {
    const auto delegation = KYSO_TRY(delegation_store::find(transaction, id));
    if (!delegation || delegation->organisation != caller.organisation) return fail("registry.delegation.missing");
    if (delegation->ended) return {};
    KYSO_TRY(delegation_store::end(transaction, id, now));
    json::Value details = json::Value::object();
    details.set("organisation", delegation->organisation).set("delegation", id);
    return record(transaction, "delegation.ended", delegation->account, std::move(details), now, caller.actor());
  });
}

Result<std::vector<Delegation>> Accounts::delegations(const Caller& caller) {
  return m_database.read([&](db::Transaction& transaction) {
    return delegation_store::list(transaction, caller.organisation, caller.account);
  });
}

}  // namespace kyso::registry
