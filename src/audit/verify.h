#pragma once
#include <filesystem>
#include <functional>

#include "audit/log.h"

// The independent check of an audit log: what kyso-audit-verify does.
namespace kyso::audit {

struct VerifyOptions {
  std::filesystem::path folder;                  // exported files
  std::string origin;                            // expected; empty: any
  std::vector<crypto::Certificate> keys;         // of who signs checkpoints
  std::vector<crypto::Certificate> authorities;  // time-stamping authorities; empty: any
  db::Database* database = nullptr;              // also compare with what is on record
  std::optional<Checkpoint> known;  // an earlier checkpoint that the auditor kept: the log must continue it
  Instant now{};
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

struct Problem {
  std::string code;   // "audit.entry.changed", "audit.record.missing", …: docs/audit.md lists them
  std::string place;  // leaf number, file, or certificate
  std::string detail;
};
struct VerifyReport {
  Checkpoint checkpoint;
  std::uint64_t leaves = 0, checkpoints = 0, time_stamps = 0, records = 0, certificates = 0, journal_entries = 0;
  std::optional<Instant> newest_time_stamp;
  std::vector<Problem> problems;  // at most 1,000
  bool is_complete = true;        // false: there were more problems
  bool is_clean() const { return problems.empty() && is_complete; }
};
// Finds every change, loss, move and cut in the files, and with a database every difference to it. Errors only for what
// hinders looking at all.
Result<VerifyReport> verify(const VerifyOptions& options);

}  // namespace kyso::audit
