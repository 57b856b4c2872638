#include "authority/status/status_index.h"

#include <algorithm>
#include <cstring>

namespace kyso::authority::status {
namespace {

// One word holds everything that may change: a reader sees the whole of the former or the whole of the new.
constexpr unsigned kReasonShift = 3, kTimeShift = 8;
constexpr std::uint64_t kNoReason = 31;
constexpr std::uint64_t kMaxTime = (std::uint64_t{1} << 56U) - 1;

std::uint64_t pack(const Standing& standing) {
  const std::uint64_t state = static_cast<std::uint64_t>(standing.state) + 1;
  const std::uint64_t reason = standing.reason && *standing.reason >= 0 && *standing.reason < 31
                                   ? static_cast<std::uint64_t>(*standing.reason)
                                   : kNoReason;
  const std::int64_t seconds = standing.changed.time_since_epoch().count();
  const std::uint64_t time = seconds < 0 ? 0 : std::min(static_cast<std::uint64_t>(seconds), kMaxTime);
  return state | reason << kReasonShift | time << kTimeShift;
}

Standing unpack(std::uint64_t word, std::uint32_t not_after) {
  Standing out;
  out.state = static_cast<CertificateState>((word & 7U) - 1);
  if (const std::uint64_t reason = word >> kReasonShift & 31U; reason != kNoReason)
    out.reason = static_cast<int>(reason);
  out.changed = Instant(std::chrono::seconds(word >> kTimeShift));
  out.not_after = Instant(std::chrono::seconds(not_after));
  return out;
}

// A certificate that ends in 2106 or later ends in 2106 here: an answer may then carry an archive cut-off.
std::uint32_t short_time(Instant instant) {
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(instant.time_since_epoch().count(), 0, std::numeric_limits<std::uint32_t>::max()));
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a ^ 0x9e3779b97f4a7c15U) * (b ^ 0xe7037ed1a0b428dbU);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

}  // namespace

struct StatusIndex::Slot {
  std::atomic<std::uint64_t> word{0};  // 0: free; the members below are set before it and stay
  Issuer issuer = 0;
  std::uint32_t not_after = 0;
  std::uint8_t length = 0;
  std::array<std::uint8_t, kMaxSerial> serial{};

  bool is(Issuer whose, ByteView number) const {
    return issuer == whose && length == number.size() && std::memcmp(serial.data(), number.data(), length) == 0;
  }
};

struct StatusIndex::Table {
  explicit Table(std::size_t size) : capacity(size), slots(std::make_unique<Slot[]>(size)) {}
  std::size_t capacity, used = 0;
  std::unique_ptr<Slot[]> slots;

  static std::uint64_t hash(Issuer issuer, ByteView serial) {
    std::array<std::uint64_t, 3> words{};
    std::memcpy(words.data(), serial.data(), serial.size());
    return mix(mix(words[0] ^ issuer, words[1]), words[2] ^ serial.size());
  }
  // Where it is, or the free place for it.
  Slot& place(std::uint64_t hashed, Issuer issuer, ByteView serial) const {
    __extension__ using Wide = unsigned __int128;
    // The upper bits chose the segment.
    std::size_t at = static_cast<std::size_t>(static_cast<Wide>(hashed * kSegments) * capacity >> 64U);
    while (true) {
      Slot& slot = slots[at];
      if (slot.word.load(std::memory_order_acquire) == 0 || slot.is(issuer, serial)) return slot;
      if (++at == capacity) at = 0;
    }
  }
  bool is_full() const { return (used + 1) * 5 > capacity * 4; }
  std::unique_ptr<Table> grown(std::size_t size) const {
    auto out = std::make_unique<Table>(size);
    for (std::size_t i = 0; i < capacity; ++i) {
      const Slot& old = slots[i];
      const std::uint64_t word = old.word.load(std::memory_order_relaxed);
      if (word == 0) continue;
      const ByteView serial(old.serial.data(), old.length);
      Slot& slot = out->place(hash(old.issuer, serial), old.issuer, serial);
      slot.issuer = old.issuer;
      slot.not_after = old.not_after;
      slot.length = old.length;
      slot.serial = old.serial;
      slot.word.store(word, std::memory_order_relaxed);
    }
    out->used = used;
    return out;
  }
};

StatusIndex::StatusIndex() = default;

StatusIndex::~StatusIndex() {
  for (Segment& segment : m_segments) delete segment.table.load();
}

StatusIndex::Issuer StatusIndex::issuer(std::string_view name) {
  const std::lock_guard lock(m_mutex);
  if (const auto found = m_issuers.find(name); found != m_issuers.end()) return found->second;
  return m_issuers.emplace(std::string(name), static_cast<Issuer>(m_issuers.size() + 1)).first->second;
}

std::optional<Standing> StatusIndex::find(Issuer issuer, ByteView serial) const {
  if (serial.empty() || serial.size() > kMaxSerial) return std::nullopt;
  const std::uint64_t hashed = Table::hash(issuer, serial);
  const ReaderGate::Pass pass(m_gate);
  const Table* table = m_segments[hashed >> 58U].table.load(std::memory_order_seq_cst);
  if (table == nullptr) return std::nullopt;
  const Slot& slot = table->place(hashed, issuer, serial);
  const std::uint64_t word = slot.word.load(std::memory_order_acquire);
  // A free place may have been taken since: by another certificate perhaps.
  if (word == 0 || !slot.is(issuer, serial)) return std::nullopt;
  return unpack(word, slot.not_after);
}

void StatusIndex::set(Issuer issuer, ByteView serial, const Standing& standing) {
  write(issuer, serial, standing, true);
}

void StatusIndex::add(Issuer issuer, ByteView serial, const Standing& standing) {
  write(issuer, serial, standing, false);
}

void StatusIndex::write(Issuer issuer, ByteView serial, const Standing& standing, bool replaces) {
  constexpr std::size_t kFirst = 16;
  if (serial.empty() || serial.size() > kMaxSerial || standing.state == CertificateState::waiting) return;
  const std::uint64_t hashed = Table::hash(issuer, serial);
  const std::lock_guard lock(m_mutex);
  Segment& segment = m_segments[hashed >> 58U];
  Table* table = segment.table.load(std::memory_order_relaxed);
  if (table == nullptr) {
    replace(segment, std::make_unique<Table>(kFirst));
  } else if (table->is_full()) {
    replace(segment, table->grown(table->capacity + table->capacity / 2));
  }
  table = segment.table.load(std::memory_order_relaxed);
  Slot& slot = table->place(hashed, issuer, serial);
  const bool is_new = slot.word.load(std::memory_order_relaxed) == 0;
  if (!is_new && !replaces) return;
  if (is_new) {
    slot.issuer = issuer;
    slot.not_after = short_time(standing.not_after);
    slot.length = static_cast<std::uint8_t>(serial.size());
    std::ranges::copy(serial, slot.serial.begin());
    ++table->used;
    m_size.fetch_add(1, std::memory_order_relaxed);
  }
  slot.word.store(pack(standing), std::memory_order_release);
}

void StatusIndex::replace(Segment& segment, std::unique_ptr<Table> fresh) {
  const std::unique_ptr<Table> old(segment.table.exchange(fresh.release()));
  if (old) m_gate.wait_for_readers();
}

void StatusIndex::reserve(std::size_t certificates) {
  const std::lock_guard lock(m_mutex);
  // A little more than the average, for they are not spread evenly.
  const std::size_t each = certificates / kSegments;
  const std::size_t capacity = (each + each / 10 + 16) * 5 / 4;
  for (Segment& segment : m_segments) {
    const Table* table = segment.table.load(std::memory_order_relaxed);
    if (table == nullptr) {
      replace(segment, std::make_unique<Table>(capacity));
    } else if (table->capacity < capacity) {
      replace(segment, table->grown(capacity));
    }
  }
}

void StatusIndex::clear() {
  const std::lock_guard lock(m_mutex);
  for (Segment& segment : m_segments) replace(segment, nullptr);
  m_size = 0;
}

std::size_t StatusIndex::size() const {
  return m_size.load(std::memory_order_relaxed);
}

std::size_t StatusIndex::memory() const {
  const std::lock_guard lock(m_mutex);
  std::size_t octets = sizeof(*this);
  for (const Segment& segment : m_segments)
    if (const Table* table = segment.table.load(std::memory_order_relaxed))
      octets += sizeof(Table) + table->capacity * sizeof(Slot);
  return octets;
}

}  // namespace kyso::authority::status
