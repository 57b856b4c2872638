#pragma once
#include <functional>

#include "vault/ceremony/plan.h"

// Carrying a ceremony out.
namespace kyso::vault::ceremony {

inline constexpr std::string_view kTranscriptFile = "transcript.jsonl";

struct RunOptions {
  std::filesystem::path folder;        // made when it is missing; everything that comes out lies here
  std::vector<std::string> approvals;  // JWS of operators
  token::PinSource pins;               // asked once for each token
  std::string default_module;          // for tokens whose URI names none
  const Clock* clock = &system_clock();
  // Told after each step that was done now: "key.generated", "certificate.signed" …, and its key.
  std::function<void(std::string_view event, std::string_view key)> progress;
};

struct ProducedFile {
  std::string name, sha256;
};
struct RunResult {
  Bytes transcript_sha256;
  std::vector<ProducedFile> files;
  std::vector<std::string> persons;  // who agreed
};

// Generates the keys in their tokens, makes, lints and signs the certificates, puts them beside their keys and writes
// them, the lists of roots, the vault's configuration and its first policy into the folder, everything with a line in
// the transcript: a line before each step that can't be taken back and one after it. Run again after an interruption it
// goes on where it stopped: a key that was announced and is found in its token is that key, a content that was linted
// is the one that is signed. A key is never made twice. Run again after the end it writes what is missing of the files.
//
// Errors: those of check_approvals; vault.ceremony.other {path} (the folder is another ceremony's),
// vault.ceremony.key_exists {key} {token} (not announced by this transcript), vault.ceremony.key_changed {key} {token}
// (missing now, or another one), vault.ceremony.clock (the clock went backwards), vault.ceremony.list {issuer} {known}
// (the root's token remembers a list that the plan doesn't follow); issue.*, token.*, base.file.*.
Result<RunResult> run(const Plan& plan, const RunOptions& options);

}  // namespace kyso::vault::ceremony
