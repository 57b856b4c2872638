#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "base/time.h"

namespace kyso::registry {

// How often one network address may ask, within this process. Addresses of one IPv6 network (/64) are one. What is kept
// is bounded: where very many ask at once, those that asked least lately are forgotten.
class AddressLimiter {
 public:
  struct Rule {
    std::int64_t requests = 30;
    std::chrono::seconds period{60};
  };
  explicit AddressLimiter(Rule rule, std::size_t max_addresses = 20'000) : m_rule(rule), m_max(max_addresses) {}
  // registry.limit.rate {seconds}: until one is allowed again.
  Result<> take(const std::string& address, Instant now);

 private:
  struct Window {
    Instant begins{};
    std::int64_t count = 0;
  };
  void forget(Instant now);

  const Rule m_rule;
  const std::size_t m_max;
  std::mutex m_mutex;
  std::map<std::string, Window> m_windows;
};

// "2001:db8:1:2::7" → "2001:db8:1:2::/64"; others as they are.
std::string network_of(const std::string& address);

// Gate: at most so many at a time.
class Gate {
 public:
  explicit Gate(std::size_t places) : m_free(places) {}
  class Place {
   public:
    explicit Place(Gate& gate) : m_gate(&gate) {}
    Place(Place&& other) noexcept : m_gate(std::exchange(other.m_gate, nullptr)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (m_gate != nullptr) m_gate->leave();
    }

   private:
    Gate* m_gate;
  };
  // registry.limit.rate {seconds}: all places are taken.
  Result<Place> enter();

 private:
  void leave();
  std::mutex m_mutex;
  std::size_t m_free;
};

}  // namespace kyso::registry
