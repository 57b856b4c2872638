#pragma once
#include <filesystem>

#include "vault/vault.h"

namespace kyso::vault {

// The vault over its Unix socket: a few connections, opened again when lost; requests of many threads travel together.
// Thread-safe. Every call has a deadline.
struct ClientOptions {
  std::filesystem::path socket = "/run/kyso/vault.sock";
  std::size_t connections = 4;
  std::chrono::milliseconds timeout{10'000};
};
std::unique_ptr<Vault> connect(ClientOptions options);

}  // namespace kyso::vault
