#include "net/http_server.h"

#include <doctest/doctest.h>

#include <atomic>
#include <latch>
#include <thread>

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

}  // namespace
}  // namespace kyso::net
