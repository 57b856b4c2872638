#pragma once
#include <p11-kit/pkcs11.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <utility>

#include "base/result.h"

namespace kyso::token {

// Module: a PKCS#11 library in this process, shared by everybody who uses it.
//
// The first user initialises it, the last one finalises it (unless somebody else in the process had initialised it).
// The library itself is never unloaded: vendors' libraries leave threads and exit handlers behind.
//
// A call into a vendor's library that hangs cannot be ended inside this process; who needs a deadline runs the program
// that signs as a child process.
class Module {
 public:
  // Use: one user of a module. Moves only.
  class Use {
   public:
    Use() = default;
    Use(Use&& other) noexcept : m_module(std::exchange(other.m_module, nullptr)) {}
    Use& operator=(Use&& other) noexcept {
      std::swap(m_module, other.m_module);
      return *this;
    }
    ~Use();
    Module& operator*() const { return *m_module; }
    Module* operator->() const { return m_module; }

   private:
    friend class Module;
    explicit Use(Module* module) : m_module(module) {}
    Module* m_module = nullptr;
  };

  // `path_or_name` as for resolve_module. token.module.missing, token.module.path, token.module.unusable {path}.
  static Result<Use> acquire(const std::string& path_or_name);

  const std::string& path() const { return m_path; }

  // f(function list) -> CK_RV. A library that cannot lock is called by one thread at a time.
  template <typename F>
  CK_RV call(F&& f) {
    std::shared_lock running(m_running);
    std::unique_lock lock(m_serial, std::defer_lock);
    if (m_one_at_a_time) lock.lock();
    return std::forward<F>(f)(*m_functions);
  }

  // How many pools of sessions are in use.
  void count_pool(int change) { m_pools += change; }

  // Counts the library's lives. Handles of an earlier life may name anything now: they are neither used nor closed.
  std::uint64_t life() const { return m_life.load(std::memory_order_relaxed); }

  // Initialises the library again if somebody finalised it behind our back.
  Result<> revive();
  // Finalises and initialises, so that the library looks at its readers afresh. Only while the caller is the one user
  // of the module, for others' sessions would be lost; false when it is not.
  Result<bool> restart_if_alone();
  // The same under everybody who uses the module in this process: waits for the calls under way, then every session is
  // stale. False when it was done (by whomever) after the caller's sessions began or a pause ago, or when a call
  // doesn't end. The pause is long while others' sessions are good: one token that is gone must not trouble another.
  static constexpr std::chrono::seconds kRestartPause{1}, kDisturbingPause{4};
  Result<bool> restart(std::uint64_t seen_life);

 private:
  struct Registry;
  static Registry& registry();
  explicit Module(std::string path) : m_path(std::move(path)) {}
  Result<> load();
  Result<> initialise();
  void finalise();
  void release();

  const std::string m_path;
  CK_FUNCTION_LIST* m_functions = nullptr;
  int m_users = 0;      // with m_ours guarded by the registry's mutex
  bool m_ours = false;  // we initialised it
  std::atomic<bool> m_one_at_a_time = false;
  std::atomic<std::uint64_t> m_life = 0;
  std::atomic<int> m_pools = 0;
  std::shared_timed_mutex m_running;  // exclusive while the library is finalised and initialised
  std::mutex m_serial;
  std::chrono::steady_clock::time_point m_restarted{};
};

}  // namespace kyso::token
