#include "kyso/desk_station.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "base/text.h"
#include "jose/base64url.h"

namespace kyso::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxState = 64U << 10U;
constexpr std::size_t kSoPinSize = 12;

// XDG Base Directory Specification: state that outlives a restart.
fs::path state_folder() {
  if (const char* folder = std::getenv("XDG_STATE_HOME"); folder != nullptr && folder[0] == '/')
    return fs::path(folder) / "kyso/desk";
  const char* home = std::getenv("HOME");
  return fs::path(home == nullptr ? "/" : home) / ".local/state/kyso/desk";
}

// Lines come from a server and become names of files.
bool is_line(std::string_view text) {
  return !text.empty() && text.size() <= 64 && text.front() != '.' && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

Error bad_state(const fs::path& path, std::string_view why) {
  return fail("kyso.desk.state", "{}", why).with("path", shown(path.string()));
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Each letter equally likely: octets above the last whole round are drawn again.
Secret random_text(std::string_view alphabet, std::size_t size) {
  std::string out;
  out.reserve(size);
  const std::size_t whole = 256 - 256 % alphabet.size();
  while (out.size() < size) {
    const std::uint8_t octet = crypto::random_bytes(1)[0];
    if (octet < whole) out += alphabet[octet % alphabet.size()];
  }
  return Secret(std::move(out));
}

Result<std::optional<Bytes>> octets_of(const json::Value& job, std::string_view member) {
  const std::string text = text_of(job, member);
  if (text.empty()) return std::optional<Bytes>();
  const auto octets = jose::from_base64url(text);
  if (!octets) return fail("kyso.authority.answer").with("status", 200);
  return std::optional(to_bytes(*octets));
}

Result<StationJob> read_job(const json::Value& value) {
  StationJob job{text_of(value, "line"),
                 text_of(value, "dossier"),
                 text_of(value, "name"),
                 text_of(value, "kind"),
                 serial_text(text_of(value, "token_serial")),
                 {},
                 {}};
  if (!is_line(job.line)) return fail("kyso.authority.answer").with("status", 200);
  job.certificate = KYSO_TRY(octets_of(value, "certificate")).value_or(Bytes());
  job.so_pin = KYSO_TRY(octets_of(value, "so_pin"));
  return job;
}

}  // namespace

Secret random_pin(std::size_t digits) {
  return random_text("0123456789", digits);
}

// Without letters that look like others: a person may have to type it.
Secret random_so_pin() {
  return random_text("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789", kSoPinSize);
}

std::string serial_text(std::string_view serial) {
  std::string out;
  std::ranges::copy_if(serial, std::back_inserter(out), [](char c) { return c != ' '; });
  return out;
}

Result<std::vector<StationJob>> jobs_of(AuthorityClient& client, const std::vector<std::string>& lines,
                                        const std::vector<std::string>& kinds) {
  const json::Value answer = KYSO_TRY(client.get("jobs"));
  std::vector<StationJob> out;
  for (const json::Value& value : items_of(answer, "jobs")) {
    StationJob job = KYSO_TRY(read_job(value));
    const bool is_wanted = lines.empty() || std::ranges::find(lines, job.line) != lines.end();
    if (is_wanted && std::ranges::find(kinds, job.kind) != kinds.end()) out.push_back(std::move(job));
  }
  for (const std::string& line : lines)
    if (std::ranges::find(out, line, &StationJob::line) == out.end())
      return fail("kyso.desk.line").with("line", shown(line));
  return out;
}

Result<StationState> StationState::open(const std::string& line) {
  const fs::path folder = state_folder();
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem) return bad_state(folder, problem.message());
  fs::permissions(folder, fs::perms::owner_all, problem);
  if (problem) return bad_state(folder, problem.message());
  return StationState(folder, line);
}

fs::path StationState::path_of(std::string_view what) const {
  return m_folder / (m_line + "." + std::string(what));
}

Result<std::optional<Secret>> StationState::read(std::string_view what) const {
  auto content = read_file(path_of(what), kMaxState);
  if (!content && content.error().code == "base.file.missing") return std::optional<Secret>();
  if (!content) return bad_state(path_of(what), content.error().code);
  Secret out{std::string(as_chars(*content))};
  explicit_bzero(content->data(), content->size());
  return std::optional(std::move(out));
}

// Whole or not at all, also when the power goes.
Result<> StationState::write(std::string_view what, const Secret& content) const {
  const fs::path path = path_of(what), fresh = path_of(std::string(what) + ".new");
  const FileDescriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file || !write_all(file.get(), content.reveal()) || ::fsync(file.get()) != 0 ||
      ::rename(fresh.c_str(), path.c_str()) != 0)
    return bad_state(path, std::strerror(errno));
  const FileDescriptor folder(::open(m_folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return bad_state(m_folder, std::strerror(errno));
  return {};
}

void StationState::forget(std::string_view what) const {
  std::error_code ignored;
  fs::remove(path_of(what), ignored);
}

Result<PinLetter> PinLetter::open(const StationOptions& options, const StationJob& job, const Console& console) {
  PinLetter out(job, console);
  if (options.letters.empty()) {
    out.m_is_terminal = true;
    out.m_file = FileDescriptor(::open("/dev/tty", O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (!out.m_file) return fail("kyso.desk.letters");
    return out;
  }
  out.m_path = fs::path(options.letters) / ("PIN-" + job.line + ".txt");
  std::error_code problem;
  // An empty one is of an attempt that came to nothing.
  if (fs::is_regular_file(out.m_path, problem) && fs::file_size(out.m_path, problem) == 0)
    fs::remove(out.m_path, problem);
  out.m_file = FileDescriptor(::open(out.m_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!out.m_file)
    return Error(errno == EEXIST ? "base.file.exists" : "base.file.unwritable", std::strerror(errno))
        .with("path", shown(out.m_path.string()));
  return out;
}

Result<> PinLetter::tell(const std::string& serial, const Secret& pin) {
  // One buffer, wiped afterwards.
  std::string text;
  text.reserve(2'000);
  text += m_console->text("PHIẾU MÃ PIN\n\nHồ sơ: {}\nNgười nhận: {}\nThiết bị số: {}\nMã PIN: ",
                          "PIN LETTER\n\nDossier: {}\nFor: {}\nToken: {}\nPIN: ", shown(m_job.dossier),
                          shown(m_job.name), shown(serial));
  text += pin.reveal();
  text += m_console->pick(
      "\n\nĐổi mã PIN ngay khi nhận thiết bị. Không cho ai khác biết mã PIN, không ghi mã PIN lên thiết bị.\n"
      "Nhập sai nhiều lần liên tiếp, thiết bị sẽ bị khóa.\n",
      "\n\nChange the PIN as soon as you have the token. Tell it to nobody and do not write it on the token.\n"
      "The token locks after several wrong tries.\n");
  const Secret whole(std::move(text));
  const bool is_written = write_all(m_file.get(), whole.reveal()) && (m_is_terminal || ::fsync(m_file.get()) == 0);
  if (!is_written) return fail("base.file.unwritable", "{}", std::strerror(errno)).with("path", shown(m_path.string()));
  if (!m_is_terminal) m_console->note("Phiếu mã PIN: {}", "PIN letter: {}", shown(m_path.string()));
  return {};
}

}  // namespace kyso::app
