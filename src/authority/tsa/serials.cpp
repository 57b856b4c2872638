#include "authority/tsa/serials.h"

#include <algorithm>

namespace kyso::authority::tsa {
namespace {

constexpr unsigned kPerSecondBits = 20;

Bytes encode(int instance, std::int64_t number) {
  Bytes serial{static_cast<std::uint8_t>(instance)};
  for (int shift = 56; shift >= 0; shift -= 8)
    serial.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(number) >> static_cast<unsigned>(shift)));
  return serial;
}

}  // namespace

Result<std::vector<Bytes>> SerialSource::take(std::size_t count, Instant now) {
  const std::scoped_lock lock(m_mutex);
  std::vector<Bytes> serials;
  serials.reserve(count);
  while (serials.size() < count) {
    if (m_next == m_end) {
      const std::int64_t floor = std::max<std::int64_t>(now.time_since_epoch().count(), 0) << kPerSecondBits;
      m_next = KYSO_TRY(m_reserve(m_instance, m_block, floor));
      m_end = m_next + m_block;
    }
    serials.push_back(encode(m_instance, m_next++));
  }
  return serials;
}

void OrderedTime::grant(std::int64_t from_us, std::int64_t until_us) {
  const std::scoped_lock lock(m_mutex);
  m_last = std::max(m_last, from_us - 1);
  m_until = until_us;
}

void OrderedTime::end_grant() {
  const std::scoped_lock lock(m_mutex);
  m_until = 0;
}

std::int64_t OrderedTime::take(std::int64_t now_us) {
  const std::scoped_lock lock(m_mutex);
  const std::int64_t time = std::max(now_us, m_last + 1);
  if (time >= m_until) return 0;
  m_last = time;
  return time;
}

std::int64_t OrderedTime::last() const {
  const std::scoped_lock lock(m_mutex);
  return m_last;
}

}  // namespace kyso::authority::tsa
