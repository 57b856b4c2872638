#include "registry/organisation/stale.h"

#include <algorithm>

#include "registry/organisation/names.h"
#include "registry/organisation/provinces.h"
#include "registry/organisation/store.h"

namespace kyso::registry {
namespace {

// L names the province, with or without its rank.
bool is_province(const std::string& value, const std::string& code) {
  return code.empty() || province_by_name(value) != code ? false
                                                         : name_key(value).ends_with(name_key(province_name(code)));
}

}  // namespace

std::vector<StaleName> stale_names(const std::vector<std::pair<std::string, std::string>>& subject,
                                   const std::optional<Organisation>& today, bool is_organisations_own) {
  std::vector<StaleName> out;
  std::vector<std::string> keys;
  if (today) {
    for (const std::string& name : today->chain) keys.push_back(name_key(name));
  }
  const std::string own = today ? today->name : std::string();
  for (const auto& [attribute, value] : subject) {
    const std::string key = name_key(value);
    if (attribute == "O" || attribute == "OU") {
      if (std::ranges::find(keys, key) == keys.end()) out.push_back({attribute, value, {}});
    } else if (attribute == "L") {
      const std::string province = today ? std::string(province_name(today->province)) : std::string();
      if (!today || (!province.empty() && !is_province(value, today->province)))
        out.push_back({attribute, value, province});
    } else if (attribute == "CN" && is_organisations_own && (!today || key != name_key(own))) {
      out.push_back({attribute, value, own});
    }
  }
  return out;
}

Result<std::vector<MarkedOrganisation>> marked_organisations(db::Transaction& transaction, Instant now,
                                                             const std::string& after, std::size_t limit) {
  std::vector<MarkedOrganisation> out;
  for (const store::StaleRow& row : KYSO_TRY(store::stale(transaction, now, after, limit)))
    out.push_back({row.organisation, row.since});
  return out;
}

Result<> take_mark_off(db::Transaction& transaction, const MarkedOrganisation& seen) {
  KYSO_TRY(store::remove_stale(transaction, seen.organisation, seen.since));
  return {};
}

Result<> mark_organisations(db::Transaction& transaction, const std::vector<std::string>& organisations,
                            Instant since) {
  return store::mark_stale(transaction, organisations, since);
}

}  // namespace kyso::registry
