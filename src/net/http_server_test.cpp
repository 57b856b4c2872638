#include "net/http_server.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <latch>
#include <thread>

#include "base/file.h"
#include "base/log.h"
#include "base/metrics.h"
#include "json/json.h"
#include "net/server_test_support.h"

namespace kyso::net {
namespace {

using namespace std::chrono_literals;

ServerResponse echo(const ServerRequest& request) {
  return ServerResponse::bytes(200, "application/octet-stream", request.body);
}
ServerResponse hello(const ServerRequest&) {
  return ServerResponse::text(200, "xin chào");
}

TEST_CASE("an answer at hand is given on the connection's thread, any other by a worker") {
  std::atomic<int> handled = 0;
  Route route{.method = "GET", .where = "/{name}"};
  route.handler = [&](const ServerRequest&) {
    ++handled;
    return ServerResponse::text(200, "made");
  };
  route.quick = [](const ServerRequest& request) -> std::optional<ServerResponse> {
    if (request.path == "/throws") throw std::runtime_error("quick");
    if (request.path != "/known") return std::nullopt;
    return ServerResponse::text(200, "at hand");
  };
  const auto server = start_server({route});
  RawClient client(server->port());
  CHECK(client.ask("GET /known HTTP/1.1\r\nHost: a\r\n\r\n").body == "at hand");
  CHECK(handled == 0);
  CHECK(client.ask("GET /other HTTP/1.1\r\nHost: a\r\n\r\n").body == "made");
  CHECK(client.ask("GET /throws HTTP/1.1\r\nHost: a\r\n\r\n").body == "made");
  CHECK(handled == 2);
}

// Replies that others make, kept until the test lets them go.
struct Replies {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Reply> kept;
  Route route() {
    Route out{.method = "POST", .where = "/later"};
    out.handler = [](const ServerRequest&) { return ServerResponse::text(200, "by a worker"); };
    out.later = [this](const ServerRequest& request, Reply& reply) {
      if (as_chars(request.body) == "throw") throw std::runtime_error("later");
      if (as_chars(request.body) == "not so") return false;
      if (as_chars(request.body) == "now") {
        reply(ServerResponse::text(200, "now"));
        return true;
      }
      const std::lock_guard lock(mutex);
      kept.push_back(std::move(reply));
      changed.notify_all();
      return true;
    };
    return out;
  }
  Reply take() {
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, 20s, [&] { return !kept.empty(); }));
    Reply out = std::move(kept.front());
    kept.erase(kept.begin());
    return out;
  }
};

std::string post_later(std::string_view body) {
  return fmt::format("POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}

TEST_CASE("a reply that others make comes from any thread and holds up nobody") {
  Replies replies;
  // The only worker is not needed.
  auto server = start_server({replies.route(), route("GET", "/", hello)}, {.workers = 1});
  std::vector<RawClient> clients;
  for (int i = 0; i < 5; ++i) {
    clients.emplace_back(server->port());
    REQUIRE(clients.back().send(post_later("x")));
  }
  std::vector<Reply> waiting;
  for (int i = 0; i < 5; ++i) waiting.push_back(replies.take());
  CHECK(RawClient(server->port()).get("/").body == "xin chào");
  std::thread other([&] {
    for (Reply& reply : waiting) reply(ServerResponse::text(200, "made elsewhere"));
  });
  for (RawClient& client : clients) CHECK(client.answer()->body == "made elsewhere");
  other.join();
  // The same connection goes on; a reply at once; what a worker answers after all.
  CHECK(clients[0].ask(post_later("now")).body == "now");
  CHECK(clients[0].ask(post_later("not so")).body == "by a worker");
  CHECK(clients[0].ask(post_later("throw")).body == "by a worker");
  // A second reply to a request of before is for nobody.
  waiting[0](ServerResponse::text(200, "again"));
  CHECK(clients[0].ask(post_later("now")).body == "now");
  // Whoever has gone needs none; nor does a server that has.
  REQUIRE(clients[1].send(post_later("x")));
  Reply late = replies.take();
  clients.erase(clients.begin() + 1);
  late(ServerResponse::text(200, "to nobody"));
  REQUIRE(clients[1].send(post_later("x")));
  Reply too_late = replies.take();
  server.reset();
  too_late(ServerResponse::text(200, "to nobody"));
}

TEST_CASE("without a reply the client is told at the deadline") {
  Replies replies;
  const auto server = start_server({replies.route()}, {.handler_deadline = 200ms});
  RawClient client(server->port());
  REQUIRE(client.send(post_later("x")));
  Reply reply = replies.take();
  const auto answer = client.answer();
  REQUIRE(answer);
  CHECK(answer->status == 503);
  CHECK(answer->body.find("net.deadline") != std::string::npos);
  reply(ServerResponse::text(200, "too late"));
  CHECK(client.is_closed_within(20s));
}

TEST_CASE("quick and pooled handlers") {
  std::thread::id quick, pooled;
  const auto server = start_server({route("GET", "/quick",
                                          [&](const ServerRequest&) {
                                            quick = std::this_thread::get_id();
                                            return ServerResponse::text(200, "quick");
                                          }),
                                    route(
                                        "POST", "/pooled/{name}",
                                        [&](const ServerRequest& request) {
                                          pooled = std::this_thread::get_id();
                                          return ServerResponse::text(201, request.parameter("name").value() + "=" +
                                                                               std::string(as_chars(request.body)));
                                        },
                                        false)});
  RawClient client(server->port());
  const RawAnswer first = client.get("/quick");
  CHECK(first.status == 200);
  CHECK(first.body == "quick");
  CHECK(first.head.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(first.has("Content-Type: text/plain; charset=utf-8"));
  CHECK(first.has("X-Content-Type-Options: nosniff"));
  CHECK(first.field("Date").ends_with(" GMT"));
  const RawAnswer second =
      client.ask("POST /pooled/t%C3%AAn HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody");
  CHECK(second.status == 201);
  CHECK(second.body == "tên=body");
  CHECK(quick != pooled);
  CHECK(first.field("X-Request-Id") != second.field("X-Request-Id"));
  server->drain(10s);
  CHECK(server->statistics().requests == 2);
  CHECK(server->statistics().connections == 1);
}

TEST_CASE("errors are problem+json in two languages with the request's id") {
  const auto server = start_server({route("GET", "/here", hello), route("POST", "/here", echo)});
  RawClient client(server->port());
  const RawAnswer unknown = client.get("/nowhere?password=x");
  CHECK(unknown.status == 404);
  CHECK(unknown.has("Content-Type: application/problem+json"));
  const json::Value problem = must(json::parse(unknown.body));
  CHECK(problem.find("status")->as_integer() == 404);
  CHECK(problem.find("type")->as_string() == "urn:kyso:error:net.path.unknown");
  CHECK(problem.find("title")->as_string() == "Không có dịch vụ hoặc tài liệu nào ở địa chỉ này.");
  CHECK(problem.find("title_en")->as_string() == "There is nothing at this address.");
  CHECK(problem.find("instance")->as_string() == "urn:kyso:request:" + unknown.field("X-Request-Id"));
  const RawAnswer method = client.ask("DELETE /here HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(method.status == 405);
  CHECK(method.has("Allow: GET, HEAD, OPTIONS, POST"));
  const RawAnswer options = client.ask("OPTIONS /here HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(options.status == 204);
  CHECK(options.has("Allow: GET, HEAD, OPTIONS, POST"));
}

TEST_CASE("HEAD is GET without the body") {
  const auto server = start_server({route("GET", "/", hello)});
  RawClient client(server->port());
  const RawAnswer head = client.ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  CHECK(head.status == 200);
  CHECK(head.has("Content-Length: 9"));
  CHECK(client.get("/").body == "xin chào");
}

TEST_CASE("a handler that throws, or answers what HTTP does not allow, is a 500") {
  const auto server = start_server(
      {route("GET", "/throws", [](const ServerRequest&) -> ServerResponse { throw 7; }),
       route("GET", "/split",
             [](const ServerRequest&) { return ServerResponse::text(200, "").with("X-A", "a\r\nX-B: b"); }),
       route("GET", "/framing",
             [](const ServerRequest&) { return ServerResponse::text(200, "").with("Content-Length", "7"); }),
       route("GET", "/early", [](const ServerRequest&) { return ServerResponse::text(101, ""); })});
  RawClient client(server->port());
  for (const char* path : {"/throws", "/split", "/framing", "/early"}) {
    const RawAnswer answer = client.get(path);
    CHECK(answer.status == 500);
    CHECK(answer.head.find("X-B") == std::string::npos);
  }
  server->drain(10s);
  CHECK(server->statistics().errors == 4);
}

TEST_CASE("pipelined requests are answered in order, quick and pooled ones mixed") {
  const auto server =
      start_server({route("GET", "/q/{n}",
                          [](const ServerRequest& r) { return ServerResponse::text(200, r.parameter("n").value()); }),
                    route(
                        "POST", "/p/{n}",
                        [](const ServerRequest& r) {
                          return ServerResponse::text(200, r.parameter("n").value() + std::string(as_chars(r.body)));
                        },
                        false)});
  RawClient client(server->port());
  std::string all;
  for (int i = 0; i < 200; ++i) {
    all += i % 2 == 0 ? fmt::format("GET /q/{} HTTP/1.1\r\nHost: a\r\n\r\n", i)
                      : fmt::format(
                            "POST /p/{} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                            "1\r\nx\r\n0\r\n\r\n",
                            i);
  }
  REQUIRE(client.send(all));
  for (int i = 0; i < 200; ++i) {
    const auto answer = client.answer();
    REQUIRE(answer);
    CHECK(answer->body == fmt::format("{}{}", i, i % 2 == 0 ? "" : "x"));
  }
}

TEST_CASE("10,000 requests over several connections") {
  const auto server = start_server({route("GET", "/q", hello), route("GET", "/p", hello, false)});
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      RawClient client(server->port());
      for (int i = 0; i < 1250; ++i) {
        if (!client.send(fmt::format("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", (i + t) % 2 == 0 ? "q" : "p"))) return;
        const auto answer = client.answer();
        if (answer && answer->status == 200 && answer->body == "xin chào") ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(good == 10'000);
  server->drain(10s);
  CHECK(server->statistics().requests == 10'000);
  CHECK(server->statistics().connections == 8);
  CHECK(server->statistics().open_connections == 0);
}

TEST_CASE("what is refused closes the connection: nothing is smuggled behind it") {
  std::atomic<int> reached = 0;
  const auto server = start_server({route("GET", "/admin",
                                          [&](const ServerRequest&) {
                                            ++reached;
                                            return ServerResponse::text(200, "");
                                          }),
                                    route("POST", "/", echo)});
  const std::string hidden = "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const std::string& fields :
       {std::string("Transfer-Encoding: xchunked\r\n"), std::string("Transfer-Encoding: identity\r\n"),
        std::string("Transfer-Encoding:\r\nContent-Length: 0\r\n"), std::string("Content-Length: 0, 0\r\n"),
        std::string("Content-Length: 0\r\nContent-Length: 0\r\n"), std::string("Transfer-Encoding:\r\n chunked\r\n"),
        std::string("Content-Length: 00\r\n"), std::string("Transfer-Encoding : chunked\r\n"),
        fmt::format("Transfer-Encoding: chunked\r\nContent-Length: {}\r\n", hidden.size())}) {
    CAPTURE(fields);
    RawClient client(server->port());
    REQUIRE(client.send("POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + hidden));
    const auto answer = client.answer();
    REQUIRE(answer);
    CHECK(answer->status >= 400);
    CHECK(answer->has("Connection: close"));
    CHECK(answer->has("Content-Type: application/problem+json"));
    CHECK(client.until_closed().empty());
  }
  // An early refusal does not read the body as a request either.
  RawClient client(server->port());
  REQUIRE(client.send(
      fmt::format("POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{}", hidden.size(), hidden)));
  CHECK(client.answer()->status == 404);
  CHECK(client.until_closed().empty());
  CHECK(reached == 0);
}

TEST_CASE("limits of bodies and their types") {
  Route small = route("POST", "/small", echo);
  small.max_body = 10;
  small.content_types = {"application/ocsp-request"};
  const auto server = start_server({small});
  const auto status = [&](std::string_view fields_and_body) {
    RawClient client(server->port());
    return client.ask(fmt::format("POST /small HTTP/1.1\r\nHost: a\r\n{}", fields_and_body)).status;
  };
  const std::string type = "Content-Type: Application/OCSP-Request; x=y\r\n";
  CHECK(status(type + "Content-Length: 10\r\n\r\n0123456789") == 200);
  CHECK(status(type + "Content-Length: 11\r\n\r\n0123456789x") == 413);
  CHECK(status(type + "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n") == 200);
  CHECK(status(type + "Transfer-Encoding: chunked\r\n\r\nb\r\n0123456789x\r\n0\r\n\r\n") == 413);
  CHECK(status("Content-Length: 1\r\n\r\nx") == 415);
  CHECK(status("Content-Type: text/plain\r\nContent-Length: 1\r\n\r\nx") == 415);
  CHECK(status("\r\n") == 200);  // no body, no type
}

TEST_CASE("memory for bodies is bounded over all connections") {
  Route big = route("POST", "/", echo);
  big.max_body = 1000;
  const auto server = start_server({big}, {.max_body_memory = 1500});
  RawClient first(server->port()), second(server->port());
  REQUIRE(first.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n"));
  CHECK(first.answer()->status == 100);
  const RawAnswer refused = second.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  CHECK(refused.status == 503);
  CHECK_FALSE(refused.field("Retry-After").empty());
  CHECK(first.ask(std::string(1000, 'x')).body.size() == 1000);
  RawClient third(server->port());
  while (true) {  // the memory is given back a moment after the answer
    RawClient again(server->port());
    if (again.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'y')).status == 200)
      break;
  }
}

TEST_CASE("Expect: 100-continue; refused without reading the body") {
  Route small = route("POST", "/", echo);
  small.max_body = 10;
  const auto server = start_server({small});
  RawClient client(server->port());
  CHECK(client.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n").status == 100);
  CHECK(client.ask("abc").body == "abc");
  CHECK(client.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n").status == 413);
}

TEST_CASE("HTTP/1.0 and Connection: close") {
  const auto server = start_server({route("GET", "/", hello)});
  RawClient old(server->port());
  REQUIRE(old.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n"));
  CHECK(old.until_closed().find("\r\nConnection: close\r\n") != std::string::npos);
  RawClient kept(server->port());
  CHECK(kept.ask("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n").has("Connection: keep-alive"));
  CHECK(kept.ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").has("Connection: close"));
  CHECK(kept.until_closed().empty());
}

TEST_CASE("slow and silent clients are cut, each at its deadline") {
  const auto server =
      start_server({route("POST", "/", echo)}, {.head_timeout = 80ms, .body_timeout = 80ms, .idle_timeout = 80ms});
  RawClient silent(server->port()), in_head(server->port()), in_body(server->port()), idle(server->port());
  REQUIRE(in_head.send("POST / HT"));
  REQUIRE(in_body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"));
  CHECK(idle.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab").status == 200);
  CHECK(silent.until_closed().empty());
  CHECK(idle.until_closed().empty());
  CHECK(in_head.until_closed().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  CHECK(in_body.until_closed().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST_CASE("a head that trickles is late as a whole") {
  const auto server = start_server({route("GET", "/", hello)}, {.head_timeout = 150ms});
  RawClient client(server->port());
  const auto begin = std::chrono::steady_clock::now();
  while (client.send("x") && !client.is_closed_within(10ms) && client.buffer().empty()) {
    pollfd descriptor{client.descriptor(), POLLIN, 0};
    if (::poll(&descriptor, 1, 0) > 0) break;
    REQUIRE(std::chrono::steady_clock::now() - begin < 20s);
  }
  CHECK(client.answer()->status == 408);
}

TEST_CASE("a client that does not read is cut") {
  const auto body = std::make_shared<const Bytes>(Bytes(64U << 20U, 'x'));
  const auto server = start_server({route("GET", "/",
                                          [body](const ServerRequest&) {
                                            ServerResponse response;
                                            response.body = body;
                                            return response;
                                          })},
                                   {.write_timeout = 100ms});
  RawClient client(server->port());
  REQUIRE(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  while (server->statistics().requests == 0) std::this_thread::yield();
  CHECK(client.until_closed().size() < body->size());
}

TEST_CASE("1,000 silent connections do not delay a client") {
  const auto server = start_server({route("GET", "/q", hello), route("GET", "/p", hello, false)});
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 1000; ++i) {
    silent.push_back(std::make_unique<RawClient>(server->port()));
    REQUIRE(silent.back()->is_connected());
    if (i % 2 == 0) REQUIRE(silent.back()->send("GET /q HTTP/1.1\r\nHost: a\r\nX-Slow: "));
  }
  RawClient client(server->port());
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 500; ++i) REQUIRE(client.get(i % 2 == 0 ? "/q" : "/p").status == 200);
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
  CHECK(server->statistics().open_connections == 1001);
}

TEST_CASE("slow handlers: others are served; a full queue and a late answer are 503") {
  std::latch go(1);
  std::atomic<int> running = 0;
  const auto server = start_server({route(
                                        "GET", "/slow",
                                        [&](const ServerRequest&) {
                                          ++running;
                                          go.wait();
                                          return ServerResponse::text(200, "late");
                                        },
                                        false),
                                    route("GET", "/quick", hello)},
                                   {.workers = 1, .max_waiting = 1, .handler_deadline = 300ms});
  RawClient runs(server->port()), waits(server->port()), too_many(server->port()), quick(server->port());
  REQUIRE(runs.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"));
  while (running == 0) std::this_thread::yield();
  REQUIRE(waits.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"));
  CHECK(quick.get("/quick").status == 200);
  // The one before may still be on its way: of two more, at least one finds the queue full.
  RawClient another(server->port());
  REQUIRE(another.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"));
  const RawAnswer busy = too_many.get("/slow");
  CHECK(busy.status == 503);
  const auto late = runs.answer();
  REQUIRE(late);
  CHECK(late->status == 503);
  CHECK(late->body.find("net.deadline") != std::string::npos);
  CHECK(waits.answer()->status == 503);
  CHECK(quick.get("/quick").status == 200);
  go.count_down();
}

TEST_CASE("rate limit") {
  const auto server = start_server({route("GET", "/", hello)}, {.requests_per_second = 0.001, .burst = 3});
  RawClient client(server->port());
  for (int i = 0; i < 3; ++i) CHECK(client.get("/").status == 200);
  const RawAnswer refused = client.get("/");
  CHECK(refused.status == 429);
  CHECK(std::stoi(refused.field("Retry-After")) > 100);
  CHECK(RawClient(server->port()).get("/").status == 429);
}

TEST_CASE("behind a proxy each client has its own limit") {
  const auto server = start_server(
      {route("GET", "/", [](const ServerRequest& r) { return ServerResponse::text(200, r.remote_address); })},
      {.requests_per_second = 0.001, .burst = 1, .trusted_proxies = {"127.0.0.1"}});
  RawClient proxy(server->port());
  CHECK(proxy.get("/", "X-Forwarded-For: 192.0.2.1\r\n").body == "192.0.2.1");
  CHECK(proxy.get("/", "X-Forwarded-For: 192.0.2.1\r\n").status == 429);
  CHECK(proxy.get("/", "X-Forwarded-For: 192.0.2.2\r\n").status == 200);
}

TEST_CASE("too many connections") {
  const auto server = start_server({route("GET", "/", hello)}, {.max_connections = 2});
  RawClient first(server->port()), second(server->port());
  CHECK(first.get("/").status == 200);
  CHECK(second.get("/").status == 200);
  CHECK(RawClient(server->port()).until_closed().starts_with("HTTP/1.1 503 "));
  CHECK(server->statistics().refused == 1);
  const auto by_address = start_server({route("GET", "/", hello)}, {.max_per_address = 1});
  RawClient only(by_address->port());
  CHECK(only.get("/").status == 200);
  CHECK(RawClient(by_address->port()).until_closed().starts_with("HTTP/1.1 503 "));
}

TEST_CASE("drain: what has begun is answered, what is idle is closed, nobody new is served") {
  std::latch go(1);
  std::atomic<int> running = 0;
  const auto server = start_server({route(
                                        "GET", "/slow",
                                        [&](const ServerRequest&) {
                                          ++running;
                                          go.wait();
                                          return ServerResponse::text(200, "done");
                                        },
                                        false),
                                    route("GET", "/", hello)},
                                   {.workers = 8});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<RawClient>(server->port()));
    REQUIRE(clients.back()->send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"));
  }
  RawClient idle(server->port());
  CHECK(idle.get("/").status == 200);
  while (running < 8) std::this_thread::yield();
  std::thread drainer([&] { server->drain(20s); });
  CHECK(idle.until_closed().empty());
  go.count_down();
  for (const auto& client : clients) {
    const auto answer = client->answer();
    REQUIRE(answer);
    CHECK(answer->body == "done");
    CHECK(answer->has("Connection: close"));
  }
  drainer.join();
  CHECK(server->statistics().open_connections == 0);
  CHECK_FALSE(RawClient(server->port()).is_connected());
}

TEST_CASE("drain under load loses no answer") {
  const auto server = start_server({route("GET", "/", hello, false)});
  std::atomic<int> answered = 0, cut = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      RawClient client(server->port());
      while (client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")) {
        const auto answer = client.answer();
        // Closed before it was read at all is allowed (RFC 9112 section 9.5); half an answer is not.
        if (!answer) {
          if (!client.buffer().empty()) ++cut;
          return;
        }
        ++answered;
        if (answer->has("Connection: close")) return;
      }
    });
  }
  while (answered < 200) std::this_thread::yield();
  server->drain(20s);
  for (auto& thread : threads) thread.join();
  CHECK(cut == 0);
  CHECK(server->statistics().requests >= static_cast<std::uint64_t>(answered));
}

TEST_CASE("drain does not wait for ever, and the end does not wait for clients") {
  auto server = start_server({route("POST", "/", echo)}, {.body_timeout = 1h});
  RawClient client(server->port());
  REQUIRE(client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"));
  CHECK(client.answer()->status == 100);
  server->drain(50ms);
  CHECK(server->statistics().open_connections == 0);
  server.reset();
  CHECK(client.until_closed().empty());
}

TEST_CASE("streams: chunked, with a length, cut short, and for HTTP/1.0") {
  const auto pieces = [](int count, bool fails) {
    ServerResponse response;
    response.next_piece = [count, fails, n = 0]() mutable -> Result<Bytes> {
      if (n == count && fails) return fail("net.handler");
      return n == count ? Bytes() : Bytes(100'000, static_cast<std::uint8_t>('a' + n++ % 26));
    };
    return response;
  };
  const auto with_length = [&](std::uint64_t length) {
    return [=](const ServerRequest&) {
      ServerResponse response = pieces(3, false);
      response.stream_length = length;
      return response;
    };
  };
  const auto server =
      start_server({route("GET", "/whole", [&](const ServerRequest&) { return pieces(30, false); }),
                    route("GET", "/cut", [&](const ServerRequest&) { return pieces(2, true); }),
                    route("GET", "/length", with_length(300'000)), route("GET", "/long", with_length(300'001)),
                    route("GET", "/short", with_length(299'999))});
  RawClient client(server->port());
  const RawAnswer whole = client.get("/whole");
  CHECK(whole.has("Transfer-Encoding: chunked"));
  CHECK(whole.body.size() == 3'000'000);
  CHECK(whole.body[2'900'000] == 'd');
  const RawAnswer length = client.get("/length");
  CHECK(length.has("Content-Length: 300000"));
  CHECK(length.body.size() == 300'000);
  CHECK(client.ask("HEAD /length HTTP/1.1\r\nHost: a\r\n\r\n").has("Content-Length: 300000"));
  CHECK(client.ask("HEAD /whole HTTP/1.1\r\nHost: a\r\n\r\n").status == 200);
  CHECK(client.get("/length").status == 200);
  for (const char* path : {"/cut", "/long", "/short"}) {
    CAPTURE(path);
    RawClient other(server->port());
    REQUIRE(other.send(fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", path)));
    CHECK_FALSE(other.answer());
  }
  RawClient old(server->port());
  REQUIRE(old.send("GET /whole HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"));
  const auto answer = old.answer();
  REQUIRE(answer);
  CHECK(answer->has("Connection: close"));
  CHECK(answer->body.size() == 3'000'000);
}

TEST_CASE("back-pressure: pieces are made only as fast as they are taken") {
  std::atomic<int> made = 0;
  const auto server = start_server({route("GET", "/", [&](const ServerRequest&) {
    ServerResponse response;
    response.next_piece = [&]() -> Result<Bytes> { return ++made > 1000 ? Bytes() : Bytes(100'000); };
    return response;
  })});
  RawClient client(server->port());
  REQUIRE(client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  REQUIRE(client.receive());
  RawClient other(server->port());
  for (int i = 0; i < 100; ++i) CHECK(other.get("/x").status == 404);
  CHECK(made < 500);
  CHECK(client.answer()->body.size() == 100'000'000);
}

TEST_CASE("the access log: one line for each request, without queries, fields and bodies") {
  const TestFolder folder;
  must(log::open_file((folder / "log").string()));
  log::set_level(log::Level::info);
  std::string id;
  {
    const auto server = start_server({route("POST", "/a/{b}", echo)});
    RawClient client(server->port());
    const RawAnswer answer = client.ask(
        "POST /a/b?token=bimat HTTP/1.1\r\nHost: a\r\nAuthorization: Basic bimat\r\n"
        "Content-Length: 5\r\n\r\nbimat");
    id = answer.field("X-Request-Id");
    client.ask("BAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    server->drain(10s);
  }
  log::set_level(log::Level::off);
  must(log::open_file("/dev/null"));
  const Bytes bytes = must(read_file(folder / "log"));
  const std::string_view lines = as_chars(bytes);
  CHECK(std::ranges::count(lines, '\n') == 2);
  const json::Value line = must(json::parse(lines.substr(0, lines.find('\n'))));
  CHECK(line.find("event")->as_string() == "http.request");
  CHECK(line.find("id")->as_string() == id);
  CHECK(line.find("path")->as_string() == "/a/b");
  CHECK(line.find("status")->as_string() == "200");
  CHECK(line.find("client")->as_string() == "127.0.0.1");
  CHECK(lines.find("bimat") == std::string_view::npos);
  CHECK(lines.find("\"status\":\"501\"") != std::string_view::npos);
}

TEST_CASE("health and metrics") {
  std::atomic<bool> is_well = true;
  HealthCheck database{"database", [&]() -> Result<> {
                         if (!is_well) return fail("net.busy");
                         return {};
                       }};
  const auto server =
      start_server({health_route({database}), metrics_route([] { return metrics::registry().text(); })});
  RawClient client(server->port());
  CHECK(client.get("/health").status == 200);
  is_well = false;
  const RawAnswer failing = client.get("/health");
  CHECK(failing.status == 503);
  CHECK(must(json::parse(failing.body)).find("failing")->as_array()->front().as_string() == "database");
  const RawAnswer numbers = client.get("/metrics");
  CHECK(numbers.has("Content-Type: text/plain; version=0.0.4; charset=utf-8"));
  CHECK(numbers.body.find("kyso_http_requests_total{method=\"GET\",route=\"/health\",status=\"5xx\"} 1\n") !=
        std::string::npos);
}

TEST_CASE("addresses that cannot be listened on") {
  const auto server = start_server({route("GET", "/", hello)});
  const auto twice = HttpServer::start({.port = server->port()}, {});
  REQUIRE(code_of(twice) == "net.listen");
  CHECK(parameter(twice.error(), "address") == fmt::format("127.0.0.1:{}", server->port()));
  CHECK(code_of(HttpServer::start({.address = "nonsense"}, {})) == "net.listen");
  CHECK(code_of(HttpServer::start({.address = "192.0.2.1"}, {})) == "net.listen");
}

TEST_CASE("IPv6, several event loops") {
  const auto server = start_server(
      {route("GET", "/",
             [](const ServerRequest& request) { return ServerResponse::text(200, request.remote_address); })},
      {.address = "::1", .io_threads = 3});
  for (int i = 0; i < 6; ++i)
    CHECK(output_of(fmt::format("curl --noproxy '*' -gsS 'http://[::1]:{}/'", server->port())) == "::1");
}

TEST_CASE("curl: a large upload, HEAD, ranges of connections") {
  Route upload = route(
      "POST", "/upload",
      [](const ServerRequest& request) {
        return ServerResponse::text(200, fmt::format("{} {}", request.body.size(), request.header("x-test")));
      },
      false);
  upload.max_body = 10U << 20U;
  const auto server = start_server({upload, route("GET", "/", hello)});
  const TestFolder folder;
  const auto file = folder.write("big", std::string(5'000'000, 'x'));
  const std::string base = fmt::format("curl --noproxy '*' -sS http://127.0.0.1:{}", server->port());
  CHECK(output_of(fmt::format("{}/upload -H 'X-Test: y' --data-binary @{}", base, file.string())) == "5000000 y");
  CHECK(output_of(fmt::format("{}/upload -H 'Transfer-Encoding: chunked' --data-binary @{}", base, file.string())) ==
        "5000000 ");
  CHECK(output_of(base + "/ -I").starts_with("HTTP/1.1 200 OK"));
  CHECK(output_of(base + "/ -o /dev/null -w '%{num_connects} ' --next -sS " + base.substr(base.find("http")) +
                  "/ --noproxy '*' -o /dev/null -w '%{num_connects}'") == "1 0");
}

}  // namespace
}  // namespace kyso::net
