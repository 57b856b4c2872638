#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>

#include "base/log.h"
#include "net/connection.h"

// How answers leave: one buffer, one system call where the socket takes it.
namespace kyso::net {
namespace {

constexpr std::size_t kProgress = 64U << 10U;  // moves the deadline of an answer
constexpr std::size_t kMaxAtOnce = 256U << 10U;
constexpr std::size_t kTlsRecord = 16U << 10U;

}  // namespace

Framing Connection::frame(const ServerResponse& response) const {
  Framing framing;
  framing.is_http_11 = m_reader.head().is_http_11;
  framing.closes = !m_keeps_alive;
  const bool is_stream = response.next_piece || response.events;
  if (!may_have_body(response.status)) {
    framing.body = Framing::Body::none;
  } else if (!is_stream) {
    framing.length = response.body ? response.body->size() : 0;
  } else if (response.stream_length && response.next_piece) {
    framing.length = *response.stream_length;
  } else if (m_job->request.method == "HEAD") {
    framing.body = Framing::Body::none;
  } else if (framing.is_http_11) {
    framing.body = Framing::Body::chunked;
  } else {
    framing.body = Framing::Body::until_close;
    framing.closes = true;
  }
  return framing;
}

// True when the connection may serve another request.
Task<bool> Connection::answer(ServerResponse response) {
  if (!is_sendable(response)) {
    log::write(log::Level::error, "http.answer.invalid", {{"id", m_job->request.id}});
    response = problem(500, "net.handler");
  }
  if (m_core.is_draining) m_keeps_alive = false;
  const Framing framing = frame(response);
  m_keeps_alive = !framing.closes;
  m_has_answered = true;
  m_sent = 0;
  m_out.clear();
  write_response_head(m_out, response, framing, m_job->request.id, m_loop.date());
  const bool has_body = framing.body != Framing::Body::none && m_job->request.method != "HEAD";
  const bool is_stream = has_body && (response.next_piece || response.events);
  const std::shared_ptr<const Bytes> body = has_body && !is_stream ? response.body : nullptr;
  const int status = response.status;
  set_deadline(m_core.options.write_timeout);
  bool is_whole = co_await send(body ? ByteView(*body) : ByteView());
  if (is_whole && is_stream) {
    const bool is_chunked = framing.body == Framing::Body::chunked;
    is_whole = response.events ? co_await send_events(std::move(response.events), is_chunked)
                               : co_await send_pieces(std::move(response), is_chunked);
  }
  finish_answer(status, is_whole);
  co_return is_whole&& m_keeps_alive;
}

void Connection::finish_answer(int status, bool is_whole) {
  m_core.requests.fetch_add(1, std::memory_order_relaxed);
  if (status >= 500) m_core.errors.fetch_add(1, std::memory_order_relaxed);
  if (!is_whole) m_has_answered = false;  // nothing to linger for
  const auto took = std::chrono::steady_clock::now() - m_started;
  m_core.metrics.answered(m_job->route, status, took);
  if (!m_core.options.access_log) return;
  constexpr std::size_t kMaxLoggedPath = 256;
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  // Neither query nor bodies nor fields: they may hold what a log must not.
  log::write(log::Level::info, "http.request",
             {{"id", m_job->request.id},
              {"client", m_job->request.remote_address},
              {"method", m_job->request.method},
              {"path", m_job->request.raw_path.substr(0, kMaxLoggedPath)},
              {"status", std::to_string(status)},
              {"sent", std::to_string(m_sent)},
              {"micros", std::to_string(micros)},
              {"whole", is_whole ? "yes" : "no"}});
}

// As much as the socket takes at once; false when the connection is broken.
bool Connection::try_send(ByteView& head, ByteView& body) {
  while (!head.empty() || !body.empty()) {
    const ByteView some = body.first(std::min(body.size(), kMaxAtOnce));
    std::array<iovec, 2> parts{iovec{const_cast<std::uint8_t*>(head.data()), head.size()},
                               iovec{const_cast<std::uint8_t*>(some.data()), some.size()}};
    msghdr message{};
    message.msg_iov = head.empty() ? &parts[1] : parts.data();
    message.msg_iovlen = head.empty() || some.empty() ? 1 : 2;
    const ssize_t result = ::sendmsg(m_socket.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (result < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    auto sent = static_cast<std::size_t>(result);
    m_sent += sent;
    const std::size_t of_head = std::min(sent, head.size());
    head = head.subspan(of_head);
    body = body.subspan(sent - of_head);
  }
  return true;
}

Task<bool> Connection::send(ByteView body) {
  if (m_tls) {
    if (body.size() + m_out.size() <= kTlsRecord) {  // one record
      append_to_out(body);
      body = {};
    }
    co_return co_await send_tls(as_bytes(m_out)) && co_await send_tls(body);
  }
  ByteView head = as_bytes(m_out);
  std::uint64_t progress = m_sent;
  while (true) {
    if (!try_send(head, body)) co_return false;
    if (head.empty() && body.empty()) co_return true;
    if (m_sent - progress >= kProgress) {
      progress = m_sent;
      set_deadline(m_core.options.write_timeout);
    }
    if (!co_await wait_for(asio::socket_base::wait_write)) co_return false;
  }
}

Task<bool> Connection::send_tls(ByteView bytes) {
  std::uint64_t progress = m_sent;
  while (!bytes.empty()) {
    std::size_t sent = 0;
    const TlsSession::Io state = m_tls->write(bytes.first(std::min(bytes.size(), kTlsRecord)), sent);
    if (state == TlsSession::Io::done) {
      bytes = bytes.subspan(sent);
      m_sent += sent;
      if (m_sent - progress >= kProgress) {
        progress = m_sent;
        set_deadline(m_core.options.write_timeout);
      }
      continue;
    }
    if (state == TlsSession::Io::closed || state == TlsSession::Io::failed) co_return false;
    const bool writes = state == TlsSession::Io::wants_write;
    if (!co_await wait_for(writes ? asio::socket_base::wait_write : asio::socket_base::wait_read)) co_return false;
  }
  co_return true;
}

void Connection::append_to_out(ByteView bytes) {
  m_out.append(as_chars(bytes));
}

// An empty piece is the end.
Task<bool> Connection::send_piece(ByteView piece, bool is_chunked) {
  set_deadline(m_core.options.write_timeout);
  m_out.clear();
  if (!is_chunked) co_return co_await send(piece);
  m_out = fmt::format("{:x}\r\n", piece.size());
  append_to_out(piece);
  m_out += "\r\n";
  co_return co_await send({});
}

Task<bool> Connection::send_pieces(ServerResponse response, bool is_chunked) {
  const auto next = std::make_shared<std::function<Result<Bytes>()>>(std::move(response.next_piece));
  std::uint64_t left = response.stream_length.value_or(UINT64_MAX);
  while (true) {
    m_piece.reset();
    if (!ask_for_piece(next)) co_return false;
    set_deadline(m_core.options.handler_deadline);
    while (!m_piece && !is_cut()) co_await wait_for_news();
    if (!m_piece || is_cut()) {
      m_job->is_abandoned = true;
      co_return false;
    }
    const Result<Bytes> piece = std::move(*m_piece);
    if (!piece) {
      log::write(log::Level::error, "http.answer.cut_short", piece.error());
      co_return false;
    }
    const bool is_end = piece->empty();
    if (piece->size() > left || (is_end && response.stream_length && left > 0)) {
      log::write(log::Level::error, "http.answer.wrong_length", {{"id", m_job->request.id}});
      co_return false;
    }
    left -= piece->size();
    if (is_end && !is_chunked) co_return true;
    if (!co_await send_piece(*piece, is_chunked)) co_return false;
    if (is_end) co_return true;
  }
}

bool Connection::ask_for_piece(const std::shared_ptr<std::function<Result<Bytes>()>>& next) {
  return m_core.pool.resume([self = shared_from_this(), job = m_job, next]() mutable {
    if (job->is_abandoned) return;
    Result<Bytes> piece = guarded_piece(*next);
    Loop& loop = self->m_loop;
    asio::post(loop.context, [self = std::move(self), job = std::move(job), piece = std::move(piece)]() mutable {
      if (job->is_abandoned || self->m_job != job) return;
      self->m_piece = std::move(piece);
      self->m_wake.cancel();
    });
  });
}

Task<bool> Connection::send_events(std::shared_ptr<PieceSource> source, bool is_chunked) {
  m_source = source;
  // Weak: the source may outlive the connection. Posted: it may call from any thread.
  source->on_news([weak = weak_from_this(), &loop = m_loop] {
    asio::post(loop.context, [weak] {
      const auto self = weak.lock();
      if (!self) return;
      self->m_has_news = true;
      self->m_wake.cancel();
    });
  });
  if (m_core.is_draining) source->finish();
  const bool is_whole = co_await pump_events(*source, is_chunked);
  source->on_news({});
  m_source.reset();
  co_return is_whole;
}

Task<bool> Connection::pump_events(PieceSource& source, bool is_chunked) {
  while (!m_is_aborted) {
    m_has_news = false;
    const PieceSource::Taken taken = source.take();
    if (!taken.piece.empty() && !co_await send_piece(taken.piece, is_chunked)) co_return false;
    if (taken.has_ended) co_return !is_chunked || co_await send_piece({}, true);
    if (!taken.piece.empty()) continue;
    set_deadline(source.heartbeat_every());
    while (!m_has_news && !is_cut()) co_await wait_for_news();
    if (!m_has_news && !m_is_aborted && !co_await send_piece(as_bytes(source.heartbeat()), is_chunked)) co_return false;
  }
  co_return false;
}

namespace {

// What a handler gives, or nullopt when it threw, with a line in the log.
template <typename F>
auto guarded(const Route& route, const ServerRequest& request, F&& handler)
    -> std::optional<std::invoke_result_t<F, const ServerRequest&>> {
  try {
    return handler(request);
  } catch (const std::exception& exception) {
    log::write(log::Level::error, "http.handler.threw",
               {{"id", request.id}, {"route", route.where}, {"what", exception.what()}});
  } catch (...) {
    log::write(log::Level::error, "http.handler.threw", {{"id", request.id}, {"route", route.where}});
  }
  return std::nullopt;
}

}  // namespace

ServerResponse Connection::call(const Route& route, const ServerRequest& request) {
  auto response = guarded(route, request, route.handler);
  return response ? *std::move(response) : ServerResponse::problem(fail("net.handler"), 500, request);
}

// One that throws has taken nothing.
bool Connection::call_later(const Route& route, const ServerRequest& request, Reply reply) {
  return guarded(route, request, [&](const ServerRequest& asked) { return route.later(asked, reply); }).value_or(false);
}

// One that throws is as if it had nothing at hand.
std::optional<ServerResponse> Connection::call_quick(const Route& route, const ServerRequest& request) {
  auto response = guarded(route, request, route.quick);
  return response ? *std::move(response) : std::nullopt;
}

Result<Bytes> Connection::guarded_piece(const std::function<Result<Bytes>()>& next) {
  try {
    return next();
  } catch (const std::exception& exception) {
    return fail("net.handler", "{}", exception.what());
  } catch (...) {
    return fail("net.handler", "an exception of unknown type");
  }
}

}  // namespace kyso::net
