#include "net/event_stream.h"

#include <doctest/doctest.h>

#include <thread>

#include "net/server_test_support.h"

namespace kyso::net {
namespace {

using namespace std::chrono_literals;

// A server whose /events gives one stream.
struct Events {
  explicit Events(EventStream::Options options = {}) : stream(EventStream::create(options)) {
    server = start_server({route("GET", "/events", [this](const ServerRequest&) { return stream->response(); })});
  }
  std::shared_ptr<EventStream> stream;
  std::unique_ptr<HttpServer> server;
};

bool receive_until(RawClient& client, std::string_view text) {
  while (client.buffer().find(text) == std::string::npos)
    if (!client.receive()) return false;
  return true;
}

TEST_CASE("events reach the client as they happen") {
  Events events;
  CHECK(events.stream->send({.data = "before"}));
  RawClient client(events.server->port());
  REQUIRE(client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n"));
  REQUIRE(receive_until(client, "data: before\n\n"));
  CHECK(client.buffer().find("Content-Type: text/event-stream\r\n") != std::string::npos);
  std::thread([&] { events.stream->send({.data = "hai\r\ndòng", .name = "state\n", .id = "7"}); }).join();
  REQUIRE(receive_until(client, "event: state\nid: 7\ndata: hai\ndata: dòng\n\n"));
  events.stream->send({.data = "last"});
  events.stream->end();
  const auto answer = client.answer();
  REQUIRE(answer);
  CHECK(answer->body.ends_with("data: last\n\n"));
  CHECK_FALSE(events.stream->send({.data = "too late"}));
}

TEST_CASE("a heartbeat while nothing happens") {
  Events events({.heartbeat = 20ms});
  RawClient client(events.server->port());
  REQUIRE(client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n"));
  CHECK(receive_until(client, ":\n\n\r\n3\r\n:\n\n"));
  CHECK(events.stream->send({.data = "still here"}));
  CHECK(receive_until(client, "still here"));
}

TEST_CASE("a drain ends the stream in order") {
  Events events;
  RawClient client(events.server->port());
  REQUIRE(client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n"));
  events.stream->send({.data = "x"});
  REQUIRE(receive_until(client, "data: x"));
  events.server->drain(20s);
  CHECK(client.answer().has_value());
  CHECK(events.stream->has_ended());
}

TEST_CASE("a client that goes is noticed; one that is too slow is cut") {
  Events gone({.heartbeat = 10ms});
  {
    RawClient client(gone.server->port());
    REQUIRE(client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n"));
    REQUIRE(receive_until(client, "\r\n\r\n"));
  }
  while (!gone.stream->has_ended()) std::this_thread::yield();

  Events slow({.max_waiting = 1000});
  RawClient client(slow.server->port());
  REQUIRE(client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n"));
  const std::string data(500, 'x');
  while (slow.stream->send({.data = data})) {
  }
  CHECK(slow.stream->has_ended());
}

TEST_CASE("a stream may outlive its server") {
  std::shared_ptr<EventStream> stream;
  {
    Events events;
    stream = events.stream;
    RawClient client(events.server->port());
    REQUIRE(client.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n"));
    REQUIRE(receive_until(client, "\r\n\r\n"));
  }
  CHECK_FALSE(stream->send({.data = "nobody"}));
}

}  // namespace
}  // namespace kyso::net
