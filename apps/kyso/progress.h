#pragma once
#include <unistd.h>

#include <chrono>

#include "shared/console.h"

namespace kyso::app {

// "12/300  ██████░░░░  45 tệp/giây  còn 0:06" on a terminal; nothing elsewhere.
class Progress {
 public:
  Progress(std::size_t total, const Console& console)
      : m_total(total),
        m_console(console),
        m_visible(isatty(STDERR_FILENO) != 0 && !console.quiet),
        m_start(std::chrono::steady_clock::now()) {}
  void show(std::size_t done) const {
    if (!m_visible) return;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - m_start).count();
    const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
    const auto left = rate > 0 ? static_cast<long>(static_cast<double>(m_total - done) / rate) : 0;
    constexpr std::size_t kWidth = 30;
    const std::size_t filled = m_total == 0 ? kWidth : kWidth * done / m_total;
    std::string bar;
    for (std::size_t i = 0; i < kWidth; ++i) bar += i < filled ? "█" : "░";
    const std::string line =
        m_console.text("\r{}/{} {} {:.1f} tệp/giây, còn {}:{:02} ", "\r{}/{} {} {:.1f} files/s, {}:{:02} left ", done,
                       m_total, bar, rate, left / 60, left % 60);
    std::fputs(line.c_str(), stderr);
  }
  // What is being done now, for work that is one long step; may name what strangers chose, such as addresses.
  void say(const std::string& what) const {
    if (m_visible) std::fputs(("\r\x1b[K" + shown(what)).c_str(), stderr);
  }
  void clear() const {
    if (m_visible) std::fputs("\r\x1b[K", stderr);
  }

 private:
  std::size_t m_total;
  const Console& m_console;
  bool m_visible;
  std::chrono::steady_clock::time_point m_start;
};

}  // namespace kyso::app
