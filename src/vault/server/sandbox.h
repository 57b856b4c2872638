#pragma once
#include <string>
#include <vector>

#include "base/result.h"

namespace kyso::vault {

// Takes from this process what signing doesn't need, for good: no core dumps and no debugger, no new privileges, no
// network (a network namespace of its own where the kernel allows making one, and in any case no sockets but Unix
// ones), no other programs, no other processes' memory, no kernel modules, mounts, namespaces, io_uring. Works as root
// and as an ordinary user. To be called while the process has one thread. vault.sandbox {step} when the system call
// filter can't be had, vault.user {user} when there is no such user; what is only better (memory that is never swapped
// out, the namespace) is told by the report.
struct SandboxOptions {
  bool allow_network = false;  // a PKCS#11 library that reaches its HSM by TCP
  std::string user;            // when root starts the process it becomes this user for good; empty: it stays who it is
};
struct SandboxReport {
  bool has_own_network = false, is_memory_locked = false;
};
Result<SandboxReport> enter_sandbox(const SandboxOptions& options);

// Tries in this process what must not work; the names of those that did. Empty: all is well.
std::vector<std::string> find_holes(const SandboxOptions& options);

}  // namespace kyso::vault
