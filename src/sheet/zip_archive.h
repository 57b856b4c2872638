#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "sheet/zip_directory.h"

struct zip;
struct zip_file;

namespace kyso::sheet {

struct ZipLimits {
  std::size_t max_entries, max_unpacked, max_ratio;
};
// Below this size a part's ratio tells nothing.
inline constexpr std::size_t kRatioFrom = 1U << 20U;

// ZipArchive: the parts of a ZIP file in memory, unpacked as they are read and never further than the limits, whatever
// the directory says of their sizes. Refers to the file's bytes.
class ZipArchive {
 public:
  // sheet.malformed, sheet.limit, sheet.bomb.
  static Result<ZipArchive> open(ByteView file, const ZipLimits& limits);
  const std::vector<ZipEntry>& entries() const;
  const ZipEntry* find(std::string_view name) const;

  struct State;
  // Stream: one part from its start. An archive outlives its streams.
  class Stream {
   public:
    // 0 at the end. sheet.malformed (also for a wrong checksum or size), sheet.limit.size, sheet.bomb.
    Result<std::size_t> read(std::span<std::uint8_t> buffer);
    const std::string& name() const { return m_entry->name; }

   private:
    friend class ZipArchive;
    struct Close {
      void operator()(zip_file* file) const;
    };
    std::unique_ptr<zip_file, Close> m_file;
    State* m_state = nullptr;
    const ZipEntry* m_entry = nullptr;
    std::uint64_t m_count = 0;
  };
  Result<Stream> stream(const ZipEntry& entry);  // sheet.encrypted, sheet.malformed
  Result<Bytes> read(const ZipEntry& entry);

 private:
  explicit ZipArchive(std::shared_ptr<State> state) : m_state(std::move(state)) {}
  std::shared_ptr<State> m_state;
};

}  // namespace kyso::sheet
