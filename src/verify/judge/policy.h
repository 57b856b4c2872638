#pragma once
#include <chrono>
#include <filesystem>
#include <map>
#include <string>

#include "base/finding.h"
#include "pki/algorithm_rules.h"
#include "verify/judge/indication.h"

namespace kyso::verify {

// Policy: what a verdict demands. A TOML file (docs/verify.md describes every key); shipped are strict (the default),
// tt15 (Circular 15/2025/TT-BKHCN) and legacy-vn. A user's own file may say `extends = "strict"`.
struct Policy {
  std::string id;  // "strict"
  std::string title_vi, title_en;
  // At the best proven time: of signatures (their digest, value and key), of certificates and the signatures on lists
  // and answers, and of time-stamps (imprint and signature).
  pki::AlgorithmRules algorithms, chain_algorithms, time_stamp_algorithms;
  // Weight of findings where it differs from what the facts say: code, or the beginning of one ending in ".*".
  struct Weight {
    Severity severity = Severity::failure;
    SubIndication sub_indication = SubIndication::none;  // none: as the code's table says
  };
  std::map<std::string, Weight, std::less<>> weights;

  enum class TimeStamp : std::uint8_t {
    optional,
    expected /* a warning when missing */,
    required
  } time_stamp = TimeStamp::optional;
  enum class Revocation : std::uint8_t { by_anchor, required, warn_when_missing } revocation = Revocation::by_anchor;
  // How long after the proven time a "good" answer must be produced at the earliest (grace period), and how old an
  // answer may be when nothing else bounds it (no nextUpdate).
  std::chrono::seconds grace_period{0};
  std::chrono::seconds max_answer_age = std::chrono::days(8);
  // Claimed signing time against the time-stamp.
  std::chrono::seconds clock_tolerance = std::chrono::minutes(5);
  bool require_organisation_for_seal = true;  // a person's certificate under a seal: warning or more by weights

  // policy file errors: verify.policy.unknown {name} {known}, verify.policy.invalid {path} {problem}, and TomlReader's.
  static Result<Policy> load(std::string_view name_or_path, const std::filesystem::path& policies_folder);
  static Result<Policy> from_toml(std::string_view text, std::string_view name,
                                  const std::filesystem::path& policies_folder);
  // The TOML text(s) that made it, for saved evidence; the base first, each after a line "#--- policy NAME".
  std::string source;
  // The policy again, from `source`; no file is read.
  static Result<Policy> from_source(std::string_view source);
};

}  // namespace kyso::verify
