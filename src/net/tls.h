#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace kyso::net {

struct TlsFiles {
  std::filesystem::path certificate, key, client_roots;  // PEM; the certificate with its chain
  bool needs_client_certificate = false;
};

// TlsContext: what new connections are made with. Immutable; reloading makes another one.
class TlsContext {
 public:
  // net.server_tls {path} {reason}.
  static Result<std::shared_ptr<const TlsContext>> create(const TlsFiles& files);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  virtual ~TlsContext() = default;

 protected:
  TlsContext() = default;
};

// TlsSession: TLS over a socket that does not block; whoever calls waits for the socket. Server side.
class TlsSession {
 public:
  enum class Io { done, wants_read, wants_write, closed, failed };
  // nullptr when memory is short. The descriptor stays the caller's.
  static std::unique_ptr<TlsSession> create(std::shared_ptr<const TlsContext> context, int descriptor);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  virtual ~TlsSession() = default;
  virtual Io handshake() = 0;
  virtual Io read(char* to, std::size_t size, std::size_t& got) = 0;
  virtual Io write(ByteView bytes, std::size_t& sent) = 0;
  virtual void close() = 0;  // says goodbye, if the socket takes it
  virtual Bytes peer_certificate() const = 0;

 protected:
  TlsSession() = default;
};

}  // namespace kyso::net
