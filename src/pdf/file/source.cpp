#include "pdf/file/source.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>

namespace kyso::pdf {

namespace {

// Small enough that signing touches little, large enough that parsing is not a row of system calls.
constexpr std::uint64_t kBlock = 16U << 10U;
constexpr std::size_t kDigestPiece = 256U << 10U;
constexpr std::uint64_t kSmallFile = 512U << 10U;  // read at once: most letters

// One pread that is repeated until the buffer is full or the file ends.
Result<std::size_t> read_fully(int descriptor, std::uint64_t offset, std::span<std::uint8_t> buffer) {
  std::size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t got =
        ::pread(descriptor, buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
    if (got == 0) break;
    if (got < 0) {
      if (errno == EINTR) continue;
      return fail("pdf.file.changed", "pread at {}: {}", offset + done, std::strerror(errno));
    }
    done += static_cast<std::size_t>(got);
  }
  return done;
}

}  // namespace

// A small file is read whole when it is opened. A larger one is looked at through a reservation of address space as
// long as the file, which is filled block by block with pread when a block is first looked at. So a view is contiguous
// and stays where it is, memory is only used for what was looked at, what was parsed once cannot change under the
// parser any more, and a file that is truncated meanwhile gives zeros instead of SIGBUS (which a mapping of the file
// itself would).
struct Source::State {
  Bytes given;                              // from_bytes
  std::unique_ptr<std::uint8_t[]> content;  // a small file
  ByteView memory;                          // either of them; empty: use the reservation
  int descriptor = -1;
  std::uint64_t size = 0;
  timespec modified{};
  std::uint8_t* reservation = nullptr;
  std::unique_ptr<std::atomic<bool>[]> is_filled;
  std::mutex filling;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (reservation != nullptr) ::munmap(reservation, size);
    if (descriptor >= 0) ::close(descriptor);
  }

  void fill(std::uint64_t first_block, std::uint64_t last_block) {
    const std::scoped_lock lock(filling);
    for (std::uint64_t block = first_block; block <= last_block; ++block) {
      if (is_filled[block].load(std::memory_order_relaxed)) continue;
      std::uint64_t run = block;  // one read for neighbouring blocks that are both needed
      while (run < last_block && !is_filled[run + 1].load(std::memory_order_relaxed)) ++run;
      const std::uint64_t begin = block * kBlock;
      const std::uint64_t end = std::min(size, (run + 1) * kBlock);
      // A short or failed read leaves zeros: the parser finds nothing there, and read() reports the change.
      (void)read_fully(descriptor, begin, {reservation + begin, static_cast<std::size_t>(end - begin)});
      for (; block <= run; ++block) is_filled[block].store(true, std::memory_order_release);
      block = run;
    }
  }

  bool is_unchanged() const {
    struct stat now{};
    return ::fstat(descriptor, &now) == 0 && static_cast<std::uint64_t>(now.st_size) >= size &&
           now.st_mtim.tv_sec == modified.tv_sec && now.st_mtim.tv_nsec == modified.tv_nsec;
  }
};

Result<Source> Source::open(const std::filesystem::path& path) {
  auto state = std::make_shared<State>();
  state->descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (state->descriptor < 0) {
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    return fail(missing ? "base.file.missing" : "base.file.unreadable", "open: {}", std::strerror(errno))
        .with("path", path.string());
  }
  struct stat about{};
  if (::fstat(state->descriptor, &about) != 0 || !S_ISREG(about.st_mode)) {
    return fail("base.file.unreadable", "not a regular file").with("path", path.string());
  }
  if (about.st_size == 0) return fail("pdf.file.empty").with("path", path.string());
  state->size = static_cast<std::uint64_t>(about.st_size);
  state->modified = about.st_mtim;
  Source source;
  if (state->size <= kSmallFile) {
    state->content = std::make_unique_for_overwrite<std::uint8_t[]>(state->size);
    const std::span<std::uint8_t> buffer(state->content.get(), state->size);
    if (KYSO_TRY(read_fully(state->descriptor, 0, buffer)) != state->size)
      return fail("pdf.file.changed", "shorter than {} bytes", state->size);
    state->memory = buffer;
    source.m_size = state->size;
    source.m_state = std::move(state);
    return source;
  }
  void* reservation =
      ::mmap(nullptr, state->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reservation == MAP_FAILED) {
    return fail("base.file.unreadable", "no address space for {} bytes: {}", state->size, std::strerror(errno))
        .with("path", path.string());
  }
  state->reservation = static_cast<std::uint8_t*>(reservation);
  state->is_filled = std::make_unique<std::atomic<bool>[]>(state->size / kBlock + 1);
  source.m_size = state->size;
  source.m_state = std::move(state);
  return source;
}

Source Source::from_bytes(Bytes bytes) {
  auto state = std::make_shared<State>();
  state->given = std::move(bytes);
  state->memory = state->given;
  state->size = state->memory.size();
  Source source;
  source.m_size = state->size;
  source.m_state = std::move(state);
  return source;
}

std::uint64_t Source::size() const {
  return m_size;
}

Source Source::prefix(std::uint64_t length) const {
  Source shorter = *this;
  shorter.m_size = std::min(m_size, length);
  return shorter;
}

int Source::descriptor() const {
  return m_state ? m_state->descriptor : -1;
}

ByteView Source::view(std::uint64_t offset, std::uint64_t length) const {
  if (!m_state || offset >= m_size) return {};
  length = std::min(length, m_size - offset);
  if (length == 0) return {};
  if (!m_state->memory.empty()) return m_state->memory.subspan(offset, length);
  const std::uint64_t first = offset / kBlock;
  const std::uint64_t last = (offset + length - 1) / kBlock;
  for (std::uint64_t block = first; block <= last; ++block) {
    if (m_state->is_filled[block].load(std::memory_order_acquire)) continue;
    m_state->fill(block, last);
    break;
  }
  return {m_state->reservation + offset, static_cast<std::size_t>(length)};
}

Result<std::size_t> Source::read(std::uint64_t offset, std::span<std::uint8_t> buffer) const {
  if (!m_state || offset >= m_size) return std::size_t{0};
  const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), m_size - offset));
  if (wanted == 0) return std::size_t{0};
  if (!m_state->memory.empty()) {
    std::memcpy(buffer.data(), m_state->memory.data() + offset, wanted);
    return wanted;
  }
  const std::size_t got = KYSO_TRY(read_fully(m_state->descriptor, offset, buffer.first(wanted)));
  if (got != wanted) return fail("pdf.file.changed", "{} of {} bytes at {}", got, wanted, offset);
  return got;
}

Result<> Source::digest_into(crypto::Digester& digester, Extent extent) const {
  if (extent.offset > size() || extent.length > size() - extent.offset) {
    return fail("pdf.file.changed", "extent {}+{} of {} bytes", extent.offset, extent.length, size());
  }
  if (const auto all = whole()) {
    digester.update(all->subspan(extent.offset, extent.length));
    return check_unchanged();
  }
  Bytes piece(static_cast<std::size_t>(std::min<std::uint64_t>(kDigestPiece, extent.length)));
  for (std::uint64_t done = 0; done < extent.length;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), extent.length - done));
    const std::size_t got = KYSO_TRY(read(extent.offset + done, std::span(piece).first(wanted)));
    digester.update(ByteView(piece).first(got));
    done += got;
  }
  return check_unchanged();
}

// What was parsed before and what was digested now must be the same document.
Result<> Source::check_unchanged() const {
  if (descriptor() >= 0 && !m_state->is_unchanged()) return fail("pdf.file.changed", "written to since it was opened");
  return {};
}

std::optional<ByteView> Source::whole() const {
  if (!m_state) return ByteView();
  if (m_state->reservation != nullptr) return std::nullopt;
  return m_state->memory.first(m_size);
}

}  // namespace kyso::pdf
