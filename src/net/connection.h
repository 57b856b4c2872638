#pragma once
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "net/http_server.h"
#include "net/rate_limiter.h"
#include "net/request_reader.h"
#include "net/response_head.h"
#include "net/router.h"
#include "net/server_metrics.h"
#include "net/tls.h"
#include "net/worker_pool.h"

// The asynchronous edge. Everything of a connection happens on the thread of its loop, without locks.
namespace kyso::net {

namespace asio = boost::asio;
using LoopExecutor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, LoopExecutor>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, LoopExecutor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, LoopExecutor>;
template <typename T>
using Task = asio::awaitable<T, LoopExecutor>;
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<LoopExecutor>> kUseTask{};

class Connection;

// What replies go through that others make: nothing behind it is touched when the server has gone.
class ReplyGate {
 public:
  template <typename F>
  void pass(F&& work) {
    const std::lock_guard lock(m_mutex);
    if (!m_is_closed) work();
  }
  void close() {
    const std::lock_guard lock(m_mutex);
    m_is_closed = true;
  }

 private:
  std::mutex m_mutex;
  bool m_is_closed = false;
};

// What all connections share.
struct ServerCore {
  ServerCore(ServerOptions server_options, Router server_router);
  ServerOptions options;
  Router router;
  ServerMetrics metrics;
  std::optional<RateLimiter> limiter;
  std::string id_prefix;  // of request ids: random for each start
  std::atomic<std::uint64_t> next_id{0};
  std::atomic<bool> is_draining{false};
  std::atomic<std::size_t> body_memory{0};
  std::atomic<std::uint64_t> requests{0}, errors{0}, connections{0}, refused{0};

  bool enter(const std::string& client);  // false: too many connections
  void leave(const std::string& client);
  std::size_t open_connections() const;
  bool wait_until_empty(std::chrono::steady_clock::time_point until);

  WorkerPool pool;
  const std::shared_ptr<ReplyGate> replies = std::make_shared<ReplyGate>();

 private:
  mutable std::mutex m_mutex;
  std::condition_variable m_left;
  std::size_t m_open = 0;
  std::unordered_map<std::string, std::size_t> m_by_client;  // when there is a limit for each
};

// One thread's event loop.
struct Loop {
  Loop() : sweeper(context) {}
  asio::io_context context{1};
  std::unordered_set<Connection*> connections;  // on its thread only
  Timer sweeper;
  bool is_stopping = false;
  std::string_view date();  // for the field Date

 private:
  Instant m_date_at{};
  std::string m_date;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(ServerCore& core, Loop& loop, Socket socket, std::string remote_address, std::unique_ptr<TlsSession> tls);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  // Serves until the end. Call on the loop's thread; it counts itself out of the core.
  static Task<void> run(std::shared_ptr<Connection> self);
  // These three on the loop's thread.
  void sweep(std::chrono::steady_clock::time_point now);
  void drain();
  void abort();

 private:
  // A request in work; shared with the worker that has it.
  struct Job {
    explicit Job(ServerCore& server_core) : core(server_core) {}
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    ~Job() { core.body_memory -= reserved; }
    ServerCore& core;
    ServerRequest request;
    std::size_t route = Router::kNone;
    std::size_t reserved = 0;
    std::atomic<bool> is_abandoned{false};
  };
  enum class Got { bytes, nothing };  // nothing: closed, too late or cut

  Task<bool> shake_hands();
  Task<bool> serve_one();
  Task<RequestReader::Step> receive_head();
  Task<bool> receive_body(std::size_t limit);
  Task<bool> handle(std::shared_ptr<Job> job);
  Task<bool> answer(ServerResponse response);
  Task<bool> send_pieces(ServerResponse response, bool is_chunked);
  Task<bool> send_events(std::shared_ptr<PieceSource> source, bool is_chunked);
  Task<bool> send(ByteView body);  // m_out, then body
  Task<bool> send_piece(ByteView piece, bool is_chunked);
  Task<bool> send_tls(ByteView bytes);
  Task<Got> fill();
  Task<bool> wait_for(asio::socket_base::wait_type what);
  Task<void> wait_for_news();
  Task<void> linger();

  Task<bool> pump_events(PieceSource& source, bool is_chunked);

  std::optional<ServerResponse> refuse_early(Router::Match& match);
  void take_head(Job& job);
  bool reserve_body(std::size_t size);
  Framing frame(const ServerResponse& response) const;
  ServerResponse problem(int status, std::string_view code, std::string_view detail = {}) const;
  bool ask_worker(std::shared_ptr<Job> job);
  bool ask_for_reply(const Route& route, const std::shared_ptr<Job>& job);
  static void deliver(std::shared_ptr<Connection> self, std::shared_ptr<Job> job, ServerResponse response);
  bool ask_for_piece(const std::shared_ptr<std::function<Result<Bytes>()>>& next);
  void finish_answer(int status, bool is_whole);
  bool try_send(ByteView& head, ByteView& body);
  void append_to_out(ByteView bytes);
  static ServerResponse call(const Route& route, const ServerRequest& request);
  static bool call_later(const Route& route, const ServerRequest& request, Reply reply);
  static std::optional<ServerResponse> call_quick(const Route& route, const ServerRequest& request);
  static Result<Bytes> guarded_piece(const std::function<Result<Bytes>()>& next);

  std::string_view buffered() const { return std::string_view(m_in).substr(m_begin, m_end - m_begin); }
  void consume(std::size_t count);
  void make_room();
  void set_deadline(std::chrono::milliseconds from_now);
  void no_deadline() { m_deadline = std::chrono::steady_clock::time_point::max(); }
  bool is_cut() const { return m_is_aborted || m_is_late; }

  ServerCore& m_core;
  Loop& m_loop;
  Socket m_socket;
  std::unique_ptr<TlsSession> m_tls;
  Timer m_wake;  // never expires: cancelling it is the news
  std::string m_remote;
  Bytes m_client_certificate;
  RequestReader m_reader;
  std::shared_ptr<Job> m_job;
  std::optional<ServerResponse> m_handled;
  std::optional<Result<Bytes>> m_piece;
  std::shared_ptr<PieceSource> m_source;

  std::string m_in;  // bytes received: from m_begin to m_end
  std::size_t m_begin = 0, m_end = 0;
  std::string m_out;
  std::uint64_t m_sent = 0;  // of this answer
  std::chrono::steady_clock::time_point m_deadline, m_started;
  unsigned m_in_a_row = 0;
  bool m_is_first = true, m_is_idle = true, m_keeps_alive = true, m_has_answered = false;
  bool m_is_late = false, m_is_aborted = false, m_has_news = false;
};

}  // namespace kyso::net
