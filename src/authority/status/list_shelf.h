#pragma once
#include "authority/status/memory_file.h"
#include "authority/status/status_store.h"

namespace kyso::authority::status {

// A published list, ready to be sent. Immutable.
struct ShelvedList {
  store::ListRow row;
  std::string entity_tag, last_modified, expires;
  std::shared_ptr<const Bytes> body;  // of small ones
  std::optional<MemoryFile> large;    // of the others
  ByteView content() const { return large ? large->view() : ByteView(*body); }
};

// ListShelf: the newest lists of all scopes, in memory, whoever published them. They stay when the database is away.
// Thread-safe.
class ListShelf {
 public:
  explicit ListShelf(db::Database& database) : m_database(database) {}
  // Fetches what is newer than what is here. authority.crl.damaged {name}: its octets aren't those that were signed.
  Result<> refresh();
  // By the name of the file under /crl/; nullptr: none.
  std::shared_ptr<const ShelvedList> find(std::string_view file_name) const;
  std::vector<std::shared_ptr<const ShelvedList>> all() const;

 private:
  Result<std::shared_ptr<const ShelvedList>> fetch(db::Transaction& transaction, const store::ListRow& row) const;

  db::Database& m_database;
  std::mutex m_refresh_mutex;
  mutable std::mutex m_mutex;
  std::map<std::string, std::shared_ptr<const ShelvedList>, std::less<>> m_lists;
};

}  // namespace kyso::authority::status
