#include "net/http_client.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "base/file_descriptor.h"
#include "base/test_support.h"

namespace kyso::net {
namespace {

using namespace std::chrono_literals;

// A small HTTP server on a free port of the loopback interface: it reads one request for each connection, lets `answer`
// make the bytes to send, and closes. Without an answer it keeps the connection open in silence until it ends.
class Server {
 public:
  using Answer = std::function<std::optional<std::string>(const std::string& request)>;

  explicit Server(Answer answer) : m_answer(std::move(answer)) {
    m_listener = FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(m_listener.get(), generic, length) == 0);
    REQUIRE(::listen(m_listener.get(), 16) == 0);
    REQUIRE(::getsockname(m_listener.get(), generic, &length) == 0);
    m_port = ntohs(address.sin_port);
    REQUIRE(::pipe(m_stop) == 0);
    m_thread = std::thread([this] { serve(); });
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    ::close(m_stop[1]);  // wakes every poll()
    m_thread.join();
    ::close(m_stop[0]);
  }

  std::string url(std::string_view path = "/") const { return fmt::format("http://127.0.0.1:{}{}", m_port, path); }
  int port() const { return m_port; }
  int connections() const { return m_connections; }

 private:
  bool wait_for(int descriptor) const {
    pollfd descriptors[] = {{descriptor, POLLIN, 0}, {m_stop[0], POLLIN, 0}};
    return ::poll(descriptors, 2, -1) > 0 && descriptors[1].revents == 0;
  }
  void serve() {
    while (wait_for(m_listener.get())) {
      const FileDescriptor peer(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!peer) continue;
      ++m_connections;
      const std::string request = read_request(peer.get());
      const auto answer = m_answer(request);
      if (!answer) {
        wait_for(-1);
        return;
      }
      std::string_view rest = *answer;
      while (!rest.empty()) {
        const ssize_t sent = ::send(peer.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent <= 0) break;
        rest.remove_prefix(static_cast<std::size_t>(sent));
      }
    }
  }
  std::string read_request(int peer) const {
    std::string request;
    while (!is_complete(request) && wait_for(peer)) {
      char block[4096];
      const ssize_t count = ::recv(peer, block, sizeof block, 0);
      if (count <= 0) break;
      request.append(block, static_cast<std::size_t>(count));
    }
    return request;
  }
  static bool is_complete(const std::string& request) {
    if (request.starts_with('\x16')) return true;  // a TLS handshake, which has no empty line
    const std::size_t end = request.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const std::size_t field = request.find("Content-Length: ");
    const std::size_t body = field < end ? std::strtoul(request.c_str() + field + 16, nullptr, 10) : 0;
    return request.size() >= end + 4 + body;
  }

  Answer m_answer;
  FileDescriptor m_listener;
  int m_stop[2] = {-1, -1};
  int m_port = 0;
  std::atomic<int> m_connections = 0;
  std::thread m_thread;
};

std::string ok(std::string_view body, std::string_view more_headers = {}) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{}\r\n{}", body.size(), more_headers, body);
}

// The loopback address must not go through a proxy of the machine that runs the test.
const bool kNoProxy = [] { return ::setenv("no_proxy", "127.0.0.1", 1) == 0 && ::unsetenv("http_proxy") == 0; }();

// Evaluated before main().
const bool kLoadedAtStart = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_NOLOAD) != nullptr;

TEST_CASE("libcurl is not loaded before it is needed") {
  CHECK_FALSE(kLoadedAtStart);
  CHECK(http_exchange({.url = "nonsense"}).error().code == "net.url.invalid");
  CHECK(::dlopen("libcurl.so.4", RTLD_NOW | RTLD_NOLOAD) != nullptr);
}

TEST_CASE("GET") {
  REQUIRE(kNoProxy);
  std::string seen;
  Server server([&](const std::string& request) {
    seen = request;
    return ok("body\0x", "Content-Type: text/plain; charset=utf-8\r\nX-Two: a\r\nX-TWO:   b \r\n");
  });
  const auto response = http_exchange({.url = server.url("/p?q=1"), .accept = "application/ocsp-response"}).value();
  CHECK(response.status == 200);
  CHECK(response.content_type == "text/plain; charset=utf-8");
  CHECK(as_chars(response.body) == "body");
  CHECK(response.header("x-two") == "a");
  CHECK(response.header("none").empty());
  CHECK(seen.starts_with("GET /p?q=1 HTTP/1.1\r\n"));
  CHECK(seen.find("\r\nAccept: application/ocsp-response\r\n") != std::string::npos);
  CHECK(seen.find("Content-Type") == std::string::npos);
}

TEST_CASE("POST sends the bytes as they are, at once") {
  std::string seen;
  Server server([&](const std::string& request) {
    seen = request;
    return ok("");
  });
  HttpRequest request{.url = server.url(), .method = "POST", .content_type = "application/timestamp-query"};
  request.body = Bytes{0x30, 0x00, 0xFF, 0x0A};
  request.headers = {{"Authorization", "Kyso-JWS a.b.c"}, {"X-Other", "1"}};
  request.body.resize(5000, 0x41);  // libcurl would first ask for "100 Continue" beyond 1 MB or 1 KB, by version
  const auto response = http_exchange(request).value();
  CHECK(response.body.empty());
  CHECK(seen.starts_with("POST / HTTP/1.1\r\n"));
  CHECK(seen.find("\r\nContent-Type: application/timestamp-query\r\n") != std::string::npos);
  CHECK(seen.find("\r\nAuthorization: Kyso-JWS a.b.c\r\nX-Other: 1\r\n") != std::string::npos);
  CHECK(seen.find("Expect") == std::string::npos);
  CHECK(to_bytes(seen.substr(seen.find("\r\n\r\n") + 4)) == request.body);
}

TEST_CASE("other methods") {
  std::string seen;
  Server server([&](const std::string& request) {
    seen = request;
    return std::string("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n");
  });
  CHECK(http_exchange({.url = server.url(), .method = "HEAD"}).value().status == 204);
  CHECK(seen.starts_with("HEAD / "));
  CHECK(http_exchange({.url = server.url(), .method = "DELETE"}).value().status == 204);
  CHECK(seen.starts_with("DELETE / "));
  CHECK(http_exchange({.url = server.url(), .method = "PUT", .body = to_bytes("x")}).value().status == 204);
  CHECK(seen.starts_with("PUT / "));
}

TEST_CASE("a status is a response: 429 with Retry-After, and a redirect that is not followed") {
  Server busy([](const std::string&) {
    return "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n";
  });
  const auto refused = http_exchange({.url = busy.url()}).value();
  CHECK(refused.status == 429);
  CHECK(refused.header("retry-after") == "17");

  Server elsewhere(
      [](const std::string&) { return "HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"; });
  const auto redirect = http_exchange({.url = elsewhere.url()}).value();
  CHECK(redirect.status == 302);
  CHECK(redirect.header("location") == "/other");
  CHECK(elsewhere.connections() == 1);
}

TEST_CASE("headers of an interim answer are not those of the answer") {
  Server server(
      [](const std::string&) { return "HTTP/1.1 103 Early Hints\r\nX-A: early\r\n\r\n" + ok("x", "X-A: late\r\n"); });
  CHECK(http_exchange({.url = server.url()}).value().header("x-a") == "late");
}

TEST_CASE("a silent server") {
  Server server([](const std::string&) { return std::nullopt; });
  const auto error = http_exchange({.url = server.url(), .timeout = 60ms}).error();
  CHECK(error.code == "net.timeout");
  CHECK(parameter(error, "host") == "127.0.0.1");
  CHECK(http_exchange({.url = server.url(), .timeout = 0ms}).error().code == "net.timeout");
}

TEST_CASE("nobody listens") {
  int port = 0;
  {
    port = Server([](const std::string&) { return ok(""); }).port();
  }
  const auto error = http_exchange({.url = fmt::format("http://127.0.0.1:{}/", port)}).error();
  CHECK(error.code == "net.unreachable");
  CHECK(parameter(error, "host") == "127.0.0.1");
  CHECK(http_exchange({.url = "http://no-such-host.invalid/"}).error().code == "net.unreachable");
}

TEST_CASE("an answer that is too large: announced, unannounced, in its headers") {
  Server announced([](const std::string&) { return ok(std::string(1001, 'x')); });
  CHECK(http_exchange({.url = announced.url(), .max_response_size = 1000}).error().code == "net.response.too_large");
  CHECK(http_exchange({.url = announced.url(), .max_response_size = 1001}).value().body.size() == 1001);
  Server endless([](const std::string&) { return "HTTP/1.1 200 OK\r\n\r\n" + std::string(3'000'000, 'x'); });
  CHECK(http_exchange({.url = endless.url()}).error().code == "net.response.too_large");
  Server headers([](const std::string&) {
    std::string answer = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 100; ++i) answer += fmt::format("X-{}: {}\r\n", i, std::string(1000, 'y'));
    return answer + "\r\n";
  });
  CHECK(http_exchange({.url = headers.url()}).error().code == "net.response.too_large");
}

TEST_CASE("an answer that is not HTTP, or is cut short") {
  for (const char* answer : {"", "garbage\r\n\r\n", "HTTP/9.9 x\r\n\r\n", "\x16\x03\x01",
                             "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"}) {
    Server server([&](const std::string&) { return std::string(answer); });
    CAPTURE(answer);
    CHECK(http_exchange({.url = server.url()}).error().code == "net.response.malformed");
  }
}

TEST_CASE("TLS with a server that does not speak it") {
  Server server([](const std::string&) { return std::string("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  const auto error = http_exchange({.url = fmt::format("https://127.0.0.1:{}/", server.port())}).error();
  CHECK(error.code == "net.tls");
  CHECK(parameter(error, "host") == "127.0.0.1");
}

TEST_CASE("a server certificate that nobody vouches for") {
  const TestFolder folder;
  const std::string files = fmt::format("-out {0}/c.pem -keyout {0}/k.pem", folder.path().string());
  const std::string make =
      "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 " + files;
  REQUIRE(std::system((make + " 2>/dev/null").c_str()) == 0);
  const std::string serve =
      fmt::format("openssl s_server -accept 127.0.0.1:0 -naccept 1 -www -cert {0}/c.pem -key {0}/k.pem 2>&1",
                  folder.path().string());
  const std::unique_ptr<FILE, decltype(&::pclose)> server(::popen(serve.c_str(), "r"), &::pclose);
  REQUIRE(server);
  char line[256] = {};
  int port = 0;
  while (port == 0 && std::fgets(line, sizeof line, server.get()) != nullptr)
    std::sscanf(line, "ACCEPT 127.0.0.1:%d", &port);
  REQUIRE(port != 0);
  CHECK(http_exchange({.url = fmt::format("https://127.0.0.1:{}/", port)}).error().code == "net.tls");
}

TEST_CASE("addresses that are refused, and never repeated in the error") {
  Server server([](const std::string&) { return ok(""); });
  const std::string with_password = fmt::format("http://user:matkhau@127.0.0.1:{}/", server.port());
  for (const std::string& url :
       {with_password, std::string("http://user@127.0.0.1/"), std::string(), std::string("127.0.0.1"),
        std::string("ftp://127.0.0.1/"), std::string("file:///etc/passwd"), std::string("http://"),
        std::string("http://a b/"), std::string("http://127.0.0.1:99999/"), std::string("http://127.0.0.1/\r\nX: y"),
        std::string("http://127.0.0.1/\0x", 19), std::string("http://[::1/")}) {
    CAPTURE(url);
    const auto response = http_exchange({.url = url});
    REQUIRE_FALSE(response);
    CHECK(response.error().code == "net.url.invalid");
    CHECK_FALSE(parameter(response.error(), "host").empty());
    CHECK(response.error().detail.find("matkhau") == std::string::npos);
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("nothing can be smuggled into the headers") {
  Server server([](const std::string&) { return ok(""); });
  CHECK(http_exchange({.url = server.url(), .method = "GET / HTTP/1.1\r\nX:"}).error().code == "base.internal");
  CHECK(http_exchange({.url = server.url(), .method = ""}).error().code == "base.internal");
  CHECK(http_exchange({.url = server.url(), .content_type = "a\r\nX: y"}).error().code == "base.internal");
  CHECK(http_exchange({.url = server.url(), .accept = "a\nX: y"}).error().code == "base.internal");
  for (const auto& header :
       {std::pair<std::string, std::string>{"A", "b\r\nX: y"}, {"A\nX", "y"}, {"A:", "y"}, {"", "y"}}) {
    HttpRequest request{.url = server.url()};
    request.headers.push_back(header);
    CHECK(http_exchange(request).error().code == "base.internal");
  }
  CHECK(server.connections() == 0);
}

TEST_CASE("how long an answer may be used again") {
  const Instant now = *parse_time("2026-01-02T03:04:05Z");
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == *parse_time("1994-11-06T08:49:37Z"));
  for (const char* bad :
       {"", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 31 Feb 1994 08:49:37 GMT", "0", "-1",
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, +6 Nov 1994 08:49:37 GMT"})
    CHECK_MESSAGE(!parse_http_date(bad), bad);
  HttpResponse response;
  CHECK(!response.expires(now));
  response.headers = {{"expires", "Sun, 06 Nov 2050 08:49:37 GMT"}};
  CHECK(response.expires(now) == *parse_time("2050-11-06T08:49:37Z"));
  response.headers.emplace_back("cache-control", "public, max-age=60 ,must-revalidate");
  CHECK(response.expires(now) == now + std::chrono::minutes(1));
  response.headers.back().second = "max-age=60, no-store";
  CHECK(response.expires(now) == now);
  response.headers.back().second = "no-cache, max-age=60";
  CHECK(response.expires(now) == now);
  response.headers.back().second = "max-age=999999999999999999";
  CHECK(response.expires(now) == *parse_time("2050-11-06T08:49:37Z"));
}

TEST_CASE("several threads at once") {
  Server server([](const std::string& request) { return ok(request.substr(0, request.find(" HTTP"))); });
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 10; ++n) {
        const std::string path = fmt::format("/{}-{}", i, n);
        const auto response = http_exchange({.url = server.url(path)});
        if (response && as_chars(response->body) == "GET " + path) ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(good == 40);
}

}  // namespace
}  // namespace kyso::net
