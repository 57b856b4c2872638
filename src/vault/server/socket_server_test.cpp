// The vault over its socket.
#include "vault/server/socket_server.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "vault/channel.h"
#include "vault/client.h"
#include "vault/server/core_test_support.h"

using namespace kyso;
using namespace kyso::vault;
using namespace kyso::vault::test;

namespace {

using std::chrono::steady_clock;

Deadline soon() {
  return steady_clock::now() + std::chrono::seconds(10);
}

struct Served : World {
  explicit Served(ServerOptions server_options = {}) : serving(std::move(server_options)) {
    serving.socket = folder / "vault.sock";
    serve();
  }
  void serve() {
    server.reset();
    server = must(SocketServer::start(serving, *core));
  }
  std::unique_ptr<Vault> client(std::size_t connections = 4,
                                std::chrono::milliseconds timeout = std::chrono::seconds(20)) {
    return connect({.socket = serving.socket, .connections = connections, .timeout = timeout});
  }
  Channel channel() { return must(Channel::connect(serving.socket, soon())); }

  ServerOptions serving;
  std::unique_ptr<SocketServer> server;
};

// A vault that takes its time.
struct Slow final : Vault {
  Result<State> state() override {
    std::unique_lock lock(mutex);
    ++waiting;
    changed.notify_all();
    changed.wait(lock, [&] { return released; });
    return State{};
  }
  Result<std::vector<PolicyFile>> policy_files() override { return std::vector<PolicyFile>{{"quick", ""}}; }
  std::vector<Result<std::vector<PreparedCertificate>>> prepare(const std::vector<SignedRequest>&) override {
    return {};
  }
  std::vector<Result<crypto::Certificate>> sign_prepared(const std::vector<std::string>&) override { return {}; }
  Result<> void_intent(const std::string&) override { throw std::runtime_error("a mistake"); }
  Result<std::vector<Intent>> intents(const std::vector<std::string>&) override { return std::vector<Intent>(); }
  Result<std::vector<JournalEntry>> journal(std::int64_t, std::size_t) override { return std::vector<JournalEntry>(); }
  Result<State> adopt_policy(const SignedRequest&) override { return State{}; }
  Result<Bytes> sign_crl(const std::string&, int, std::size_t) override { return Bytes(); }
  Result<std::vector<Bytes>> sign_ocsp(const std::string&, const std::vector<Bytes>&) override {
    return std::vector<Bytes>();
  }
  Result<std::vector<Bytes>> sign_time_stamps(const std::string&, const std::vector<TimeStampInput>&) override {
    return std::vector<Bytes>();
  }
  Result<Bytes> sign_checkpoint(const std::string&) override { return Bytes(); }
  Result<std::vector<ReleasedPin>> release_so_pins(const SignedRequest&) override { return std::vector<ReleasedPin>(); }
  void wait_for(int count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return waiting >= count; });
  }
  void release() {
    std::lock_guard lock(mutex);
    released = true;
    changed.notify_all();
  }
  std::mutex mutex;
  std::condition_variable changed;
  int waiting = 0;
  bool released = false;
};

}  // namespace

TEST_CASE("everything the vault does goes over its socket") {
  Served world;
  const auto vault = world.client();
  const auto state = must(vault->state());
  CHECK(state.policy_version == 1);
  CHECK(state.signers.size() == 4);
  CHECK(must(vault->policy_files()).size() == world.options.initial_policy.size());
  CHECK(code_of(vault->release_so_pins(approved(sample_request(Act::recover_token)))) == "vault.escrow.none");
  const auto request = approved_issue(3);
  const auto prepared = must(std::move(vault->prepare({request}).front()));
  REQUIRE(prepared.size() == 3);
  CHECK(must(std::move(vault->prepare({request}).front()))[2].intent == prepared[2].intent);
  const auto signed_now = vault->sign_prepared({prepared[0].intent, prepared[1].intent, "nobody"});
  CHECK(must(signed_now[0]).is_issued_by(world.authority.issuing.certificates.front()));
  CHECK(code_of(signed_now[1]) == "ok");
  CHECK(code_of(signed_now[2]) == "vault.intent.unknown");
  CHECK(code_of(vault->void_intent(prepared[2].intent)) == "ok");
  const auto intents = must(vault->intents({prepared[0].intent, prepared[2].intent}));
  CHECK(intents[0].state == IntentState::signed_);
  CHECK(intents[1].state == IntentState::void_);
  CHECK(must(vault->journal(0, 1'000)).size() == world.all_entries().size());
  CHECK(must(vault->journal(1, 2)).size() == 2);

  const Instant now = world.clock.now();
  const auto list = list_of(list_description(world.signer("CPCA_G1"), now, 1), 10'000);
  CHECK(verifies(world.signer("CPCA_G1"), list, must(sign_list(*vault, list))));
  const auto unsealed = memory_file(list, F_SEAL_WRITE);
  CHECK(code_of(vault->sign_crl("CPCA_G1", unsealed.get(), list.size())) == "vault.crl.file");
  CHECK(code_of(vault->sign_crl("CPCA_G1", -1, list.size())) == "vault.crl.file");

  const auto ocsp = world.signer("CPCA_G1-ocsp");
  const std::vector<Bytes> many(3'000, ocsp_data(ocsp, now, world.authority.issuing.certificates.front()));
  const auto values = must(vault->sign_ocsp("CPCA_G1-ocsp", many));  // more than one frame
  REQUIRE(values.size() == 3'000);
  for (const auto& value : {values.front(), values[1'500], values.back()}) CHECK(verifies(ocsp, many.front(), value));
  const auto tsa = world.signer("tsa-1");
  const auto stamp = stamp_input(tsa, now);
  CHECK(verifies(tsa, stamp.signed_attributes, must(vault->sign_time_stamps("tsa-1", {stamp})).front()));
  CHECK(code_of(vault->sign_checkpoint(checkpoint(1, 1))) == "ok");
  CHECK(code_of(vault->adopt_policy(request)) == "vault.request.act");
}

TEST_CASE("the client connects again after the vault was started anew") {
  Served world;
  const auto vault = world.client(2);
  CHECK(code_of(vault->state()) == "ok");
  world.serve();
  CHECK(code_of(vault->state()) == "ok");
  world.server.reset();
  CHECK(code_of(vault->state()) == "vault.unreachable");
  CHECK(code_of(vault->prepare({approved_issue()}).front()) == "vault.unreachable");
  world.serve();
  CHECK(code_of(vault->state()) == "ok");
}

TEST_CASE("the socket belongs to who may use it") {
  Served world;
  struct stat status{};
  REQUIRE(::stat(world.serving.socket.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600);
  CHECK(code_of(SocketServer::start(world.serving, *world.core)) == "vault.socket");  // somebody listens there
  CHECK(code_of(world.client()->state()) == "ok");
  if (::geteuid() == 0) {
    // Another user who gets at the file: refused by who he is.
    ::chmod(world.folder.path().c_str(), 0755);
    ::chmod(world.serving.socket.c_str(), 0666);
    int said[2];
    REQUIRE(::pipe(said) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(20);
      if (::setgid(65'534) != 0 || ::setuid(65'534) != 0) ::_exit(1);
      const auto code = code_of(connect({.socket = world.serving.socket})->state());
      [[maybe_unused]] const auto written = ::write(said[1], code.data(), code.size());
      ::_exit(0);
    }
    ::close(said[1]);
    std::string heard(100, '\0');
    heard.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(said[0], heard.data(), heard.size()))));
    ::close(said[0]);
    ::waitpid(child, nullptr, 0);
    CHECK(heard == "vault.peer");
  }
}

TEST_CASE("garbage ends its own connection and nothing else") {
  Served world;
  const auto vault = world.client();
  const auto header = [](FrameHeader head) { return encode_header(head); };
  const auto send_raw = [&](ByteView octets) {
    auto channel = world.channel();
    REQUIRE(::send(channel.descriptor(), octets.data(), octets.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(octets.size()));
    ::shutdown(channel.descriptor(), SHUT_WR);
    auto frame = channel.receive(soon());
    if (!frame) return code_of(frame);
    return code_of(decode_answer<StateCall>(frame->body));
  };
  CHECK(send_raw(Bytes(64, 0xff)) == "vault.protocol");
  CHECK(send_raw(Bytes(64, 0x00)) == "vault.protocol");
  CHECK(send_raw(to_bytes("GET / HTTP/1.1\r\nHost: vault\r\n\r\n")) == "vault.protocol");
  CHECK(send_raw(Bytes{1}) == "vault.unreachable");  // cut off
  auto octets = header({.type = MessageType::sign_prepared, .id = 1, .timeout_ms = 1'000});
  octets[3] = 4;
  Bytes message(octets.begin(), octets.end());
  append(message, Bytes{0xff, 0xff, 0xff, 0xff});
  CHECK(send_raw(message) == "vault.protocol");
  octets = header({.type = MessageType::state, .is_answer = true, .id = 1, .timeout_ms = 1'000});
  CHECK(send_raw(octets) == "vault.protocol");
  octets = header({.type = MessageType::state, .id = 1, .timeout_ms = 0});
  CHECK(send_raw(octets) == "vault.timeout");
  // Descriptors that nobody asked for are closed.
  auto channel = world.channel();
  const auto file = memory_file(Bytes{1});
  for (std::uint64_t i = 1; i < 200; ++i) {
    REQUIRE(code_of(channel.send({.type = MessageType::state, .id = i, .timeout_ms = 1'000}, {}, soon(), file.get())) ==
            "ok");
    REQUIRE(code_of(channel.receive(soon())) == "ok");
  }
  std::size_t open = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++open;
  CHECK(open < 100);
  CHECK(code_of(vault->state()) == "ok");
}

TEST_CASE("who is slow or silent delays nobody; who waits in vain is told") {
  TestFolder folder;
  Slow slow;
  ServerOptions options{.socket = folder / "s", .max_connections = 4};
  auto server = must(SocketServer::start(options, slow));
  const auto patient = connect({.socket = options.socket, .connections = 2, .timeout = std::chrono::seconds(20)});
  std::string outcome;
  std::jthread waiting([&] { outcome = code_of(patient->state()); });
  slow.wait_for(1);
  // A request that never ends, and an answer that nobody reads.
  auto half = must(Channel::connect(options.socket, soon()));
  const auto head = encode_header({.body_size = 1'000, .type = MessageType::sign_prepared, .id = 1, .timeout_ms = 5});
  REQUIRE(::send(half.descriptor(), head.data(), head.size(), 0) == static_cast<ssize_t>(head.size()));
  const auto quick = connect({.socket = options.socket, .connections = 1, .timeout = std::chrono::seconds(20)});
  for (int i = 0; i < 50; ++i) CHECK(must(quick->policy_files()).front().name == "quick");
  CHECK(code_of(quick->void_intent("x")) == "base.internal");  // an exception fails its request alone
  CHECK(code_of(quick->policy_files()) == "ok");

  const auto hasty = connect({.socket = options.socket, .connections = 1, .timeout = std::chrono::milliseconds(50)});
  CHECK(code_of(hasty->state()) == "vault.timeout");
  slow.wait_for(2);
  // All four places are taken; the idle one of `quick` is given up for another, then nobody is idle.
  const auto next = connect({.socket = options.socket, .connections = 1, .timeout = std::chrono::seconds(20)});
  CHECK(code_of(next->policy_files()) == "ok");
  CHECK(code_of(quick->policy_files()) == "ok");
  std::vector<std::jthread> more;
  std::vector<std::string> outcomes(2);
  const auto crowd = connect({.socket = options.socket, .connections = 2, .timeout = std::chrono::seconds(20)});
  more.emplace_back([&] { outcomes[0] = code_of(crowd->state()); });
  slow.wait_for(3);
  CHECK(outcome.empty());
  slow.release();
  more.clear();
  waiting.join();
  CHECK(outcome == "ok");
  CHECK(outcomes[0] == "ok");
}

TEST_CASE("a vault that stops finishes what it has begun") {
  TestFolder folder;
  Slow slow;
  const ServerOptions options{.socket = folder / "s"};
  auto server = must(SocketServer::start(options, slow));
  const auto client = connect({.socket = options.socket, .timeout = std::chrono::seconds(20)});
  std::string outcome;
  std::jthread waiting([&] { outcome = code_of(client->state()); });
  slow.wait_for(1);
  std::jthread stopping([&] { server.reset(); });
  while (std::filesystem::exists(options.socket)) std::this_thread::yield();
  slow.release();
  waiting.join();
  CHECK(outcome == "ok");
  stopping.join();
  CHECK(code_of(client->state()) == "vault.unreachable");
}

TEST_CASE("many threads share few connections") {
  Served world;
  const auto vault = world.client(3);
  const auto ocsp = world.signer("CPCA_G1-ocsp");
  const auto data = ocsp_data(ocsp, world.clock.now(), world.authority.issuing.certificates.front());
  std::atomic<int> good = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 12; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        const auto values = vault->sign_ocsp("CPCA_G1-ocsp", {data, data});
        good += values && verifies(ocsp, data, values->back()) ? 1 : 0;
      }
    });
  threads.clear();
  CHECK(good == 240);
}
