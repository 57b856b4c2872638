#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <utility>

#include "authority/tsa/clock_status.h"
#include "base/bytes.h"
#include "base/file.h"
#include "base/file_descriptor.h"

namespace kyso::authority::tsa {
namespace {

constexpr std::uint64_t kMagic = 0x31'6b'6c'63'6f'73'79'6b;  // "kysoclk1"
constexpr std::size_t kWords = 16;

// A sequence lock: odd while it is written. Every word is atomic, so that a torn reading is only refused, never
// undefined.
struct Slot {
  std::atomic<std::uint64_t> sequence, checksum;
  std::array<std::atomic<std::uint64_t>, kWords> words;
};
// Two of them, written in turn: a writer that is suspended in the middle hides nothing from the readers.
struct Page {
  std::atomic<std::uint64_t> magic, boot, current;
  std::array<Slot, 2> slots;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
constexpr std::size_t kSize = 4096;
static_assert(sizeof(Page) <= kSize);

using Words = std::array<std::uint64_t, kWords>;

Words pack(const ClockStatus& status) {
  const auto word = [](auto value) { return static_cast<std::uint64_t>(value); };
  return {word(status.state),    word(status.is_trial), word(status.measured.utc),    word(status.measured.steady),
          word(status.offset),   word(status.bound),    word(status.drift_bound_ppb), word(status.expires),
          word(status.leap),     word(status.leap_at),  word(status.drift_ppb),       word(status.sources),
          word(status.agreeing), word(status.count)};
}

std::optional<ClockStatus> unpack(const Words& words) {
  constexpr auto kStates = static_cast<std::uint64_t>(ClockState::stopped) + 1;
  constexpr auto kLeaps = static_cast<std::uint64_t>(LeapSecond::deletion) + 1;
  if (words[0] >= kStates || words[8] >= kLeaps) return std::nullopt;
  const auto number = [&](std::size_t i) { return static_cast<std::int64_t>(words[i]); };
  ClockStatus status;
  status.state = static_cast<ClockState>(words[0]);
  status.is_trial = words[1] != 0;
  status.measured = {.utc = number(2), .steady = number(3)};
  status.offset = number(4);
  status.bound = number(5);
  status.drift_bound_ppb = number(6);
  status.expires = number(7);
  status.leap = static_cast<LeapSecond>(words[8]);
  status.leap_at = number(9);
  status.drift_ppb = number(10);
  status.sources = static_cast<std::uint32_t>(words[11]);
  status.agreeing = static_cast<std::uint32_t>(words[12]);
  status.count = words[13];
  return status;
}

// FNV-1a: against a page that was cut or overwritten by accident.
std::uint64_t checksum_of(const Words& words) {
  std::uint64_t sum = 0xcbf29ce484222325U;
  for (const std::uint64_t word : words)
    for (unsigned shift = 0; shift < 64; shift += 8) sum = (sum ^ (word >> shift & 0xffU)) * 0x100000001b3U;
  return sum;
}

void store(Page& page, const ClockStatus& status) {
  const Words words = pack(status);
  const std::uint64_t next = 1U - (page.current.load(std::memory_order_relaxed) & 1U);
  Slot& slot = page.slots[next];
  // A writer that died in the middle leaves an odd number: the next one goes on from it.
  const std::uint64_t sequence = slot.sequence.load(std::memory_order_relaxed) | 1U;
  slot.sequence.store(sequence, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  for (std::size_t i = 0; i < kWords; ++i) slot.words[i].store(words[i], std::memory_order_relaxed);
  slot.checksum.store(checksum_of(words), std::memory_order_relaxed);
  slot.sequence.store(sequence + 1, std::memory_order_release);
  page.current.store(next, std::memory_order_release);
}

std::optional<ClockStatus> load(const Page& page) {
  constexpr int kAttempts = 100;
  for (int i = 0; i < kAttempts; ++i) {
    const Slot& slot = page.slots[page.current.load(std::memory_order_acquire) & 1U];
    const std::uint64_t before = slot.sequence.load(std::memory_order_acquire);
    if ((before & 1U) != 0) continue;
    Words words;
    for (std::size_t j = 0; j < kWords; ++j) words[j] = slot.words[j].load(std::memory_order_relaxed);
    const std::uint64_t sum = slot.checksum.load(std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (slot.sequence.load(std::memory_order_relaxed) != before) continue;
    return before != 0 && sum == checksum_of(words) ? unpack(words) : std::nullopt;
  }
  return std::nullopt;
}

// Differs after each start of the machine: the steady clock began again then.
std::uint64_t boot_number() {
  const auto text = read_file("/proc/sys/kernel/random/boot_id", 100);
  std::uint64_t number = 0xcbf29ce484222325U;
  if (text)
    for (const std::uint8_t c : *text) number = (number ^ c) * 0x100000001b3U;
  return number;
}

class Mapping {
 public:
  Mapping() = default;
  Mapping(int descriptor, int protection) {
    void* address = ::mmap(nullptr, kSize, protection, MAP_SHARED, descriptor, 0);
    if (address != MAP_FAILED) m_page = static_cast<Page*>(address);
  }
  Mapping(Mapping&& other) noexcept : m_page(std::exchange(other.m_page, nullptr)) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(m_page, other.m_page);
    return *this;
  }
  ~Mapping() {
    if (m_page != nullptr) ::munmap(m_page, kSize);
  }
  Page* get() const { return m_page; }

 private:
  Page* m_page = nullptr;
};

Error file_error(const std::filesystem::path& path, std::string_view reason) {
  return fail("authority.clock.file", "{}: {}", path.string(), reason)
      .with("path", path.string())
      .with("reason", reason);
}

}  // namespace

struct SharedClockStatus::State {
  Page page{};
};
SharedClockStatus::SharedClockStatus() : m_state(std::make_unique<State>()) {}
SharedClockStatus::~SharedClockStatus() = default;
void SharedClockStatus::publish(const ClockStatus& status) {
  store(m_state->page, status);
}
std::optional<ClockStatus> SharedClockStatus::status() const {
  return load(m_state->page);
}

struct ClockStatusFile::State {
  FileDescriptor file;
  Mapping mapping;
};
ClockStatusFile::ClockStatusFile(std::unique_ptr<State> state) : m_state(std::move(state)) {}
ClockStatusFile::~ClockStatusFile() = default;

Result<std::unique_ptr<ClockStatusFile>> ClockStatusFile::create(const std::filesystem::path& path) {
  // Made under another name and put in place whole: a reader never maps a file that is too short.
  const std::string part = path.string() + ".new";
  ::unlink(part.c_str());
  auto state = std::make_unique<State>();
  state->file = FileDescriptor(::open(part.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!state->file) return file_error(path, std::strerror(errno));
  // Whatever the umask says, readers of other users may read and none may write.
  if (::fchmod(state->file.get(), 0644) != 0 || ::posix_fallocate(state->file.get(), 0, kSize) != 0)
    return file_error(path, std::strerror(errno));
  state->mapping = Mapping(state->file.get(), PROT_READ | PROT_WRITE);
  if (state->mapping.get() == nullptr) return file_error(path, std::strerror(errno));
  Page* page = state->mapping.get();
  page->magic.store(kMagic);
  page->boot.store(boot_number());
  if (::rename(part.c_str(), path.c_str()) != 0) return file_error(path, std::strerror(errno));
  return std::unique_ptr<ClockStatusFile>(new ClockStatusFile(std::move(state)));
}

void ClockStatusFile::publish(const ClockStatus& status) {
  store(*m_state->mapping.get(), status);
}

namespace {

class FileWatcher final : public ClockStatusSource {
 public:
  FileWatcher(std::filesystem::path path, std::vector<unsigned> owners)
      : m_path(std::move(path)), m_owners(std::move(owners)), m_boot(boot_number()) {
    if (m_owners.empty()) m_owners = {0, ::geteuid()};
  }

  std::optional<ClockStatus> status() const override {
    const Nanoseconds now = machine_clock().read().steady;
    const std::scoped_lock lock(m_mutex);
    std::optional<ClockStatus> found = present();
    // A monitor that was started again made a new file, and the old one tells nothing any more.
    if ((!found || found->expires <= now || found->state == ClockState::stopped) && reopen(now)) found = present();
    return found;
  }

 private:
  std::optional<ClockStatus> present() const {
    return m_mapping.get() == nullptr ? std::nullopt : load(*m_mapping.get());
  }

  bool reopen(Nanoseconds now) const {
    constexpr Nanoseconds kPause = 100 * kMillisecond;
    if (now < m_last_attempt + kPause) return false;
    m_last_attempt = now;
    m_mapping = Mapping();
    const FileDescriptor file(::open(m_path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!file || !is_believable(file.get())) return true;
    Mapping mapping(file.get(), PROT_READ);
    const Page* page = mapping.get();
    if (page != nullptr && page->magic.load() == kMagic && page->boot.load() == m_boot) m_mapping = std::move(mapping);
    return true;
  }

  bool is_believable(int file) const {
    struct stat about{};
    return ::fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_size == static_cast<off_t>(kSize) &&
           (about.st_mode & (S_IWGRP | S_IWOTH)) == 0 && std::ranges::find(m_owners, about.st_uid) != m_owners.end();
  }

  const std::filesystem::path m_path;
  std::vector<unsigned> m_owners;
  const std::uint64_t m_boot;
  mutable std::mutex m_mutex;
  mutable Nanoseconds m_last_attempt = -kSecond;  // guarded by m_mutex, like the mapping
  mutable Mapping m_mapping;
};

}  // namespace

std::unique_ptr<ClockStatusSource> watch_clock_status(const std::filesystem::path& path, std::vector<unsigned> owners) {
  return std::make_unique<FileWatcher>(path, std::move(owners));
}

}  // namespace kyso::authority::tsa
