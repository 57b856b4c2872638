#include "vault/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace kyso::vault {
namespace {

constexpr std::size_t kChunk = 256U * 1024U;
constexpr std::size_t kMaxPassed = 8;

Error closed(std::string_view what, std::source_location where = std::source_location::current()) {
  return Error("vault.unreachable", std::string(what), where);
}

int milliseconds_until(Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

Result<> wait_for(int socket, short events, Deadline deadline) {
  while (true) {
    pollfd entry{socket, events, 0};
    const int ready = ::poll(&entry, 1, milliseconds_until(deadline));
    if (ready > 0) return {};
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return closed(std::strerror(errno));
    if (std::chrono::steady_clock::now() >= deadline) return fail("vault.timeout");
  }
}

}  // namespace

Result<Channel> Channel::connect(const std::filesystem::path& path, Deadline deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& name = path.native();
  if (name.empty() || name.size() >= sizeof address.sun_path) return closed("the socket's path is too long");
  std::memcpy(address.sun_path, name.data(), name.size());
  while (true) {
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return closed(std::strerror(errno));
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
      return Channel(std::move(socket));
    // A full backlog: unlike TCP nothing tells when there is room again.
    if (errno != EAGAIN && errno != EINTR) return closed(std::strerror(errno));
    if (std::chrono::steady_clock::now() >= deadline) return fail("vault.timeout", "connect");
    ::poll(nullptr, 0, 2);
  }
}

Result<> Channel::send(FrameHeader header, ByteView body, Deadline deadline, int descriptor) {
  if (body.size() > kMaxBody) return fail("vault.protocol", "a body of {} octets", body.size()).with("reason", "size");
  header.body_size = static_cast<std::uint32_t>(body.size());
  const auto head = encode_header(header);
  std::size_t done = 0;
  const std::size_t total = head.size() + body.size();
  while (done < total) {
    iovec parts[2];
    int count = 0;
    if (done < head.size()) parts[count++] = {const_cast<std::uint8_t*>(head.data()) + done, head.size() - done};
    const std::size_t body_done = done > head.size() ? done - head.size() : 0;
    if (body_done < body.size())
      parts[count++] = {const_cast<std::uint8_t*>(body.data()) + body_done, body.size() - body_done};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = static_cast<std::size_t>(count);
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    if (descriptor >= 0 && done == 0) {
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      cmsghdr* rights = CMSG_FIRSTHDR(&message);
      rights->cmsg_level = SOL_SOCKET;
      rights->cmsg_type = SCM_RIGHTS;
      rights->cmsg_len = CMSG_LEN(sizeof(int));
      std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
    }
    const ssize_t sent = ::sendmsg(m_socket.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      done += static_cast<std::size_t>(sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      KYSO_TRY(wait_for(m_socket.get(), POLLOUT, deadline));
    } else if (errno != EINTR) {
      return closed(std::strerror(errno));
    }
  }
  return {};
}

// Every descriptor that comes in is owned at once, so that a stranger can't fill our table with them.
Result<> Channel::take_descriptors(void* raw) {
  auto& message = *static_cast<msghdr*>(raw);
  bool is_too_many = (message.msg_flags & MSG_CTRUNC) != 0;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(part) + i * sizeof(int), sizeof number);
      FileDescriptor owned(number);
      if (m_passed)
        is_too_many = true;
      else
        m_passed = std::move(owned);
    }
  }
  if (is_too_many) return fail("vault.protocol", "descriptors").with("reason", "descriptors");
  return {};
}

Result<std::size_t> Channel::read_some(std::size_t most) {
  const std::size_t old = m_buffer.size();
  m_buffer.resize(old + most);
  iovec part{m_buffer.data() + old, most};
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxPassed * sizeof(int))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t got = ::recvmsg(m_socket.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  const int cause = errno;
  m_buffer.resize(old + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got > 0) {
    KYSO_TRY(take_descriptors(&message));
    return static_cast<std::size_t>(got);
  }
  if (got == 0) return closed("closed by the other side");
  if (cause == EAGAIN || cause == EWOULDBLOCK || cause == EINTR) return std::size_t{0};
  return closed(std::strerror(cause));
}

// Until `size` octets wait in the buffer. It grows with what has come, not with what was announced.
Result<> Channel::fill(std::size_t size, Deadline deadline) {
  while (m_buffer.size() - m_begin < size) {
    const std::size_t missing = size - (m_buffer.size() - m_begin);
    if (KYSO_TRY(read_some(std::clamp<std::size_t>(missing, 4096, kChunk))) == 0)
      KYSO_TRY(wait_for(m_socket.get(), POLLIN, deadline));
  }
  return {};
}

Result<Frame> Channel::receive(Deadline deadline) {
  KYSO_TRY(fill(kHeaderSize, deadline));
  Frame frame;
  frame.header = KYSO_TRY(decode_header(ByteView(m_buffer).subspan(m_begin, kHeaderSize)));
  KYSO_TRY(fill(kHeaderSize + frame.header.body_size, deadline));
  const auto body = m_buffer.begin() + static_cast<std::ptrdiff_t>(m_begin + kHeaderSize);
  const auto end = body + static_cast<std::ptrdiff_t>(frame.header.body_size);
  frame.body.assign(body, end);
  m_begin += kHeaderSize + frame.header.body_size;
  if (m_begin == m_buffer.size()) {
    m_begin = 0;
    if (m_buffer.capacity() > 4 * kChunk)
      m_buffer = Bytes();
    else
      m_buffer.clear();
  } else if (m_begin > kChunk) {
    m_buffer.erase(m_buffer.begin(), m_buffer.begin() + static_cast<std::ptrdiff_t>(m_begin));
    m_begin = 0;
  }
  frame.descriptor = std::move(m_passed);
  m_passed.reset();
  return frame;
}

Channel::Wake Channel::wait(Deadline deadline, int stop) const {
  if (m_begin < m_buffer.size()) return Wake::ready;
  while (true) {
    pollfd entries[2] = {{m_socket.get(), POLLIN, 0}, {stop, POLLIN, 0}};
    const int ready = ::poll(entries, stop >= 0 ? 2 : 1, milliseconds_until(deadline));
    if (ready > 0) return stop >= 0 && entries[1].revents != 0 ? Wake::stopped : Wake::ready;
    if (ready == 0 && std::chrono::steady_clock::now() >= deadline) return Wake::timeout;
    if (ready < 0 && errno != EINTR) return Wake::ready;  // receive() will say what is wrong
  }
}

bool Channel::is_fresh() const {
  if (m_begin < m_buffer.size()) return false;
  pollfd entry{m_socket.get(), POLLIN, 0};
  return ::poll(&entry, 1, 0) == 0;
}

Result<Peer> peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return closed(std::strerror(errno));
  return Peer{credentials.pid, credentials.uid};
}

}  // namespace kyso::vault
