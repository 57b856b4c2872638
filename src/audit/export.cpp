#include <fmt/format.h>

#include "audit/log.h"
#include "base/file.h"

// The log as files: what an auditor takes away, copies, compares.
namespace kyso::audit {
namespace {

Result<> write_file(const std::filesystem::path& path, ByteView content) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  OutputFile file = KYSO_TRY(OutputFile::create(path));
  KYSO_TRY(file.write(content));
  return file.commit();
}

constexpr std::chrono::minutes kKept{10};

// Each leaf with its length before it, two octets (C2SP tlog-tiles).
Result<Bytes> entry_bundle(const std::vector<std::string>& entries, std::size_t width) {
  Bytes out;
  for (std::size_t i = 0; i < width; ++i) {
    if (entries[i].size() > 0xffff) return fail("audit.entry.too_large", "{} bytes", entries[i].size());
    out.push_back(static_cast<std::uint8_t>(entries[i].size() >> 8U));
    out.push_back(static_cast<std::uint8_t>(entries[i].size()));
    append(out, entries[i]);
  }
  return out;
}

// What a tile was before it grew is kept for who is reading the log by an earlier checkpoint at this moment.
void remove_outgrown(const std::filesystem::path& folder, std::string_view level, std::uint64_t number,
                     std::size_t width) {
  const std::filesystem::path partial = (folder / tile_path(level, number, 1)).parent_path();
  const auto long_ago = std::filesystem::file_time_type::clock::now() - kKept;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(partial, error))
    if (entry.path().filename() != std::to_string(width) && entry.last_write_time(error) < long_ago)
      std::filesystem::remove(entry.path(), error);
  if (width == kTileWidth) std::filesystem::remove(partial, error);  // when it is empty
}

// Writes the tiles of one level that `count` hashes fill or begin, from that of hash `begin` on.
Result<> export_level(Log& log, const std::filesystem::path& folder, std::size_t level, std::uint64_t begin,
                      std::uint64_t count) {
  for (std::uint64_t number = begin / kTileWidth; number * kTileWidth < count; ++number) {
    const auto width = static_cast<std::size_t>(std::min<std::uint64_t>(kTileWidth, count - number * kTileWidth));
    const std::filesystem::path path = folder / tile_path(std::to_string(level), number, width);
    std::error_code error;
    if (std::filesystem::exists(path, error)) continue;
    Bytes hashes = KYSO_TRY(log.tile(level, number));
    if (hashes.size() < width * kHashSize) return fail("audit.tile").with("level", level).with("number", number);
    hashes.resize(width * kHashSize);
    KYSO_TRY(write_file(path, hashes));
    remove_outgrown(folder, std::to_string(level), number, width);
    if (number > 0) remove_outgrown(folder, std::to_string(level), number - 1, kTileWidth);
    if (level > 0) continue;
    const std::vector<std::string> entries = KYSO_TRY(log.entries(number));
    if (entries.size() < width) return fail("audit.tile").with("level", "entries").with("number", number);
    KYSO_TRY(write_file(folder / tile_path("entries", number, width), KYSO_TRY(entry_bundle(entries, width))));
    remove_outgrown(folder, "entries", number, width);
    if (number > 0) remove_outgrown(folder, "entries", number - 1, kTileWidth);
  }
  return {};
}

// How far an earlier export went; 0 when there was none or it can't be told.
std::uint64_t exported_size(const std::filesystem::path& folder) {
  const Result<Bytes> note = read_file(folder / "checkpoint", 64U << 10U);
  if (!note) return 0;
  const std::string_view text = as_chars(*note);
  const std::size_t end = text.find("\n\n");
  if (end == std::string_view::npos) return 0;
  const Result<Checkpoint> checkpoint = parse_checkpoint_text(text.substr(0, end + 1));
  return checkpoint ? checkpoint->size : 0;
}

}  // namespace

std::string tile_path(std::string_view level, std::uint64_t number, std::size_t width) {
  std::string name = fmt::format("{:03}", number % 1'000);
  for (std::uint64_t rest = number / 1'000; rest > 0; rest /= 1'000)
    name = fmt::format("x{:03}/{}", rest % 1'000, name);
  std::string path = fmt::format("tile/{}/{}", level, name);
  if (width < kTileWidth) path += fmt::format(".p/{}", width);
  return path;
}

Result<std::uint64_t> export_files(Log& log, const std::filesystem::path& folder) {
  const std::optional<Log::StoredCheckpoint> newest = KYSO_TRY(log.newest_checkpoint());
  if (!newest) return std::uint64_t{0};
  const std::uint64_t written = exported_size(folder);
  std::size_t level = 0;
  for (std::uint64_t count = newest->size, begin = written; count > 0; count /= kTileWidth, begin /= kTileWidth)
    KYSO_TRY(export_level(log, folder, level++, begin, count));
  std::uint64_t after = written == 0 ? 0 : written - 1;
  for (;;) {
    const std::vector<Log::StoredCheckpoint> page = KYSO_TRY(log.checkpoints(after, 1'000));
    if (page.empty()) break;
    for (const Log::StoredCheckpoint& checkpoint : page) {
      after = checkpoint.size;
      const std::filesystem::path path = folder / "checkpoints" / fmt::format("{:012}", checkpoint.size);
      std::error_code error;
      if (!std::filesystem::exists(path, error)) KYSO_TRY(write_file(path, as_bytes(checkpoint.note)));
      const std::filesystem::path token = path.string() + ".tst";
      if (checkpoint.time_stamp && !std::filesystem::exists(token, error))
        KYSO_TRY(write_file(token, *checkpoint.time_stamp));
    }
  }
  KYSO_TRY(write_file(folder / "checkpoint", as_bytes(newest->note)));
  return newest->size;
}

}  // namespace kyso::audit
