#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "kyso/authority_client.h"
#include "vault/escrow.h"

// The station at which the authority's officers prepare and unlock people's tokens.
namespace kyso::app {

struct StationOptions {
  AuthorityOptions server;
  std::string module;   // PKCS#11 library of the tokens
  std::string escrow;   // file with the certificate of the vault's escrow key
  std::string letters;  // folder for PIN letters; empty: told on the terminal
  std::string label, key_kind = "rsa:2048";
  std::string token, so_pin_file;  // a token that is made anew, and the file with its present SO-PIN
  std::vector<std::string> lines;  // empty: all
};

// A line of a dossier that waits for the station; docs/authority-api.md.
struct StationJob {
  std::string line, dossier, name, kind, token_serial;
  Bytes certificate;            // write
  std::optional<Bytes> so_pin;  // unlock: released, for the station's key
};
// Those of these kinds, of the lines asked for. kyso.desk.line {line}: there is no such job.
Result<std::vector<StationJob>> jobs_of(AuthorityClient& client, const std::vector<std::string>& lines,
                                        const std::vector<std::string>& kinds);

// What the station keeps of a line until its work is done: files of mode 0600 in a folder of mode 0700, which neither
// SO-PINs nor PINs ever enter. kyso.desk.state {path}.
class StationState {
 public:
  static Result<StationState> open(const std::string& line);
  Result<std::optional<Secret>> read(std::string_view what) const;
  Result<> write(std::string_view what, const Secret& content) const;
  void forget(std::string_view what) const;

 private:
  StationState(std::filesystem::path folder, std::string line) : m_folder(std::move(folder)), m_line(std::move(line)) {}
  std::filesystem::path path_of(std::string_view what) const;
  std::filesystem::path m_folder;
  std::string m_line;
};

// Tells a token's new PIN once: by a letter for the envelope (a new file, mode 0600), or on the terminal. Opened before
// anything is done to the token, so that no PIN is made that nobody will know. base.file.exists {path},
// base.file.unwritable {path}, kyso.secret.no_terminal.
class PinLetter {
 public:
  static Result<PinLetter> open(const StationOptions& options, const StationJob& job, const Console& console);
  Result<> tell(const std::string& serial, const Secret& pin);

 private:
  PinLetter(StationJob job, const Console& console) : m_job(std::move(job)), m_console(&console) {}
  StationJob m_job;
  const Console* m_console;
  FileDescriptor m_file;
  std::filesystem::path m_path;
  bool m_is_terminal = false;
};

Secret random_pin(std::size_t digits);
Secret random_so_pin();
// As tokens are named in the portal: without blanks.
std::string serial_text(std::string_view serial);

Result<> personalise(AuthorityClient& client, const StationOptions& options, const StationJob& job,
                     const crypto::PublicKey& escrow_key, const Console& console);
Result<> write_to_token(AuthorityClient& client, const StationOptions& options, const StationJob& job,
                        const Console& console);
Result<> unlock(AuthorityClient& client, const StationOptions& options, const StationJob& job, const Console& console);

}  // namespace kyso::app
