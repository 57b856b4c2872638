#include "vault/server/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace kyso::vault {

Result<SealedFile> SealedFile::map(int descriptor, std::size_t size) {
  const auto refuse = [](std::string_view reason) {
    return fail("vault.crl.file", "{}", reason).with("reason", reason);
  };
  constexpr int kNeeded = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
  const int seals = ::fcntl(descriptor, F_GET_SEALS);
  if (seals < 0) return refuse("memfd");
  if ((seals & kNeeded) != kNeeded) return refuse("seals");
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return refuse(std::strerror(errno));
  if (size == 0 || size > kLargest || status.st_size != static_cast<off_t>(size)) return refuse("size");
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_POPULATE, descriptor, 0);
  if (address == MAP_FAILED) return refuse(std::strerror(errno));
  return SealedFile(ByteView(static_cast<const std::uint8_t*>(address), size));
}

SealedFile::~SealedFile() {
  if (!m_view.empty()) ::munmap(const_cast<std::uint8_t*>(m_view.data()), m_view.size());
}

}  // namespace kyso::vault
