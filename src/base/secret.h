#pragma once
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace kyso {

// A PIN or password: moves only, wiped on destruction, never printed or logged.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : m_value(std::move(value)) {}
  Secret(Secret&& other) noexcept : m_value(std::move(other.m_value)) { other.wipe(); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      m_value = std::move(other.m_value);
      other.wipe();
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(); }

  Secret clone() const { return Secret(m_value); }
  // The plain text; do not copy it into anything that outlives the call.
  std::string_view reveal() const { return m_value; }
  bool empty() const { return m_value.empty(); }

 private:
  void wipe() {
    if (m_value.capacity() == 0) return;
    m_value.resize(m_value.capacity());
    explicit_bzero(m_value.data(), m_value.size());
    m_value.clear();
  }
  std::string m_value;
};

}  // namespace kyso
