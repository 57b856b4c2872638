#include "vault/ceremony/transcript.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>

#include "base/file.h"
#include "crypto/algorithm.h"

namespace kyso::vault::ceremony {
namespace {

constexpr std::size_t kMaxSize = 16U << 20U;
constexpr mode_t kMode = 0640;

std::string hash_of(std::string_view line) {
  return to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(line)));
}

Error unwritable(const std::filesystem::path& path) {
  const std::string_view code =
      errno == ENOSPC || errno == EDQUOT ? "base.file.disk_full" : std::string_view("base.file.unwritable");
  return fail(code, "{}: errno {}", path.string(), errno).with("path", path.string());
}

std::string line_of(std::int64_t number, Instant time, std::string_view event, std::string_view previous,
                    const json::Value& data) {
  json::Value object = json::Value::object();
  object.set("number", number).set("time", iso8601_vietnam(time)).set("event", event).set("previous", previous);
  return json::serialize(object.set("data", data)) + "\n";
}

}  // namespace

std::string TranscriptEntry::text(std::string_view member) const {
  const json::Value* value = data.find(member);
  const auto found = value != nullptr ? value->as_string() : std::nullopt;
  return found ? std::string(*found) : std::string();
}

Error Transcript::broken(std::size_t line) const {
  return fail("vault.ceremony.transcript", "{}:{}", m_path.string(), line)
      .with("path", m_path.string())
      .with("line", line);
}

Result<std::size_t> Transcript::parse(std::string_view text, bool may_be_cut) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) {
      if (may_be_cut) break;
      return broken(m_entries.size() + 1);
    }
    const std::string_view line = text.substr(at, end + 1 - at);
    const auto object = json::parse(line);
    if (!object) return broken(m_entries.size() + 1);
    const auto number = json::require_integer(*object, "number");
    const auto time = json::require_string(*object, "time");
    const auto event = json::require_string(*object, "event");
    const auto previous = json::require_string(*object, "previous");
    const json::Value* data = object->find("data");
    const bool is_whole = number && time && event && previous && data != nullptr && data->as_object() != nullptr;
    if (!is_whole || *number != static_cast<std::int64_t>(m_entries.size()) + 1 || *previous != m_last_hash)
      return broken(m_entries.size() + 1);
    const auto instant = parse_time(*time);
    // Only what this program writes: an equal meaning in other octets would be another transcript.
    if (!instant || line_of(*number, *instant, *event, *previous, *data) != line) return broken(m_entries.size() + 1);
    m_entries.push_back({*number, *instant, *event, *data});
    m_last_hash = hash_of(line);
    at = end + 1;
  }
  m_text = text.substr(0, at);
  return at;
}

Result<Transcript> Transcript::read(const std::filesystem::path& file) {
  Transcript out;
  out.m_path = file;
  const Bytes content = KYSO_TRY(read_file(file, kMaxSize));
  KYSO_TRY(out.parse(as_chars(content), false));
  return out;
}

Result<Transcript> Transcript::open(const std::filesystem::path& file) {
  Transcript out;
  out.m_path = file;
  out.m_file = FileDescriptor(::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, kMode));
  if (!out.m_file) return unwritable(file);
  if (::flock(out.m_file.get(), LOCK_EX | LOCK_NB) != 0) return fail("vault.ceremony.busy").with("path", file.string());
  const Bytes content = KYSO_TRY(read_file(file, kMaxSize));
  const std::size_t whole = KYSO_TRY(out.parse(as_chars(content), true));
  if (whole != content.size() && ::ftruncate(out.m_file.get(), static_cast<off_t>(whole)) != 0) return unwritable(file);
  const FileDescriptor folder(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (::fsync(out.m_file.get()) != 0 || !folder || ::fsync(folder.get()) != 0) return unwritable(file);
  return out;
}

Result<> Transcript::append(std::string event, json::Value data, Instant now) {
  const std::int64_t number = static_cast<std::int64_t>(m_entries.size()) + 1;
  const std::string line = line_of(number, now, event, m_last_hash, data);
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(m_file.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return unwritable(m_path);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(m_file.get()) != 0) return unwritable(m_path);
  m_entries.push_back({number, now, std::move(event), std::move(data)});
  m_last_hash = hash_of(line);
  m_text += line;
  return {};
}

const TranscriptEntry* Transcript::find(std::string_view event, std::string_view member, std::string_view value) const {
  const auto found = std::ranges::find_if(
      m_entries, [&](const TranscriptEntry& entry) { return entry.event == event && entry.text(member) == value; });
  return found == m_entries.end() ? nullptr : &*found;
}
const TranscriptEntry* Transcript::find(std::string_view event) const {
  const auto found = std::ranges::find(m_entries, event, &TranscriptEntry::event);
  return found == m_entries.end() ? nullptr : &*found;
}

Bytes Transcript::sha256() const {
  return crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(m_text));
}

}  // namespace kyso::vault::ceremony
