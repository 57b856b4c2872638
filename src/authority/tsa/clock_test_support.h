#pragma once
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>

#include "authority/tsa/ntp.h"
#include "base/file_descriptor.h"

// For tests: clocks and time servers under the test's control.
namespace kyso::authority::tsa {

// The machine's clocks with an error of the system clock. Thread-safe.
class BentClock final : public PreciseClock {
 public:
  ClockReading read() const override {
    ClockReading now = machine_clock().read();
    now.utc += error;
    return now;
  }
  std::atomic<Nanoseconds> error = 0;
};

// Time that moves only when the test says so. Thread-safe.
class StillClock final : public PreciseClock {
 public:
  explicit StillClock(Nanoseconds start) : utc(start) {}
  ClockReading read() const override { return {.utc = utc, .steady = steady}; }
  void pass(Nanoseconds time) {
    utc += time;
    steady += time;
  }
  std::atomic<Nanoseconds> utc, steady = 1'000 * kSecond;
};

// A status that the test sets: trusted as of any reading, unless told otherwise.
class SetStatus final : public ClockStatusSource {
 public:
  explicit SetStatus(const PreciseClock& clock) : m_clock(clock) {}
  std::optional<ClockStatus> status() const override {
    if (is_missing) return std::nullopt;
    ClockStatus now;
    now.state = is_lost ? ClockState::no_quorum : ClockState::trusted;
    now.measured = m_clock.read();
    now.offset = offset;
    now.bound = kMillisecond;
    now.expires = now.measured.steady + kSecond;
    return now;
  }
  std::atomic<bool> is_missing = false, is_lost = false;
  std::atomic<Nanoseconds> offset = 0;

 private:
  const PreciseClock& m_clock;
};

// An NTP server on 127.0.0.1 that tells the machine's time and does wrong as it is told.
class NtpServer {
 public:
  NtpServer() : m_socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(m_socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    socklen_t size = sizeof address;
    REQUIRE(::getsockname(m_socket.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    m_port = ntohs(address.sin_port);
    m_thread = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(m_port); }

  std::atomic<Nanoseconds> lie = 0;
  std::atomic<bool> is_silent = false, forges_cookie = false, answers_twice = false;
  std::atomic<int> leap = 0, stratum = 2, mode = 4;
  std::atomic<int> asked = 0;

  // RFC 5905 section 7.3.
  Bytes answer_to(ByteView question) const {
    Bytes packet(kNtpSize);
    packet[0] = static_cast<std::uint8_t>(leap << 6 | 4 << 3 | mode);
    packet[1] = static_cast<std::uint8_t>(stratum);
    packet[10] = 0x01;  // root dispersion: 1/256 s
    std::copy_n(question.begin() + 40, 8, packet.begin() + 24);
    if (forges_cookie) packet[30] ^= 1;
    const Nanoseconds now = machine_clock().read().utc + lie;
    write_time(packet, 32, now);
    write_time(packet, 40, now);
    return packet;
  }

 private:
  static void write_time(Bytes& packet, std::size_t at, Nanoseconds utc) {
    const auto seconds = static_cast<std::uint32_t>(utc / kSecond + 2'208'988'800);
    const auto fraction = static_cast<std::uint32_t>((static_cast<std::uint64_t>(utc % kSecond) << 32U) / kSecond);
    for (unsigned i = 0; i < 4; ++i) {
      packet[at + i] = static_cast<std::uint8_t>(seconds >> (24 - 8 * i));
      packet[at + 4 + i] = static_cast<std::uint8_t>(fraction >> (24 - 8 * i));
    }
  }

  void serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd waiting{.fd = m_socket.get(), .events = POLLIN, .revents = 0};
      if (::poll(&waiting, 1, 20) <= 0) continue;
      std::array<std::uint8_t, 256> buffer;
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t got =
          ::recvfrom(m_socket.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (got != static_cast<ssize_t>(kNtpSize)) continue;
      ++asked;
      if (is_silent) continue;
      const Bytes answer = answer_to(ByteView(buffer).first(kNtpSize));
      if (answers_twice) {  // a stranger guesses first
        const Bytes guess(kNtpSize, 0x24);
        ::sendto(m_socket.get(), guess.data(), guess.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
      }
      ::sendto(m_socket.get(), answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }

  FileDescriptor m_socket;
  std::uint16_t m_port = 0;
  std::jthread m_thread;
};

// Looks until it is so; a machine that is busy gets its time. False after `patience`.
template <typename F>
bool comes_true(F&& condition, std::chrono::milliseconds patience = std::chrono::seconds(20)) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < until) {
    if (condition()) return true;
    std::this_thread::yield();
    ::poll(nullptr, 0, 2);
  }
  return false;
}

}  // namespace kyso::authority::tsa
