#include "vault/server/socket_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <list>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "vault/channel.h"

namespace kyso::vault {
namespace {

using std::chrono::steady_clock;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

// The body of the answer.
Bytes carry_out(Vault& vault, const Call& call, int descriptor) {
  return std::visit(
      Overloaded{
          [&](const StateCall&) { return encode_answer<StateCall>(vault.state()); },
          [&](const PolicyFilesCall&) { return encode_answer<PolicyFilesCall>(vault.policy_files()); },
          [&](const PrepareCall& c) { return encode_answer<PrepareCall>(vault.prepare(c.requests)); },
          [&](const SignPreparedCall& c) { return encode_answer<SignPreparedCall>(vault.sign_prepared(c.intents)); },
          [&](const VoidIntentCall& c) { return encode_answer<VoidIntentCall>(vault.void_intent(c.intent)); },
          [&](const IntentsCall& c) { return encode_answer<IntentsCall>(vault.intents(c.ids)); },
          [&](const JournalCall& c) { return encode_answer<JournalCall>(vault.journal(c.after, c.limit)); },
          [&](const AdoptPolicyCall& c) { return encode_answer<AdoptPolicyCall>(vault.adopt_policy(c.request)); },
          [&](const SignCrlCall& c) {
            return encode_answer<SignCrlCall>(vault.sign_crl(c.issuer, descriptor, c.size));
          },
          [&](const SignOcspCall& c) {
            return encode_answer<SignOcspCall>(vault.sign_ocsp(c.signer, c.response_data));
          },
          [&](const SignTimeStampsCall& c) {
            return encode_answer<SignTimeStampsCall>(vault.sign_time_stamps(c.signer, c.inputs));
          },
          [&](const SignCheckpointCall& c) { return encode_answer<SignCheckpointCall>(vault.sign_checkpoint(c.text)); },
          [&](const ReleaseSoPinsCall& c) {
            return encode_answer<ReleaseSoPinsCall>(vault.release_so_pins(c.request));
          }},
      call);
}

struct Connection {
  explicit Connection(Channel c) : channel(std::move(c)) {}
  Channel channel;
  std::atomic<bool> is_idle = true, is_done = false;
  std::atomic<std::int64_t> idle_since = 0;
  std::thread thread;
};

std::int64_t ticks() {
  return steady_clock::now().time_since_epoch().count();
}

void signal_event(int event) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(event, &one, sizeof one);  // can only fail when it is signalled already
}

}  // namespace

struct SocketServer::State {
  State(ServerOptions server_options, Vault& the_vault) : options(std::move(server_options)), vault(the_vault) {}

  Result<> listen();
  void accept_all();
  void welcome(FileDescriptor socket);
  bool make_room();
  void reap(bool is_last);
  void serve(Connection& connection);
  bool answer_one(Connection& connection);
  Bytes answer_to(const Frame& frame);
  void turn_away(FileDescriptor socket, const Error& error);

  const ServerOptions options;
  Vault& vault;
  FileDescriptor listener, stop;
  std::thread accepting;
  std::list<Connection> connections;  // touched by the accepting thread alone
};

Result<> SocketServer::State::listen() {
  const auto& path = options.socket;
  const auto refuse = [&](std::string_view what) {
    return fail("vault.socket", "{}: {}", what, std::strerror(errno)).with("path", path.string());
  };
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.native().size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return refuse("path");
  }
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  if (Channel::connect(path, steady_clock::now() + std::chrono::seconds(1))) {
    errno = EADDRINUSE;
    return refuse("somebody listens there");
  }
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) ::unlink(path.c_str());
  listener = FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  stop = FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!listener || !stop) return refuse("socket");
  // Nobody can connect before listen(): until then mode and group are put right.
  if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return refuse("bind");
  if (::chmod(path.c_str(), options.socket_group ? 0660 : 0600) != 0) return refuse("chmod");
  if (options.socket_group && ::chown(path.c_str(), static_cast<uid_t>(-1), *options.socket_group) != 0)
    return refuse("chown");
  if (::listen(listener.get(), 128) != 0) return refuse("listen");
  return {};
}

void SocketServer::State::accept_all() {
  while (true) {
    pollfd entries[2] = {{listener.get(), POLLIN, 0}, {stop.get(), POLLIN, 0}};
    const int ready = ::poll(entries, 2, 10'000);
    if (ready < 0 && errno != EINTR) return;
    if (entries[1].revents != 0) return;
    reap(false);
    FileDescriptor socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket) {
      welcome(std::move(socket));
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
      make_room();
      pollfd pause{stop.get(), POLLIN, 0};
      ::poll(&pause, 1, 50);
    }
  }
}

void SocketServer::State::turn_away(FileDescriptor socket, const Error& error) {
  log::write(log::Level::warning, "connection.refused", error);
  Channel channel(std::move(socket));
  // A new connection's buffer has room: nobody waits here.
  static_cast<void>(channel.send({.is_answer = true}, encode_failure(error), steady_clock::now()));
}

void SocketServer::State::welcome(FileDescriptor socket) {
  const auto peer = peer_of(socket.get());
  if (!peer) return;
  if (peer->user != ::geteuid() && std::ranges::find(options.users, peer->user) == options.users.end())
    return turn_away(std::move(socket), fail("vault.peer", "process {}", peer->process).with("user", peer->user));
  if (connections.size() >= options.max_connections && !make_room())
    return turn_away(std::move(socket), fail("vault.busy", "{} connections", connections.size()));
  auto& connection = connections.emplace_back(Channel(std::move(socket)));
  connection.idle_since = ticks();
  try {
    connection.thread = std::thread([this, &connection] { serve(connection); });
  } catch (const std::system_error& error) {
    log::write(log::Level::error, "thread.refused", {{"reason", error.what()}});
    connections.pop_back();
  }
}

// Ends the connection that has been idle longest; its thread may just be receiving something, which its client sends
// again over another connection.
bool SocketServer::State::make_room() {
  Connection* oldest = nullptr;
  for (auto& connection : connections)
    if (connection.is_idle && (oldest == nullptr || connection.idle_since < oldest->idle_since)) oldest = &connection;
  if (oldest == nullptr) return false;
  ::shutdown(oldest->channel.descriptor(), SHUT_RD);
  oldest->is_idle = false;
  return true;
}

void SocketServer::State::reap(bool is_last) {
  for (auto place = connections.begin(); place != connections.end();) {
    if (!is_last && !place->is_done) {
      ++place;
      continue;
    }
    place->thread.join();
    place = connections.erase(place);
  }
}

void SocketServer::State::serve(Connection& connection) {
  while (true) {
    connection.idle_since = ticks();
    connection.is_idle = true;
    const auto woken = connection.channel.wait(steady_clock::now() + options.idle_timeout, stop.get());
    connection.is_idle = false;
    if (woken != Channel::Wake::ready || !answer_one(connection)) break;
  }
  ::shutdown(connection.channel.descriptor(), SHUT_RDWR);  // the other side hears at once; closed when reaped
  connection.is_done = true;
}

bool SocketServer::State::answer_one(Connection& connection) {
  auto& channel = connection.channel;
  auto frame = channel.receive(steady_clock::now() + options.frame_timeout);
  if (!frame) {
    if (frame.error().code == "vault.protocol") {
      log::write(log::Level::warning, "protocol", frame.error());
      static_cast<void>(channel.send({.is_answer = true}, encode_failure(frame.error()), steady_clock::now()));
    }
    return false;
  }
  const FrameHeader head{.type = frame->header.type, .is_answer = true, .id = frame->header.id};
  const auto body = answer_to(*frame);
  // Before the answer is out, so that who has it finds this connection idle; ending it now hinders reading alone.
  connection.idle_since = ticks();
  connection.is_idle = true;
  const auto sent = channel.send(head, body, steady_clock::now() + options.frame_timeout);
  return sent.has_value();
}

Bytes SocketServer::State::answer_to(const Frame& frame) {
  if (frame.header.is_answer) return encode_failure(fail("vault.protocol").with("reason", "answer"));
  if (frame.header.timeout_ms == 0) return encode_failure(fail("vault.timeout", "nobody waits for it"));
  const auto call = decode_call(frame.header.type, frame.body);
  if (!call) return encode_failure(call.error());
  try {
    auto body = carry_out(vault, *call, frame.descriptor.get());
    if (body.size() > kMaxBody) return encode_failure(fail("vault.protocol", "{}", body.size()).with("reason", "size"));
    return body;
  } catch (const std::exception& error) {  // out of memory, or a mistake: one request fails, not the vault
    log::write(log::Level::error, "exception", {{"what", error.what()}});
    return encode_failure(fail("base.internal", "{}", error.what()));
  }
}

SocketServer::SocketServer(std::unique_ptr<State> state) : m_state(std::move(state)) {}

Result<std::unique_ptr<SocketServer>> SocketServer::start(ServerOptions options, Vault& vault) {
  auto state = std::make_unique<State>(std::move(options), vault);
  KYSO_TRY(state->listen());
  state->accepting = std::thread([raw = state.get()] { raw->accept_all(); });
  return std::unique_ptr<SocketServer>(new SocketServer(std::move(state)));
}

SocketServer::~SocketServer() {
  ::unlink(m_state->options.socket.c_str());
  signal_event(m_state->stop.get());
  m_state->accepting.join();
  m_state->reap(true);
}

}  // namespace kyso::vault
