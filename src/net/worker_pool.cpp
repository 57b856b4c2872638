#include "net/worker_pool.h"

#include <exception>
#include <limits>

#include "base/log.h"

namespace kyso::net {

WorkerPool::WorkerPool(std::size_t threads, std::size_t max_waiting) : m_max_waiting(max_waiting) {
  for (std::size_t i = 0; i < threads; ++i) m_threads.emplace_back([this] { work(); });
}

bool WorkerPool::submit(Job job) {
  return put(std::move(job), m_max_waiting);
}

bool WorkerPool::resume(Job job) {
  return put(std::move(job), std::numeric_limits<std::size_t>::max());
}

bool WorkerPool::put(Job job, std::size_t limit) {
  {
    const std::lock_guard lock(m_mutex);
    if (m_stopping || m_jobs.size() >= limit) return false;
    m_jobs.push_back(std::move(job));
  }
  m_something.notify_one();
  return true;
}

void WorkerPool::work() {
  while (true) {
    Job job;
    {
      std::unique_lock lock(m_mutex);
      m_something.wait(lock, [this] { return m_stopping || !m_jobs.empty(); });
      if (m_stopping) return;
      job = std::move(m_jobs.front());
      m_jobs.pop_front();
    }
    try {
      job();
    } catch (const std::exception& exception) {  // out of memory; who waits for the job has a deadline
      log::write(log::Level::error, "http.worker.threw", {{"what", exception.what()}});
    }
  }
}

void WorkerPool::stop() {
  {
    const std::lock_guard lock(m_mutex);
    m_stopping = true;
    m_jobs.clear();
  }
  m_something.notify_all();
  for (std::thread& thread : m_threads)
    if (thread.joinable()) thread.join();
}

std::size_t WorkerPool::waiting() const {
  const std::lock_guard lock(m_mutex);
  return m_jobs.size();
}

}  // namespace kyso::net
