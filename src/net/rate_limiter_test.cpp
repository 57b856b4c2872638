#include "net/rate_limiter.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace kyso::net {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a burst, then the rate") {
  RateLimiter limiter(10, 5);
  const RateLimiter::Clock::time_point start{};
  for (int i = 0; i < 5; ++i) CHECK_FALSE(limiter.refuse("10.0.0.1", start));
  CHECK(limiter.refuse("10.0.0.1", start) == 100ms);
  CHECK_FALSE(limiter.refuse("10.0.0.2", start));
  CHECK(limiter.refuse("10.0.0.1", start + 50ms) == 50ms);
  CHECK_FALSE(limiter.refuse("10.0.0.1", start + 101ms));
  int served = 0;
  for (int ms = 102; ms <= 10'102; ++ms)
    if (!limiter.refuse("10.0.0.1", start + std::chrono::milliseconds(ms))) ++served;
  CHECK(served >= 99);
  CHECK(served <= 101);
}

TEST_CASE("an IPv6 client is its network of 64 bits") {
  CHECK(client_of("2001:db8::1") == client_of("2001:db8::ffff"));
  CHECK(client_of("2001:db8::1") != client_of("2001:db8:0:1::1"));
  CHECK(client_of("10.0.0.1") != client_of("10.0.0.2"));
}

TEST_CASE("memory is bounded, whoever asks") {
  RateLimiter limiter(1, 2, 1600);
  for (int i = 0; i < 100'000; ++i)
    (void)limiter.refuse(fmt::format("10.{}.{}.{}", i >> 16, (i >> 8) & 255, i & 255),
                         RateLimiter::Clock::time_point{});
  CHECK(limiter.addresses() <= 1600);
}

}  // namespace
}  // namespace kyso::net
