#include "registry/organisation/search.h"

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "registry/organisation/names.h"
#include "registry/organisation/provinces.h"
#include "registry/organisation/store.h"

namespace kyso::registry {
namespace {

constexpr std::size_t kMaxWords = 8, kMaxWord = 40;

// A place in the list: what was shown last.
struct Place {
  bool begins = false;  // with the query: those come first
  int level = 0;
  std::string name_fold, id;
};

Error bad_cursor() {
  return fail("registry.input.parameter").with("name", "after");
}

// "1.3.<id>": 0 for names that begin with the query, the level, the last one shown. Its name is looked up, so that a
// cursor stays short.
std::string cursor_of(const Place& place) {
  return fmt::format("{}.{}.{}", place.begins ? 0 : 1, place.level, place.id);
}
Result<std::optional<Place>> read_cursor(db::Transaction& transaction, const std::string& cursor, Instant at) {
  if (cursor.empty()) return std::optional<Place>();
  const bool is_shaped = cursor.size() > 4 && (cursor[0] == '0' || cursor[0] == '1') && cursor[1] == '.' &&
                         cursor[2] >= '1' && cursor[2] <= '4' && cursor[3] == '.';
  if (!is_shaped) return bad_cursor();
  const auto version = KYSO_TRY(store::version_at(transaction, cursor.substr(4), at));
  if (!version) return bad_cursor();
  return std::optional(Place{cursor[0] == '0', cursor[2] - '0', fold_accents(version->name), version->organisation});
}

std::vector<std::string> query_words(const std::string& query) {
  std::vector<std::string> words = search_words(query.substr(0, 1'000));
  if (words.size() > kMaxWords) words.resize(kMaxWords);
  for (std::string& word : words)
    if (word.size() > kMaxWord) word.resize(kMaxWord);
  std::erase_if(words, [](const std::string& word) { return !is_valid_utf8(word); });
  return words;
}

// The order of lists: both kinds of names have these members.
constexpr auto kOrder = [](const auto& name) { return std::tie(name.level, name.name_fold, name.id); };

}  // namespace

class OrganisationSearch::Names {
 public:
  static Result<Names> read(db::Transaction& transaction, std::int64_t revision) {
    Names out;
    out.revision = revision;
    out.m_names = KYSO_TRY(store::searched_names(transaction));
    std::ranges::sort(out.m_names, {}, kOrder);
    std::unordered_map<std::string, std::vector<std::uint32_t>> places;
    for (std::uint32_t i = 0; i < out.m_names.size(); ++i)
      for (const std::string& word : out.m_names[i].words) places[word].push_back(i);
    out.m_words.assign(std::make_move_iterator(places.begin()), std::make_move_iterator(places.end()));
    std::ranges::sort(out.m_words, {}, &Word::first);
    for (store::SearchedName& name : out.m_names) name.words = {};
    return out;
  }

  std::int64_t revision = 0;

  // A page of ids, and the place of the last one when there are more.
  struct Found {
    std::vector<std::string> ids;
    std::optional<Place> last;
  };
  Found find(const std::string& query, Instant at, const std::optional<Place>& after, std::size_t limit) const {
    const std::vector<std::string> words = query_words(query);
    Found out;
    if (words.empty()) return out;
    const std::vector<std::uint8_t> fits = fitting(words);
    const std::string beginning = fold_accents(query);
    for (const bool begins : {true, false}) {
      for (std::size_t i = start(begins, after); i < m_names.size(); ++i) {
        const store::SearchedName& name = m_names[i];
        if (fits[i] < words.size() || name.from > at || name.to <= at ||
            name.name_fold.starts_with(beginning) != begins)
          continue;
        if (out.ids.size() == limit) return out;
        out.ids.push_back(name.id);
        out.last = Place{begins, name.level, name.name_fold, name.id};
      }
    }
    out.last.reset();
    return out;
  }

 private:
  using Word = std::pair<std::string, std::vector<std::uint32_t>>;

  // Where the names that begin with the query (or the others) go on.
  std::size_t start(bool begins, const std::optional<Place>& after) const {
    if (!after) return 0;
    if (begins != after->begins) return begins ? m_names.size() : 0;
    const auto found = std::ranges::upper_bound(m_names, kOrder(*after), {}, kOrder);
    return static_cast<std::size_t>(found - m_names.begin());
  }

  // For each name, how many of the words it has from the first on.
  std::vector<std::uint8_t> fitting(const std::vector<std::string>& words) const {
    std::vector<std::uint8_t> out(m_names.size());
    for (std::uint8_t i = 0; i < words.size(); ++i) {
      const auto mark = [&](const Word& word) {
        for (const std::uint32_t name : word.second)
          if (out[name] == i) out[name] = i + 1;
      };
      auto word = std::ranges::lower_bound(m_words, words[i], {}, &Word::first);
      for (; word != m_words.end() && word->first.starts_with(words[i]); ++word) mark(*word);
      const std::string province = store::kOfProvince + words[i];
      word = std::ranges::lower_bound(m_words, province, {}, &Word::first);
      if (word != m_words.end() && word->first == province) mark(*word);
    }
    return out;
  }

  std::vector<store::SearchedName> m_names;  // in the order of lists
  std::vector<Word> m_words;                 // sorted, with the places of those that have it
};

Result<std::shared_ptr<const OrganisationSearch::Names>> OrganisationSearch::names(db::Transaction& transaction) const {
  const std::int64_t revision = KYSO_TRY(store::tree_revision(transaction));
  const std::scoped_lock lock(m_mutex);
  // A newer one than this transaction sees will do: what it does not see is not shown.
  if (!m_names || m_names->revision < revision)
    m_names = std::make_shared<const Names>(KYSO_TRY(Names::read(transaction, revision)));
  return m_names;
}

Result<Organisations::Page> OrganisationSearch::find(const std::string& query, Instant at, const std::string& after,
                                                     std::size_t limit) const {
  return m_database.read([&](db::Transaction& transaction) -> Result<Organisations::Page> {
    const std::optional<Place> place = KYSO_TRY(read_cursor(transaction, after, at));
    const auto found = KYSO_TRY(names(transaction))->find(to_valid_utf8(query), at, place, limit);
    Organisations::Page page;
    if (found.last) page.next = cursor_of(*found.last);
    page.items = KYSO_TRY(store::organisations(transaction, found.ids, at));
    return page;
  });
}

}  // namespace kyso::registry
