#pragma once
#include <filesystem>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "crypto/algorithm.h"
#include "pdf/syntax/object.h"

namespace kyso::pdf {

// Source: the immutable bytes of a file, with 64-bit offsets, looked at piece by piece or in memory. A 10 GB file costs
// no more memory than the blocks that are looked at. Shared, cheap to copy; may be used by several threads.
class Source {
 public:
  // base.file.missing, base.file.unreadable, pdf.file.empty. The file is opened once and stays the same file even when
  // its name is given to another; one that is truncated or written to while it is in use gives pdf.file.changed from
  // read()/digest_into(), not a crash.
  static Result<Source> open(const std::filesystem::path& path);
  static Source from_bytes(Bytes bytes);

  std::uint64_t size() const;
  // The same file as if it ended after `length` bytes; shares everything.
  Source prefix(std::uint64_t length) const;
  // Borrowed for the life of the Source, clipped to the end; for looking at syntax. What was looked at stays in memory:
  // do not walk gigabytes with it, use read().
  ByteView view(std::uint64_t offset, std::uint64_t length) const;
  // Copies into a caller's buffer and keeps nothing; returns the number of bytes (fewer only at the end).
  // pdf.file.changed.
  Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> buffer) const;
  // Feeds an extent to a digest in pieces, constant memory. pdf.file.changed.
  Result<> digest_into(crypto::Digester& digester, Extent extent) const;
  // All bytes, when they are in memory: small files, and those made from bytes.
  std::optional<ByteView> whole() const;
  // pdf.file.changed when the file was written to since it was opened.
  Result<> check_unchanged() const;
  int descriptor() const;  // -1 when in memory

 private:
  struct State;
  std::shared_ptr<State> m_state;
  std::uint64_t m_size = 0;  // of the file, or of the part of it that this is
};

}  // namespace kyso::pdf
