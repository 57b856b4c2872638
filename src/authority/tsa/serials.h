#pragma once
#include <functional>
#include <mutex>

#include "authority/tsa/precise_time.h"
#include "base/bytes.h"

namespace kyso::authority::tsa {

// Serial numbers, unique for ever (RFC 3161 section 2.4.2): the instance's octet and eight octets of a counter.
//
// The counter is reserved in blocks, durably, before use, so that neither restart nor crash nor a second process uses a
// number twice. It also never lies below the time (2²⁰ numbers for each second since 1970): a database that was brought
// back from an old backup gives no number a second time, unless more than a million tokens a second were issued.
class SerialSource {
 public:
  using Reserve = std::function<Result<std::int64_t>(int instance, std::int64_t count, std::int64_t floor)>;
  SerialSource(int instance, std::int64_t block, Reserve reserve)
      : m_instance(instance), m_block(block), m_reserve(std::move(reserve)) {}
  // `count` numbers, rising. Thread-safe; waits for the database when a block is used up.
  Result<std::vector<Bytes>> take(std::size_t count, Instant now);

 private:
  const int m_instance;
  const std::int64_t m_block;
  const Reserve m_reserve;
  std::mutex m_mutex;
  std::int64_t m_next = 0, m_end = 0;
};

// The one sequence of strictly rising times of this process, while it has the right to it.
class OrderedTime {
 public:
  // Times from `from_us` until `until_us` (exclusive) may be given; an earlier grant is replaced.
  void grant(std::int64_t from_us, std::int64_t until_us);
  void end_grant();
  // The time of a token at `now_us`: later than every one before, by a microsecond at least. 0 without a grant.
  std::int64_t take(std::int64_t now_us);
  std::int64_t last() const;

 private:
  mutable std::mutex m_mutex;
  std::int64_t m_last = 0, m_until = 0;
};

}  // namespace kyso::authority::tsa
