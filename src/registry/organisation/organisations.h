#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "db/database.h"

// Organisations: a tree of up to four levels whose nodes, names, kinds and parents have effective dates.
namespace kyso::registry {

struct Organisation {
  std::string id;  // UUID; stays the same through renaming and re-parenting
  std::string name;
  int level = 1;  // 1 to 4
  std::optional<std::string> parent;
  std::vector<std::string> chain;      // names from level 1 to this one, as of the asked day
  std::vector<std::string> chain_ids;  // the same, ids
  std::string kind;      // "ministry", "province", "commune", "department", "unit", …
  std::string province;  // code of QĐ 19/2025: "20"; may be empty
  std::string code;      // QĐ 20/2020: "H37.05"; may be empty
  std::string tax_code, budget_code, address;
  std::vector<std::string> mail_domains;  // of official e-mail addresses, inherited from above when empty
  std::string sector;    // "education", "health", "finance", …: eligibility for central signing
  Instant valid_from{};
  std::optional<Instant> valid_to;
};

class Organisations {
 public:
  explicit Organisations(db::Database& database) : m_database(database) {}

  // registry.organisation.missing
  Result<Organisation> find(const std::string& id, Instant at);
  static Result<Organisation> find(db::Transaction& transaction, const std::string& id, Instant at);
  // A node by the names of its levels, as people write them in Excel: case, accents' composition, runs of blanks and
  // aliases don't matter. registry.organisation.chain {level} {name}: the first that doesn't exist below its parent.
  static Result<Organisation> by_names(db::Transaction& transaction, const std::vector<std::string>& names, Instant at);
  // True when `below` is `above` or lies under it (today's tree).
  static Result<bool> is_within(db::Transaction& transaction, const std::string& below, const std::string& above);

 private:
  db::Database& m_database;
};

}  // namespace kyso::registry
