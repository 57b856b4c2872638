#include "injection.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace kyso::faults {
namespace {

Trap* g_trap = nullptr;  // of this process; none before enter()

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  while (true) ::pause();
}

template <typename F>
F next(const char* name) {
  void* symbol = ::dlsym(RTLD_NEXT, name);
  if (symbol == nullptr) std::abort();
  return reinterpret_cast<F>(symbol);
}

bool is_hit() {
  if (g_trap == nullptr || !board().is_armed.load(std::memory_order_relaxed)) return false;
  return g_trap->steps.fetch_add(1) + 1 == g_trap->kill_at.load(std::memory_order_relaxed);
}

bool is_refused(int file) {
  const Board& all = board();
  if (g_trap == nullptr || (!all.is_full[0].load() && !all.is_full[1].load())) return false;
  char link[64], path[PATH_MAX];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t size = ::readlink(link, path, sizeof path - 1);
  if (size <= 0) return false;
  path[size] = 0;
  const bool is_full = (all.is_full[0].load() && std::strstr(path, "/authority.db") != nullptr) ||
                       (all.is_full[1].load() && std::strstr(path, "/vault.db") != nullptr);
  if (is_full) board().refused_writes.fetch_add(1);
  return is_full;
}

// `call(half)` does it, for the half of the octets or for all.
template <typename F>
auto stepping(F&& call) {
  const bool hit = is_hit();
  const How how = hit ? g_trap->how.load() : How::after;
  if (hit && how == How::torn) call(true);
  if (hit && how != How::after) die();
  const auto result = call(false);
  if (hit) die();
  return result;
}

}  // namespace

Board& board() {
  static Board* const shared = [] {
    void* memory = ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    return new (memory) Board;
  }();
  return *shared;
}

void enter(Role role) {
  g_trap = &board().traps[static_cast<int>(role)];
}

long plain_write(int file, const void* octets, std::size_t size) {
  return ::syscall(SYS_write, file, octets, size);
}

}  // namespace kyso::faults

extern "C" {

ssize_t pwrite64(int file, const void* octets, size_t size, off64_t offset) {
  static const auto real = kyso::faults::next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  if (kyso::faults::is_refused(file)) {
    errno = ENOSPC;
    return -1;
  }
  return kyso::faults::stepping([&](bool half) { return real(file, octets, half ? size / 2 : size, offset); });
}

int ftruncate64(int file, off64_t size) noexcept {
  static const auto real = kyso::faults::next<int (*)(int, off64_t)>("ftruncate64");
  if (kyso::faults::is_refused(file)) {
    errno = ENOSPC;
    return -1;
  }
  return kyso::faults::stepping([&](bool half) { return half ? 0 : real(file, size); });
}

int fdatasync(int file) {
  static const auto real = kyso::faults::next<int (*)(int)>("fdatasync");
  return kyso::faults::stepping([&](bool half) { return half ? 0 : real(file); });
}

ssize_t send(int socket, const void* octets, size_t size, int flags) {
  static const auto real = kyso::faults::next<ssize_t (*)(int, const void*, size_t, int)>("send");
  return kyso::faults::stepping([&](bool half) { return real(socket, octets, half ? size / 2 : size, flags); });
}

ssize_t sendmsg(int socket, const msghdr* message, int flags) {
  static const auto real = kyso::faults::next<ssize_t (*)(int, const msghdr*, int)>("sendmsg");
  return kyso::faults::stepping([&](bool half) -> ssize_t {
    if (!half) return real(socket, message, flags);
    if (message->msg_iovlen == 0) return 0;
    return ::write(socket, message->msg_iov[0].iov_base, message->msg_iov[0].iov_len / 2);
  });
}

}  // extern "C"
