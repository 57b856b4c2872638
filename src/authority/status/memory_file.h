#pragma once
#include "base/bytes.h"
#include "base/file_descriptor.h"

namespace kyso::authority::status {

// MemoryFile: octets outside of the heap that can be handed to another process, or mapped and served. Errors:
// authority.crl.memory.
class MemoryFile {
 public:
  static Result<MemoryFile> create();
  MemoryFile(MemoryFile&&) noexcept;
  MemoryFile& operator=(MemoryFile&&) = delete;
  ~MemoryFile();
  Result<> append(ByteView bytes);
  // No more changes, by anybody; gives the content, mapped as long as this lives.
  Result<ByteView> seal();
  int descriptor() const { return m_file.get(); }
  std::size_t size() const { return m_size; }
  ByteView view() const { return {static_cast<const std::uint8_t*>(m_mapped), m_mapped == nullptr ? 0 : m_size}; }

 private:
  explicit MemoryFile(FileDescriptor file) : m_file(std::move(file)) {}
  FileDescriptor m_file;
  std::size_t m_size = 0;
  void* m_mapped = nullptr;
};

}  // namespace kyso::authority::status
