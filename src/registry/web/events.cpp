#include "registry/web/events.h"

#include <algorithm>
#include <condition_variable>

#include "base/log.h"
#include "registry/organisation/organisations.h"

namespace kyso::registry {
namespace {

using namespace std::chrono_literals;

// Rows whose transactions take longer than this to commit are told late, with the next change: they are hints.
constexpr std::chrono::seconds kWindow{5};
constexpr std::chrono::minutes kLife{5};
constexpr std::chrono::seconds kLookEvery{5};  // at the sessions behind the streams
constexpr std::size_t kMaxListeners = 5'000;
constexpr std::size_t kMaxOfAccount = 10;

}  // namespace

Result<> announce(db::Transaction& transaction, const Change& change, Instant now) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO portal_event (at, topic, subject, organisation, officers) VALUES (?, ?, ?, ?, ?)",
      {now, change.topic, change.subject, change.organisation, change.for_officers}));
  return {};
}

void EventHub::start(std::chrono::milliseconds every) {
  m_thread = std::jthread([this, every](const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::string told;
    while (!stop.stop_requested()) {
      const Result<> done = poll(system_clock().now());
      const std::string code(done ? std::string_view() : done.error().code);
      if (!done && code != told) log::write(log::Level::warning, "portal.events", done.error());
      told = code;
      std::unique_lock lock(mutex);
      changed.wait_for(lock, stop, every, [] { return false; });
    }
  });
}

void EventHub::stop() {
  m_thread = {};
  const std::lock_guard lock(m_mutex);
  for (const Listener& listener : m_listeners) listener.stream->end();
  m_listeners.clear();
}

Result<> EventHub::poll(Instant now) {
  KYSO_TRY(end_with_sessions(now));
  std::vector<std::pair<std::int64_t, Told>> news;
  KYSO_TRY(m_database.read([&](db::Transaction& transaction) -> Result<> {
    for (const db::Row& row : KYSO_TRY(transaction.query(
             "SELECT id, topic, subject, organisation, officers FROM portal_event WHERE at >= ? ORDER BY id",
             {now - kWindow}))) {
      const auto id = KYSO_TRY(row.get<std::int64_t>(0));
      if (m_seen.contains(id)) continue;
      Told told{{KYSO_TRY(row.get<std::string>(1)), KYSO_TRY(row.get<std::string>(2)),
                 KYSO_TRY(row.get<std::string>(3)), KYSO_TRY(row.get<bool>(4))},
                {}};
      if (!told.change.organisation.empty())
        if (const auto place = Organisations::find_last(transaction, told.change.organisation, now))
          told.organisations = place->chain_ids;
      news.emplace_back(id, std::move(told));
    }
    return {};
  }));
  for (const auto& [id, told] : news) {
    m_seen.insert(id);
    if (!m_is_first) tell(told);
  }
  m_is_first = false;
  // Ids of rows that left the window are not asked for again.
  while (m_seen.size() > 10'000) m_seen.erase(m_seen.begin());
  if (now.time_since_epoch() % 60s == 0s)
    KYSO_TRY(m_database.write([&](db::Transaction& transaction) {
      return transaction.execute("DELETE FROM portal_event WHERE at < ?", {now - kLife});
    }));
  return {};
}

// Signed out, idle for too long, or another role: whoever listens must sign in again.
Result<> EventHub::end_with_sessions(Instant now) {
  if (now < m_next_look) return {};
  m_next_look = now + kLookEvery;
  std::set<std::string> ended;
  {
    const std::lock_guard lock(m_mutex);
    for (const Listener& listener : m_listeners) ended.insert(listener.caller.session);
  }
  if (ended.empty()) return {};
  for (const std::string& session : KYSO_TRY(m_sessions.living({ended.begin(), ended.end()}, now)))
    ended.erase(session);
  const std::lock_guard lock(m_mutex);
  std::erase_if(m_listeners, [&](const Listener& listener) {
    if (!ended.contains(listener.caller.session)) return false;
    listener.stream->end();
    return true;
  });
  return {};
}

void EventHub::tell(const Told& told) {
  json::Value data = json::Value::object();
  data.set("subject", told.change.subject);
  const net::Event event{json::serialize(data), told.change.topic, {}};
  const std::lock_guard lock(m_mutex);
  std::erase_if(m_listeners, [&](const Listener& listener) {
    const bool concerns =
        listener.caller.is_officer()
            ? told.change.for_officers
            : std::ranges::find(told.organisations, listener.caller.organisation) != told.organisations.end();
    return concerns ? !listener.stream->send(event) : listener.stream->has_ended();
  });
}

std::vector<PortalRoute> EventHub::routes() {
  return {{"GET", "/api/v1/events", Access::signed_in(),
           [this](const PortalRequest& request) -> Result<net::ServerResponse> {
             const auto stream = net::EventStream::create();
             const std::lock_guard lock(m_mutex);
             std::erase_if(m_listeners, [](const Listener& listener) { return listener.stream->has_ended(); });
             const auto same = std::ranges::count_if(m_listeners, [&](const Listener& listener) {
               return listener.caller.account == request.who().account;
             });
             if (m_listeners.size() >= kMaxListeners || static_cast<std::size_t>(same) >= kMaxOfAccount)
               return fail("registry.limit.rate").with("seconds", 30);
             m_listeners.push_back({request.who(), stream});
             return stream->response().with("Cache-Control", "no-store");
           }}};
}

}  // namespace kyso::registry
