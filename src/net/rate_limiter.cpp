#include "net/rate_limiter.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace kyso::net {

RateLimiter::RateLimiter(double per_second, std::size_t burst, std::size_t max_addresses)
    : m_per_second(per_second),
      m_burst(static_cast<double>(std::max<std::size_t>(burst, 1))),
      m_max_per_shard(std::max<std::size_t>(max_addresses / kShards, 1)) {}

std::optional<std::chrono::milliseconds> RateLimiter::refuse(std::string_view address, Clock::time_point now) {
  const std::string client = client_of(address);
  Shard& shard = m_shards[std::hash<std::string>()(client) % kShards];
  const std::lock_guard lock(shard.mutex);
  auto found = shard.buckets.find(client);
  if (found == shard.buckets.end()) {
    if (shard.buckets.size() >= m_max_per_shard) forget_full_ones(shard, now);
    found = shard.buckets.emplace(client, Bucket{m_burst, now}).first;
  }
  Bucket& bucket = found->second;
  const double seconds = std::max(std::chrono::duration<double>(now - bucket.at).count(), 0.0);
  bucket.tokens = std::min(m_burst, bucket.tokens + seconds * m_per_second);
  bucket.at = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::nullopt;
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil((1 - bucket.tokens) / m_per_second * 1000)));
}

// A full bucket is as good as none. When most are in use, the attack is wider than our memory: begin anew, so that this
// is not done again soon.
void RateLimiter::forget_full_ones(Shard& shard, Clock::time_point now) const {
  std::erase_if(shard.buckets, [&](const auto& entry) {
    const double seconds = std::chrono::duration<double>(now - entry.second.at).count();
    return entry.second.tokens + seconds * m_per_second >= m_burst;
  });
  if (shard.buckets.size() * 4 > m_max_per_shard * 3) shard.buckets.clear();
}

std::size_t RateLimiter::addresses() const {
  std::size_t count = 0;
  for (const Shard& shard : m_shards) {
    const std::lock_guard lock(shard.mutex);
    count += shard.buckets.size();
  }
  return count;
}

std::string client_of(std::string_view address) {
  in6_addr parsed{};
  const std::string text(address);
  if (::inet_pton(AF_INET6, text.c_str(), &parsed) != 1 || IN6_IS_ADDR_V4MAPPED(&parsed)) return text;
  return {reinterpret_cast<const char*>(&parsed), 8};
}

}  // namespace kyso::net
