#include "verify/evidence/answer_cache.h"

#include <algorithm>

#include "base/file.h"
#include "base/log.h"
#include "crypto/algorithm.h"
#include "json/json.h"

namespace kyso::verify {

namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kLongestHeading = 8192;
constexpr std::size_t kLargest = 256U << 20U;

Instant from_seconds(std::int64_t seconds) {
  return Instant(std::chrono::seconds(seconds));
}

}  // namespace

std::filesystem::path AnswerCache::file_of(const std::string& url, ByteView request) const {
  crypto::Digester digester(crypto::DigestAlgorithm::sha256);
  digester.update(as_bytes(url));
  digester.update(as_bytes("\n"));
  digester.update(request);
  return m_folder / to_hex(digester.finish());
}

std::optional<AnswerCache::Answer> AnswerCache::find(const std::string& url, ByteView request, Instant now) const {
  if (m_folder.empty()) return std::nullopt;
  const auto file = read_file(file_of(url, request), kLargest);
  if (!file) return std::nullopt;
  const auto line_end = std::ranges::find(*file, std::uint8_t{'\n'});
  const auto length = static_cast<std::size_t>(line_end - file->begin());
  if (line_end == file->end() || length > kLongestHeading) return std::nullopt;
  const auto heading = json::parse(as_chars(ByteView(*file).first(length)));
  if (!heading) return std::nullopt;
  const auto version = json::require_integer(*heading, "version"), fetched = json::require_integer(*heading, "fetched"),
             expires = json::require_integer(*heading, "expires");
  const auto address = json::require_string(*heading, "url");
  if (!version || *version != kVersion || !address || *address != url || !fetched || !expires) return std::nullopt;
  // A clock that was set back must not keep an answer for ever.
  if (from_seconds(*expires) <= now || from_seconds(*fetched) > now) return std::nullopt;
  return Answer{Bytes(line_end + 1, file->end()), from_seconds(*fetched)};
}

void AnswerCache::keep(const std::string& url, ByteView request, ByteView body, Instant fetched,
                       Instant expires) const {
  if (m_folder.empty() || expires <= fetched) return;
  std::error_code failed;
  std::filesystem::create_directories(m_folder, failed);
  json::Value heading = json::Value::object();
  heading.set("version", kVersion).set("url", url);
  heading.set("fetched", static_cast<std::int64_t>(fetched.time_since_epoch().count()));
  heading.set("expires", static_cast<std::int64_t>(expires.time_since_epoch().count()));
  const auto write = [&]() -> Result<> {
    OutputFile out = KYSO_TRY(OutputFile::create(file_of(url, request)));
    KYSO_TRY(out.write(as_bytes(json::serialize(heading) + "\n")));
    KYSO_TRY(out.write(body));
    return out.commit();
  };
  if (const auto written = write(); !written) log::write(log::Level::info, "verify.cache.unwritable", written.error());
}

}  // namespace kyso::verify
