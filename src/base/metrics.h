#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Numbers about a running service, in the text format 0.0.4 of Prometheus. Looking a number up takes a lock: do it once
// and keep the reference, which is valid as long as the registry. Counting and observing take none.
namespace kyso::metrics {

// Only grows.
class Counter {
 public:
  void add(std::uint64_t count = 1) { m_value.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t value() const { return m_value.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> m_value{0};
};

class Gauge {
 public:
  void set(std::int64_t value) { m_value.store(value, std::memory_order_relaxed); }
  void add(std::int64_t change) { m_value.fetch_add(change, std::memory_order_relaxed); }
  std::int64_t value() const { return m_value.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> m_value{0};
};

// How many observations were at most as large as each bound.
class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds);  // rising
  void observe(double value);
  std::uint64_t count() const;
  double sum() const { return m_sum.load(std::memory_order_relaxed); }
  const std::vector<double>& bounds() const { return m_bounds; }
  std::uint64_t count_in(std::size_t bucket) const { return m_counts[bucket].load(std::memory_order_relaxed); }

 private:
  std::vector<double> m_bounds;
  std::deque<std::atomic<std::uint64_t>> m_counts;  // one more than bounds
  std::atomic<double> m_sum{0};
};
// From 50 µs to 10 s, for work that somebody waits for.
const std::vector<double>& time_bounds();

using Labels = std::vector<std::pair<std::string, std::string>>;

class Registry {
 public:
  // The same name and labels give the same number. Names are [a-z_][a-z0-9_]*, with the unit at the end, "_total" for
  // counters; one name has one kind and one help text: what contradicts is written to the log and counted apart.
  Counter& counter(const std::string& name, const std::string& help, Labels labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, Labels labels = {});
  Histogram& histogram(const std::string& name, const std::string& help, Labels labels = {},
                       const std::vector<double>& bounds = time_bounds());
  // Asked for when the text is made; from any thread.
  void gauge_from(const std::string& name, const std::string& help, std::function<double()> value, Labels labels = {});
  std::string text() const;

 private:
  enum class Kind { counter, gauge, histogram, computed };
  struct Series {
    std::unique_ptr<Counter> counter;
    std::unique_ptr<Gauge> gauge;
    std::unique_ptr<Histogram> histogram;
    std::function<double()> computed;
  };
  struct Family {
    Kind kind = Kind::counter;
    std::string help;
    std::map<std::string, Series> series;  // by their written labels
  };
  Series& series(const std::string& name, const std::string& help, Kind kind, const Labels& labels);

  mutable std::mutex m_mutex;
  std::map<std::string, Family> m_families;
  std::deque<Series> m_orphans;
};

// The process's own.
Registry& registry();

}  // namespace kyso::metrics
