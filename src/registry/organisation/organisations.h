#pragma once
#include <map>
#include <optional>
#include <set>
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
  std::string kind;                    // "ministry", "province", "commune", "department", "unit", …
  std::string province;                // code of QĐ 19/2025: "20", of this one or inherited from above; may be empty
  std::string code;                    // QĐ 20/2020: "H37.05"; may be empty
  std::string tax_code, budget_code, address;
  std::vector<std::string> mail_domains;  // of official e-mail addresses, inherited from above when empty
  std::string sector;      // "education", "health", "finance", …: eligibility for central signing; inherited from above
  std::string instrument;  // the legal instrument that began this state
  Instant valid_from{};    // of this state: its first moment
  std::optional<Instant> valid_to;  // the first moment after it
  bool has_children = false;        // filled in lists
};

class Organisations {
 public:
  explicit Organisations(db::Database& database) : m_database(database) {}

  // registry.organisation.missing: there is none, or it does not exist on that day.
  Result<Organisation> find(const std::string& id, Instant at);
  static Result<Organisation> find(db::Transaction& transaction, const std::string& id, Instant at);
  // The last state of one that may be dissolved meanwhile; the first one of one that is yet to come.
  static Result<Organisation> find_last(db::Transaction& transaction, const std::string& id, Instant at);
  // The same for many; what never was is missing.
  static Result<std::map<std::string, Organisation>> find_last(db::Transaction& transaction,
                                                               const std::set<std::string>& ids, Instant at);
  // A node by the names of its levels, as people write them in Excel: case, accents' composition, the place of the
  // tone, runs of blanks and aliases don't matter. registry.organisation.chain {level} {name}: the first that doesn't
  // exist below its parent.
  static Result<Organisation> by_names(db::Transaction& transaction, const std::vector<std::string>& names, Instant at);
  // By a code of QĐ 20/2020, a former one too; nullopt when it is nobody's.
  static Result<std::optional<Organisation>> by_code(db::Transaction& transaction, const std::string& code, Instant at);
  // True when `below` is `above` or lies under it (as of `at`; without it: today's tree by the system's clock).
  static Result<bool> is_within(db::Transaction& transaction, const std::string& below, const std::string& above,
                                std::optional<Instant> at = std::nullopt);

  // Lists in pages: `after` is the former answer's `next`. registry.input.parameter {name} for another text.
  struct Page {
    std::vector<Organisation> items;
    std::optional<std::string> next;
  };
  // Children by name; of "" (or "root"): the top level.
  Result<Page> children(const std::string& parent, Instant at, const std::string& after, std::size_t limit);

 private:
  db::Database& m_database;
};

}  // namespace kyso::registry
