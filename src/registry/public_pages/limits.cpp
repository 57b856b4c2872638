#include "registry/public_pages/limits.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace kyso::registry {
namespace {

constexpr int kBusySeconds = 5;

}  // namespace

std::string network_of(const std::string& address) {
  in6_addr parsed{};
  if (::inet_pton(AF_INET6, address.c_str(), &parsed) != 1 || IN6_IS_ADDR_V4MAPPED(&parsed)) return address;
  std::fill(std::begin(parsed.s6_addr) + 8, std::end(parsed.s6_addr), std::uint8_t{0});
  char text[INET6_ADDRSTRLEN] = {};
  if (::inet_ntop(AF_INET6, &parsed, text, sizeof text) == nullptr) return address;
  return std::string(text) + "/64";
}

Result<> AddressLimiter::take(const std::string& address, Instant now) {
  const std::string key = network_of(address);
  const std::scoped_lock lock(m_mutex);
  if (m_windows.size() >= m_max && !m_windows.contains(key)) forget(now);
  Window& window = m_windows[key];
  // Also when the clock was set back.
  if (window.count == 0 || now >= window.begins + m_rule.period || now < window.begins) window = {now, 0};
  if (window.count >= m_rule.requests)
    return fail("registry.limit.rate").with("seconds", (window.begins + m_rule.period - now).count());
  ++window.count;
  return {};
}

void AddressLimiter::forget(Instant now) {
  std::erase_if(m_windows, [&](const auto& entry) { return now >= entry.second.begins + m_rule.period; });
  if (m_windows.size() < m_max) return;
  // A quarter at once, so that this is done seldom.
  std::vector<std::pair<Instant, std::string>> oldest;
  for (const auto& [key, window] : m_windows) oldest.emplace_back(window.begins, key);
  const std::size_t count = std::max<std::size_t>(1, oldest.size() / 4);
  std::ranges::nth_element(oldest, oldest.begin() + static_cast<std::ptrdiff_t>(count - 1));
  for (std::size_t i = 0; i < count; ++i) m_windows.erase(oldest[i].second);
}

Result<Gate::Place> Gate::enter() {
  const std::scoped_lock lock(m_mutex);
  if (m_free == 0) return fail("registry.limit.rate").with("seconds", kBusySeconds);
  --m_free;
  return Place(*this);
}

void Gate::leave() {
  const std::scoped_lock lock(m_mutex);
  ++m_free;
}

}  // namespace kyso::registry
