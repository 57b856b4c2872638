#pragma once
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "net/event_stream.h"
#include "registry/web/caller.h"
#include "registry/web/route.h"

// What changes while people look at it: told to their browsers as server-sent events. A change is a row that commits
// with what it tells of, so that people at another kysod see it too; rows live for minutes.
namespace kyso::registry {

struct Change {
  std::string topic;         // "dossier", "queues", "certificate"
  std::string subject;       // id; empty: several
  std::string organisation;  // whose people see it, with those above; empty: officers alone
  bool for_officers = true;  // false: not of what is the organisation's own yet
};
Result<> announce(db::Transaction& transaction, const Change& change, Instant now);

// EventHub: one per process. Events: name = topic, data = {"subject":…}. Nothing in them is confidential: what the
// subject is, the browser asks for by itself. A stream ends soon after the session that opened it.
class EventHub {
 public:
  EventHub(db::Database& database, Sessions& sessions) : m_database(database), m_sessions(sessions) {}
  ~EventHub() { stop(); }
  void start(std::chrono::milliseconds every = std::chrono::milliseconds(500));
  void stop();
  // For tests, and each turn of the thread.
  Result<> poll(Instant now);
  std::vector<PortalRoute> routes();

 private:
  struct Listener {
    Caller caller;
    std::shared_ptr<net::EventStream> stream;
  };
  struct Told {
    Change change;
    std::vector<std::string> organisations;  // the change's own and those above it
  };
  void tell(const Told& told);
  Result<> end_with_sessions(Instant now);

  db::Database& m_database;
  Sessions& m_sessions;
  std::mutex m_mutex;
  std::vector<Listener> m_listeners;
  std::set<std::int64_t> m_seen;  // of the window that is read again
  bool m_is_first = true;
  Instant m_next_look{};  // at sessions
  std::jthread m_thread;
};

}  // namespace kyso::registry
