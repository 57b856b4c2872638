#pragma once
#include <p11-kit/pkcs11.h>

#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "token/module.h"

namespace kyso::token {

enum class SessionKind { read_only, read_write };

// Session: one PKCS#11 session, closed on destruction. The module must outlive it.
class Session {
 public:
  static Result<Session> open(Module& module, CK_SLOT_ID slot, SessionKind kind = SessionKind::read_only);
  Session(Session&& other) noexcept
      : m_module(std::exchange(other.m_module, nullptr)),
        m_life(other.m_life),
        m_slot(other.m_slot),
        m_handle(other.m_handle) {}
  Session& operator=(Session&& other) noexcept {
    std::swap(m_module, other.m_module);
    std::swap(m_life, other.m_life);
    std::swap(m_slot, other.m_slot);
    std::swap(m_handle, other.m_handle);
    return *this;
  }
  ~Session();

  Module& module() const { return *m_module; }
  CK_SLOT_ID slot() const { return m_slot; }
  CK_SESSION_HANDLE handle() const { return m_handle; }
  // The library was finalised since: nothing that this session knew is valid.
  bool is_stale() const { return m_life != m_module->life(); }

 private:
  Session(Module& module, std::uint64_t life, CK_SLOT_ID slot, CK_SESSION_HANDLE handle)
      : m_module(&module), m_life(life), m_slot(slot), m_handle(handle) {}
  Module* m_module;
  std::uint64_t m_life;
  CK_SLOT_ID m_slot;
  CK_SESSION_HANDLE m_handle;
};

// SessionPool: at most `limit` (1 to 1024) sessions with one token. Thread-safe.
//
// It keeps its first session for good: a token logs out when an application's last session closes.
class SessionPool {
 public:
  class Lease {
   public:
    Lease(Lease&& other) noexcept
        : m_pool(std::exchange(other.m_pool, nullptr)), m_session(std::move(other.m_session)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (m_pool != nullptr) m_pool->give_back(std::move(m_session));
    }
    const Session& session() const { return m_session; }
    // A new session in place of one that an operation may still be active in.
    Result<> renew();

   private:
    friend class SessionPool;
    Lease(SessionPool& pool, Session session) : m_pool(&pool), m_session(std::move(session)) {}
    SessionPool* m_pool;
    Session m_session;
  };

  SessionPool(Session first, std::size_t limit);
  ~SessionPool() { shut(); }

  // Waits for a session. token.device.lost after shut().
  Result<Lease> acquire();
  // Refuses new leases, waits for those that are out, closes all sessions.
  void shut();

 private:
  void give_back(Session session);

  Module& m_module;
  const CK_SLOT_ID m_slot;
  std::mutex m_mutex;
  std::condition_variable m_changed;
  std::vector<Session> m_idle;
  std::size_t m_limit;
  std::size_t m_open = 1;
  bool m_shut = false;
};

}  // namespace kyso::token
