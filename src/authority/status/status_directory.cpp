#include "authority/status/status_directory.h"

#include <fmt/format.h>
#include <time.h>

#include "base/log.h"
#include "base/metrics.h"

namespace kyso::authority::status {
namespace {

constexpr std::size_t kEventsAtOnce = 10'000;

std::string missing_key(StatusIndex::Issuer issuer, ByteView serial) {
  std::string key(reinterpret_cast<const char*>(&issuer), sizeof issuer);
  key += as_chars(serial);
  return key;
}

metrics::Counter& reloads() {
  static metrics::Counter& counter = metrics::registry().counter(
      "kyso_status_reloads_total", "Times that the whole status was read from the database");
  return counter;
}

}  // namespace

std::chrono::nanoseconds boot_time() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

StatusDirectory::StatusDirectory(db::Database& database, DirectoryOptions options)
    : m_database(database), m_options(std::move(options)) {}

StatusDirectory::~StatusDirectory() = default;

void StatusDirectory::start() {
  m_polling = std::make_unique<Ticker>(m_options.poll_every, [this] {
    const Result<> polled = poll();
    if (!polled && m_was_good) log::write(log::Level::warning, "status.poll", polled.error());
    if (polled && !m_was_good) log::write(log::Level::info, "status.poll.recovered");
    m_was_good = polled.has_value();
  });
}

void StatusDirectory::stop() {
  if (m_polling) m_polling->stop();
}

void StatusDirectory::wake() {
  if (m_polling) m_polling->wake();
}

Result<> StatusDirectory::load() {
  const std::lock_guard lock(m_poll_mutex);
  return load_all();
}

Result<> StatusDirectory::load_all() {
  // Nothing is told while the index is incomplete.
  m_current_until = 0;
  m_is_loaded = false;
  {
    const std::lock_guard lock(m_missing_mutex);
    ++m_generation;
    m_missing.clear();
    m_missing_before.clear();
  }
  reloads().add();
  const std::int64_t began = m_options.time().count();
  const auto read = m_database.read([&](db::Transaction& transaction) -> Result<store::Counters> {
    m_index.clear();
    const store::Counters counters = KYSO_TRY(store::counters(transaction));
    m_index.reserve(KYSO_TRY(store::count_certificates(transaction)));
    std::string last_name;
    StatusIndex::Issuer issuer = 0;
    KYSO_TRY(store::for_each_certificate(transaction, [&](const store::KnownCertificate& known) {
      if (known.issuer != last_name) {
        last_name = known.issuer;
        issuer = m_index.issuer(known.issuer);
      }
      m_index.set(issuer, known.serial, known.standing);
    }));
    return counters;
  });
  if (!read) return read.error();
  m_sequence = read->status;
  m_lists = -1;
  m_is_loaded = true;
  m_current_until = began + std::chrono::nanoseconds(m_options.max_silence).count();
  log::write(log::Level::info, "status.loaded",
             {{"certificates", fmt::to_string(m_index.size())}, {"sequence", fmt::to_string(m_sequence.load())}});
  return {};
}

// Reads what came after the last known event. The numbers must go on without a gap, up to the counter.
Result<StatusDirectory::Followed> StatusDirectory::follow() {
  const std::int64_t began = m_options.time().count();
  const std::int64_t known = m_sequence.load();
  store::Counters counters;
  std::vector<store::StatusEvent> events;
  const Result<> read = m_database.read([&](db::Transaction& transaction) -> Result<> {
    counters = KYSO_TRY(store::counters(transaction));
    events.clear();
    if (counters.status > known) events = KYSO_TRY(store::events_after(transaction, known, kEventsAtOnce));
    return {};
  });
  if (!read) return read.error();
  std::int64_t expected = known;
  for (const store::StatusEvent& event : events)
    if (event.sequence != ++expected) return Followed::lost;
  const bool is_all = expected == counters.status;
  if (counters.status < known || (!is_all && events.size() < kEventsAtOnce)) return Followed::lost;
  apply(events);
  m_sequence.store(expected, std::memory_order_release);
  if (is_all)
    m_current_until.store(began + std::chrono::nanoseconds(m_options.max_silence).count(), std::memory_order_release);
  if (!events.empty() && m_on_status) m_on_status();
  if (is_all && counters.lists != m_lists) {
    m_lists = counters.lists;
    if (m_on_lists) m_on_lists();
  }
  return is_all ? Followed::all : Followed::more;
}

void StatusDirectory::apply(const std::vector<store::StatusEvent>& events) {
  for (const store::StatusEvent& event : events)
    m_index.set(m_index.issuer(event.issuer), event.serial, event.standing);
}

Result<> StatusDirectory::poll() {
  const std::lock_guard lock(m_poll_mutex);
  if (!m_is_loaded) KYSO_TRY(load_all());
  while (true) {
    switch (KYSO_TRY(follow())) {
      case Followed::all:
        return {};
      case Followed::more:
        continue;
      case Followed::lost:
        log::write(log::Level::error, "status.gap", {{"sequence", fmt::to_string(m_sequence.load())}});
        KYSO_TRY(load_all());
        continue;
    }
  }
}

bool StatusDirectory::is_known_missing(const std::string& key, std::uint64_t& generation) const {
  const std::int64_t now = m_options.time().count();
  const std::lock_guard lock(m_missing_mutex);
  generation = m_generation;
  for (const auto* memory : {&m_missing, &m_missing_before})
    if (const auto found = memory->find(key); found != memory->end() && found->second > now) return true;
  return false;
}

// Two generations: the older one is dropped when the younger is full.
void StatusDirectory::remember_missing(std::string key, std::uint64_t generation) {
  const std::int64_t until = m_options.time().count() + std::chrono::nanoseconds(m_options.negative_memory).count();
  const std::lock_guard lock(m_missing_mutex);
  if (generation != m_generation) return;
  if (m_missing.size() >= m_options.negative_entries / 2) {
    m_missing_before = std::move(m_missing);
    m_missing.clear();
  }
  m_missing.insert_or_assign(std::move(key), until);
}

Result<std::optional<Standing>> StatusDirectory::look_up(const std::string& issuer, StatusIndex::Issuer number,
                                                         ByteView serial) {
  if (!is_current()) return fail("authority.status.behind");
  if (const auto found = m_index.find(number, serial)) return found;
  std::string key = missing_key(number, serial);
  std::uint64_t generation = 0;
  if (is_known_missing(key, generation)) return std::optional<Standing>();
  const auto found =
      m_database.read([&](db::Transaction& transaction) { return store::find_standing(transaction, issuer, serial); });
  if (!found) return fail("authority.status.behind", "{}: {}", found.error().code, found.error().detail);
  if (!*found) {
    remember_missing(std::move(key), generation);
    return std::optional<Standing>();
  }
  {
    // Not into an index that has been read anew since: from a database that may have gone back.
    const std::lock_guard lock(m_missing_mutex);
    if (generation != m_generation) return fail("authority.status.behind");
    m_index.add(number, serial, **found);
  }
  // An event may have been quicker.
  const auto present = m_index.find(number, serial);
  return present ? present : *found;
}

}  // namespace kyso::authority::status
