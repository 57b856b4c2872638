#include "base/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/text.h"
#include "base/time.h"

namespace kyso::log {
namespace {

std::atomic<Level> g_level{Level::off};
std::atomic<int> g_descriptor{STDERR_FILENO};

constexpr std::array<std::string_view, 5> kLevelNames{"debug", "info", "warning", "error", "off"};

std::string quoted_text(std::string_view text) {
  const std::string clean = to_valid_utf8(text);
  std::string out = "\"";
  for (const char c : clean) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out += '"';
}

// "pin", "user_pin", "client-secret"; not "pinned".
bool names_a_secret(std::string_view name) {
  const std::string lower = fold_case(name);
  std::string_view rest = lower;
  while (true) {
    const std::size_t end = rest.find_first_of("_-. ");
    const std::string_view word = rest.substr(0, end);
    if (word == "pin" || word == "password" || word == "passphrase" || word == "secret") return true;
    if (end == std::string_view::npos) return false;
    rest.remove_prefix(end + 1);
  }
}

void add_field(std::string& line, std::string_view name, std::string_view value) {
  line += fmt::format(",{}:{}", quoted_text(name), quoted_text(names_a_secret(name) ? "***" : value));
}

std::string start_line(Level level, std::string_view event) {
  return fmt::format(R"({{"time":"{}","level":"{}","event":{})", iso8601_vietnam(system_clock().now()),
                     kLevelNames[static_cast<std::size_t>(level)], quoted_text(event));
}

// One write() for a line, so that lines of several threads and processes do not mix.
void put(std::string line) {
  line += "}\n";
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t done = ::write(g_descriptor.load(), rest.data(), rest.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return;  // nowhere to complain
    rest.remove_prefix(static_cast<std::size_t>(done));
  }
}

bool is_wanted(Level level) {
  return level != Level::off && level >= g_level.load(std::memory_order_relaxed);
}

// The last two parts of a source path: what is before them is the builder's machine.
std::string_view short_path(std::string_view path) {
  std::size_t slash = path.rfind('/');
  if (slash != std::string_view::npos && slash > 0) slash = path.rfind('/', slash - 1);
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

void set_level(Level level) {
  g_level = level;
}

Result<> open_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (descriptor < 0) return fail("base.file.unwritable", "open: {}", std::strerror(errno)).with("path", path);
  const int old = g_descriptor.exchange(descriptor);
  // Another thread may be between load() and ::write(): give its descriptor number the new file instead of freeing it.
  if (old != STDERR_FILENO) {
    ::dup3(descriptor, old, O_CLOEXEC);
    g_descriptor = old;
    ::close(descriptor);
  }
  return {};
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (!is_wanted(level)) return;
  std::string line = start_line(level, event);
  for (const Field& field : fields) add_field(line, field.name, field.value);
  put(std::move(line));
}

void write(Level level, std::string_view event, const Error& error) {
  if (!is_wanted(level)) return;
  std::string line = start_line(level, event);
  add_field(line, "code", error.code);
  if (!error.detail.empty()) add_field(line, "detail", error.detail);
  add_field(line, "where", fmt::format("{}:{}", short_path(error.where.file_name()), error.where.line()));
  for (const auto& [name, value] : error.params) add_field(line, name, value);
  put(std::move(line));
}

}  // namespace kyso::log
