#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace kyso::vault {

// Workers: threads that help whoever has many independent things to do. The caller works too and never waits for a
// thread that hasn't started on his things, so that a long batch delays nobody. Thread-safe.
class Workers {
 public:
  explicit Workers(std::size_t helpers);
  ~Workers();
  Workers(const Workers&) = delete;
  // f(0) … f(count - 1), each once, in any order and at the same time; at least `grain` of them per thread. Returns
  // when all are done. f must not throw.
  void each(std::size_t count, std::size_t grain, const std::function<void(std::size_t)>& f);

 private:
  struct Batch;
  void run();

  std::mutex m_mutex;
  std::condition_variable m_changed;
  std::deque<std::shared_ptr<Batch>> m_waiting;
  bool m_is_stopping = false;
  std::vector<std::jthread> m_threads;
};

}  // namespace kyso::vault
