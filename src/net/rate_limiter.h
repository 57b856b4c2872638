#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace kyso::net {

// RateLimiter: one token bucket for each client address (for IPv6: each /64). Thread-safe; its memory is bounded.
class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;
  RateLimiter(double per_second, std::size_t burst, std::size_t max_addresses = 100'000);
  // Takes one token, or tells how long to wait for the next.
  std::optional<std::chrono::milliseconds> refuse(std::string_view address, Clock::time_point now);
  std::size_t addresses() const;

 private:
  struct Bucket {
    double tokens;
    Clock::time_point at;
  };
  static constexpr std::size_t kShards = 16;
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::string, Bucket> buckets;
  };
  void forget_full_ones(Shard& shard, Clock::time_point now) const;

  double m_per_second, m_burst;
  std::size_t m_max_per_shard;
  std::array<Shard, kShards> m_shards;
};

// What counts as one client: an IPv4 address, the first 64 bits of an IPv6 address.
std::string client_of(std::string_view address);

}  // namespace kyso::net
