#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/test_support.h"
#include "db/db_test_support.h"
#include "registry/organisation/store.h"
#include "registry/organisation/tree.h"

// A small tree for tests, with people's dates.
namespace kyso::registry::test {

inline Instant on(std::string_view day) {
  return must(parse_time(day));
}
inline const Instant kNow = must(parse_time("2026-09-14T09:00:00+07:00"));
inline ChangeBy by(Instant now = kNow) {
  return {"account:1", now, false};
}

inline OrganisationForm form(std::string name, std::string parent = {}, std::string_view from = "2020-01-01") {
  OrganisationForm out;
  out.name = std::move(name);
  if (!parent.empty()) out.parent = std::move(parent);
  out.from = on(from);
  return out;
}
inline std::string add(db::Database& database, const OrganisationForm& form) {
  return must(database.write([&](db::Transaction& tx) { return add_organisation(tx, form, by()); })).id;
}
inline std::string add(db::Database& database, std::string name, std::string parent = {},
                       std::string_view from = "2020-01-01") {
  return add(database, form(std::move(name), std::move(parent), from));
}
inline std::string code_of(const auto& result) {
  return result ? std::string("ok") : std::string(result.error().code);
}

// All versions of all nodes, without their rows' numbers.
inline std::map<std::string, std::vector<Version>> whole_tree(db::Database& database) {
  return must(database.read([](db::Transaction& tx) -> Result<std::map<std::string, std::vector<Version>>> {
    std::map<std::string, std::vector<Version>> out;
    for (const db::Row& row : KYSO_TRY(tx.query("SELECT id FROM organisation"))) {
      const auto id = KYSO_TRY(row.get<std::string>(0));
      for (Version& version : KYSO_TRY(store::versions(tx, id))) {
        version.number = 0;
        out[id].push_back(std::move(version));
      }
    }
    return out;
  }));
}

}  // namespace kyso::registry::test
