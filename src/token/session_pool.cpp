#include "token/session_pool.h"

#include <algorithm>

#include "token/return_value.h"

namespace kyso::token {
namespace {

constexpr std::size_t kMaxSessions = 1024;

}  // namespace

Result<Session> Session::open(Module& module, CK_SLOT_ID slot, SessionKind kind) {
  const auto life = module.life();
  const CK_FLAGS flags = CKF_SERIAL_SESSION | (kind == SessionKind::read_write ? CKF_RW_SESSION : 0);
  CK_SESSION_HANDLE handle = CK_INVALID_HANDLE;
  KYSO_TRY(check("C_OpenSession",
                 module.call([&](auto& f) { return f.C_OpenSession(slot, flags, nullptr, nullptr, &handle); })));
  return Session(module, life, slot, handle);
}

Session::~Session() {
  if (m_module != nullptr && !is_stale()) m_module->call([&](auto& f) { return f.C_CloseSession(m_handle); });
}

SessionPool::SessionPool(Session first, std::size_t limit)
    : m_module(first.module()), m_slot(first.slot()), m_limit(std::clamp<std::size_t>(limit, 1, kMaxSessions)) {
  m_module.count_pool(+1);
  m_idle.reserve(m_limit);
  m_idle.push_back(std::move(first));
}

Result<SessionPool::Lease> SessionPool::acquire() {
  std::unique_lock lock(m_mutex);
  while (true) {
    m_changed.wait(lock, [&] { return m_shut || !m_idle.empty() || m_open < m_limit; });
    if (m_shut) return device_error("SessionPool", CKR_SESSION_CLOSED);
    if (!m_idle.empty()) {
      Session session = std::move(m_idle.back());
      m_idle.pop_back();
      return Lease(*this, std::move(session));
    }
    ++m_open;
    lock.unlock();
    auto session = Session::open(m_module, m_slot);
    if (session) return Lease(*this, *std::move(session));
    lock.lock();
    --m_open;
    m_changed.notify_all();
    // Small tokens have fewer sessions than we would like: go on with those that we have.
    const bool exhausted = session.error().code == "token.device" && m_open > 0;
    if (!exhausted) return std::move(session).error();
    m_limit = m_open;
  }
}

void SessionPool::give_back(Session session) {
  std::lock_guard lock(m_mutex);
  m_idle.push_back(std::move(session));
  m_changed.notify_all();
}

void SessionPool::shut() {
  std::unique_lock lock(m_mutex);
  if (!std::exchange(m_shut, true)) m_module.count_pool(-1);
  m_changed.notify_all();
  m_changed.wait(lock, [&] { return m_idle.size() == m_open; });
  m_idle.clear();
  m_open = 0;
}

Result<> SessionPool::Lease::renew() {
  auto fresh = Session::open(m_session.module(), m_session.slot());
  // With no session to spare only closing everything ends the operation: that is what a lost session leads to.
  if (!fresh) return device_error("C_OpenSession", CKR_SESSION_HANDLE_INVALID);
  m_session = *std::move(fresh);
  return {};
}

}  // namespace kyso::token
