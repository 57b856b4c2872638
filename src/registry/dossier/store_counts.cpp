#include <fmt/format.h>

#include "registry/dossier/store.h"
#include "registry/dossier/store_support.h"
#include "registry/dossier/words.h"

namespace kyso::registry {

Result<std::set<std::string>> scopes_of(db::Transaction& transaction, std::string_view table, std::string_view column,
                                        std::int64_t number) {
  std::set<std::string> out;
  for (const db::Row& row :
       KYSO_TRY(transaction.query(fmt::format("SELECT scope FROM {} WHERE {} = ?", table, column), {number})))
    out.insert(KYSO_TRY(row.get<std::string>(0)));
  return out;
}

Result<std::optional<std::string>> rare_word(db::Transaction& transaction, std::string_view table,
                                             const std::vector<std::string>& words, std::int64_t most) {
  std::optional<std::string> best;
  std::int64_t fewest = most;
  for (const std::string& word : words) {
    const db::Row row = KYSO_TRY(transaction.one(
        fmt::format("SELECT COUNT(*) FROM (SELECT 1 FROM {} WHERE word >= ? AND word < ? LIMIT ?) few", table),
        {word, behind(word), fewest + 1}));
    const std::int64_t count = KYSO_TRY(row.get<std::int64_t>(0));
    if (count > fewest) continue;
    best = word;
    fewest = count;
  }
  return best;
}

}  // namespace kyso::registry

namespace kyso::registry::dossier_store {

Result<> count(db::Transaction& transaction, const std::set<std::string>& scopes, const std::string& what,
               std::int64_t shard, std::int64_t change) {
  std::vector<db::Values> rows;
  for (const std::string& scope : scopes) rows.push_back({scope, what, shard % kCountShards, change});
  return transaction.execute_many(
      "INSERT INTO registry_count (scope, what, shard, value) VALUES (?, ?, ?, ?) "
      "ON CONFLICT (scope, what, shard) DO UPDATE SET value = registry_count.value + excluded.value",
      rows);
}

Result<std::vector<std::pair<std::string, std::int64_t>>> counts(db::Transaction& transaction, std::string_view scope,
                                                                 std::string_view prefix) {
  std::vector<std::pair<std::string, std::int64_t>> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT what, CAST(SUM(value) AS BIGINT) FROM registry_count WHERE scope = ? AND what >= ? AND what < ? "
           "GROUP BY what ORDER BY what",
           {scope, prefix, behind(prefix)})))
    out.emplace_back(KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<std::int64_t>(1)));
  return out;
}

Result<std::int64_t> count_between(db::Transaction& transaction, std::string_view scope, std::string_view from,
                                   std::string_view to) {
  const db::Row row = KYSO_TRY(transaction.one(
      "SELECT CAST(COALESCE(SUM(value), 0) AS BIGINT) FROM registry_count WHERE scope = ? AND what >= ? AND what < ?",
      {scope, from, to}));
  return row.get<std::int64_t>(0);
}

}  // namespace kyso::registry::dossier_store
