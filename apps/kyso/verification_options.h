#pragma once
#include <optional>
#include <string>
#include <vector>

#include "shared/console.h"
#include "verify/evidence/collector.h"

namespace CLI {
class App;
}

// What the commands that judge share: whom to trust, by which policy, as of when, with which evidence.
namespace kyso::app {

struct VerificationOptions {
  std::vector<std::string> trust;  // files and folders, beside the stores; CRLs and OCSP answers in them are evidence
  bool only_given_trust = false;
  std::string policy;  // empty: strict
  std::string at;
  bool online = false, offline = false;  // offline is the default; saying both is refused
  std::string cache;                     // folder; empty: the user's
  bool no_cache = false;
  int timeout_seconds = 10;
};

// Adds --trust, --only-trust, --policy, --at. `network` adds --online, --offline, --no-cache and --fetch-timeout too.
enum class Network { never, on_request };
void add_verification_options(CLI::App& command, VerificationOptions& options, Network network, const Console& console);

// What was opened once for all files.
struct VerificationContext {
  pki::TrustStore trust;
  verify::Policy policy;
  verify::Evidence evidence;  // found in --trust
  Instant time{};
  bool is_online = false;
  verify::CollectorOptions collector;
};
// kyso.trust.unreadable {path}, and the errors of policies and trust stores.
Result<VerificationContext> open_verification(const VerificationOptions& options);

}  // namespace kyso::app
