#include <algorithm>
#include <array>
#include <cstring>

#include "pki/crl_state.h"
#include "pki/status/revocation_list_writer.h"
#include "pki/status/status_encoding.h"

namespace kyso::pki::status {
namespace {

namespace der = crypto::der;

// Entries lie one after the other in chunks that never move; 32 bits say where: 4 GiB in all.
constexpr std::size_t kChunkBits = 20;
constexpr std::size_t kChunk = std::size_t{1} << kChunkBits;
constexpr std::size_t kMaxSerial = 1'000;
constexpr std::size_t kPiece = 64U << 10U;

// Serials compare as numbers: by length, then octet by octet. The length and the first seven octets decide nearly all.
struct Line {
  std::uint64_t key = 0;
  std::uint32_t place = 0;
  std::uint32_t is_erased = 0;
};

ByteView magnitude(ByteView serial) {
  while (serial.size() > 1 && serial.front() == 0) serial = serial.subspan(1);
  return serial;
}

std::uint64_t key_of(ByteView number) {
  std::array<std::uint8_t, 8> octets{};
  octets[0] = static_cast<std::uint8_t>(std::min<std::size_t>(number.size(), 0xff));
  std::memcpy(octets.data() + 1, number.data(), std::min<std::size_t>(number.size(), 7));
  std::uint64_t key = 0;
  for (const std::uint8_t octet : octets) key = key << 8U | octet;
  return key;
}

// What the arena holds was encoded here: no checks.
std::size_t element_size(const std::uint8_t* element) {
  if (element[1] < 0x80) return 2U + element[1];
  std::size_t size = 0;
  const std::size_t octets = element[1] & 0x7fU;
  for (std::size_t i = 0; i < octets; ++i) size = size << 8U | element[2 + i];
  return 2 + octets + size;
}
ByteView content_of(const std::uint8_t* element) {
  const std::size_t octets = element[1] < 0x80 ? 0 : element[1] & 0x7fU;
  return ByteView(element, element_size(element)).subspan(2 + octets);
}

void append_reason(Bytes& out, int reason) {
  constexpr std::array<std::uint8_t, 11> kHead{0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01};
  append(out, ByteView(kHead));
  out.push_back(static_cast<std::uint8_t>(reason));
}

void append_invalidity(Bytes& out, Instant since) {
  constexpr std::array<std::uint8_t, 9> kHead{0x30, 0x18, 0x06, 0x03, 0x55, 0x1d, 0x18, 0x04, 0x11};
  append(out, ByteView(kHead));
  append_generalized_time(out, since);
}

// One element of revokedCertificates (RFC 5280 sections 5.1.2.6 and 5.3).
void encode_entry(const RevokedEntry& entry, Bytes& content, Bytes& extensions, Bytes& out) {
  content.clear();
  extensions.clear();
  out.clear();
  if (entry.serial.size() < 0x80) {
    content.push_back(der::kInteger);
    content.push_back(static_cast<std::uint8_t>(entry.serial.size()));
    append(content, ByteView(entry.serial));
  } else {
    append(content, ByteView(der::encode(der::kInteger, entry.serial)));
  }
  append_list_time(content, entry.revoked_at);
  // Section 5.3.1: unspecified is said by absence.
  if (entry.reason.value_or(0) != 0) append_reason(extensions, *entry.reason);
  if (entry.invalid_since) append_invalidity(extensions, *entry.invalid_since);
  if (!extensions.empty()) {
    content.push_back(der::kSequence);
    content.push_back(static_cast<std::uint8_t>(extensions.size()));
    append(content, ByteView(extensions));
  }
  if (content.size() < 0x80) {
    out.push_back(der::kSequence);
    out.push_back(static_cast<std::uint8_t>(content.size()));
    append(out, ByteView(content));
  } else {
    out = der::encode(der::kSequence, content);
  }
}

// Stable, by key; 11 bits at a time.
void radix_sort(std::vector<Line>& lines) {
  constexpr unsigned kBits = 11;
  constexpr std::size_t kBuckets = std::size_t{1} << kBits;
  std::vector<Line> other(lines.size());
  for (unsigned shift = 0; shift < 64; shift += kBits) {
    std::array<std::size_t, kBuckets> counts{};
    for (const Line& line : lines) ++counts[line.key >> shift & (kBuckets - 1)];
    if (std::ranges::find(counts, lines.size()) != counts.end()) continue;
    std::size_t sum = 0;
    for (std::size_t& count : counts) sum += std::exchange(count, sum);
    for (const Line& line : lines) other[counts[line.key >> shift & (kBuckets - 1)]++] = line;
    lines.swap(other);
  }
}

}  // namespace

struct EntryStore::State {
  void add(ByteView encoded, ByteView serial, bool is_erased);
  void settle();
  void compact();
  const std::uint8_t* at(std::uint32_t place) const {
    return chunks[place >> kChunkBits].get() + (place & (kChunk - 1));
  }
  ByteView number_of(const Line& line) const { return magnitude(content_of(content_of(at(line.place)).data())); }
  bool is_before(const Line& a, const Line& b) const {
    if (a.key != b.key) return a.key < b.key;
    const ByteView left = number_of(a), right = number_of(b);
    if (left.size() != right.size()) return left.size() < right.size();
    return std::memcmp(left.data(), right.data(), left.size()) < 0;
  }
  std::uint32_t store(ByteView encoded);
  void sort_pending();
  void merge_pending();

  std::vector<std::unique_ptr<std::uint8_t[]>> chunks;
  std::size_t used_in_last = kChunk;
  std::size_t stored = 0;   // octets of all that chunks hold, also what no line leads to any more
  std::size_t encoded = 0;  // octets that lines lead to; of what is settled
  std::vector<Line> lines;  // sorted, one for each serial
  std::vector<Line> pending;
  Bytes content, extensions, entry;  // scratch
};

std::uint32_t EntryStore::State::store(ByteView bytes) {
  if (used_in_last + bytes.size() > kChunk) {
    chunks.push_back(std::make_unique_for_overwrite<std::uint8_t[]>(kChunk));
    used_in_last = 0;
  }
  const std::size_t place = ((chunks.size() - 1) << kChunkBits) + used_in_last;
  std::memcpy(chunks.back().get() + used_in_last, bytes.data(), bytes.size());
  used_in_last += bytes.size();
  stored += bytes.size();
  return static_cast<std::uint32_t>(place);
}

void EntryStore::State::add(ByteView bytes, ByteView serial, bool is_erased) {
  pending.push_back({key_of(magnitude(serial)), store(bytes), is_erased ? 1U : 0U});
}

void EntryStore::State::sort_pending() {
  constexpr std::size_t kWorthwhile = 10'000;
  if (pending.size() >= kWorthwhile) radix_sort(pending);
  for (auto run = pending.begin(); run != pending.end();) {
    auto end = pending.end();
    if (pending.size() >= kWorthwhile) {
      end = run + 1;
      while (end != pending.end() && end->key == run->key) ++end;
    }
    // What came later lies further on.
    if (end - run > 1)
      std::sort(run, end, [this](const Line& a, const Line& b) {
        return is_before(a, b) || (!is_before(b, a) && a.place < b.place);
      });
    run = end;
  }
}

// Of several lines with one serial the newest counts.
void EntryStore::State::merge_pending() {
  std::vector<Line> merged;
  merged.reserve(lines.size() + pending.size());
  auto old = lines.begin();
  for (std::size_t i = 0; i < pending.size(); ++i) {
    const Line& line = pending[i];
    if (i + 1 < pending.size() && !is_before(line, pending[i + 1])) continue;
    while (old != lines.end() && is_before(*old, line)) merged.push_back(*old++);
    if (old != lines.end() && !is_before(line, *old)) encoded -= element_size(at((old++)->place));
    if (line.is_erased != 0) continue;
    encoded += element_size(at(line.place));
    merged.push_back(line);
  }
  merged.insert(merged.end(), old, lines.end());
  lines = std::move(merged);
}

void EntryStore::State::settle() {
  if (pending.empty()) return;
  sort_pending();
  if (lines.empty()) {
    lines.swap(pending);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i + 1 < lines.size() && !is_before(lines[i], lines[i + 1])) continue;
      if (lines[i].is_erased != 0) continue;
      encoded += element_size(at(lines[i].place));
      lines[kept++] = lines[i];
    }
    lines.resize(kept);
  } else {
    merge_pending();
  }
  pending = {};
  constexpr std::size_t kTolerated = 4U << 20U;
  if (stored - encoded > kTolerated + encoded / 4) compact();
}

// Entries that nothing leads to any more are left behind.
void EntryStore::State::compact() {
  State fresh;
  for (Line& line : lines) {
    const std::uint8_t* element = at(line.place);
    line.place = fresh.store({element, element_size(element)});
  }
  chunks = std::move(fresh.chunks);
  used_in_last = fresh.used_in_last;
  stored = fresh.stored;
}

EntryStore::EntryStore() : m_state(std::make_unique<State>()) {}
EntryStore::~EntryStore() = default;
EntryStore::EntryStore(EntryStore&&) noexcept = default;
EntryStore& EntryStore::operator=(EntryStore&&) noexcept = default;

void EntryStore::put(const RevokedEntry& entry) {
  if (entry.serial.empty() || entry.serial.size() > kMaxSerial) return;
  encode_entry(entry, m_state->content, m_state->extensions, m_state->entry);
  m_state->add(m_state->entry, entry.serial, false);
}

void EntryStore::erase(ByteView serial) {
  if (serial.empty() || serial.size() > kMaxSerial) return;
  m_state->add(der::sequence(der::encode(der::kInteger, serial)), serial, true);
}

std::size_t EntryStore::size() const {
  m_state->settle();
  return m_state->lines.size();
}

std::size_t EntryStore::encoded_size() const {
  m_state->settle();
  return m_state->encoded;
}

std::vector<RevokedEntry> entries_of(const RevocationList& list) {
  std::vector<RevokedEntry> out;
  list.state().for_each([&](ByteView serial, const CrlEntry& entry) {
    out.push_back({Bytes(serial.begin(), serial.end()), entry.revoked_at, entry.reason, entry.invalid_since});
  });
  return out;
}

Result<> EntryStore::write_to(const std::function<Result<>(ByteView)>& sink) const {
  constexpr std::size_t kAhead = 16;
  m_state->settle();
  const std::vector<Line>& lines = m_state->lines;
  Bytes piece;
  piece.reserve(kPiece + kMaxSerial + 128);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    // Entries lie in the order in which they came.
    if (i + kAhead < lines.size()) __builtin_prefetch(m_state->at(lines[i + kAhead].place));
    const std::uint8_t* element = m_state->at(lines[i].place);
    append(piece, ByteView(element, element_size(element)));
    if (piece.size() < kPiece) continue;
    KYSO_TRY(sink(piece));
    piece.clear();
  }
  return piece.empty() ? Result<>() : sink(piece);
}

}  // namespace kyso::pki::status
