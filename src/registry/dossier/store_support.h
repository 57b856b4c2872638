#pragma once
#include <set>
#include <string>

#include "db/database.h"
#include "json/json.h"

// What the stores of dossiers and certificates share.
namespace kyso::registry {

// Neighbours that write at once do not meet in one counter.
inline constexpr std::int64_t kCountShards = 16;

// How many rows of a list one page may look at when it searches.
inline constexpr std::int64_t kMaxWalk = 1'500;
// So many times a page's rows are looked at first: mostly that fills the page.
inline constexpr std::int64_t kFirstPortion = 4;

inline std::string stored_json(const json::Value& value) {
  return json::serialize(value);
}

// " AND EXISTS (…)" for each word: the row `id_column` has a word that begins so.
inline std::string word_conditions(std::string_view table, std::string_view column, std::string_view id_column,
                                   std::size_t count) {
  std::string sql;
  for (std::size_t i = 0; i < count; ++i)
    sql += fmt::format(" AND EXISTS (SELECT 1 FROM {0} w WHERE w.{1} = {2} AND w.word >= ? AND w.word < ?)", table,
                       column, id_column);
  return sql;
}

Result<std::set<std::string>> scopes_of(db::Transaction& transaction, std::string_view table, std::string_view column,
                                        std::int64_t number);

// Postings of a word that may be sorted for one page.
inline constexpr std::int64_t kMaxPostings = 8'000;

// The word with the fewest rows, when it has at most `most` of them; nullopt: all are more common.
Result<std::optional<std::string>> rare_word(db::Transaction& transaction, std::string_view table,
                                             const std::vector<std::string>& words, std::int64_t most);

}  // namespace kyso::registry
