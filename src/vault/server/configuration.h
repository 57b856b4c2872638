#pragma once
#include <filesystem>

#include "base/config.h"
#include "token/pkcs11.h"
#include "vault/server/sandbox.h"
#include "vault/server/settings.h"
#include "vault/server/socket_server.h"

// vault.toml; docs/vault.md describes its keys.
namespace kyso::vault {

struct Configuration {
  CoreOptions core;
  ServerOptions server;
  SandboxOptions sandbox;
  std::filesystem::path database;
  std::vector<std::string> allowed_users;
  std::string socket_group;
  std::string log_file, log_level;
  bool verify_journal = false;
};
// base.config.* with path and line; base.file.*; crypto.certificate.malformed; vault.user {user} for allowed_users and
// socket_group. Nothing is opened but the files that it names, and PINs not even read.
Result<Configuration> load_configuration(const std::filesystem::path& path);

// The PIN in a file: without the newline at its end. vault.secret.missing {path}; vault.secret.mode {path}: the file is
// no regular one, belongs neither to root nor to this user, or others may read it. Files below
// $CREDENTIALS_DIRECTORY are systemd's own business.
Result<Secret> read_pin(const std::filesystem::path& path);

}  // namespace kyso::vault
