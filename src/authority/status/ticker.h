#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace kyso::authority::status {

// Ticker: calls a function from a thread of its own: at once, then after each pause, and at once again when it is
// woken. The destructor waits for the call that runs.
class Ticker {
 public:
  Ticker(std::chrono::milliseconds pause, std::function<void()> work) : m_pause(pause), m_work(std::move(work)) {
    m_thread = std::thread([this] { run(); });
  }
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;
  ~Ticker() { stop(); }
  // After this it is never called again.
  void stop() {
    {
      const std::lock_guard lock(m_mutex);
      m_stops = true;
    }
    m_changed.notify_all();
    if (m_thread.joinable()) m_thread.join();
  }
  // From any thread; never waits for the work.
  void wake() {
    {
      const std::lock_guard lock(m_mutex);
      m_is_woken = true;
    }
    m_changed.notify_all();
  }

 private:
  void run() {
    while (true) {
      m_work();
      std::unique_lock lock(m_mutex);
      m_changed.wait_for(lock, m_pause, [this] { return m_stops || m_is_woken; });
      if (m_stops) return;
      m_is_woken = false;
    }
  }

  const std::chrono::milliseconds m_pause;
  const std::function<void()> m_work;
  std::mutex m_mutex;
  std::condition_variable m_changed;
  bool m_stops = false, m_is_woken = false;
  std::thread m_thread;
};

}  // namespace kyso::authority::status
