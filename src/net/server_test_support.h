#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <optional>
#include <string>

#include "base/file_descriptor.h"
#include "base/test_support.h"
#include "net/http_server.h"

// Clients that send raw bytes, for the tests of the server.
namespace kyso::net {

// One answer as it came.
struct RawAnswer {
  int status = 0;
  std::string head, body;
  bool has(std::string_view line) const { return head.find("\r\n" + std::string(line) + "\r\n") != std::string::npos; }
  std::string field(std::string_view name) const {
    const std::size_t at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(m_socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) m_socket.reset();
  }
  bool is_connected() const { return static_cast<bool>(m_socket); }
  int descriptor() const { return m_socket.get(); }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(m_socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void finish_sending() { ::shutdown(m_socket.get(), SHUT_WR); }

  // More bytes into the buffer; false at the end of the connection, or when none came in time.
  bool receive(std::chrono::milliseconds patience = std::chrono::seconds(20)) {
    pollfd descriptor{m_socket.get(), POLLIN, 0};
    if (::poll(&descriptor, 1, static_cast<int>(patience.count())) <= 0) return false;
    std::array<char, 65536> block;
    const ssize_t got = ::recv(m_socket.get(), block.data(), block.size(), 0);
    if (got <= 0) return false;
    m_buffer.append(block.data(), static_cast<std::size_t>(got));
    return true;
  }
  std::string until_closed() {
    while (receive()) {
    }
    return std::exchange(m_buffer, {});
  }
  bool is_closed_within(std::chrono::milliseconds patience) {
    pollfd descriptor{m_socket.get(), POLLIN, 0};
    if (::poll(&descriptor, 1, static_cast<int>(patience.count())) <= 0) return false;
    char byte;
    return ::recv(m_socket.get(), &byte, 1, MSG_PEEK) <= 0;
  }

  // The next answer; chunks are joined.
  std::optional<RawAnswer> answer(bool is_head_request = false) {
    std::size_t end;
    while ((end = m_buffer.find("\r\n\r\n")) == std::string::npos)
      if (!receive()) return std::nullopt;
    RawAnswer answer;
    answer.head = m_buffer.substr(0, end + 2);
    m_buffer.erase(0, end + 4);
    answer.status = std::atoi(answer.head.c_str() + 9);
    if (is_head_request || answer.status == 100 || answer.status == 204 || answer.status == 304) return answer;
    if (answer.field("Transfer-Encoding") == "chunked") return read_chunks(answer);
    const std::string length = answer.field("Content-Length");
    if (length.empty()) {
      answer.body = until_closed();
      return answer;
    }
    const std::size_t size = std::stoul(length);
    while (m_buffer.size() < size)
      if (!receive()) return std::nullopt;
    answer.body = m_buffer.substr(0, size);
    m_buffer.erase(0, size);
    return answer;
  }
  RawAnswer ask(std::string_view bytes) {
    REQUIRE(send(bytes));
    const auto got = answer(bytes.starts_with("HEAD "));
    REQUIRE(got);
    return *got;
  }
  RawAnswer get(std::string_view target, std::string_view more = {}) {
    return ask(fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", target, more));
  }
  const std::string& buffer() const { return m_buffer; }

 private:
  std::optional<RawAnswer> read_chunks(RawAnswer answer) {
    while (true) {
      std::size_t line;
      while ((line = m_buffer.find("\r\n")) == std::string::npos)
        if (!receive()) return std::nullopt;
      const std::size_t size = std::stoul(m_buffer.substr(0, line), nullptr, 16);
      while (m_buffer.size() < line + 2 + size + 2)
        if (!receive()) return std::nullopt;
      answer.body += m_buffer.substr(line + 2, size);
      if (m_buffer.substr(line + 2 + size, 2) != "\r\n") return std::nullopt;
      m_buffer.erase(0, line + 2 + size + 2);
      if (size == 0) return answer;
    }
  }
  FileDescriptor m_socket;
  std::string m_buffer;
};

inline Route route(std::string method, std::string where, Handler handler, bool is_quick = true) {
  Route made;
  made.method = std::move(method);
  made.where = std::move(where);
  made.handler = std::move(handler);
  made.is_quick = is_quick;
  return made;
}

inline std::unique_ptr<HttpServer> start_server(std::vector<Route> routes, ServerOptions options = {}) {
  return must(HttpServer::start(std::move(options), std::move(routes)));
}

}  // namespace kyso::net
