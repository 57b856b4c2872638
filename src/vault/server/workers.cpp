#include "vault/server/workers.h"

#include <algorithm>
#include <atomic>

namespace kyso::vault {

struct Workers::Batch {
  const std::function<void(std::size_t)>* work = nullptr;
  std::size_t count = 0, grain = 1;
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::condition_variable finished;
  std::size_t done = 0;

  // The function is touched only while a piece of its own is out: after the last one its owner goes on.
  void help() {
    while (true) {
      const std::size_t begin = next.fetch_add(grain);
      if (begin >= count) return;
      const std::size_t end = std::min(begin + grain, count);
      for (std::size_t i = begin; i < end; ++i) (*work)(i);
      std::lock_guard lock(mutex);
      done += end - begin;
      if (done == count) finished.notify_all();
    }
  }
};

Workers::Workers(std::size_t helpers) {
  for (std::size_t i = 0; i < helpers; ++i) m_threads.emplace_back([this] { run(); });
}

Workers::~Workers() {
  {
    std::lock_guard lock(m_mutex);
    m_is_stopping = true;
  }
  m_changed.notify_all();
}

void Workers::run() {
  while (true) {
    std::shared_ptr<Batch> batch;
    {
      std::unique_lock lock(m_mutex);
      m_changed.wait(lock, [&] { return m_is_stopping || !m_waiting.empty(); });
      if (m_is_stopping) return;
      batch = std::move(m_waiting.front());
      m_waiting.pop_front();
    }
    batch->help();
  }
}

void Workers::each(std::size_t count, std::size_t grain, const std::function<void(std::size_t)>& f) {
  grain = std::max<std::size_t>(1, grain);
  const std::size_t helpers = std::min(m_threads.size(), (count + grain - 1) / grain - (count > 0 ? 1 : 0));
  if (helpers == 0) {
    for (std::size_t i = 0; i < count; ++i) f(i);
    return;
  }
  const auto batch = std::make_shared<Batch>();
  batch->work = &f;
  batch->count = count;
  batch->grain = grain;
  {
    std::lock_guard lock(m_mutex);
    for (std::size_t i = 0; i < helpers; ++i) m_waiting.push_back(batch);
  }
  if (helpers == 1)
    m_changed.notify_one();
  else
    m_changed.notify_all();
  batch->help();
  std::unique_lock lock(batch->mutex);
  batch->finished.wait(lock, [&] { return batch->done == count; });
}

}  // namespace kyso::vault
