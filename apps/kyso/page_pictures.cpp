#include "kyso/page_pictures.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <set>

namespace kyso::app {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);  // for one page
constexpr std::size_t kMaxPicture = 32U << 20U;
constexpr rlim_t kMaxMemory = 1U << 30U;
constexpr rlim_t kMaxSeconds = 15;
constexpr int kPixelsPerInch = 96;

class Descriptor {
 public:
  explicit Descriptor(int number) : m_number(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (m_number >= 0) ::close(m_number);
  }
  int number() const { return m_number; }
  void close() {
    if (m_number >= 0) ::close(m_number);
    m_number = -1;
  }

 private:
  int m_number;
};

// Reads what the child writes until its end; empty when it takes too long or writes too much.
Bytes read_all(int descriptor) {
  Bytes bytes;
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::array<std::uint8_t, 65536> buffer;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{descriptor, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return {};
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0) return {};
    if (count == 0) return bytes;
    bytes.insert(bytes.end(), buffer.begin(), buffer.begin() + count);
    if (bytes.size() > kMaxPicture) return {};
  }
}

// The standard output of the program; its input and errors lead nowhere.
Bytes run_limited(const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  const Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, writing.number(), STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  const int failed = ::posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return {};
  const rlimit memory{kMaxMemory, kMaxMemory}, seconds{kMaxSeconds, kMaxSeconds}, no_core{0, 0};
  ::prlimit(child, RLIMIT_AS, &memory, nullptr);
  ::prlimit(child, RLIMIT_CPU, &seconds, nullptr);
  ::prlimit(child, RLIMIT_CORE, &no_core, nullptr);
  writing.close();
  Bytes output = read_all(reading.number());
  if (output.empty()) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? output : Bytes();
}

std::set<std::size_t> interesting_pages(const verify::DocumentFacts& facts) {
  std::set<std::size_t> pages;
  for (const auto& signature : facts.signatures)
    for (const auto& place : signature.widgets)
      if (place.rect.area() > 0) pages.insert(place.page);
  for (const auto& change : facts.changes)
    if (change.kind != verify::ChangeKind::none) pages.insert(change.page);
  pages.erase(pdf::kNoPage);
  return pages;
}

}  // namespace

std::vector<verify::PagePicture> picture_pages(const std::filesystem::path& file, const pdf::Document& document,
                                               const verify::DocumentFacts& facts, std::size_t limit) {
  std::vector<verify::PagePicture> pictures;
  std::set<std::size_t> pages = interesting_pages(facts);
  if (pages.empty()) pages.insert(0);
  for (const std::size_t index : pages) {
    if (pictures.size() == limit) break;
    const auto page = document.pages().page(index);
    if (!page) continue;
    const std::string number = std::to_string(index + 1);
    // An absolute name: one that begins with "-" would be taken for an option.
    Bytes png = run_limited({"pdftoppm", "-png", "-cropbox", "-r", std::to_string(kPixelsPerInch), "-f", number, "-l",
                             number, std::filesystem::absolute(file).string()});
    if (png.empty()) continue;
    verify::PagePicture picture;
    picture.page = index;
    picture.png = std::move(png);
    picture.width = page->visible_width();
    picture.height = page->visible_height();
    const pdf::Matrix turned_over{1, 0, 0, -1, 0, picture.height};  // pictures have their origin at the top
    picture.user_to_picture = page->user_to_visible().then(turned_over);
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

}  // namespace kyso::app
