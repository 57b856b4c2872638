#pragma once
#include <filesystem>

#include "vault/vault.h"

namespace kyso::vault {

// The vault over its Unix socket. Each call takes one of a few connections, which are opened when first needed and
// again when lost; a call that met a connection which the vault had closed meanwhile is sent once more, for every call
// may be repeated. Long lists travel in pieces. Thread-safe. Every call has a deadline: vault.timeout, or vault.busy
// when all connections are taken until then.
struct ClientOptions {
  std::filesystem::path socket = "/run/kyso-vault/vault.sock";
  std::size_t connections = 8;  // at most
  std::chrono::milliseconds timeout{10'000};
};
std::unique_ptr<Vault> connect(ClientOptions options);

}  // namespace kyso::vault
