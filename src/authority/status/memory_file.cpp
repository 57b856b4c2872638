#include "authority/status/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

namespace kyso::authority::status {
namespace {

Error failed(const char* what) {
  return fail("authority.crl.memory", "{}: {}", what, std::strerror(errno));
}

}  // namespace

Result<MemoryFile> MemoryFile::create() {
  FileDescriptor file(::memfd_create("kyso-crl", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return failed("memfd_create");
  return MemoryFile(std::move(file));
}

MemoryFile::MemoryFile(MemoryFile&& other) noexcept
    : m_file(std::move(other.m_file)),
      m_size(std::exchange(other.m_size, 0)),
      m_mapped(std::exchange(other.m_mapped, nullptr)) {}

MemoryFile::~MemoryFile() {
  if (m_mapped != nullptr) ::munmap(m_mapped, m_size);
}

Result<> MemoryFile::append(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(m_file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed("write");
    m_size += static_cast<std::size_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<ByteView> MemoryFile::seal() {
  if (::fcntl(m_file.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
    return failed("F_ADD_SEALS");
  if (m_size == 0) return ByteView();
  void* mapped = ::mmap(nullptr, m_size, PROT_READ, MAP_PRIVATE, m_file.get(), 0);
  if (mapped == MAP_FAILED) return failed("mmap");
  m_mapped = mapped;
  return view();
}

}  // namespace kyso::authority::status
