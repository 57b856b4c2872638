#pragma once
#include "authority/service.h"
#include "authority/status/status_service.h"
#include "authority/tsa/policy.h"
#include "base/config.h"
#include "base/log.h"
#include "kysod/portal_configuration.h"
#include "net/http_server.h"
#include "vault/client.h"

namespace kyso::daemon {

// What a listener serves.
enum class Part : std::uint8_t { status, tsa, officers, audit, metrics, portal };

struct Listener {
  net::ServerOptions server;
  std::vector<Part> parts;
  // Files below /pub/: lists and certificates of a root whose key is offline, practice statements.
  std::filesystem::path public_folder;
};

struct AuditSettings {
  std::string origin = "kyso";
  std::chrono::milliseconds integrate_every{250};
  std::chrono::seconds checkpoint_every{5};
  std::filesystem::path folder;  // empty: no files are written
};

// kysod.toml; docs/operating.md and deploy/kysod.toml describe every key.
struct Configuration {
  std::string node;
  db::DatabaseOptions database;
  std::filesystem::path migrations;  // empty: those that came with the program
  bool migrate = true;
  vault::ClientOptions vault;
  std::vector<Listener> listeners;
  authority::AuthorityOptions authority;
  authority::status::StatusOptions status;
  authority::tsa::TsaOptions tsa;
  std::optional<authority::tsa::ClockOptions> clock;  // a monitor in this process
  AuditSettings audit;
  std::optional<PortalOptions> portal;
  std::string log_file;
  log::Level log_level = log::Level::info;
};

// base.config.* with file and line.
Result<Configuration> load_configuration(const std::filesystem::path& path);

}  // namespace kyso::daemon
