#include <algorithm>

#include "registry/organisation/names.h"
#include "registry/organisation/provinces.h"
#include "registry/organisation/store.h"

namespace kyso::registry::store {
namespace {

// Behind every text that begins with `prefix`.
std::string behind(const std::string& prefix) {
  return prefix + "\xF4\x8F\xBF\xBF";
}

// Words hold neither "%" nor "_" (search_words).
void add_words(std::string& sql, db::Values& parameters, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    parameters.emplace_back("% " + word + "%");
    if (!is_province_word(word)) {
      sql += " AND v.search LIKE ?";
      continue;
    }
    sql += " AND (v.search LIKE ? OR v.search LIKE ?)";
    parameters.emplace_back("% ~" + word + " %");
  }
}

Result<std::vector<Hit>> read_hits(db::Transaction& transaction, const std::string& sql, const db::Values& parameters) {
  std::vector<Hit> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(sql, parameters))) {
    out.push_back({KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<std::string>(1)), KYSO_TRY(row.get<int>(2))});
  }
  return out;
}

constexpr std::size_t kPortion = 200;  // always as many, so that the statement stays one

constexpr std::string_view kHits = "SELECT v.organisation, v.name_fold, v.level FROM ";
constexpr std::string_view kOfLevel =
    "organisation_version v WHERE v.level = ? AND (v.name_fold, v.organisation) > (?, ?) AND v.valid_from <= ? AND "
    "v.valid_to > ?";

}  // namespace

Result<std::size_t> count_word(db::Transaction& transaction, const std::string& prefix, std::size_t limit) {
  const db::Row row = KYSO_TRY(transaction.one(
      "SELECT COUNT(*) FROM (SELECT 1 FROM organisation_word WHERE word >= ? AND word < ? LIMIT ?) found",
      {prefix, behind(prefix), limit}));
  return row.get<std::size_t>(0);
}

Result<std::vector<Hit>> hits_by_beginning(db::Transaction& transaction, const std::string& prefix, int level,
                                           Instant at, const std::optional<Place>& after, std::size_t limit) {
  const Place place = after.value_or(Place());
  const std::string sql = std::string(kHits) + std::string(kOfLevel) +
                          " AND v.name_fold >= ? AND v.name_fold < ? ORDER BY v.name_fold, v.organisation LIMIT ?";
  return read_hits(transaction, sql, {level, place.name_fold, place.id, at, at, prefix, behind(prefix), limit});
}

// In two steps, the numbers from the words alone and then their rows in portions: one join is planned as a walk over
// all rows as soon as the planner takes a word for more frequent than it is.
Result<std::vector<Hit>> hits_by_word(db::Transaction& transaction, const std::string& driver,
                                      const std::vector<std::string>& words, Instant at) {
  std::vector<std::int64_t> numbers;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT DISTINCT version FROM organisation_word WHERE word >= ? AND word < ?", {driver, behind(driver)})))
    numbers.push_back(KYSO_TRY(row.get<std::int64_t>(0)));
  std::vector<Hit> out;
  for (std::size_t first = 0; first < numbers.size(); first += kPortion) {
    std::string sql = std::string(kHits) + "organisation_version v WHERE v.number IN (?";
    db::Values parameters = {numbers[first]};
    for (std::size_t i = 1; i < kPortion; ++i) {
      sql += ", ?";
      parameters.emplace_back(numbers[std::min(first + i, numbers.size() - 1)]);
    }
    sql += ") AND v.valid_from <= ? AND v.valid_to > ?";
    parameters.insert(parameters.end(), {at, at});
    add_words(sql, parameters, words);
    for (Hit& hit : KYSO_TRY(read_hits(transaction, sql, parameters))) out.push_back(std::move(hit));
  }
  return out;
}

Result<std::vector<Hit>> hits_in_order(db::Transaction& transaction, int level, const std::vector<std::string>& words,
                                       const std::string& not_beginning, Instant at, const std::optional<Place>& after,
                                       std::size_t limit) {
  const Place place = after.value_or(Place());
  std::string sql = std::string(kHits) + std::string(kOfLevel) + " AND (v.name_fold < ? OR v.name_fold >= ?)";
  db::Values parameters = {level, place.name_fold, place.id, at, at, not_beginning, behind(not_beginning)};
  add_words(sql, parameters, words);
  parameters.emplace_back(limit);
  return read_hits(transaction, sql + " ORDER BY v.name_fold, v.organisation LIMIT ?", parameters);
}

}  // namespace kyso::registry::store
