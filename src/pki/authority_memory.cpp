#include "pki/authority_memory.h"

#include <array>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "base/log.h"

namespace kyso::pki {
namespace {

constexpr std::size_t kMaxFile = 64U << 10U;
constexpr std::size_t kMaxRecords = 200;
constexpr std::int64_t kMaxTokenSize = 1 << 20;
constexpr std::int64_t kMaxBackOff = 3600;
constexpr std::int64_t kMaxTime = 253'402'300'799;  // the end of the year 9999

std::optional<std::int64_t> take_number(std::string_view& line, std::int64_t greatest) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
  if (error != std::errc() || value < 0 || value > greatest) return std::nullopt;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  if (line.starts_with('\t')) line.remove_prefix(1);
  return value;
}

std::optional<std::pair<std::string, AuthorityRecord>> read_line(std::string_view line) {
  const std::size_t tab = line.find('\t');
  if (tab == 0 || tab == std::string_view::npos) return std::nullopt;
  const std::string url(line.substr(0, tab));
  line.remove_prefix(tab + 1);
  const auto until = take_number(line, kMaxTime);
  const auto back_off = until ? take_number(line, kMaxBackOff) : std::nullopt;
  const auto size = back_off ? take_number(line, kMaxTokenSize) : std::nullopt;
  if (!size || !line.empty()) return std::nullopt;
  return std::pair(url, AuthorityRecord{Instant(std::chrono::seconds(*until)), std::chrono::seconds(*back_off),
                                        static_cast<std::size_t>(*size)});
}

}  // namespace

AuthorityRecord AuthorityMemory::find(const std::string& url) const {
  const auto found = m_records.find(url);
  return found == m_records.end() ? AuthorityRecord{} : found->second;
}

void AuthorityMemory::keep(const std::string& url, const AuthorityRecord& record) {
  if (url.find_first_of("\t\n\r") != std::string::npos) return;
  load();
  m_records[url] = record;
  save();
}

void AuthorityMemory::load() {
  if (m_file.empty()) return;
  const auto content = read_file(m_file, kMaxFile);
  if (!content) return;  // the first use, or unreadable: what is in memory stays
  std::string_view rest = as_chars(*content);
  while (!rest.empty() && m_records.size() < kMaxRecords) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (const auto line = read_line(rest.substr(0, end))) m_records[line->first] = line->second;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

void AuthorityMemory::save() const {
  if (m_file.empty()) return;
  std::string text;
  for (const auto& [url, record] : m_records)
    text += fmt::format("{}\t{}\t{}\t{}\n", url, record.blocked_until.time_since_epoch().count(),
                        record.back_off.count(), record.token_size);
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(m_file).parent_path(), ignored);
  auto file = OutputFile::create(m_file);
  Result<> written = file ? file->write(as_bytes(text)) : Result<>(file.error());
  if (written) written = file->commit();
  // A time-stamp that was won is worth more than this note.
  if (!written) log::write(log::Level::warning, "tsa.state_unwritable", written.error());
}

}  // namespace kyso::pki
