#include "kyso/rendering.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace kyso::app {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);  // for one page
constexpr std::size_t kMaxPicture = 32U << 20U;
constexpr rlim_t kMaxMemory = 1U << 30U;
constexpr rlim_t kMaxSeconds = 15;
constexpr std::size_t kCell = 6;             // pixels: what lies this near together is one difference
constexpr int kVisible = 48;                 // of 255: less is a renderer's rounding
constexpr std::size_t kMaxDifferences = 24;  // more are one box: the page is another one

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

// The standard output of the program; its errors lead nowhere.
Bytes run_limited(const std::vector<std::string>& arguments, int input) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  const Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (input >= 0)
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  else
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

// Cells of the page, true where something differs.
class DifferenceGrid {
 public:
  DifferenceGrid(const Raster& before, const Raster& after)
      : m_columns((before.width + kCell - 1) / kCell),
        m_rows((before.height + kCell - 1) / kCell),
        m_cells(m_columns * m_rows, false) {
    for (std::size_t y = 0; y < before.height; ++y)
      for (std::size_t x = 0; x < before.width; ++x) {
        const std::size_t at = 3 * (y * before.width + x);
        for (std::size_t channel = at; channel < at + 3; ++channel)
          if (std::abs(before.pixels[channel] - after.pixels[channel]) > kVisible)
            m_cells[y / kCell * m_columns + x / kCell] = true;
      }
  }

  std::vector<pdf::Rect> boxes() {
    std::vector<pdf::Rect> found;
    for (std::size_t cell = 0; cell < m_cells.size(); ++cell)
      if (m_cells[cell]) found.push_back(take(cell));
    return found;
  }

 private:
  // The box of this cell and all that hang together with it, two cells apart at most; they are done then.
  pdf::Rect take(std::size_t first) {
    constexpr std::size_t kReach = 2;
    std::vector<std::size_t> open{first};
    m_cells[first] = false;
    std::size_t left = m_columns, right = 0, top = m_rows, bottom = 0;
    while (!open.empty()) {
      const std::size_t x = open.back() % m_columns, y = open.back() / m_columns;
      open.pop_back();
      left = std::min(left, x), right = std::max(right, x), top = std::min(top, y), bottom = std::max(bottom, y);
      for (std::size_t v = y - std::min(y, kReach); v <= std::min(y + kReach, m_rows - 1); ++v)
        for (std::size_t u = x - std::min(x, kReach); u <= std::min(x + kReach, m_columns - 1); ++u)
          if (m_cells[v * m_columns + u]) {
            m_cells[v * m_columns + u] = false;
            open.push_back(v * m_columns + u);
          }
    }
    const auto edge = [](std::size_t cell) { return static_cast<double>(cell * kCell); };
    return {edge(left), edge(top), edge(right + 1), edge(bottom + 1)};
  }

  std::size_t m_columns, m_rows;
  std::vector<bool> m_cells;
};

std::optional<std::size_t> read_number(std::string_view& text) {
  while (!text.empty() && (text[0] == ' ' || text[0] == '\n')) text.remove_prefix(1);
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

}  // namespace

Bytes run_pdftoppm(const std::vector<std::string>& options, const std::string& file, int input) {
  std::vector<std::string> arguments{"pdftoppm"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  // An absolute name: one that begins with "-" would be taken for an option.
  arguments.push_back(file == "-" ? file : std::filesystem::absolute(file).string());
  return run_limited(arguments, input);
}

// "P6\n794 1123\n255\n" and the pixels (ppm(5)).
std::optional<Raster> read_ppm(ByteView ppm) {
  std::string_view text = as_chars(ppm);
  if (!text.starts_with("P6")) return std::nullopt;
  text.remove_prefix(2);
  const auto width = read_number(text), height = read_number(text), depth = read_number(text);
  if (!width || !height || depth != 255 || text.empty()) return std::nullopt;
  text.remove_prefix(1);
  if (*width == 0 || *height == 0 || *width > kMaxPicture || text.size() / 3 / *width < *height) return std::nullopt;
  const ByteView pixels = as_bytes(text).first(3 * *width * *height);
  return Raster{*width, *height, Bytes(pixels.begin(), pixels.end())};
}

std::vector<pdf::Rect> find_differences(const Raster& before, const Raster& after) {
  const pdf::Rect page{0, 0, static_cast<double>(after.width), static_cast<double>(after.height)};
  if (before.width != after.width || before.height != after.height) return {page};
  std::vector<pdf::Rect> boxes = DifferenceGrid(before, after).boxes();
  if (boxes.size() <= kMaxDifferences) return boxes;
  pdf::Rect all = boxes.front();
  for (const pdf::Rect& box : boxes)
    all = {std::min(all.x0, box.x0), std::min(all.y0, box.y0), std::max(all.x1, box.x1), std::max(all.y1, box.y1)};
  return {all};
}

}  // namespace kyso::app
