#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/result.h"

namespace kyso::db {

using Deadline = std::chrono::steady_clock::time_point;

// ConnectionPool: at most `size` connections, opened when needed, the last used first.
template <typename Connection>
class ConnectionPool {
 public:
  using Open = std::function<Result<std::unique_ptr<Connection>>(Deadline)>;
  ConnectionPool(std::size_t size, Open open) : m_size(size), m_open(std::move(open)) {}

  // Borrowed: gives its connection back, or its place when the connection is gone.
  class Borrowed {
   public:
    Borrowed(ConnectionPool& pool, std::unique_ptr<Connection> connection)
        : m_pool(&pool), m_connection(std::move(connection)) {}
    Borrowed(Borrowed&& other) noexcept
        : m_pool(std::exchange(other.m_pool, nullptr)), m_connection(std::move(other.m_connection)) {}
    Borrowed& operator=(Borrowed&&) = delete;
    ~Borrowed() {
      if (m_pool != nullptr) m_pool->give_back(std::move(m_connection));
    }
    Connection& operator*() const { return *m_connection; }
    Connection* operator->() const { return m_connection.get(); }
    void close() { m_connection.reset(); }

   private:
    friend ConnectionPool;
    ConnectionPool* m_pool;
    std::unique_ptr<Connection> m_connection;
  };

  // db.busy when none was free until the deadline; else the errors of opening one.
  Result<Borrowed> borrow(Deadline deadline) {
    std::unique_lock lock(m_mutex);
    const auto is_free = [&] { return !m_idle.empty() || m_open_count < m_size; };
    if (!m_freed.wait_until(lock, deadline, is_free)) return fail("db.busy", "all {} connections are in use", m_size);
    if (!m_idle.empty()) {
      Borrowed borrowed(*this, std::move(m_idle.back()));
      m_idle.pop_back();
      return borrowed;
    }
    ++m_open_count;
    lock.unlock();
    Borrowed borrowed(*this, nullptr);
    borrowed.m_connection = KYSO_TRY(m_open(deadline));
    return borrowed;
  }
  // Those that lie here are as old as the one that was just lost.
  void close_idle() {
    std::vector<std::unique_ptr<Connection>> closing;
    {
      const std::lock_guard lock(m_mutex);
      closing.swap(m_idle);
      m_open_count -= closing.size();
    }
    m_freed.notify_all();
  }

 private:
  void give_back(std::unique_ptr<Connection> connection) {
    {
      const std::lock_guard lock(m_mutex);
      if (connection) {
        m_idle.push_back(std::move(connection));
      } else {
        --m_open_count;
      }
    }
    m_freed.notify_one();
  }

  const std::size_t m_size;
  const Open m_open;
  std::mutex m_mutex;
  std::condition_variable m_freed;
  std::vector<std::unique_ptr<Connection>> m_idle;
  std::size_t m_open_count = 0;
};

}  // namespace kyso::db
