#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "net/http_server.h"

namespace kyso::net {

struct Event {
  std::string data;  // any lines
  std::string name;  // of the kind of event; empty: "message"
  std::string id;    // comes back as Last-Event-ID when the client reconnects
};

// EventStream: an answer that tells a browser what happens (server-sent events, WHATWG HTML section 9.2). A handler
// makes one, keeps the pointer where events come from, and returns response(). Thread-safe; no thread waits for it.
class EventStream {
 public:
  struct Options {
    std::chrono::milliseconds heartbeat{15'000};  // a comment, so that nobody in between closes a silent connection
    std::size_t max_waiting = 256U << 10U;        // bytes; a client that is slower loses the connection
  };
  static std::shared_ptr<EventStream> create(Options options);
  static std::shared_ptr<EventStream> create() { return create(Options()); }
  virtual ~EventStream() = default;
  // False when nobody listens any more: the client has gone or is too slow, end() was called, or the server drains.
  virtual bool send(const Event& event) = 0;
  // What was sent before is delivered.
  virtual void end() = 0;
  virtual bool has_ended() const = 0;
  virtual ServerResponse response() = 0;  // once
};

}  // namespace kyso::net
