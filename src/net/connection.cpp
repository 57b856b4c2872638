#include "net/connection.h"

#include <algorithm>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "base/log.h"
#include "base/text.h"

namespace kyso::net {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kSmallBuffer = 2U << 10U;
constexpr std::size_t kLargeBuffer = 64U << 10U;
constexpr std::size_t kProgress = 64U << 10U;  // moves the deadline of a body
constexpr unsigned kMaxInARow = 32;            // pipelined requests before others get their turn

}  // namespace

Connection::Connection(ServerCore& core, Loop& loop, Socket socket, std::string remote_address,
                       std::unique_ptr<TlsSession> tls)
    : m_core(core),
      m_loop(loop),
      m_socket(std::move(socket)),
      m_tls(std::move(tls)),
      m_wake(loop.context, steady_clock::time_point::max()),
      m_remote(std::move(remote_address)),
      m_reader(core.options.allowed_hosts),
      m_started(steady_clock::now()) {
  set_deadline(core.options.head_timeout);
}

Task<void> Connection::run(std::shared_ptr<Connection> self) {
  self->m_loop.connections.insert(self.get());
  try {
    bool goes_on = !self->m_tls || co_await self->shake_hands();
    while (goes_on) goes_on = co_await self->serve_one();
    if (self->m_has_answered && !self->is_cut()) co_await self->linger();
  } catch (const std::exception& exception) {  // out of memory: this connection ends, the others go on
    log::write(log::Level::error, "http.connection.threw", {{"what", exception.what()}});
  }
  self->m_loop.connections.erase(self.get());
  boost::system::error_code ignored;
  self->m_socket.close(ignored);
  self->m_tls.reset();
  self->m_core.leave(self->m_remote);
}

void Connection::sweep(steady_clock::time_point now) {
  if (now < m_deadline || m_is_late) return;
  m_is_late = true;
  boost::system::error_code ignored;
  m_socket.cancel(ignored);
  m_wake.cancel();
}

void Connection::drain() {
  if (m_source) m_source->finish();
  if (m_is_idle) abort();
}

void Connection::abort() {
  m_is_aborted = true;
  boost::system::error_code ignored;
  m_socket.cancel(ignored);
  m_wake.cancel();
}

Task<bool> Connection::shake_hands() {
  while (true) {
    const TlsSession::Io state = m_tls->handshake();
    if (state == TlsSession::Io::done) break;
    if (state == TlsSession::Io::closed || state == TlsSession::Io::failed) co_return false;
    const bool reads = state == TlsSession::Io::wants_read;
    if (!co_await wait_for(reads ? asio::socket_base::wait_read : asio::socket_base::wait_write)) co_return false;
  }
  m_client_certificate = m_tls->peer_certificate();
  co_return true;
}

Task<bool> Connection::serve_one() {
  m_reader.next();
  m_job.reset();
  if (++m_in_a_row > kMaxInARow) {
    m_in_a_row = 0;
    co_await asio::post(m_loop.context, asio::use_awaitable_t<LoopExecutor>());
  }
  const RequestReader::Step step = co_await receive_head();
  if (step == RequestReader::Step::more) co_return false;
  m_is_idle = false;
  m_started = steady_clock::now();
  m_job = std::make_shared<Job>(m_core);
  m_job->request.id = m_core.id_prefix + std::to_string(m_core.next_id++);
  if (step == RequestReader::Step::refused) {
    m_keeps_alive = false;
    m_job->request.method = m_reader.head().method;
    m_job->request.remote_address = m_remote;
    const Refusal& why = m_reader.refusal();
    co_return co_await answer(problem(why.status, why.code, why.reason));
  }
  consume(m_reader.used());
  m_keeps_alive = m_reader.head().keeps_alive;
  Router::Match match = m_core.router.find(m_reader.head().method, m_reader.head().raw_path);
  m_job->route = match.route;
  take_head(*m_job);
  if (auto refusal = refuse_early(match)) {
    m_keeps_alive = m_keeps_alive && !m_reader.head().has_body();
    co_return co_await answer(std::move(*refusal));
  }
  m_job->request.captures = std::move(match.captures);
  if (m_reader.head().has_body() && !co_await receive_body(m_core.router.routes()[match.route].max_body))
    co_return false;
  m_job->request.body = std::move(m_reader.body());
  co_return co_await handle(m_job);
}

// `more`: the connection ended before a request.
Task<RequestReader::Step> Connection::receive_head() {
  m_is_idle = m_begin == m_end;
  if (!m_is_first || !m_is_idle) set_deadline(m_is_idle ? m_core.options.idle_timeout : m_core.options.head_timeout);
  m_is_first = false;
  if (m_is_idle && m_core.is_draining) co_return RequestReader::Step::more;
  while (true) {
    if (m_begin != m_end) {
      const RequestReader::Step step = m_reader.read_head(buffered());
      if (step != RequestReader::Step::more) co_return step;
      if (m_is_idle) set_deadline(m_core.options.head_timeout);
      m_is_idle = false;
    }
    if (co_await fill() == Got::bytes) continue;
    if (m_is_late && !m_is_idle && !m_is_aborted) {
      m_keeps_alive = false;
      m_job = std::make_shared<Job>(m_core);
      m_job->request.id = m_core.id_prefix + std::to_string(m_core.next_id++);
      m_job->request.remote_address = m_remote;
      co_await answer(problem(408, "net.request.timeout"));
    }
    co_return RequestReader::Step::more;
  }
}

void Connection::take_head(Job& job) {
  RequestHead& head = m_reader.head();
  ServerRequest& request = job.request;
  request.method = head.method;
  request.path = std::move(head.path);
  request.raw_path = std::move(head.raw_path);
  request.target = std::move(head.target);
  request.query = std::move(head.query);
  request.remote_address = m_core.options.trusted_proxies.empty()
                               ? m_remote
                               : client_address(head, m_remote, m_core.options.trusted_proxies);
  request.headers = std::move(head.fields);
  request.client_certificate = std::string(as_chars(m_client_certificate));
  request.deadline = m_started + m_core.options.handler_deadline;
}

// What is known before the body: an answer instead of the handler's, or nothing.
std::optional<ServerResponse> Connection::refuse_early(Router::Match& match) {
  const RequestHead& head = m_reader.head();
  if (m_core.limiter) {
    if (const auto wait = m_core.limiter->refuse(m_job->request.remote_address, m_started)) {
      m_core.metrics.rate_limited.add();
      const auto seconds = std::chrono::ceil<std::chrono::seconds>(*wait).count();
      return problem(429, "net.rate_limited").with("Retry-After", std::to_string(std::max<std::int64_t>(seconds, 1)));
    }
  }
  if (match.route == Router::kNone && match.allow.empty()) return problem(404, "net.path.unknown");
  if (match.route == Router::kNone && head.method == "OPTIONS") {
    ServerResponse options;
    options.status = 204;
    return std::move(options).with("Allow", match.allow);
  }
  if (match.route == Router::kNone) return problem(405, "net.method.refused").with("Allow", match.allow);
  const Route& route = m_core.router.routes()[match.route];
  if (head.has_body() && !route.content_types.empty()) {
    const std::string_view type = m_job->request.header("content-type");
    const std::string_view essence = trim(type.substr(0, type.find(';')));
    if (std::ranges::none_of(route.content_types, [&](const auto& t) { return equals_ignoring_case(t, essence); }))
      return problem(415, "net.media_type");
  }
  if (head.content_length.value_or(0) > route.max_body) return problem(413, "net.request.too_large");
  if (head.has_body() && !reserve_body(head.is_chunked ? route.max_body : *head.content_length))
    return problem(503, "net.busy", "memory for bodies").with("Retry-After", "1");
  return std::nullopt;
}

bool Connection::reserve_body(std::size_t size) {
  if (m_core.body_memory.fetch_add(size) + size > m_core.options.max_body_memory) {
    m_core.body_memory -= size;
    return false;
  }
  m_job->reserved = size;
  return true;
}

Task<bool> Connection::receive_body(std::size_t limit) {
  if (m_reader.head().expects_continue && m_begin == m_end) {
    m_out = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!co_await send({})) co_return false;
  }
  set_deadline(m_core.options.body_timeout);
  std::size_t next_progress = kProgress;
  while (true) {
    const RequestReader::Step step = m_reader.read_body(buffered(), limit);
    consume(m_reader.used());
    if (step == RequestReader::Step::done) co_return true;
    if (step == RequestReader::Step::refused) {
      m_keeps_alive = false;
      const Refusal& why = m_reader.refusal();
      co_return co_await answer(problem(why.status, why.code, why.reason));
    }
    if (m_reader.body().size() >= next_progress) {
      next_progress = m_reader.body().size() + kProgress;
      set_deadline(m_core.options.body_timeout);
    }
    if (co_await fill() == Got::bytes) continue;
    if (m_is_late && !m_is_aborted) {
      m_keeps_alive = false;
      co_await answer(problem(408, "net.request.timeout"));
    }
    co_return false;
  }
}

Task<bool> Connection::handle(std::shared_ptr<Job> job) {
  no_deadline();
  const Route& route = m_core.router.routes()[job->route];
  if (route.is_quick) co_return co_await answer(call(route, job->request));
  if (route.quick)
    if (std::optional<ServerResponse> at_hand = call_quick(route, job->request))
      co_return co_await answer(*std::move(at_hand));
  m_handled.reset();
  if (!ask_for_reply(route, job) && !ask_worker(job))
    co_return co_await answer(problem(503, "net.busy", "queue").with("Retry-After", "1"));
  set_deadline(m_core.options.handler_deadline);
  while (!m_handled && !is_cut()) co_await wait_for_news();
  if (m_is_aborted) {
    job->is_abandoned = true;
    co_return false;
  }
  if (!m_handled) {
    job->is_abandoned = true;
    m_keeps_alive = false;
    co_return co_await answer(problem(503, "net.deadline").with("Retry-After", "1"));
  }
  ServerResponse response = std::move(*m_handled);
  m_handled.reset();
  co_return co_await answer(std::move(response));
}

bool Connection::ask_worker(std::shared_ptr<Job> job) {
  return m_core.pool.submit([self = shared_from_this(), job = std::move(job)]() mutable {
    if (job->is_abandoned) return;
    ServerResponse response = call(self->m_core.router.routes()[job->route], job->request);
    deliver(std::move(self), std::move(job), std::move(response));
  });
}

// False: a worker must be asked.
bool Connection::ask_for_reply(const Route& route, const std::shared_ptr<Job>& job) {
  if (!route.later) return false;
  return call_later(route, job->request,
                    [gate = m_core.replies, connection = weak_from_this(), asked = std::weak_ptr(job)](auto response) {
                      gate->pass([&] {
                        auto self = connection.lock();
                        auto still = asked.lock();
                        if (self && still) deliver(std::move(self), std::move(still), std::move(response));
                      });
                    });
}

void Connection::deliver(std::shared_ptr<Connection> self, std::shared_ptr<Job> job, ServerResponse response) {
  Loop& loop = self->m_loop;
  asio::post(loop.context, [self = std::move(self), job = std::move(job), response = std::move(response)]() mutable {
    if (job->is_abandoned || self->m_job != job) return;
    self->m_handled = std::move(response);
    self->m_wake.cancel();
  });
}

ServerResponse Connection::problem(int status, std::string_view code, std::string_view detail) const {
  return ServerResponse::problem(Error(code, std::string(detail)), status, m_job->request);
}

void Connection::consume(std::size_t count) {
  m_begin += count;
  if (m_begin != m_end) return;
  m_begin = m_end = 0;
  if (m_in.size() > kSmallBuffer) {
    m_in.resize(kSmallBuffer);
    m_in.shrink_to_fit();
  }
}

void Connection::make_room() {
  constexpr std::size_t kEnough = 512;
  if (m_in.size() - m_end >= kEnough) return;
  if (m_begin > 0) {
    m_in.erase(0, m_begin);
    m_end -= m_begin;
    m_begin = 0;
  }
  m_in.resize(std::min(kLargeBuffer, std::max({kSmallBuffer, m_in.size() * 2, m_end + kEnough})));
}

// More bytes into the buffer.
Task<Connection::Got> Connection::fill() {
  m_in_a_row = 0;
  make_room();
  char* to = m_in.data() + m_end;
  std::size_t got = 0;
  if (m_tls) {
    while (true) {
      if (is_cut()) co_return Got::nothing;
      const TlsSession::Io state = m_tls->read(to, m_in.size() - m_end, got);
      if (state == TlsSession::Io::done) break;
      if (state == TlsSession::Io::closed || state == TlsSession::Io::failed) co_return Got::nothing;
      const bool reads = state == TlsSession::Io::wants_read;
      if (!co_await wait_for(reads ? asio::socket_base::wait_read : asio::socket_base::wait_write))
        co_return Got::nothing;
    }
  } else {
    if (is_cut()) co_return Got::nothing;
    const auto [error, count] = co_await m_socket.async_read_some(asio::buffer(to, m_in.size() - m_end), kUseTask);
    if (error || m_is_aborted) co_return Got::nothing;
    got = count;
  }
  m_end += got;
  co_return Got::bytes;
}

Task<bool> Connection::wait_for(asio::socket_base::wait_type what) {
  if (is_cut()) co_return false;
  const auto [error] = co_await m_socket.async_wait(what, kUseTask);
  co_return !error && !is_cut();
}

Task<void> Connection::wait_for_news() {
  (void)co_await m_wake.async_wait(kUseTask);
}

// Closing at once while the client still sends would make its system throw the answer away (RFC 9112 section 9.6).
Task<void> Connection::linger() {
  constexpr std::size_t kMaxLeft = 1U << 20U;
  boost::system::error_code error;
  if (m_tls) m_tls->close();
  m_socket.shutdown(asio::socket_base::shutdown_send, error);
  if (error) co_return;
  set_deadline(std::min<std::chrono::milliseconds>(std::chrono::seconds(2), m_core.options.idle_timeout));
  m_is_idle = true;  // a drain need not wait for this
  m_in.resize(kSmallBuffer);
  for (std::size_t left = 0; left < kMaxLeft && !is_cut() && !m_core.is_draining;) {
    const auto [failed, count] = co_await m_socket.async_read_some(asio::buffer(m_in), kUseTask);
    if (failed || count == 0) break;
    left += count;
  }
}

void Connection::set_deadline(std::chrono::milliseconds from_now) {
  m_deadline = steady_clock::now() + from_now;
  m_is_late = false;
}

}  // namespace kyso::net
