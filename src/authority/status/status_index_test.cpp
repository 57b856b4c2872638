#include "authority/status/status_index.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <chrono>
#include <thread>

#include "authority/status/status_test_support.h"

namespace kyso::authority::status {
namespace {

Standing standing(CertificateState state, std::int64_t at, std::optional<int> reason = std::nullopt) {
  return {state, reason, Instant(std::chrono::seconds(at)), Instant(std::chrono::seconds(2'000'000'000))};
}

TEST_CASE("what was set is found, under its issuer and no other") {
  StatusIndex index;
  const auto first = index.issuer("A"), second = index.issuer("B");
  CHECK(index.issuer("A") == first);
  index.set(first, serial_number(1), standing(CertificateState::good, 10));
  CHECK(index.find(first, serial_number(1)) == standing(CertificateState::good, 10));
  CHECK_FALSE(index.find(second, serial_number(1)));
  CHECK_FALSE(index.find(first, serial_number(2)));
  CHECK_FALSE(index.find(first, {}));
  CHECK_FALSE(index.find(first, Bytes(21, 1)));
  index.add(first, serial_number(1), standing(CertificateState::revoked, 20, 1));
  CHECK(index.find(first, serial_number(1))->state == CertificateState::good);
  index.set(first, serial_number(1), standing(CertificateState::revoked, 20, 1));
  CHECK(index.find(first, serial_number(1)) == standing(CertificateState::revoked, 20, 1));
  // Waiting is not told.
  index.set(first, serial_number(3), standing(CertificateState::waiting, 1));
  CHECK_FALSE(index.find(first, serial_number(3)));
  index.clear();
  CHECK(index.size() == 0);
  CHECK_FALSE(index.find(first, serial_number(1)));
}

TEST_CASE("serials that differ in length or by a leading zero are different") {
  StatusIndex index;
  const auto issuer = index.issuer("A");
  index.set(issuer, Bytes{1}, standing(CertificateState::good, 1));
  CHECK_FALSE(index.find(issuer, Bytes{0, 1}));
  CHECK_FALSE(index.find(issuer, Bytes{1, 0}));
  CHECK_FALSE(index.find(issuer, Bytes{0}));
}

TEST_CASE("the index agrees with a plain map, whatever is set in whatever order") {
  CHECK(rc::check([] {
    StatusIndex index;
    std::map<std::pair<StatusIndex::Issuer, Bytes>, Standing> model;
    const auto steps = *rc::gen::inRange(0, 400);
    for (int i = 0; i < steps; ++i) {
      const StatusIndex::Issuer issuer = *rc::gen::inRange<StatusIndex::Issuer>(1, 4);
      const Bytes serial(*rc::gen::inRange<std::size_t>(1, 21), *rc::gen::inRange<std::uint8_t>(0, 6));
      const Standing told = standing(static_cast<CertificateState>(*rc::gen::inRange(1, 5)), i,
                                     i % 2 == 0 ? std::optional(i % 11) : std::nullopt);
      if (*rc::gen::arbitrary<bool>()) {
        index.set(issuer, serial, told);
        model.insert_or_assign({issuer, serial}, told);
      } else {
        index.add(issuer, serial, told);
        model.emplace(std::pair(issuer, serial), told);
      }
    }
    RC_ASSERT(index.size() == model.size());
    for (const auto& [key, told] : model) RC_ASSERT(index.find(key.first, key.second) == told);
  }));
}

TEST_CASE("a million certificates take less than a hundred octets each, grown or reserved") {
  constexpr std::size_t kCount = 1'000'000;
  StatusIndex grown, reserved;
  reserved.reserve(kCount);
  const auto issuer = grown.issuer("A");
  for (std::size_t i = 0; i < kCount; ++i) {
    grown.set(issuer, serial_number(i * 0x9e3779b97f4a7c15U), standing(CertificateState::good, 1));
    reserved.set(issuer, serial_number(i * 0x9e3779b97f4a7c15U), standing(CertificateState::good, 1));
  }
  CHECK(grown.size() == kCount);
  CHECK(grown.memory() / kCount < 100);
  CHECK(reserved.memory() / kCount < 80);
  for (std::size_t i = 0; i < kCount; i += 997) CHECK(reserved.find(issuer, serial_number(i * 0x9e3779b97f4a7c15U)));
}

// Readers meet growing tables, and states that only go forwards.
TEST_CASE("readers see each state that was set, or a later one, while the index grows") {
  StatusIndex index;
  const auto issuer = index.issuer("A");
  constexpr std::uint64_t kCount = 40'000;
  std::atomic<std::uint64_t> written{0};
  std::atomic<bool> is_wrong{false};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader)
    readers.emplace_back([&] {
      std::uint64_t seen = 0;
      while (seen < kCount) {
        seen = written.load(std::memory_order_acquire);
        if (seen == 0) continue;
        for (std::uint64_t i = 0; i < 50; ++i) {
          const std::uint64_t which = (seen * 31 + i * 7919) % seen;
          const auto found = index.find(issuer, serial_number(which));
          if (!found || found->state != CertificateState::revoked ||
              found->changed != Instant(std::chrono::seconds(which)))
            is_wrong = true;
        }
        if (index.find(issuer, serial_number(kCount + seen))) is_wrong = true;
      }
    });
  for (std::uint64_t i = 0; i < kCount; ++i) {
    index.set(issuer, serial_number(i), standing(CertificateState::good, 1));
    index.set(issuer, serial_number(i), standing(CertificateState::revoked, static_cast<std::int64_t>(i), 1));
    written.store(i + 1, std::memory_order_release);
  }
  for (std::thread& reader : readers) reader.join();
  CHECK_FALSE(is_wrong);
}

}  // namespace
}  // namespace kyso::authority::status
