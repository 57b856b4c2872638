#include "net/http_server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/rand.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "base/log.h"
#include "net/connection.h"
#include "net/http_date.h"

namespace kyso::net {
namespace {

using std::chrono::steady_clock;

std::string random_prefix() {
  Bytes random(6);
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    const auto now = static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
    for (std::size_t i = 0; i < random.size(); ++i) random[i] = static_cast<std::uint8_t>(now >> (8 * i));
  }
  return to_hex(random) + "-";
}

// Deadlines are looked at this often: often enough to be kept within an eighth.
std::chrono::milliseconds sweep_interval(const ServerOptions& options) {
  const auto shortest = std::min({options.head_timeout, options.body_timeout, options.idle_timeout,
                                  options.write_timeout, options.handler_deadline});
  return std::clamp(shortest / 8, std::chrono::milliseconds(5), std::chrono::milliseconds(250));
}

Task<void> sweep(Loop& loop, std::chrono::milliseconds interval) {
  while (!loop.is_stopping) {
    loop.sweeper.expires_after(interval);
    (void)co_await loop.sweeper.async_wait(kUseTask);
    const auto now = steady_clock::now();
    for (Connection* connection : loop.connections) connection->sweep(now);
  }
}

std::string address_text(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

Error listen_error(const ServerOptions& options, const std::string& reason) {
  const bool is_v6 = options.address.find(':') != std::string::npos;
  return fail("net.listen", "{}", reason)
      .with("address", fmt::format("{0}{2}{1}:{3}", is_v6 ? "[" : "", is_v6 ? "]" : "", options.address, options.port))
      .with("reason", reason);
}

}  // namespace

ServerCore::ServerCore(ServerOptions server_options, Router server_router)
    : options(std::move(server_options)),
      router(std::move(server_router)),
      metrics(router.routes()),
      id_prefix(random_prefix()),
      pool(std::max<std::size_t>(options.workers, 1), options.max_waiting) {
  if (options.requests_per_second > 0) limiter.emplace(options.requests_per_second, options.burst);
}

bool ServerCore::enter(const std::string& client) {
  const std::lock_guard lock(m_mutex);
  if (is_draining || m_open >= options.max_connections) return false;
  if (options.max_per_address > 0) {
    std::size_t& count = m_by_client[client_of(client)];
    if (count >= options.max_per_address) return false;
    ++count;
  }
  ++m_open;
  metrics.open_connections.add(1);
  return true;
}

void ServerCore::leave(const std::string& client) {
  const std::lock_guard lock(m_mutex);
  metrics.open_connections.add(-1);
  if (options.max_per_address > 0) {
    const auto found = m_by_client.find(client_of(client));
    if (found != m_by_client.end() && --found->second == 0) m_by_client.erase(found);
  }
  if (--m_open == 0) m_left.notify_all();
}

std::size_t ServerCore::open_connections() const {
  const std::lock_guard lock(m_mutex);
  return m_open;
}

bool ServerCore::wait_until_empty(steady_clock::time_point until) {
  std::unique_lock lock(m_mutex);
  return m_left.wait_until(lock, until, [this] { return m_open == 0; });
}

std::string_view Loop::date() {
  const Instant now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (now != m_date_at || m_date.empty()) {
    m_date_at = now;
    m_date = http_date(now);
  }
  return m_date;
}

namespace {

class AsioServer final : public HttpServer {
 public:
  AsioServer(ServerOptions options, Router router) : m_core(std::move(options), std::move(router)) {}
  ~AsioServer() override { stop(); }

  Result<> open();
  std::uint16_t port() const override { return m_port; }
  void drain(std::chrono::milliseconds patience) override;
  Result<> reload_tls() override;
  Statistics statistics() const override;

 private:
  Result<> load_tls();
  Result<> listen();
  void start_threads();
  void stop();
  template <typename Function>
  void on_connections(Function function);
  static Task<void> accept_all(AsioServer& server);
  void welcome(Loop& loop, Socket socket, const asio::ip::tcp::endpoint& peer);
  void refuse(Socket& socket);
  bool has_tls() const { return !m_core.options.tls_certificate.empty(); }

  ServerCore m_core;
  std::vector<std::unique_ptr<Loop>> m_loops;
  std::vector<asio::executor_work_guard<LoopExecutor>> m_guards;
  std::optional<Acceptor> m_acceptor;  // on the thread of the first loop
  std::vector<std::thread> m_threads;
  std::uint16_t m_port = 0;
  mutable std::mutex m_tls_mutex;
  std::shared_ptr<const TlsContext> m_tls;
};

Result<> AsioServer::open() {
  KYSO_TRY(load_tls());
  for (std::size_t i = 0; i < std::max<std::size_t>(m_core.options.io_threads, 1); ++i)
    m_loops.push_back(std::make_unique<Loop>());
  KYSO_TRY(listen());
  start_threads();
  return {};
}

Result<> AsioServer::load_tls() {
  const ServerOptions& options = m_core.options;
  if (!has_tls()) return {};
  auto context = KYSO_TRY(TlsContext::create(
      {options.tls_certificate, options.tls_key, options.tls_client_roots, options.needs_client_certificate}));
  const std::lock_guard lock(m_tls_mutex);
  m_tls = std::move(context);
  return {};
}

Result<> AsioServer::reload_tls() {
  auto loaded = load_tls();
  if (loaded) {
    log::write(log::Level::info, "http.tls.loaded");
  } else {
    log::write(log::Level::error, "http.tls.not_loaded", loaded.error());
  }
  return loaded;
}

Result<> AsioServer::listen() {
  const ServerOptions& options = m_core.options;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return listen_error(options, error.message());
  const asio::ip::tcp::endpoint endpoint(address, options.port);
  m_acceptor.emplace(m_loops.front()->context.get_executor());
  m_acceptor->open(endpoint.protocol(), error);
  if (!error) (void)::fcntl(m_acceptor->native_handle(), F_SETFD, FD_CLOEXEC);
  if (!error) m_acceptor->set_option(asio::socket_base::reuse_address(true), error);
  if (!error) m_acceptor->bind(endpoint, error);
  if (!error) m_acceptor->listen(4096, error);
  if (!error) m_port = m_acceptor->local_endpoint(error).port();
  if (error) return listen_error(options, error.message());
  return {};
}

void AsioServer::start_threads() {
  for (const auto& loop : m_loops) {
    m_guards.push_back(asio::make_work_guard(loop->context));
    asio::co_spawn(loop->context.get_executor(), sweep(*loop, sweep_interval(m_core.options)), asio::detached);
  }
  asio::co_spawn(m_loops.front()->context.get_executor(), accept_all(*this), asio::detached);
  for (const auto& loop : m_loops) m_threads.emplace_back([&context = loop->context] { context.run(); });
}

Task<void> AsioServer::accept_all(AsioServer& server) {
  Timer pause(server.m_loops.front()->context);
  for (std::size_t turn = 0; server.m_acceptor->is_open(); ++turn) {
    Loop& loop = *server.m_loops[turn % server.m_loops.size()];
    asio::ip::tcp::endpoint peer;
    auto [error, socket] = co_await server.m_acceptor->async_accept(loop.context.get_executor(), peer, kUseTask);
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      if (error != asio::error::connection_aborted) {
        // Out of descriptors or memory: trying again at once would only burn the processor.
        log::write(log::Level::error, "http.accept.failed", {{"reason", error.message()}});
        pause.expires_after(std::chrono::milliseconds(100));
        (void)co_await pause.async_wait(kUseTask);
      }
      continue;
    }
    server.welcome(loop, std::move(socket), peer);
  }
}

void AsioServer::welcome(Loop& loop, Socket socket, const asio::ip::tcp::endpoint& peer) {
  const std::string address = address_text(peer.address());
  if (!m_core.enter(address)) return refuse(socket);
  m_core.connections.fetch_add(1, std::memory_order_relaxed);
  m_core.metrics.connections.add();
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  (void)::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
  try {
    std::unique_ptr<TlsSession> tls;
    if (has_tls()) {
      const std::lock_guard lock(m_tls_mutex);
      tls = TlsSession::create(m_tls, socket.native_handle());
      if (!tls) return m_core.leave(address);
    }
    auto connection = std::make_shared<Connection>(m_core, loop, std::move(socket), address, std::move(tls));
    asio::co_spawn(loop.context.get_executor(), Connection::run(std::move(connection)), asio::detached);
  } catch (const std::exception& exception) {  // out of memory
    log::write(log::Level::error, "http.accept.failed", {{"reason", exception.what()}});
    m_core.leave(address);
  }
}

void AsioServer::refuse(Socket& socket) {
  constexpr std::string_view kAnswer =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 10\r\nConnection: close\r\n\r\n";
  m_core.refused.fetch_add(1, std::memory_order_relaxed);
  m_core.metrics.refused_connections.add();
  if (!has_tls()) (void)::send(socket.native_handle(), kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  boost::system::error_code ignored;
  socket.close(ignored);
}

template <typename Function>
void AsioServer::on_connections(Function function) {
  for (const auto& loop : m_loops) {
    asio::post(loop->context, [&own = *loop, function] {
      for (Connection* connection : own.connections) function(*connection);
    });
  }
}

void AsioServer::drain(std::chrono::milliseconds patience) {
  const auto until = steady_clock::now() + patience;
  if (m_threads.empty()) return;
  m_core.is_draining = true;
  asio::post(m_loops.front()->context, [this] {
    boost::system::error_code ignored;
    m_acceptor->close(ignored);
  });
  // A connection that was being accepted joins its loop after the first look: look again while any is left.
  while (steady_clock::now() < until) {
    on_connections([](Connection& connection) { connection.drain(); });
    const auto next = std::min(until, steady_clock::now() + std::chrono::milliseconds(50));
    if (m_core.wait_until_empty(next)) return;
  }
  while (!m_core.wait_until_empty(steady_clock::now() + std::chrono::milliseconds(20)))
    on_connections([](Connection& connection) { connection.abort(); });
}

void AsioServer::stop() {
  if (m_threads.empty()) return;
  drain(std::chrono::milliseconds(0));
  m_core.pool.stop();
  m_core.replies->close();
  for (const auto& loop : m_loops) {
    asio::post(loop->context, [&own = *loop] {
      own.is_stopping = true;
      own.sweeper.cancel();
    });
  }
  m_guards.clear();
  for (std::thread& thread : m_threads) thread.join();
  m_threads.clear();
}

HttpServer::Statistics AsioServer::statistics() const {
  return {m_core.requests, m_core.errors, m_core.connections, m_core.refused, m_core.open_connections()};
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(ServerOptions options, std::vector<Route> routes) {
  Router router = KYSO_TRY(Router::create(std::move(routes)));
  auto server = std::make_unique<AsioServer>(std::move(options), std::move(router));
  KYSO_TRY(server->open());
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace kyso::net
