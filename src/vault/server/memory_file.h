#pragma once
#include "base/bytes.h"

namespace kyso::vault {

// SealedFile: the octets of a memory file that nobody can change any more, not copied.
class SealedFile {
 public:
  static constexpr std::size_t kLargest = 1U << 30U;
  // vault.crl.file {reason}: no memfd, a seal of F_SEAL_WRITE, F_SEAL_SHRINK and F_SEAL_GROW missing, another size than
  // was said. The descriptor stays the caller's.
  static Result<SealedFile> map(int descriptor, std::size_t size);
  SealedFile(SealedFile&& other) noexcept : m_view(std::exchange(other.m_view, {})) {}
  SealedFile& operator=(SealedFile&&) = delete;
  ~SealedFile();
  ByteView view() const { return m_view; }

 private:
  explicit SealedFile(ByteView view) : m_view(view) {}
  ByteView m_view;
};

}  // namespace kyso::vault
