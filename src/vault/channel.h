#pragma once
#include <sys/types.h>

#include <chrono>
#include <filesystem>

#include "base/file_descriptor.h"
#include "vault/protocol.h"

// Private to the module: frames over a Unix socket.
namespace kyso::vault {

using Deadline = std::chrono::steady_clock::time_point;

struct Frame {
  FrameHeader header;
  Bytes body;
  FileDescriptor descriptor;  // that came with it
};

// Channel: one end of a connection, used by one thread at a time. Its octets stay in order; a failure in the middle of
// a frame makes it unusable. Errors: vault.unreachable (closed by the other side), vault.timeout, vault.protocol.
class Channel {
 public:
  explicit Channel(FileDescriptor socket) : m_socket(std::move(socket)) {}
  static Result<Channel> connect(const std::filesystem::path& path, Deadline deadline);

  // `descriptor` is passed along when it isn't negative.
  Result<> send(FrameHeader header, ByteView body, Deadline deadline, int descriptor = -1);
  Result<Frame> receive(Deadline deadline);

  // Whether octets have come or come until the deadline; `stop` becoming readable ends the waiting.
  enum class Wake : std::uint8_t { ready, timeout, stopped };
  Wake wait(Deadline deadline, int stop = -1) const;
  // Nothing has come and the other side hasn't closed: the connection can carry a request.
  bool is_fresh() const;
  int descriptor() const { return m_socket.get(); }

 private:
  Result<> fill(std::size_t size, Deadline deadline);
  Result<std::size_t> read_some(std::size_t most);
  Result<> take_descriptors(void* message);

  FileDescriptor m_socket;
  Bytes m_buffer;
  std::size_t m_begin = 0;
  FileDescriptor m_passed;
};

// The user at the other end (SO_PEERCRED: as it was when connecting).
struct Peer {
  pid_t process = 0;
  uid_t user = 0;
};
Result<Peer> peer_of(int socket);

}  // namespace kyso::vault
