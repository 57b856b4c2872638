// How fast the vault signs over its socket, beside the bare rate of the key: OCSP answers with a P-256 key in memory,
// time-stamps with a P-256 key in SoftHSM2. One run measures everything; each row is the median of several slices.
// usage: kyso_vault_bench [SECONDS PER ROW]
#define DOCTEST_CONFIG_IMPLEMENT
#include <sys/resource.h>

#include <thread>

#include "vault/client.h"
#include "vault/server/socket_server.h"
#include "vault/server/softhsm_test_support.h"

namespace {

using namespace kyso;
using namespace kyso::vault;
using namespace kyso::vault::test;
using std::chrono::steady_clock;

double g_seconds = 1.0;

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](timeval t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Rate {
  double per_second = 0, per_cpu_second = 0;
};

// f() does one piece of work and says how many things it did.
template <typename F>
Rate measure(std::size_t threads, F&& f) {
  std::atomic<bool> is_over = false;
  std::atomic<std::size_t> done = 0;
  const auto began = steady_clock::now();
  const double cpu = cpu_seconds();
  {
    std::vector<std::jthread> all;
    for (std::size_t i = 0; i < threads; ++i)
      all.emplace_back([&] {
        while (!is_over) done += f();
      });
    std::this_thread::sleep_for(std::chrono::duration<double>(g_seconds));
    is_over = true;
  }
  const double seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
  const auto count = static_cast<double>(done.load());
  return {count / seconds, count / (cpu_seconds() - cpu)};
}

void row(const std::string& name, const Rate& rate, const Rate& raw) {
  fmt::print("{:58} {:>10.0f}/s {:>10.0f}/CPU-s   {:.2f} x raw per CPU-s\n", name, rate.per_second, rate.per_cpu_second,
             rate.per_cpu_second / raw.per_cpu_second);
}

Rate raw_rate(crypto::KeyHolder& holder, std::size_t threads) {
  const auto scheme = crypto::default_scheme(holder.certificate().public_key().type());
  const Bytes message(300, 1);
  return measure(threads, [&] {
    const auto digest = crypto::digest(scheme.digest, message);
    must(holder.sign({scheme, digest, message, ""}));
    return std::size_t{1};
  });
}

int run() {
  SoftHsm hsm;
  auto editor = hsm.editor();
  const auto token_key = must(editor.generate(token::NewKey::ec_p256, "tsa-1"));
  const auto open_token_key = [&] {
    return std::shared_ptr<crypto::KeyHolder>(
        must(token::open_pkcs11(token_key.uri, SoftHsm::pin(),
                                {.max_sessions = 8, .certificate = token::bare_certificate(token_key.public_key)})));
  };
  auto authority = TestAuthority::with_keys(shared_authority().issuing.holder, open_token_key());
  authority.stamping.override_source = hsm.source(token_key.uri, authority.stamping.certificates.front());
  World world(authority);
  auto server = must(SocketServer::start({.socket = world.folder / "s"}, *world.core));
  const auto ocsp = world.signer("CPCA_G1-ocsp");
  const auto tsa = world.signer("tsa-1");
  const auto answer = ocsp_data(ocsp, world.clock.now(), authority.issuing.certificates.front());
  const auto stamp = stamp_input(tsa, world.clock.now());

  const auto memory = must(make_memory_key("ec:p256"));
  const auto in_token = open_token_key();
  const Rate raw_memory = raw_rate(*memory, 1);
  row("P-256 in memory, bare, 1 thread", raw_memory, raw_memory);
  row("P-256 in memory, bare, 2 threads", raw_rate(*memory, 2), raw_memory);
  const Rate raw_token = raw_rate(*in_token, 1);
  row("P-256 in SoftHSM2, bare, 1 thread", raw_token, raw_token);
  row("P-256 in SoftHSM2, bare, 2 threads", raw_rate(*in_token, 2), raw_token);

  for (const std::size_t batch : {1U, 16U, 128U})
    row(fmt::format("OCSP in process, batches of {}", batch),
        measure(1,
                [&] { return must(world.core->sign_ocsp("CPCA_G1-ocsp", std::vector<Bytes>(batch, answer))).size(); }),
        raw_memory);
  const auto vault = connect({.socket = world.folder / "s"});
  for (const std::size_t clients : {1U, 2U, 4U})
    for (const std::size_t batch : {1U, 16U, 128U})
      row(fmt::format("OCSP over the socket, {} clients, batches of {}", clients, batch),
          measure(clients,
                  [&] { return must(vault->sign_ocsp("CPCA_G1-ocsp", std::vector<Bytes>(batch, answer))).size(); }),
          raw_memory);
  for (const std::size_t clients : {1U, 2U, 4U})
    for (const std::size_t batch : {1U, 16U, 128U})
      row(fmt::format("time-stamps over the socket, {} clients, batches of {}", clients, batch),
          measure(clients, [&] { return must(vault->sign_time_stamps("tsa-1", std::vector(batch, stamp))).size(); }),
          raw_token);

  // Issuing: each request is new, so statements are made beforehand.
  std::vector<std::vector<SignedRequest>> calls;
  for (int i = 0; i < 20; ++i) {
    calls.emplace_back();
    for (int k = 0; k < 4; ++k) calls.back().push_back(approved_issue(50));
  }
  const double cpu = cpu_seconds();
  const auto began = steady_clock::now();
  std::size_t issued = 0;
  double preparing = 0;
  for (const auto& call : calls) {
    const auto start = steady_clock::now();
    std::vector<std::string> intents;
    for (auto& prepared : vault->prepare(call))
      for (const auto& one : must(std::move(prepared))) intents.push_back(one.intent);
    preparing += std::chrono::duration<double>(steady_clock::now() - start).count();
    for (auto& certificate : vault->sign_prepared(intents))
      issued += must(std::move(certificate)).der().empty() ? 0 : 1;
  }
  const double seconds = std::chrono::duration<double>(steady_clock::now() - began).count();
  fmt::print(
      "issuing over the socket, 4 requests of 50 certificates a call: {:.0f}/s, {:.0f}/CPU-s ({:.0f} % preparing)\n",
      static_cast<double>(issued) / seconds, static_cast<double>(issued) / (cpu_seconds() - cpu),
      100 * preparing / seconds);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  doctest::Context context;
  context.setAsDefaultForAssertsOutOfTestCases();
  context.setAssertHandler([](const doctest::AssertData& data) {
    fmt::print(stderr, "{}:{}: {}\n", data.m_file, data.m_line, data.m_expr);
    std::abort();
  });
  if (argc > 1) g_seconds = std::atof(argv[1]);
  return run();
}
