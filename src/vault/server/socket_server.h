#pragma once
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "vault/vault.h"

namespace kyso::vault {

struct ServerOptions {
  std::filesystem::path socket = "/run/kyso-vault/vault.sock";
  std::vector<uid_t> users;           // who may connect, by SO_PEERCRED; the server's own user always may
  std::optional<gid_t> socket_group;  // of the socket file, which is then 0660; else 0600
  std::size_t max_connections = 64;
  std::chrono::milliseconds frame_timeout{10'000};  // for a request to come in completely, and an answer to be taken
  std::chrono::milliseconds idle_timeout{600'000};
};

// SocketServer: gives a Vault to other processes of this machine. Each connection has a thread of its own, so that who
// is slow or silent delays nobody; when there are too many, the one that has been idle longest is closed, and when none
// is idle the new one is told vault.busy. Strangers are told vault.peer.
class SocketServer {
 public:
  // The vault must outlive it. vault.socket {path}
  static Result<std::unique_ptr<SocketServer>> start(ServerOptions options, Vault& vault);
  // Stops listening, lets the requests under way finish and be answered, closes everything.
  ~SocketServer();
  SocketServer(const SocketServer&) = delete;

 private:
  struct State;
  explicit SocketServer(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

}  // namespace kyso::vault
