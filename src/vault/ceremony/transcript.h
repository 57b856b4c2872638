#pragma once
#include <filesystem>

#include "base/file_descriptor.h"
#include "base/time.h"
#include "json/json.h"

// What happened in a key ceremony: JSON lines, each with the SHA-256 of the one before it.
namespace kyso::vault::ceremony {

struct TranscriptEntry {
  std::int64_t number = 0;  // from 1
  Instant time{};
  std::string event;
  json::Value data;  // an object

  std::string text(std::string_view member) const;  // empty when it is absent
};

class Transcript {
 public:
  // For writing, made when it is missing, locked against a second ceremony. A last line that was cut off when the
  // machine stopped is removed: what it was to announce had not been done, or is found again. vault.ceremony.busy
  // {path}, vault.ceremony.transcript {path} {line}, base.file.*.
  static Result<Transcript> open(const std::filesystem::path& file);
  // For reading. base.file.missing; vault.ceremony.transcript {path} {line} when a line was changed, moved or cut.
  static Result<Transcript> read(const std::filesystem::path& file);

  // Durable when it returns.
  Result<> append(std::string event, json::Value data, Instant now);
  const std::vector<TranscriptEntry>& entries() const { return m_entries; }
  // The first entry of this event whose member has this value.
  const TranscriptEntry* find(std::string_view event, std::string_view member, std::string_view value) const;
  const TranscriptEntry* find(std::string_view event) const;
  Bytes sha256() const;  // of the whole file: to be written down by those who were present

 private:
  Result<std::size_t> parse(std::string_view text, bool may_be_cut);  // how many octets are whole lines
  Error broken(std::size_t line) const;

  std::filesystem::path m_path;
  FileDescriptor m_file;
  std::vector<TranscriptEntry> m_entries;
  std::string m_text;
  std::string m_last_hash;
};

}  // namespace kyso::vault::ceremony
