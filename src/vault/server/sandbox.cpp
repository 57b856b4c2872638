#include "vault/server/sandbox.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <openssl/crypto.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace kyso::vault {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
constexpr std::uint32_t kFirstForeignCall = 0x40000000;  // the x32 interface has calls of its own
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
constexpr std::uint32_t kFirstForeignCall = 0;
#else
#error "the system call filter is written for x86-64 and arm64"
#endif

// Refused with EPERM whatever their arguments.
constexpr long kForbidden[] = {
    __NR_execve,
    __NR_execveat,
    __NR_ptrace,
    __NR_process_vm_readv,
    __NR_process_vm_writev,
    __NR_kcmp,
    __NR_pidfd_getfd,
    __NR_process_madvise,
    __NR_unshare,
    __NR_setns,
    __NR_mount,
    __NR_umount2,
    __NR_pivot_root,
    __NR_chroot,
    __NR_move_mount,
    __NR_open_tree,
    __NR_fsopen,
    __NR_fsconfig,
    __NR_fsmount,
    __NR_fspick,
    __NR_mount_setattr,
    __NR_init_module,
    __NR_finit_module,
    __NR_delete_module,
    __NR_kexec_load,
    __NR_kexec_file_load,
    __NR_bpf,
    __NR_perf_event_open,
    __NR_userfaultfd,
    __NR_add_key,
    __NR_request_key,
    __NR_keyctl,
    __NR_reboot,
    __NR_swapon,
    __NR_swapoff,
    __NR_open_by_handle_at,
    __NR_name_to_handle_at,
    __NR_io_uring_setup,
    __NR_io_uring_enter,
    __NR_io_uring_register,
    __NR_fanotify_init,
    __NR_acct,
    __NR_quotactl,
    __NR_personality,
    __NR_syslog,
    __NR_settimeofday,
    __NR_clock_settime,
    __NR_clock_adjtime,
    __NR_adjtimex,
    __NR_sethostname,
    __NR_setdomainname,
    __NR_vhangup,
#ifdef __NR_iopl
    __NR_iopl,
    __NR_ioperm,
    __NR_modify_ldt,
    __NR_uselib,
#endif
};
constexpr std::uint32_t kNamespaces =
    CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;

constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr std::uint32_t kKill = SECCOMP_RET_KILL_PROCESS;
constexpr std::uint32_t refuse(int error) {
  return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error);
}

class Filter {
 public:
  void load(std::size_t offset) { add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
  void leave(std::uint32_t verdict) { add(BPF_RET | BPF_K, verdict); }
  // If the loaded word is (not) this, leave with a verdict.
  void leave_if(std::uint32_t value, std::uint32_t verdict) { conditional(BPF_JEQ, value, 0, 1, verdict); }
  void leave_unless(std::uint32_t value, std::uint32_t verdict) { conditional(BPF_JEQ, value, 1, 0, verdict); }
  void leave_if_at_least(std::uint32_t value, std::uint32_t verdict) { conditional(BPF_JGE, value, 0, 1, verdict); }
  void leave_if_any_bit(std::uint32_t bits, std::uint32_t verdict) { conditional(BPF_JSET, bits, 0, 1, verdict); }
  // The instructions between begin_case() and end_case() are for this value alone.
  void begin_case(std::uint32_t value) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value);
    m_case = m_code.size() - 1;
  }
  void end_case() { m_code[m_case].jf = static_cast<std::uint8_t>(m_code.size() - 1 - m_case); }

  bool install() {
    const sock_fprog program{static_cast<unsigned short>(m_code.size()), m_code.data()};
    return ::syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
  }

 private:
  void add(int code, std::uint32_t k) { m_code.push_back({static_cast<std::uint16_t>(code), 0, 0, k}); }
  void conditional(int test, std::uint32_t value, std::uint8_t if_true, std::uint8_t if_false, std::uint32_t verdict) {
    m_code.push_back({static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), if_true, if_false, value});
    leave(verdict);
  }
  std::vector<sock_filter> m_code;
  std::size_t m_case = 0;
};

// The low half of an argument: what counts here fits it.
constexpr std::size_t argument(std::size_t number) {
  return offsetof(seccomp_data, args) + 8 * number;
}

Filter make_filter(const SandboxOptions& options) {
  Filter filter;
  filter.load(offsetof(seccomp_data, arch));
  filter.leave_unless(kArchitecture, kKill);
  filter.load(offsetof(seccomp_data, nr));
  if (kFirstForeignCall != 0) filter.leave_if_at_least(kFirstForeignCall, kKill);
  for (const long call : kForbidden) filter.leave_if(static_cast<std::uint32_t>(call), refuse(EPERM));
  // Its arguments lie in memory where a filter can't look: glibc then takes clone, whose flags it can see.
  filter.leave_if(static_cast<std::uint32_t>(__NR_clone3), refuse(ENOSYS));
  filter.begin_case(static_cast<std::uint32_t>(__NR_clone));
  filter.load(argument(0));
  filter.leave_if_any_bit(kNamespaces, refuse(EPERM));
  filter.leave(kAllow);
  filter.end_case();
  if (!options.allow_network) {
    filter.begin_case(static_cast<std::uint32_t>(__NR_socket));
    filter.load(argument(0));
    filter.leave_unless(AF_UNIX, refuse(EPERM));
    filter.leave(kAllow);
    filter.end_case();
  }
  filter.leave(kAllow);
  return filter;
}

Error broken(std::string_view step, std::source_location where = std::source_location::current()) {
  return Error("vault.sandbox", std::strerror(errno), where).with("step", step);
}

// Locked memory, also of what is allocated later. Under a limit that would make allocations fail some day, so only
// without one.
bool lock_memory() {
  rlimit now{};
  if (::getrlimit(RLIMIT_MEMLOCK, &now) != 0 || now.rlim_cur != RLIM_INFINITY) return false;
  return ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
}

Result<> become_user(const std::string& user) {
  if (::geteuid() != 0 || user.empty()) return {};
  const auto refuse = [&](std::string_view step) {
    return fail("vault.user", "{}: {}", step, std::strerror(errno)).with("user", user);
  };
  errno = 0;
  const passwd* entry = ::getpwnam(user.c_str());
  if (entry == nullptr) return refuse("getpwnam");
  if (entry->pw_uid == 0) return {};
  if (::initgroups(user.c_str(), entry->pw_gid) != 0) return refuse("initgroups");
  if (::setgid(entry->pw_gid) != 0 || ::setuid(entry->pw_uid) != 0) return refuse("setuid");
  if (::setuid(0) == 0) return refuse("root comes back");
  return {};
}

}  // namespace

Result<SandboxReport> enter_sandbox(const SandboxOptions& options) {
  SandboxReport report;
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) return broken("core");
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_MEMLOCK, &unlimited);  // root may; who may not keeps his limit
  if (!options.allow_network) report.has_own_network = ::unshare(CLONE_NEWNET) == 0;
  KYSO_TRY(become_user(options.user));
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return broken("dumpable");  // another user makes it true again
  // OpenSSL keeps private numbers of keys here: locked, not dumped, with guard pages.
  if (CRYPTO_secure_malloc_initialized() == 0) CRYPTO_secure_malloc_init(256U * 1024U, 32);
  report.is_memory_locked = lock_memory();
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return broken("no_new_privs");
  if (!make_filter(options).install()) return broken("seccomp");
  return report;
}

std::vector<std::string> find_holes(const SandboxOptions& options) {
  std::vector<std::string> holes;
  const auto expect = [&](const char* name, long result, int error) {
    if (result >= 0 || errno != error) holes.emplace_back(name);
    if (result >= 0 && std::strncmp(name, "socket", 6) == 0) ::close(static_cast<int>(result));
  };
  if (!options.allow_network) {
    expect("socket(AF_INET)", ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), EPERM);
    expect("socket(AF_INET6)", ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), EPERM);
    expect("socket(AF_NETLINK)", ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0), EPERM);
    expect("socket(AF_PACKET)", ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), EPERM);
  }
  // Of a program that doesn't exist: without the filter the answer would be another one.
  char* const nothing[] = {nullptr};
  expect("execve", ::execve("/nonexistent/program", nothing, nothing), EPERM);
  expect("execveat", ::syscall(__NR_execveat, AT_FDCWD, "/nonexistent/program", nothing, nothing, 0), EPERM);
  expect("ptrace", ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr), EPERM);
  expect("process_vm_readv", ::syscall(__NR_process_vm_readv, ::getpid(), nullptr, 0, nullptr, 0, 0), EPERM);
  expect("unshare", ::unshare(CLONE_NEWUTS), EPERM);
  expect("mount", ::syscall(__NR_mount, "none", "/nonexistent", "tmpfs", 0, nullptr), EPERM);
  expect("bpf", ::syscall(__NR_bpf, 0, nullptr, 0), EPERM);
  expect("io_uring_setup", ::syscall(__NR_io_uring_setup, 1, nullptr), EPERM);
  expect("clone3", ::syscall(__NR_clone3, nullptr, 0), ENOSYS);
  if (::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0) holes.emplace_back("dumpable");
  return holes;
}

}  // namespace kyso::vault
