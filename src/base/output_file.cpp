#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>

#include "base/file.h"
#include "base/file_descriptor.h"

namespace kyso {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCopyBlock = 256U << 10U;
constexpr auto kLargestOffset = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());

std::string hidden_name() {
  std::uint64_t random = 0;
  if (::getrandom(&random, sizeof random, 0) != sizeof random) random = static_cast<std::uint64_t>(::getpid());
  return fmt::format(".kyso-{:016x}.tmp", random);
}

Error write_error(const char* what, int number, const fs::path& path) {
  const bool full = number == ENOSPC || number == EDQUOT;
  return fail(full ? "base.file.disk_full" : "base.file.unwritable", "{}: {}", what, std::strerror(number))
      .with("path", path.string());
}

// Where the data of a descriptor comes from, for messages.
std::string path_of(int descriptor) {
  std::error_code failed;
  const fs::path path = fs::read_symlink(fmt::format("/proc/self/fd/{}", descriptor), failed);
  return failed ? std::string("?") : path.string();
}

Error source_error(const char* what, int source) {
  return fail("base.file.unreadable", "{}", what).with("path", path_of(source));
}

}  // namespace

struct OutputFile::State {
  FileDescriptor file;
  FileDescriptor folder;
  fs::path target;     // as the caller wrote it, for messages
  std::string name;    // in `folder`
  std::string hidden;  // the temporary name while it has one
  Existing existing = Existing::replace;
  std::uint64_t size = 0;
  bool committed = false;

  ~State() { remove_hidden(); }

  Result<> open_target();
  Result<> create_file();
  Result<> write_block(std::uint64_t offset, ByteView bytes);
  Result<std::uint64_t> copy_in_kernel(int source, std::uint64_t offset, std::uint64_t length);
  Result<> copy_by_hand(int source, std::uint64_t offset, std::uint64_t length);
  Result<> give_name();
  Result<> link_to_hidden_name();
  Result<> rename_hidden();
  Result<> reserve_then_rename();
  Result<> make_name_durable() const;
  bool link_as(const std::string& new_name) const;
  void remove_hidden() {
    if (!hidden.empty()) ::unlinkat(folder.get(), hidden.c_str(), 0);
    hidden.clear();
  }
  Error error(const char* what, int number = errno) const { return write_error(what, number, target); }
};

// A symbolic link stays: the file that it names is the one that is replaced.
Result<> OutputFile::State::open_target() {
  std::error_code unknown;  // whether it is a link: then it is none, or opening its folder says more
  std::error_code failed;
  fs::path real = target;
  if (existing == Existing::replace && fs::is_symlink(target, unknown)) real = fs::weakly_canonical(target, failed);
  if (failed) return fail("base.file.unwritable", "{}", failed.message()).with("path", target.string());
  name = real.filename().string();
  if (name.empty() || name == "." || name == "..") {
    return fail("base.file.unwritable", "a folder").with("path", target.string());
  }
  const fs::path parent = real.has_parent_path() ? real.parent_path() : fs::path(".");
  folder = FileDescriptor(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  return folder ? Result<>() : error("open the folder");
}

Result<> OutputFile::State::create_file() {
  struct stat old{};
  const bool exists = ::fstatat(folder.get(), name.c_str(), &old, AT_SYMLINK_NOFOLLOW) == 0;
  if (exists && existing == Existing::keep) return fail("base.file.exists").with("path", target.string());
  if (exists && !S_ISREG(old.st_mode)) return error("not an ordinary file", EISDIR);
  const mode_t mode = exists ? 0600 : 0644;  // less what the umask takes away

  file = FileDescriptor(::openat(folder.get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
  // EOPNOTSUPP: this file system; EISDIR, ENOENT, EINVAL: how others refuse a flag that they do not know.
  if (!file && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT || errno == EINVAL)) {
    hidden = hidden_name();
    file = FileDescriptor(::openat(folder.get(), hidden.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, mode));
    if (!file) hidden.clear();
  }
  if (!file) return error("create");
  // File systems without modes refuse; then there is nothing to keep.
  if (exists && ::fchmod(file.get(), old.st_mode & 0777U) != 0 && errno != EPERM) return error("fchmod");
  return {};
}

Result<> OutputFile::State::write_block(std::uint64_t offset, ByteView bytes) {
  if (committed) return fail("base.internal", "{} is committed already", target.string());
  if (offset > kLargestOffset || bytes.size() > kLargestOffset - offset) return error("write", EFBIG);
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return error("pwrite");
    if (count == 0) return error("pwrite", ENOSPC);
    offset += static_cast<std::uint64_t>(count);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    size = std::max(size, offset);
  }
  return {};
}

// How much was copied: less than asked for when the kernel cannot copy between these two files.
Result<std::uint64_t> OutputFile::State::copy_in_kernel(int source, std::uint64_t offset, std::uint64_t length) {
  std::uint64_t copied = 0;
  while (copied < length) {
    auto from = static_cast<off_t>(offset + copied);
    auto to = static_cast<off_t>(size);
    const auto block = static_cast<std::size_t>(std::min<std::uint64_t>(length - copied, 1U << 30U));
    const ssize_t count = ::copy_file_range(source, &from, file.get(), &to, block, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == ENOSPC || errno == EDQUOT)) return error("copy_file_range");
    if (count <= 0) break;
    copied += static_cast<std::uint64_t>(count);
    size += static_cast<std::uint64_t>(count);
  }
  return copied;
}

Result<> OutputFile::State::copy_by_hand(int source, std::uint64_t offset, std::uint64_t length) {
  Bytes block(static_cast<std::size_t>(std::min<std::uint64_t>(length, kCopyBlock)));
  while (length > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(length, block.size()));
    const ssize_t count = ::pread(source, block.data(), wanted, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return source_error(std::strerror(errno), source);
    if (count == 0) return source_error("it became shorter", source);
    KYSO_TRY(write_block(size, ByteView(block.data(), static_cast<std::size_t>(count))));
    offset += static_cast<std::uint64_t>(count);
    length -= static_cast<std::uint64_t>(count);
  }
  return {};
}

bool OutputFile::State::link_as(const std::string& new_name) const {
  const std::string self = fmt::format("/proc/self/fd/{}", file.get());
  if (::linkat(AT_FDCWD, self.c_str(), folder.get(), new_name.c_str(), AT_SYMLINK_FOLLOW) == 0) return true;
  if (errno == EEXIST) return false;
  // Without /proc; the kernel wants CAP_DAC_READ_SEARCH or the creator's own credentials for this.
  return ::linkat(file.get(), "", folder.get(), new_name.c_str(), AT_EMPTY_PATH) == 0;
}

Result<> OutputFile::State::give_name() {
  if (!hidden.empty()) return rename_hidden();
  if (link_as(name)) return {};
  if (errno != EEXIST) return error("linkat");
  if (existing == Existing::keep) return fail("base.file.exists").with("path", target.string());
  KYSO_TRY(link_to_hidden_name());
  return rename_hidden();
}

Result<> OutputFile::State::link_to_hidden_name() {
  for (int attempt = 0; attempt < 8; ++attempt) {
    const std::string candidate = hidden_name();
    if (link_as(candidate)) {
      hidden = candidate;
      return {};
    }
    if (errno != EEXIST) break;
  }
  return error("linkat");
}

Result<> OutputFile::State::rename_hidden() {
  const unsigned flags = existing == Existing::keep ? RENAME_NOREPLACE : 0;
  if (::renameat2(folder.get(), hidden.c_str(), folder.get(), name.c_str(), flags) != 0) {
    if (errno == EEXIST) return fail("base.file.exists").with("path", target.string());
    if (existing == Existing::keep && errno == EINVAL) return reserve_then_rename();
    return error("rename");
  }
  hidden.clear();
  return {};
}

// For file systems without RENAME_NOREPLACE: an empty file that only we can have made holds the name.
Result<> OutputFile::State::reserve_then_rename() {
  const FileDescriptor reserved(::openat(folder.get(), name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
  if (!reserved && errno == EEXIST) return fail("base.file.exists").with("path", target.string());
  if (!reserved) return error("create");
  if (::renameat(folder.get(), hidden.c_str(), folder.get(), name.c_str()) != 0) {
    const int number = errno;
    ::unlinkat(folder.get(), name.c_str(), 0);
    return error("rename", number);
  }
  hidden.clear();
  return {};
}

Result<> OutputFile::State::make_name_durable() const {
  const FileDescriptor readable(::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!readable) return {};  // a folder that may be written but not listed: the name is there, the disk decides when
  if (::fsync(readable.get()) == 0 || errno == EINVAL || errno == ENOTSUP) return {};
  return error("fsync of the folder");
}

OutputFile::OutputFile(std::unique_ptr<State> state) : m_state(std::move(state)) {}
OutputFile::OutputFile(OutputFile&&) noexcept = default;
OutputFile& OutputFile::operator=(OutputFile&&) noexcept = default;
OutputFile::~OutputFile() = default;

Result<OutputFile> OutputFile::create(const fs::path& target, Existing existing) {
  auto state = std::make_unique<State>();
  state->target = target;
  state->existing = existing;
  KYSO_TRY(state->open_target());
  KYSO_TRY(state->create_file());
  return OutputFile(std::move(state));
}

Result<> OutputFile::write(ByteView bytes) {
  return m_state->write_block(m_state->size, bytes);
}

Result<> OutputFile::write_at(std::uint64_t offset, ByteView bytes) {
  return m_state->write_block(offset, bytes);
}

Result<> OutputFile::append_from(int source_descriptor, std::uint64_t offset, std::uint64_t length) {
  if (m_state->committed) return fail("base.internal", "{} is committed already", target().string());
  if (length > kLargestOffset - std::min(m_state->size, kLargestOffset)) return m_state->error("append", EFBIG);
  if (offset > kLargestOffset || length > kLargestOffset - offset) {
    return source_error("beyond the largest offset", source_descriptor);
  }
  const std::uint64_t copied = KYSO_TRY(m_state->copy_in_kernel(source_descriptor, offset, length));
  return m_state->copy_by_hand(source_descriptor, offset + copied, length - copied);
}

Result<Bytes> OutputFile::read_at(std::uint64_t offset, std::size_t length) const {
  if (offset > size() || length > size() - offset) {
    return fail("base.file.unreadable", "read_at({}, {}) of {} bytes", offset, length, size())
        .with("path", target().string());
  }
  Bytes bytes(length);
  std::size_t filled = 0;
  while (filled < length) {
    const ssize_t count =
        ::pread(descriptor(), bytes.data() + filled, length - filled, static_cast<off_t>(offset + filled));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      return fail("base.file.unreadable", "pread: {}", count < 0 ? std::strerror(errno) : "end of file")
          .with("path", target().string());
    }
    filled += static_cast<std::size_t>(count);
  }
  return bytes;
}

std::uint64_t OutputFile::size() const {
  return m_state->size;
}
int OutputFile::descriptor() const {
  return m_state->file.get();
}
const fs::path& OutputFile::target() const {
  return m_state->target;
}

Result<> OutputFile::commit() {
  if (m_state->committed) return fail("base.internal", "{} is committed already", target().string());
  while (::fdatasync(descriptor()) != 0) {
    if (errno != EINTR) return m_state->error("fdatasync");
  }
  KYSO_TRY(m_state->give_name());
  m_state->committed = true;
  return m_state->make_name_durable();
}

}  // namespace kyso
