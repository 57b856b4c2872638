#pragma once
#include <map>
#include <optional>
#include <string>

#include "base/time.h"

// Private to the module: what is remembered of each time-stamp authority between requests and processes.
namespace kyso::pki {

struct AuthorityRecord {
  Instant blocked_until{};           // asked to be left alone until then
  std::chrono::seconds back_off{0};  // the last pause that was chosen without Retry-After
  std::size_t token_size = 0;        // of the last token, 0: never answered
};

// AuthorityMemory: one line per authority in a text file: "<url> TAB <blocked until> TAB <back-off> TAB <size>",
// numbers in decimal, times in seconds since 1970. Lines that make no sense are ignored, so a damaged file costs a
// pause at most.
class AuthorityMemory {
 public:
  // An empty name: nothing is read or written.
  explicit AuthorityMemory(std::string file) : m_file(std::move(file)) { load(); }

  AuthorityRecord find(const std::string& url) const;
  // Keeps the record and writes the file anew, with what other processes have put there meanwhile.
  void keep(const std::string& url, const AuthorityRecord& record);

 private:
  void load();
  void save() const;

  std::string m_file;
  std::map<std::string, AuthorityRecord> m_records;
};

}  // namespace kyso::pki
