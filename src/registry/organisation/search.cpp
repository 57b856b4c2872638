#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "registry/organisation/names.h"
#include "registry/organisation/organisations.h"
#include "registry/organisation/provinces.h"
#include "registry/organisation/store.h"

namespace kyso::registry {
namespace {

using store::Hit;
using store::Place;

constexpr std::size_t kMaxWords = 8, kMaxWord = 40;
// A word that so few names hold leads to all of them; with more frequent words alone the list is walked in its order,
// where hits are close together.
constexpr std::size_t kFew = 2'000;

Error bad_cursor() {
  return fail("registry.input.parameter").with("name", "after");
}

// "1.3.<id>": rank, level, the last one shown. Its name is looked up, so that a cursor stays short.
Result<std::optional<Place>> read_cursor(db::Transaction& transaction, const std::string& cursor, Instant at) {
  if (cursor.empty()) return std::optional<Place>();
  const bool is_shaped = cursor.size() > 4 && (cursor[0] == '0' || cursor[0] == '1') && cursor[1] == '.' &&
                         cursor[2] >= '1' && cursor[2] <= '4' && cursor[3] == '.';
  if (!is_shaped) return bad_cursor();
  const auto version = KYSO_TRY(store::version_at(transaction, cursor.substr(4), at));
  if (!version) return bad_cursor();
  return std::optional(Place{cursor[0] - '0', cursor[2] - '0', fold_accents(version->name), version->organisation});
}

std::vector<std::string> query_words(const std::string& query) {
  std::vector<std::string> words = search_words(query.substr(0, 1'000));
  if (words.size() > kMaxWords) words.resize(kMaxWords);
  for (std::string& word : words)
    if (word.size() > kMaxWord) word.resize(kMaxWord);
  std::erase_if(words, [](const std::string& word) { return !is_valid_utf8(word); });
  std::ranges::sort(words, std::ranges::greater(), &std::string::size);  // long ones rule most out
  return words;
}

// Search: one page of hits, rank after rank.
class Search {
 public:
  Search(db::Transaction& transaction, const std::string& query, Instant at, std::optional<Place> after,
         std::size_t limit)
      : m_transaction(transaction),
        m_words(query_words(query)),
        m_prefix(fold_accents(query)),
        m_at(at),
        m_after(std::move(after)),
        m_limit(limit) {}

  Result<std::vector<std::pair<Place, Hit>>> run() {
    if (m_words.empty()) return std::move(m_found);
    if (!m_after || m_after->rank == 0) KYSO_TRY(by_beginning());
    if (!is_full()) KYSO_TRY(by_words());
    return std::move(m_found);
  }

 private:
  bool is_full() const { return m_found.size() >= m_limit; }
  void take(int rank, const Hit& hit) { m_found.push_back({{rank, hit.level, hit.name_fold, hit.id}, hit}); }
  // Where a level's list goes on; nullopt: this level has been shown already.
  std::optional<std::optional<Place>> start(int rank, int level) const {
    if (!m_after || m_after->rank < rank || (m_after->rank == rank && m_after->level < level))
      return std::optional<Place>();
    if (m_after->rank == rank && m_after->level == level) return m_after;
    return std::nullopt;
  }

  Result<> by_beginning() {
    for (int level = 1; level <= kMaxLevel && !is_full(); ++level) {
      const auto from = start(0, level);
      if (!from) continue;
      for (const Hit& hit :
           KYSO_TRY(store::hits_by_beginning(m_transaction, m_prefix, level, m_at, *from, m_limit - m_found.size())))
        take(0, hit);
    }
    return {};
  }

  Result<> by_words() {
    std::string rarest;
    std::size_t fewest = kFew + 1;
    for (const std::string& word : m_words) {
      if (is_province_word(word)) continue;  // names without it may be meant, by their province
      const std::size_t count = KYSO_TRY(store::count_word(m_transaction, word, kFew + 1));
      if (count >= fewest) continue;
      rarest = word;
      fewest = count;
    }
    return fewest <= kFew ? by_rarest(rarest) : in_order();
  }

  Result<> by_rarest(const std::string& rarest) {
    std::vector<std::string> others = m_words;
    std::erase(others, rarest);
    std::vector<Hit> hits = KYSO_TRY(store::hits_by_word(m_transaction, rarest, others, m_at));
    std::erase_if(hits, [&](const Hit& hit) { return hit.name_fold.starts_with(m_prefix) || !is_after(hit); });
    const auto order = [](const Hit& hit) { return std::tie(hit.level, hit.name_fold, hit.id); };
    std::ranges::sort(hits, {}, order);
    for (const Hit& hit : hits) {
      if (is_full()) break;
      take(1, hit);
    }
    return {};
  }
  bool is_after(const Hit& hit) const {
    return !m_after || m_after->rank == 0 ||
           std::tie(hit.level, hit.name_fold, hit.id) > std::tie(m_after->level, m_after->name_fold, m_after->id);
  }

  Result<> in_order() {
    for (int level = 1; level <= kMaxLevel && !is_full(); ++level) {
      const auto from = start(1, level);
      if (!from) continue;
      for (const Hit& hit : KYSO_TRY(
               store::hits_in_order(m_transaction, level, m_words, m_prefix, m_at, *from, m_limit - m_found.size())))
        take(1, hit);
    }
    return {};
  }

  db::Transaction& m_transaction;
  const std::vector<std::string> m_words;
  const std::string m_prefix;
  const Instant m_at;
  const std::optional<Place> m_after;
  const std::size_t m_limit;
  std::vector<std::pair<Place, Hit>> m_found;
};

}  // namespace

Result<Organisations::Page> Organisations::search(const std::string& query, Instant at, const std::string& after,
                                                  std::size_t limit) {
  return m_database.read([&](db::Transaction& transaction) -> Result<Page> {
    Search search(transaction, to_valid_utf8(query), at, KYSO_TRY(read_cursor(transaction, after, at)), limit + 1);
    auto found = KYSO_TRY(search.run());
    Page page;
    if (found.size() > limit) {
      found.resize(limit);
      const Place& last = found.back().first;
      page.next = fmt::format("{}.{}.{}", last.rank, last.level, last.id);
    }
    std::vector<std::string> ids;
    for (const auto& [place, hit] : found) ids.push_back(hit.id);
    page.items = KYSO_TRY(store::organisations(transaction, ids, at));
    return page;
  });
}

Result<Organisations::Page> Organisations::children(const std::string& parent, Instant at, const std::string& after,
                                                    std::size_t limit) {
  return m_database.read([&](db::Transaction& transaction) -> Result<Page> {
    std::optional<Place> place;
    if (!after.empty()) {
      const auto version = KYSO_TRY(store::version_at(transaction, after, at));
      if (!version) return bad_cursor();
      place = Place{0, version->level, fold_accents(version->name), version->organisation};
    }
    const std::string above = parent == "root" ? std::string() : parent;
    Page page;
    page.items = KYSO_TRY(store::children(transaction, above, at, place, limit + 1));
    if (page.items.size() > limit) {
      page.items.resize(limit);
      page.next = page.items.back().id;
    }
    return page;
  });
}

}  // namespace kyso::registry
