// The whole of issuing: what officers sent goes into an authority, certificates are on record when it is over. Requests
// and approvals are verified, keys checked, contents built and linted twice (before anybody approves, and by the vault
// again), intents and certificates journalled by the vault and recorded by the authority, events in the Merkle log, the
// vault's journal copied. The officers' own signing is done beforehand. One line of JSON tells what it cost: CPU time
// of this process and of all that it started (PostgreSQL's server, the vault's process).
//
// usage: kyso_issuance_bench [--lines N] [--certificates N] [--issuer ec:p256|rsa:2048|rsa:3072|token] [--engine
//        sqlite|postgresql] [--vault process|socket|near] [--threads N] [--folder DIR]
// token: a key of P-256 in SoftHSM2, in this process (so not with --vault process); else the issuer's key lies in
// memory, for the proportions of the rest.
#define DOCTEST_CONFIG_IMPLEMENT
#include <dirent.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <thread>

#include "audit/log.h"
#include "authority/authority_test_support.h"
#include "vault/client.h"
#include "vault/server/socket_server.h"
#include "vault/server/softhsm_test_support.h"

namespace {

using namespace kyso;
using std::chrono::steady_clock;
namespace people = vault::test;

struct Options {
  std::size_t lines = 40, certificates = 4'000, threads = 16;
  std::string issuer = "ec:p256", engine = "sqlite", vault = "process", folder = "/var/tmp";
};

Options read_options(int argc, char** argv) {
  Options out;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i], value = argv[i + 1];
    if (name == "--lines") out.lines = std::stoul(value);
    if (name == "--certificates") out.certificates = std::stoul(value);
    if (name == "--threads") out.threads = std::stoul(value);
    if (name == "--issuer") out.issuer = value;
    if (name == "--engine") out.engine = value;
    if (name == "--vault") out.vault = value;
    if (name == "--folder") out.folder = value;
  }
  return out;
}

// CPU time of a process, its threads, and its children that have ended; and whose child it is.
struct Usage {
  pid_t parent = 0;
  double seconds = 0;
  bool is_database = false;
};
std::optional<Usage> usage_of(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const auto end = text.rfind(')');
  if (end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(end + 2));
  std::string state, skipped;
  Usage out;
  out.is_database = text.find("(postgres)") != std::string::npos;
  fields >> state >> out.parent;
  for (int i = 0; i < 9; ++i) fields >> skipped;
  double ticks = 0, sum = 0;
  for (int i = 0; i < 4; ++i) {
    fields >> ticks;
    sum += ticks;
  }
  out.seconds = sum / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return out;
}

struct Spent {
  double all = 0, database = 0;
};
// Of this process and of everything that descends from it. (/proc counts in hundredths of a second.)
Spent cpu_of_all() {
  std::map<pid_t, Usage> all;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
  while (const dirent* entry = ::readdir(folder.get()))
    if (const pid_t process = std::atoi(entry->d_name); process > 0)
      if (const auto usage = usage_of(process)) all[process] = *usage;
  Spent sum;
  for (const auto& [process, usage] : all) {
    pid_t above = process;
    while (above > 1 && above != ::getpid()) {
      const auto found = all.find(above);
      above = found == all.end() ? 0 : found->second.parent;
    }
    if (above != ::getpid()) continue;
    sum.all += usage.seconds;
    if (usage.is_database) sum.database += usage.seconds;
  }
  return sum;
}

// Everything that both sides need, made before the vault's process begins.
struct House {
  explicit House(const std::string& kind)
      : hsm(kind == "token" ? std::make_unique<people::SoftHsm>() : nullptr),
        key(hsm ? token_key(*hsm) : must(vault::make_memory_key(kind))),
        authority(people::TestAuthority::with_keys(key, must(vault::make_memory_key("ec:p256")))) {
    options.version = "bench";
    options.instance = 7;
    options.initial_policy = authority::test::real_policy();
    options.keys.push_back(authority.keys().front());
  }
  static std::shared_ptr<crypto::KeyHolder> token_key(const people::SoftHsm& hsm) {
    auto editor = hsm.editor();
    const auto made = must(editor.generate(token::NewKey::ec_p256, "CPCA_G1"));
    return must(token::open_pkcs11(made.uri, people::SoftHsm::pin(),
                                   {.max_sessions = 8, .certificate = token::bare_certificate(made.public_key)}));
  }
  std::unique_ptr<people::SoftHsm> hsm;
  std::shared_ptr<crypto::KeyHolder> key;
  people::TestAuthority authority;
  vault::CoreOptions options;
};

// The vault with its journal in a folder, here or in a process of its own behind its socket.
class Vault {
 public:
  Vault(const House& house, const Options& options) : m_folder(options.folder + "/kyso-bench-XXXXXX") {
    REQUIRE(::mkdtemp(m_folder.data()) != nullptr);
    if (options.vault == "process") {
      fork(house);
      return;
    }
    open(house);
    if (options.vault == "socket") listen();
  }
  ~Vault() {
    m_client.reset();
    m_server.reset();
    m_core.reset();
    m_database.reset();
    m_end.reset();
    if (m_process > 0) ::waitpid(m_process, nullptr, 0);
    std::filesystem::remove_all(m_folder);
  }
  vault::Vault& operator*() { return m_client ? *m_client : *m_core; }

 private:
  void open(const House& house) {
    m_database = must(db::Database::open({.url = "sqlite:" + m_folder + "/vault.db", .connections = 2}));
    must(db::migrate(*m_database, KYSO_SOURCE_DIR "/db/migrations/vault", system_clock()));
    m_core = must(vault::Core::create(house.options, *m_database, system_clock()));
    m_core->start();
  }
  std::filesystem::path socket() const { return m_folder + "/s"; }
  void listen() {
    m_server = must(vault::SocketServer::start({.socket = socket()}, *m_core));
    m_client = vault::connect({.socket = socket(), .timeout = std::chrono::seconds(60)});
  }
  void fork(const House& house) {
    int ready[2], end[2];
    REQUIRE(::pipe2(ready, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(end, O_CLOEXEC) == 0);
    m_process = ::fork();
    REQUIRE(m_process >= 0);
    char octet = 0;
    if (m_process == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::close(end[1]);
      open(house);
      m_server = must(vault::SocketServer::start({.socket = socket()}, *m_core));
      static_cast<void>(!::write(ready[1], "r", 1));
      while (::read(end[0], &octet, 1) < 0) {
      }
      m_server.reset();
      m_core.reset();
      m_database.reset();
      ::_exit(0);
    }
    ::close(end[0]);
    ::close(ready[1]);
    m_end = FileDescriptor(end[1]);
    REQUIRE(::read(ready[0], &octet, 1) == 1);
    ::close(ready[0]);
    m_client = vault::connect({.socket = socket(), .timeout = std::chrono::seconds(60)});
  }
  std::string m_folder;
  std::unique_ptr<db::Database> m_database;
  std::unique_ptr<vault::Core> m_core;
  std::unique_ptr<vault::SocketServer> m_server;
  std::unique_ptr<vault::Vault> m_client;
  FileDescriptor m_end;
  pid_t m_process = -1;
};

// The authority's database, durable.
class Records {
 public:
  explicit Records(const Options& options) : m_folder(options.folder + "/kyso-bench-XXXXXX") {
    REQUIRE(::mkdtemp(m_folder.data()) != nullptr);
    db::DatabaseOptions how{.url = "sqlite:" + m_folder + "/kyso.db", .connections = 8};
    if (options.engine == "postgresql") {
      m_server = std::make_unique<db::TestServer>(db::TestServer::Sync::durable);
      how.url = m_server->url();
    }
    m_database = must(db::Database::open(how));
    must(db::migrate(*m_database, db::kPlatformMigrations, system_clock()));
  }
  ~Records() {
    m_database.reset();
    std::filesystem::remove_all(m_folder);
  }
  db::Database& operator*() { return *m_database; }

 private:
  std::string m_folder;
  std::unique_ptr<db::TestServer> m_server;
  std::unique_ptr<db::Database> m_database;
};

struct Case {
  std::string id, request, checking, approving;
};

Case make_case(std::size_t lines) {
  vault::Request request = authority::test::new_request(vault::Act::issue, system_clock().now());
  for (std::size_t i = 0; i < lines; ++i) {
    const auto key = must(vault::make_memory_key("ec:p256"));
    request.certificates.push_back(
        authority::test::person_line(fmt::format("12/2026-{}", i + 1), "Nguyễn Văn A", people::make_csr(*key)));
  }
  const Instant now = system_clock().now();
  return {request.id, people::sign_request(request, "reg"), authority::test::approval(request, "check", now),
          authority::test::approval(request, "lead1", now)};
}

double bare_signature(crypto::KeyHolder& holder, std::size_t count) {
  const auto scheme = crypto::default_scheme(holder.certificate().public_key().type());
  const Bytes message(600, 1);
  timespec began{}, ended{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &began);
  for (std::size_t i = 0; i < count; ++i)
    must(holder.sign({scheme, crypto::digest(scheme.digest, message), message, ""}));
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ended);
  return (static_cast<double>(ended.tv_sec - began.tv_sec) +
          static_cast<double>(ended.tv_nsec - began.tv_nsec) * 1e-9) /
         static_cast<double>(count);
}

struct Latencies {
  std::mutex mutex;
  std::vector<double> seconds;
  void add(double one) {
    std::lock_guard lock(mutex);
    seconds.push_back(one);
  }
  double at(double share) {
    std::ranges::sort(seconds);
    return seconds.at(static_cast<std::size_t>(share * static_cast<double>(seconds.size() - 1)));
  }
};

std::size_t work_on(authority::Authority& authority, const std::vector<Case>& cases, std::size_t threads,
                    Latencies& latencies) {
  std::atomic<std::size_t> next = 0, good = 0;
  std::vector<std::jthread> all;
  for (std::size_t t = 0; t < threads; ++t)
    all.emplace_back([&] {
      for (std::size_t i = next++; i < cases.size(); i = next++) {
        const Case& one = cases[i];
        must(authority.submit(one.request));
        must(authority.decide(one.id, one.checking));
        const auto began = steady_clock::now();
        const auto view = must(authority.decide(one.id, one.approving));
        latencies.add(std::chrono::duration<double>(steady_clock::now() - began).count());
        for (const auto& row : view.certificates) good += row.state == authority::CertificateState::good ? 1 : 0;
      }
    });
  all.clear();
  return good;
}

int run(const Options& options) {
  const House house(options.issuer);
  Vault vault(house, options);
  Records records(options);
  authority::Authority authority(*records, *vault, system_clock(), {});
  audit::Log log(*records);
  must(authority.reconcile());

  std::vector<Case> cases;
  for (std::size_t made = 0; made < options.certificates; made += options.lines)
    cases.push_back(make_case(options.lines));
  const std::size_t signatures = options.issuer.starts_with("rsa") ? 300 : 5'000;
  const double raw_before = bare_signature(*house.key, signatures);
  Latencies latencies;
  const Spent before = cpu_of_all();
  const auto began = steady_clock::now();
  const std::size_t good = work_on(authority, cases, options.threads, latencies);
  must(authority.look_after());
  while (must(log.integrate()) > 0) {
  }
  const double wall = std::chrono::duration<double>(steady_clock::now() - began).count();
  const Spent after = cpu_of_all();
  const double raw = (raw_before + bare_signature(*house.key, signatures)) / 2;
  REQUIRE(good == cases.size() * options.lines);
  const auto count = static_cast<double>(good);
  fmt::print(
      "{{\"certificates\":{},\"lines\":{},\"issuer\":\"{}\",\"engine\":\"{}\",\"vault\":\"{}\",\"cpu_us\":{:.1f},"
      "\"database_us\":{:.1f},\"raw_us\":{:.1f},\"wall_per_second\":{:.0f},\"p50_ms\":{:.1f},\"p99_ms\":{:.1f}}}\n",
      good, options.lines, options.issuer, options.engine, options.vault, (after.all - before.all) / count * 1e6,
      (after.database - before.database) / count * 1e6, raw * 1e6, count / wall, latencies.at(0.5) * 1e3,
      latencies.at(0.99) * 1e3);
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
  return run(read_options(argc, argv));
}
