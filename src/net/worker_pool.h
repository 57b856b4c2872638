#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace kyso::net {

// WorkerPool: threads that carry out jobs in the order of their arrival.
class WorkerPool {
 public:
  using Job = std::move_only_function<void()>;
  WorkerPool(std::size_t threads, std::size_t max_waiting);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool() { stop(); }
  // False when too many wait already, and after stop().
  bool submit(Job job);
  // The same without the limit: for what continues a request that was let in.
  bool resume(Job job);
  // Running jobs are waited for, waiting ones forgotten.
  void stop();
  std::size_t waiting() const;

 private:
  bool put(Job job, std::size_t limit);
  void work();

  mutable std::mutex m_mutex;
  std::condition_variable m_something;
  std::deque<Job> m_jobs;
  std::size_t m_max_waiting;
  bool m_stopping = false;
  std::vector<std::thread> m_threads;
};

}  // namespace kyso::net
