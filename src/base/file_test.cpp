#include "base/file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "base/test_support.h"

namespace kyso {
namespace {

namespace fs = std::filesystem;

void put(const fs::path& path, std::string_view text) {
  auto file = OutputFile::create(path).value();
  REQUIRE(file.write(as_bytes(text)));
  REQUIRE(file.commit());
}

// Sets an environment variable until the end of the scope.
class Environment {
 public:
  Environment(const char* name, const char* value) : m_name(name) {
    if (const char* old = std::getenv(name)) m_old = old;
    value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() { m_old ? ::setenv(m_name, m_old->c_str(), 1) : ::unsetenv(m_name); }

 private:
  const char* m_name;
  std::optional<std::string> m_old;
};

TEST_CASE("read_file") {
  const TestFolder folder;
  const fs::path path = folder.path() / "tệp có dấu.bin";
  const std::string content(100'000, 'x');
  put(path, content);
  CHECK(read_file(path).value() == to_bytes(content));
  CHECK(read_file(path, 100'000).has_value());
  const auto limited = read_file(path, 99'999);
  CHECK(limited.error().code == "base.file.too_large");
  CHECK(limited.error().params.at(0).second == path.string());
  put(folder.path() / "empty", "");
  CHECK(read_file(folder.path() / "empty", 0).value().empty());
}

TEST_CASE("read_file says why not") {
  const TestFolder folder;
  put(folder.path() / "plain", "x");
  CHECK(read_file(folder.path() / "none").error().code == "base.file.missing");
  CHECK(read_file(folder.path() / "plain" / "below").error().code == "base.file.missing");
  CHECK(read_file(folder.path()).error().code == "base.file.unreadable");
}

TEST_CASE("read_file does not trust the size that the kernel tells") {
  CHECK(read_file("/proc/self/status").value().size() > 100);
  CHECK(read_file("/dev/zero", 1000).error().code == "base.file.too_large");
}

TEST_CASE("folders come from the environment") {
  {
    const Environment share("KYSO_SHARE", "/opt/x");
    CHECK(share_folder() == "/opt/x");
  }
  const Environment share("KYSO_SHARE", nullptr);
  const fs::path program = fs::read_symlink("/proc/self/exe");
  CHECK(share_folder() == program.parent_path().parent_path() / "share" / "kyso");

  const Environment home("HOME", "/home/a");
  {
    const Environment config("XDG_CONFIG_HOME", "/c");
    const Environment cache("XDG_CACHE_HOME", "relative");
    CHECK(config_folder() == "/c/kyso");
    CHECK(cache_folder() == "/home/a/.cache/kyso");
  }
  const Environment config("XDG_CONFIG_HOME", nullptr);
  CHECK(config_folder() == "/home/a/.config/kyso");
}

TEST_CASE("is_same_file follows links") {
  const TestFolder folder;
  const fs::path a = folder.path() / "a";
  put(a, "1");
  put(folder.path() / "b", "1");
  fs::create_hard_link(a, folder.path() / "hard");
  fs::create_symlink("a", folder.path() / "soft");
  CHECK(is_same_file(a, folder.path() / "." / "a"));
  CHECK(is_same_file(a, folder.path() / "hard"));
  CHECK(is_same_file(a, folder.path() / "soft"));
  CHECK_FALSE(is_same_file(a, folder.path() / "b"));
  CHECK_FALSE(is_same_file(a, folder.path() / "none"));
  CHECK_FALSE(is_same_file(folder.path() / "none", folder.path() / "none"));
}

}  // namespace
}  // namespace kyso
