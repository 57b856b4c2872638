#include "authority/tsa/ntp.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/file_descriptor.h"
#include "crypto/algorithm.h"

namespace kyso::authority::tsa {
namespace {

constexpr std::int64_t kUnixEpoch = 2'208'988'800;  // seconds from 1900, the zero of NTP
constexpr std::int64_t kEra = 1LL << 32;
constexpr int kModeClient = 3, kModeServer = 4, kVersion = 4;
constexpr int kLeapUnknown = 3, kMaxStratum = 15;

Error refused(std::string_view reason) {
  return fail("authority.clock.answer", "{}", reason).with("reason", reason);
}

std::uint32_t word(ByteView packet, std::size_t at) {
  return static_cast<std::uint32_t>(packet[at]) << 24U | static_cast<std::uint32_t>(packet[at + 1]) << 16U |
         static_cast<std::uint32_t>(packet[at + 2]) << 8U | packet[at + 3];
}

// NTP short format: 16 bits of seconds, 16 bits of fraction.
Nanoseconds short_time(ByteView packet, std::size_t at) {
  return static_cast<Nanoseconds>(static_cast<std::uint64_t>(word(packet, at)) * 1'000'000'000U >> 16U);
}

// The moment nearest to `utc_near` that has these 32 bits of seconds: they begin anew in 2036 (RFC 5905 section 6).
Nanoseconds long_time(ByteView packet, std::size_t at, Nanoseconds utc_near) {
  std::int64_t seconds = static_cast<std::int64_t>(word(packet, at)) - kUnixEpoch;
  const std::int64_t distance = utc_near / kSecond - seconds;
  seconds += (distance + (distance >= 0 ? kEra / 2 : -kEra / 2)) / kEra * kEra;
  const auto fraction =
      static_cast<Nanoseconds>(static_cast<std::uint64_t>(word(packet, at + 4)) * 1'000'000'000U >> 32U);
  return seconds * kSecond + fraction;
}

}  // namespace

NtpQuestion make_ntp_question() {
  NtpQuestion question;
  question.packet.resize(kNtpSize);
  question.packet[0] = kVersion << 3 | kModeClient;
  std::ranges::copy(crypto::random_bytes(question.cookie.size()), question.cookie.begin());
  std::ranges::copy(question.cookie, question.packet.begin() + 40);
  return question;
}

Result<ClockSample> read_ntp_answer(ByteView packet, const NtpQuestion& question, Nanoseconds sent,
                                    Nanoseconds received, Nanoseconds utc_near) {
  if (packet.size() < kNtpSize) return refused("too short");
  const int leap = packet[0] >> 6, version = packet[0] >> 3 & 7, mode = packet[0] & 7, stratum = packet[1];
  if (mode != kModeServer || version < 3 || version > kVersion) return refused("not a server's answer");
  if (!std::ranges::equal(packet.subspan(24, 8), question.cookie)) return refused("answers another question");
  // Stratum 0 is a kiss of death: the server wants to be left alone.
  if (stratum == 0) return refused("the server declines to answer");
  if (leap == kLeapUnknown || stratum > kMaxStratum) return refused("the server is not synchronised");
  const Nanoseconds got = long_time(packet, 32, utc_near), gave = long_time(packet, 40, utc_near);
  const Nanoseconds away = received - sent, inside = gave - got;
  if (word(packet, 40) == 0 && word(packet, 44) == 0) return refused("no time");
  if (inside < 0 || inside > away) return refused("its times contradict each other");
  const auto delay = away - inside;
  ClockSample sample;
  sample.steady = sent + away / 2;
  sample.utc_minus_steady = got + inside / 2 - sample.steady;
  // Root distance (RFC 5905 section 11.2): what the server knows of its own error, and half of the delay to it.
  sample.bound = short_time(packet, 4) / 2 + short_time(packet, 8) + delay / 2 + kMicrosecond;
  sample.leap = leap == 1 ? LeapSecond::insertion : leap == 2 ? LeapSecond::deletion : LeapSecond::none;
  return sample;
}

namespace {

struct AddressesDeleter {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

class NtpSource final : public TimeSource {
 public:
  NtpSource(std::string address, const PreciseClock& clock) : m_address(std::move(address)), m_clock(clock) {
    const std::size_t colon = m_address.rfind(':');
    const bool has_port = colon != std::string::npos && m_address.find(':') == colon;
    const bool is_bracketed = m_address.starts_with('[') && m_address.find(']') != std::string::npos;
    if (is_bracketed) {
      const std::size_t end = m_address.find(']');
      m_host = m_address.substr(1, end - 1);
      if (end + 1 < m_address.size() && m_address[end + 1] == ':') m_port = m_address.substr(end + 2);
    } else {
      m_host = has_port ? m_address.substr(0, colon) : m_address;
      if (has_port) m_port = m_address.substr(colon + 1);
    }
  }

  const std::string& name() const override { return m_address; }

  Result<ClockSample> ask(std::chrono::milliseconds timeout) override {
    if (!m_socket) KYSO_TRY(open());
    auto answer = exchange(timeout);
    // Perhaps its address changed: look again next time.
    if (!answer && ++m_failures >= 3) m_socket.reset();
    if (answer) m_failures = 0;
    return answer;
  }

 private:
  Result<> open() {
    m_failures = 0;
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* list = nullptr;
    if (const int failed = ::getaddrinfo(m_host.c_str(), m_port.c_str(), &hints, &list); failed != 0)
      return refused(::gai_strerror(failed));
    const std::unique_ptr<addrinfo, AddressesDeleter> owner(list);
    for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
      FileDescriptor socket(::socket(each->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      // Connected: the kernel drops what others send.
      if (socket && ::connect(socket.get(), each->ai_addr, each->ai_addrlen) == 0) {
        m_socket = std::move(socket);
        return {};
      }
    }
    return refused(std::strerror(errno));
  }

  Result<ClockSample> exchange(std::chrono::milliseconds timeout) {
    const NtpQuestion question = make_ntp_question();
    const ClockReading sent = m_clock.read();
    if (::send(m_socket.get(), question.packet.data(), question.packet.size(), MSG_NOSIGNAL) < 0)
      return refused(std::strerror(errno));
    const Nanoseconds until = sent.steady + timeout.count() * kMillisecond;
    std::string last = "no answer";
    // What does not answer this question is passed over: a late answer of the last one, or a stranger's guess.
    for (ClockReading now = sent; now.steady < until; now = m_clock.read()) {
      pollfd waiting{.fd = m_socket.get(), .events = POLLIN, .revents = 0};
      if (::poll(&waiting, 1, static_cast<int>((until - now.steady) / kMillisecond) + 1) <= 0) break;
      std::array<std::uint8_t, 1024> buffer;
      const ssize_t size = ::recv(m_socket.get(), buffer.data(), buffer.size(), 0);
      if (size < 0) return refused(std::strerror(errno));
      const ClockReading received = m_clock.read();
      auto sample = read_ntp_answer(ByteView(buffer).first(static_cast<std::size_t>(size)), question, sent.steady,
                                    received.steady, received.utc);
      if (sample) return sample;
      last = sample.error().detail;
    }
    return refused(last);
  }

  const std::string m_address;
  const PreciseClock& m_clock;
  std::string m_host, m_port = "123";
  FileDescriptor m_socket;
  int m_failures = 0;
};

class OwnClockSource final : public TimeSource {
 public:
  explicit OwnClockSource(const PreciseClock& clock) : m_clock(clock) {}
  const std::string& name() const override { return m_name; }
  Result<ClockSample> ask(std::chrono::milliseconds) override {
    const ClockReading now = m_clock.read();
    return ClockSample{.steady = now.steady,
                       .utc_minus_steady = now.utc - now.steady,
                       .bound = kMillisecond,
                       .leap = LeapSecond::none};
  }

 private:
  const std::string m_name = "own";
  const PreciseClock& m_clock;
};

}  // namespace

std::unique_ptr<TimeSource> ntp_source(std::string address, const PreciseClock& clock) {
  return std::make_unique<NtpSource>(std::move(address), clock);
}
std::unique_ptr<TimeSource> own_clock_source(const PreciseClock& clock) {
  return std::make_unique<OwnClockSource>(clock);
}

std::optional<KernelClock> read_kernel_clock() {
  timex about{};
  // By its own number: newer C libraries make it clock_adjtime(), and a filter of system calls would have to know.
  static_assert(sizeof(long) == 8, "struct timex is the kernel's on 64-bit systems");
  const long state = ::syscall(SYS_adjtimex, &about);
  if (state < 0) return std::nullopt;
  KernelClock kernel;
  kernel.is_synchronised = state != TIME_ERROR && (about.status & STA_UNSYNC) == 0;
  kernel.maximal_error = static_cast<Nanoseconds>(about.maxerror) * kMicrosecond;
  kernel.leap = state == TIME_INS || state == TIME_OOP ? LeapSecond::insertion
                : state == TIME_DEL                    ? LeapSecond::deletion
                                                       : LeapSecond::none;
  return kernel;
}

}  // namespace kyso::authority::tsa
