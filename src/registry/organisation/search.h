#pragma once
#include <memory>
#include <mutex>

#include "registry/organisation/organisations.h"

namespace kyso::registry {

// Search over the names of all organisations. Their words are kept in memory, for words of names are frequent ("xã",
// "trường", "số") and lists of hits are ordered by name: no index of the database leads to a page of them. Each search
// asks for the tree's revision, and reads the words anew when somebody has changed it, here or in another process.
class OrganisationSearch {
 public:
  explicit OrganisationSearch(db::Database& database) : m_database(database) {}

  // Every word of the query begins a word of the name, of a former one, an alias or a code, or is a word of the
  // province's name. First come names that begin with the query, then by level and name. Nothing is found by no word.
  // registry.input.parameter {name}: `after` is not a former answer's `next`.
  Result<Organisations::Page> find(const std::string& query, Instant at, const std::string& after,
                                   std::size_t limit) const;

 private:
  class Names;  // those of one revision
  Result<std::shared_ptr<const Names>> names(db::Transaction& transaction) const;

  db::Database& m_database;
  mutable std::mutex m_mutex;
  mutable std::shared_ptr<const Names> m_names;
};

}  // namespace kyso::registry
