#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <functional>

#include "base/file.h"
#include "base/file_descriptor.h"
#include "base/test_support.h"

namespace kyso {
namespace {

namespace fs = std::filesystem;
using Existing = OutputFile::Existing;

std::string content_of(const fs::path& path) {
  return std::string(as_chars(read_file(path).value()));
}

void put(const fs::path& path, std::string_view text) {
  auto file = OutputFile::create(path).value();
  REQUIRE(file.write(as_bytes(text)));
  REQUIRE(file.commit());
}

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

std::size_t entries_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

// Runs `work` in a child process; its wait status. The child ends with what `work` returns.
int in_child(const std::function<int()>& work) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(work());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

// From here on a system call fails with `number` when one of its arguments has a bit of `flags` set (0: always).
// This is how a file system without that feature answers.
bool refuse_call(unsigned call, unsigned argument, std::uint32_t flags, std::uint32_t number) {
  const auto low_half = static_cast<std::uint32_t>(offsetof(seccomp_data, args) + argument * sizeof(std::uint64_t));
  const auto jump = static_cast<std::uint16_t>(flags == 0 ? BPF_JMP | BPF_JA : BPF_JMP | BPF_JSET | BPF_K);
  sock_filter program[] = {
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, call},
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, low_half},
      {jump, 0, static_cast<std::uint8_t>(flags == 0 ? 0 : 1), flags},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | number},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  };
  const sock_fprog filter{std::size(program), program};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

constexpr std::uint32_t kTmpFileBit = O_TMPFILE & ~O_DIRECTORY;

TEST_CASE("nothing is seen before commit, everything after it") {
  const TestFolder folder;
  const fs::path path = folder.path() / "văn bản.pdf";
  auto file = OutputFile::create(path).value();
  REQUIRE(file.write(as_bytes("hello ")));
  REQUIRE(file.write(as_bytes("world")));
  REQUIRE(file.write_at(0, as_bytes("H")));
  CHECK(file.size() == 11);
  CHECK(file.read_at(4, 3).value() == to_bytes("o w"));
  CHECK(file.read_at(11, 0).value().empty());
  CHECK(file.read_at(9, 3).error().code == "base.file.unreadable");
  CHECK(file.read_at(12, 0).error().code == "base.file.unreadable");
  CHECK(entries_in(folder.path()) == 0);
  REQUIRE(file.commit());
  CHECK(content_of(path) == "Hello world");
  CHECK(entries_in(folder.path()) == 1);
  CHECK(file.target() == path);
  CHECK(file.write(as_bytes("more")).error().code == "base.internal");
  CHECK(file.commit().error().code == "base.internal");
  CHECK(content_of(path) == "Hello world");
}

TEST_CASE("without commit nothing remains, and the old file is untouched") {
  const TestFolder folder;
  const fs::path path = folder.path() / "a";
  put(path, "old");
  {
    auto file = OutputFile::create(path).value();
    REQUIRE(file.write(as_bytes("new")));
    const OutputFile moved = std::move(file);
    CHECK(moved.size() == 3);
  }
  CHECK(content_of(path) == "old");
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("write_at may leave a hole and never shrinks the file") {
  const TestFolder folder;
  auto file = OutputFile::create(folder.path() / "a").value();
  REQUIRE(file.write_at(3, as_bytes("x")));
  REQUIRE(file.write_at(0, as_bytes("y")));
  CHECK(file.size() == 4);
  CHECK(file.read_at(0, 4).value() == Bytes{'y', 0, 0, 'x'});
  CHECK(file.write_at(~std::uint64_t{0}, as_bytes("x")).error().code == "base.file.unwritable");
}

TEST_CASE("the mode of a replaced file is kept; a new one follows the umask") {
  const TestFolder folder;
  const fs::path path = folder.path() / "a";
  put(path, "1");
  CHECK(mode_of(path) == 0644);
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  put(path, "2");
  CHECK(mode_of(path) == 0640);
  CHECK(content_of(path) == "2");
  const mode_t old = ::umask(077);
  put(folder.path() / "b", "1");
  ::umask(old);
  CHECK(mode_of(folder.path() / "b") == 0600);
}

TEST_CASE("a symbolic link stays and its file is replaced") {
  const TestFolder folder;
  fs::create_directory(folder.path() / "deep");
  put(folder.path() / "deep" / "file", "old");
  fs::create_symlink("deep/file", folder.path() / "link");
  put(folder.path() / "link", "new");
  CHECK(fs::is_symlink(folder.path() / "link"));
  CHECK(content_of(folder.path() / "deep" / "file") == "new");
}

TEST_CASE("Existing::keep") {
  const TestFolder folder;
  const fs::path path = folder.path() / "a";
  auto early = OutputFile::create(path, Existing::keep).value();
  REQUIRE(early.write(as_bytes("early")));
  put(path, "first");
  CHECK(OutputFile::create(path, Existing::keep).error().code == "base.file.exists");
  CHECK(early.commit().error().code == "base.file.exists");  // it came meanwhile
  CHECK(content_of(path) == "first");
  fs::create_symlink("nowhere", folder.path() / "dangling");
  CHECK(OutputFile::create(folder.path() / "dangling", Existing::keep).error().code == "base.file.exists");
  CHECK(entries_in(folder.path()) == 2);
}

TEST_CASE("places where no file can be") {
  const TestFolder folder;
  put(folder.path() / "plain", "x");
  REQUIRE(::mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
  for (const fs::path& path :
       {folder.path(), folder.path() / "none" / "a", folder.path() / "plain" / "a", folder.path() / "pipe",
        folder.path() / "", folder.path() / "..", fs::path("/proc/version"), fs::path("/proc/new"),
        folder.path() / std::string(300, 'n')}) {
    CAPTURE(path);
    auto file = OutputFile::create(path);
    if (file) {  // some places show only when the name is given
      CHECK(file->commit().error().code == "base.file.unwritable");
    } else {
      CHECK(file.error().code == "base.file.unwritable");
      CHECK(file.error().params.at(0).second == path.string());
    }
  }
  CHECK(entries_in(folder.path()) == 2);
}

TEST_CASE("append_from copies a part of another file") {
  const TestFolder folder;
  std::string big(3'000'000, '\0');
  for (std::size_t i = 0; i < big.size(); ++i) big[i] = static_cast<char>(i * 7 + i / 253);
  put(folder.path() / "source", big);
  const FileDescriptor source(::open((folder.path() / "source").c_str(), O_RDONLY | O_CLOEXEC));
  const auto copy = [&](const fs::path& path) -> Result<> {
    auto file = KYSO_TRY(OutputFile::create(path));
    KYSO_TRY(file.write(as_bytes("head")));
    KYSO_TRY(file.append_from(source.get(), 5, 2'999'000));
    KYSO_TRY(file.append_from(source.get(), 0, 0));
    KYSO_TRY(file.write(as_bytes("tail")));
    return file.commit();
  };
  const std::string expected = "head" + big.substr(5, 2'999'000) + "tail";
  REQUIRE(copy(folder.path() / "copy"));
  CHECK(content_of(folder.path() / "copy") == expected);

  const int status = in_child(
      [&] { return refuse_call(SYS_copy_file_range, 0, 0, EXDEV) && copy(folder.path() / "by hand") ? 0 : 1; });
  CHECK(status == 0);
  CHECK(content_of(folder.path() / "by hand") == expected);

  auto file = OutputFile::create(folder.path() / "x").value();
  const auto too_much = file.append_from(source.get(), 2'999'999, 2);
  CHECK(too_much.error().code == "base.file.unreadable");
  CHECK(too_much.error().params.at(0).second == (folder.path() / "source").string());
  CHECK(file.append_from(-1, 0, 1).error().code == "base.file.unreadable");
}

TEST_CASE("kill -9 in the middle leaves nothing behind") {
  const TestFolder folder;
  const int status = in_child([&] {
    auto file = OutputFile::create(folder.path() / "a");
    if (!file || !file->write(as_bytes(std::string(1'000'000, 'x')))) return 1;
    ::raise(SIGKILL);
    return 2;
  });
  CHECK(WIFSIGNALED(status));
  CHECK(entries_in(folder.path()) == 0);
}

TEST_CASE("a file system without O_TMPFILE: a hidden temporary name") {
  const TestFolder folder;
  put(folder.path() / "old", "old");
  const int status = in_child([&] {
    if (!refuse_call(SYS_openat, 2, kTmpFileBit, EOPNOTSUPP)) return 1;
    {
      auto dropped = OutputFile::create(folder.path() / "dropped");
      if (!dropped || entries_in(folder.path()) != 2) return 2;
    }
    if (entries_in(folder.path()) != 1) return 3;
    auto file = OutputFile::create(folder.path() / "old");
    if (!file || !file->write(as_bytes("new")) || !file->commit()) return 4;
    auto kept = OutputFile::create(folder.path() / "kept", Existing::keep);
    auto late = OutputFile::create(folder.path() / "kept", Existing::keep);
    if (!kept || !late || !kept->write(as_bytes("1")) || !kept->commit()) return 5;
    return late->commit().error().code == "base.file.exists" ? 0 : 6;
  });
  CHECK(status == 0);
  CHECK(content_of(folder.path() / "old") == "new");
  CHECK(content_of(folder.path() / "kept") == "1");
  CHECK(entries_in(folder.path()) == 2);
}

TEST_CASE("a file system without O_TMPFILE and RENAME_NOREPLACE still never replaces a file that must stay") {
  const TestFolder folder;
  const int status = in_child([&] {
    if (!refuse_call(SYS_openat, 2, kTmpFileBit, EOPNOTSUPP) || !refuse_call(SYS_renameat2, 4, 1, EINVAL)) return 1;
    auto kept = OutputFile::create(folder.path() / "kept", Existing::keep);
    auto late = OutputFile::create(folder.path() / "kept", Existing::keep);
    if (!kept || !late || !kept->write(as_bytes("1")) || !kept->commit()) return 2;
    return late->commit().error().code == "base.file.exists" ? 0 : 3;
  });
  CHECK(status == 0);
  CHECK(content_of(folder.path() / "kept") == "1");
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("a full disk: as the kernel says it") {
  const TestFolder folder;
  for (const std::uint32_t number : {ENOSPC, EDQUOT}) {
    for (const unsigned call : {unsigned{SYS_pwrite64}, unsigned{SYS_fdatasync}}) {
      const int status = in_child([&] {
        auto file = OutputFile::create(folder.path() / "a");
        if (!file || !refuse_call(call, 0, 0, number)) return 1;
        auto done = file->write(as_bytes("x"));
        if (done) done = file->commit();
        return !done && done.error().code == "base.file.disk_full" ? 0 : 2;
      });
      CHECK(status == 0);
    }
  }
  CHECK(entries_in(folder.path()) == 0);
}

TEST_CASE("a full disk: a real one") {
  const TestFolder folder;
  const auto fill = [&] {
    auto file = OutputFile::create(folder.path() / "a");
    if (!file) return 2;
    const FileDescriptor zero(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
    const auto copied = file->append_from(zero.get(), 0, 1U << 20U);
    const auto written = file->write(Bytes(1U << 20U, 'x'));
    if (copied || copied.error().code != "base.file.disk_full") return 3;
    if (written || written.error().code != "base.file.disk_full") return 4;
    file = fail("base.internal");
    return entries_in(folder.path()) == 0 ? 0 : 5;
  };
  constexpr int kCannotMount = 77;
  const int status = in_child([&] {
    // In a mount namespace of its own, so that the host never sees the small disk.
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      return kCannotMount;
    if (::mount("none", folder.path().c_str(), "tmpfs", 0, "size=64k") != 0) return kCannotMount;
    return fill();
  });
  if (WIFEXITED(status) && WEXITSTATUS(status) == kCannotMount) {
    MESSAGE("not run: this user may not mount a tmpfs (the case above has tested the error codes)");
  } else {
    CHECK(status == 0);
  }
}

TEST_CASE("the limit for file sizes is not a full disk") {
  const TestFolder folder;
  const int status = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
    auto file = OutputFile::create(folder.path() / "a");
    if (!file) return 2;
    const auto done = file->write(Bytes(8192));
    return !done && done.error().code == "base.file.unwritable" && file->size() == 4096 ? 0 : 3;
  });
  CHECK(status == 0);
}

}  // namespace
}  // namespace kyso
