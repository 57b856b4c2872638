#include "registry/organisation_uses.h"

namespace kyso::registry {
namespace {

// Each organisation by itself, through an index: changes are about hundreds at most at a time.
Result<std::int64_t> sum(db::Transaction& transaction, std::string_view sql,
                         const std::vector<std::string>& organisations) {
  std::int64_t out = 0;
  for (const std::string& organisation : organisations)
    out += KYSO_TRY(KYSO_TRY(transaction.one(sql, {organisation})).get<std::int64_t>(0));
  return out;
}

}  // namespace

OrganisationUses organisation_uses() {
  OrganisationUses out;
  out.in_use = [](db::Transaction& transaction, const std::string& id) -> Result<bool> {
    for (const std::string_view sql :
         {"SELECT 1 FROM account WHERE organisation = ? LIMIT 1", "SELECT 1 FROM dossier_scope WHERE scope = ? LIMIT 1",
          "SELECT 1 FROM certificate_scope WHERE scope = ? LIMIT 1"})
      if (!KYSO_TRY(transaction.query(sql, {id})).empty()) return true;
    return false;
  };
  out.certificates = [](db::Transaction& transaction, const std::vector<std::string>& organisations) {
    return sum(transaction, "SELECT COUNT(*) FROM subscriber_certificate WHERE organisation = ? AND state = 'good'",
               organisations);
  };
  out.stale_certificates = [](db::Transaction& transaction, const std::vector<std::string>& organisations) {
    return sum(transaction, "SELECT COUNT(*) FROM subscriber_certificate WHERE organisation = ? AND is_stale = 1",
               organisations);
  };
  out.name_of_actor = [](db::Transaction& transaction, const std::string& actor) -> Result<std::string> {
    constexpr std::string_view kAccount = "account:";
    if (!actor.starts_with(kAccount)) return actor;
    const auto row =
        KYSO_TRY(transaction.maybe("SELECT name FROM account WHERE id = ?", {actor.substr(kAccount.size())}));
    return row ? row->get<std::string>(0) : actor;
  };
  out.accounts = [](db::Transaction& transaction, const std::vector<std::string>& organisations) {
    return sum(transaction, "SELECT COUNT(*) FROM account WHERE organisation = ?", organisations);
  };
  return out;
}

}  // namespace kyso::registry
