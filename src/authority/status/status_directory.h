#pragma once
#include <chrono>
#include <functional>
#include <mutex>
#include <unordered_map>

#include "authority/status/status_store.h"
#include "authority/status/ticker.h"

namespace kyso::authority::status {

// Time that never goes back and goes on while the machine sleeps.
std::chrono::nanoseconds boot_time();

struct DirectoryOptions {
  std::chrono::milliseconds poll_every{200};
  // Without news from the database for so long nothing is told any more.
  std::chrono::milliseconds max_silence{5'000};
  // How long it is remembered that a certificate isn't there; it may be issued at any time.
  std::chrono::milliseconds negative_memory{1'000};
  std::size_t negative_entries = 65'536;
  std::function<std::chrono::nanoseconds()> time = boot_time;
};

// StatusDirectory: what is true about every certificate, as the database says, in memory. It follows the status events,
// which commit in the order of their numbers: a number that is missing, or a database that went back, means that
// something is unknown here, and nothing is told until everything has been read anew.
class StatusDirectory {
 public:
  StatusDirectory(db::Database& database, DirectoryOptions options);
  ~StatusDirectory();
  // Polls from a thread of its own. At most once.
  void start();
  // Ends that thread.
  void stop();

  // Reads everything; db.* when that isn't possible now.
  Result<> load();
  // One step: what happened since. Loads first when that is needed.
  Result<> poll();
  // A change was committed in this process: poll now. From any thread, never waits; nothing before start().
  void wake();
  // After each poll that brought something, on the polling thread; to be set before start().
  void on_status_change(std::function<void()> listener) { m_on_status = std::move(listener); }
  void on_new_lists(std::function<void()> listener) { m_on_lists = std::move(listener); }

  bool is_current() const { return m_options.time().count() < m_current_until.load(std::memory_order_acquire); }
  std::int64_t sequence() const { return m_sequence.load(std::memory_order_acquire); }
  StatusIndex& index() { return m_index; }
  const StatusIndex& index() const { return m_index; }
  // Also looks into the database. nullopt: not issued (or not yet). authority.status.behind: cannot be told now.
  Result<std::optional<Standing>> look_up(const std::string& issuer, StatusIndex::Issuer number, ByteView serial);

 private:
  enum class Followed : std::uint8_t { all, more, lost };
  Result<Followed> follow();
  void apply(const std::vector<store::StatusEvent>& events);
  Result<> load_all();
  bool is_known_missing(const std::string& key, std::uint64_t& generation) const;
  void remember_missing(std::string key, std::uint64_t generation);
  db::Database& m_database;
  const DirectoryOptions m_options;
  StatusIndex m_index;
  std::function<void()> m_on_status, m_on_lists;
  std::atomic<std::int64_t> m_sequence{0};
  std::atomic<std::int64_t> m_current_until{0};  // of the options' time, in ns; 0: never

  std::mutex m_poll_mutex;  // one poll at a time
  bool m_is_loaded = false;
  std::int64_t m_lists = -1;

  mutable std::mutex m_missing_mutex;
  std::uint64_t m_generation = 0;                                             // how often everything was read
  std::unordered_map<std::string, std::int64_t> m_missing, m_missing_before;  // issuer and serial; until when

  bool m_was_good = true;
  std::unique_ptr<Ticker> m_polling;
};

}  // namespace kyso::authority::status
