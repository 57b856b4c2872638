#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "authority/tsa/clock_monitor.h"
#include "base/config.h"
#include "crypto/algorithm.h"

// What is configured: time-stamp policies, the clock, and how the authority works. docs/tsa.md describes every key.
namespace kyso::authority::tsa {

// One policy under which tokens are issued (EN 319 421 section 5).
struct Policy {
  std::string oid;   // dotted
  std::string name;  // for people and the log
  Nanoseconds accuracy = kSecond;
  bool is_ordered = false;
  // SHA-1 only where the policy says legacy = true: for old programs that cannot do better.
  std::vector<crypto::DigestAlgorithm> digests;
  bool is_legacy = false;
  bool is_trial = false;  // worth nothing; the only kind that a clock without sources can serve
};

struct TsaOptions {
  bool is_enabled = false;
  std::string path = "/tsa";
  std::vector<Policy> policies;  // the first is the default
  bool has_name = true;          // the field tsa
  bool sends_root = false;       // the chain of a token ends below the root
  std::string signer;            // name of the vault's key, empty: whichever is for time-stamps
  std::size_t max_batch = 64;
  std::size_t max_waiting = 4096;  // more requests are refused
  std::int64_t serial_block = 65'536;
  std::chrono::milliseconds ordering_lease{4'000};
  std::chrono::milliseconds refresh{5'000};  // how often the vault is asked for its keys

  // The clock: the status of kyso-clock-monitor, or a monitor in this process.
  std::filesystem::path clock_status = "/run/kyso/clock.status";
  std::vector<std::string> clock_owners;  // user names that may write it
};

// [tsa], [[tsa.policy]]. Errors: base.config.*; a policy with SHA-1 that is not legacy, two policies with one OID, none
// at all: base.config.invalid.
Result<TsaOptions> read_tsa_options(const TomlReader& reader);

struct ClockOptions {
  ClockMonitorOptions monitor;
  std::vector<std::string> servers;
  std::filesystem::path status = "/run/kyso/clock.status";
};
// [clock]. `own_clock = true` in place of servers compares the clock with itself: for trials, tokens of trial policies
// only.
Result<ClockOptions> read_clock_options(const TomlReader& reader);
std::vector<std::unique_ptr<TimeSource>> make_sources(const ClockOptions& options, const PreciseClock& clock);

}  // namespace kyso::authority::tsa
