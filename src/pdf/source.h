#pragma once
#include <filesystem>
#include <memory>

#include "base/bytes.h"
#include "crypto/algorithm.h"
#include "pdf/object.h"

namespace kyso::pdf {

// Source: the immutable bytes of a file, with 64-bit offsets, memory-mapped or in memory. A 10 GB file costs no more
// memory than the pages that are looked at. Shared, cheap to copy.
class Source {
 public:
  // base.file.missing, base.file.unreadable, pdf.file.empty. The file is opened once and stays the same file even when its
  // name is given to another; one that is truncated while it is read gives pdf.file.changed from digest/copy, not a crash.
  static Result<Source> open(const std::filesystem::path& path);
  static Source from_bytes(Bytes bytes);

  std::uint64_t size() const;
  // Borrowed, clipped to the end; for looking at syntax. Do not walk gigabytes with it: use read().
  ByteView view(std::uint64_t offset, std::uint64_t length) const;
  // Copies into a caller's buffer without mapping; returns the number of bytes.
  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> buffer) const;
  // Feeds an extent to a digest in pieces, constant memory.
  Result<> digest_into(crypto::Digester& digester, Extent extent) const;
  int descriptor() const;  // -1 when in memory

 private:
  struct State;
  std::shared_ptr<const State> m_state;
};

}  // namespace kyso::pdf
