#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/file_descriptor.h"

namespace kyso {
namespace {

namespace fs = std::filesystem;

Error read_error(const char* what, int number, const fs::path& path) {
  const bool missing = number == ENOENT || number == ENOTDIR;
  return fail(missing ? "base.file.missing" : "base.file.unreadable", "{}: {}", what, std::strerror(number))
      .with("path", path.string());
}

fs::path environment_path(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? fs::path() : fs::path(value);
}

// XDG Base Directory Specification: a relative path in these variables is to be ignored.
fs::path xdg_folder(const char* variable, const char* below_home) {
  const fs::path configured = environment_path(variable);
  if (configured.is_absolute()) return configured / "kyso";
  const fs::path home = environment_path("HOME");
  return (home.empty() ? fs::path("/") : home) / below_home / "kyso";
}

}  // namespace

Result<Bytes> read_file(const fs::path& path, std::size_t limit) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) return read_error("open", errno, path);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return read_error("fstat", errno, path);

  const auto too_large = [&] { return fail("base.file.too_large").with("path", path.string()).with("limit", limit); };
  const auto expected = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
  if (expected > limit) return too_large();

  // The size is a hint only: pipes and /proc have none, and a file may grow meanwhile.
  Bytes content(static_cast<std::size_t>(expected) + 1);
  std::size_t filled = 0;
  while (true) {
    if (filled == content.size()) content.resize(content.size() * 2);
    const ssize_t count = ::read(file.get(), content.data() + filled, content.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return read_error("read", errno, path);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
    if (filled > limit) return too_large();
  }
  content.resize(filled);
  return content;
}

fs::path share_folder() {
  const fs::path configured = environment_path("KYSO_SHARE");
  if (!configured.empty()) return configured;
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  return (program.parent_path() / "../share/kyso").lexically_normal();
}

fs::path config_folder() {
  return xdg_folder("XDG_CONFIG_HOME", ".config");
}
fs::path cache_folder() {
  return xdg_folder("XDG_CACHE_HOME", ".cache");
}

bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code ignored;
  return fs::equivalent(a, b, ignored);
}

}  // namespace kyso
