// Random faults in the midst of issuing and revoking: processes killed at any step, disks full, tokens gone, databases
// gone. After each one the authority must recover by itself in less than five seconds, with nothing lost, nothing done
// twice and nothing signed but unrecorded. docs/faults.md.
// usage: kyso_fault_injection [--rounds N] [--seed N] [--epoch N] [--keep]
#define DOCTEST_CONFIG_IMPLEMENT
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cmath>
#include <fstream>
#include <optional>
#include <random>
#include <thread>

#include "checker.h"
#include "worker.h"

namespace kyso::faults {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kMostRecovery{5'000}, kGiveUp{60'000};

struct Settings {
  int rounds = 300, epoch = 120;
  unsigned seed = 0;
  bool keeps = false;
};

enum class Fault : std::uint8_t {
  kill_moment,
  kill_step,
  vault_moment,
  vault_step,
  disk_full,
  token_gone,
  server_gone
};
constexpr const char* kNames[] = {"kysod killed at a moment",
                                  "kysod killed at a step",
                                  "vault killed at a moment",
                                  "vault killed at a step",
                                  "disk full",
                                  "token gone",
                                  "PostgreSQL killed"};

// A child with a pipe to it and a pipe from it.
class Child {
 public:
  template <typename F>
  explicit Child(F&& body) {
    int down[2], up[2];
    REQUIRE(::pipe2(down, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(up, O_CLOEXEC) == 0);
    m_process = ::fork();
    REQUIRE(m_process >= 0);
    if (m_process == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::close(down[1]);
      ::close(up[0]);
      body(down[0], up[1]);
      ::_exit(0);
    }
    ::close(down[0]);
    ::close(up[1]);
    m_down = FileDescriptor(down[1]);
    m_up = FileDescriptor(up[0]);
  }
  Child(const Child&) = delete;
  ~Child() { kill(); }
  void say(char letter) { static_cast<void>(!::write(m_down.get(), &letter, 1)); }
  // The next letter; nothing when it died or the time is over.
  std::optional<char> hear(milliseconds patience) {
    pollfd entry{m_up.get(), POLLIN, 0};
    if (::poll(&entry, 1, static_cast<int>(patience.count())) != 1) return std::nullopt;
    char letter = 0;
    if (::read(m_up.get(), &letter, 1) != 1) return std::nullopt;
    return letter;
  }
  bool has_died(milliseconds patience) {
    const auto until = steady_clock::now() + patience;
    while (true) {
      if (m_process <= 0 || ::waitpid(m_process, nullptr, WNOHANG) == m_process) {
        m_process = 0;
        return true;
      }
      if (steady_clock::now() >= until) return false;
      ::usleep(200);
    }
  }
  // How long its threads were ready to run while the machine ran others (/proc/PID/task/*/schedstat, second number).
  milliseconds delayed() const {
    std::chrono::nanoseconds sum{0};
    std::error_code ignored;
    for (const auto& task : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", m_process), ignored)) {
      std::int64_t running = 0, waiting = 0;
      std::ifstream(task.path() / "schedstat") >> running >> waiting;
      sum += std::chrono::nanoseconds(waiting);
    }
    return std::chrono::floor<milliseconds>(sum);
  }
  void kill() {
    if (m_process <= 0) return;
    ::kill(m_process, SIGKILL);
    ::waitpid(m_process, nullptr, 0);
    m_process = 0;
  }

 private:
  pid_t m_process = 0;
  FileDescriptor m_down, m_up;
};

class Director {
 public:
  explicit Director(const Settings& settings) : m_settings(settings), m_random(settings.seed) {}
  int run();

 private:
  unsigned below(unsigned limit) { return std::uniform_int_distribution<unsigned>(0, limit - 1)(m_random); }
  bool chance(unsigned percent) { return below(100) < percent; }
  // Small numbers as often as large ones.
  std::int64_t spread(double most) {
    return static_cast<std::int64_t>(std::exp(std::uniform_real_distribution<>(0, std::log(most))(m_random)));
  }
  void pause(double most_microseconds) { ::usleep(static_cast<useconds_t>(spread(most_microseconds))); }

  bool begin_epoch();
  bool end_epoch();
  Fault choose();
  bool round();
  bool start_vault();
  bool start_worker();
  bool await(const char* what, steady_clock::time_point since);
  void inject(Fault fault);
  void trap(Role role);
  void fill_disk();
  bool check(char what);
  bool prove_checker();
  bool failed(const std::string& why);

  const Settings m_settings;
  std::mt19937 m_random;
  int m_round = 0;
  std::unique_ptr<TestFolder> m_folder;
  World m_world;
  bool m_vault_is_apart = false;
  std::unique_ptr<Child> m_checker, m_vault, m_worker;
  Fault m_fault = Fault::kill_moment;
  std::map<Fault, int> m_counts;
  std::map<Fault, milliseconds> m_slowest;
  std::vector<milliseconds> m_recoveries;
  int m_excused = 0;  // took longer, but for want of a processor
};

bool Director::failed(const std::string& why) {
  fmt::print(stderr, "round {} (seed {}, {} on {}, vault {}): {}\n", m_round, m_settings.seed,
             kNames[static_cast<int>(m_fault)], db::name_of(m_world.engine), m_vault_is_apart ? "apart" : "in process",
             why);
  return false;
}

bool Director::begin_epoch() {
  m_folder = std::make_unique<TestFolder>();
  m_world = World();
  m_world.folder = m_folder->path();
  m_world.engine = (m_round / m_settings.epoch) % 4 == 3 ? db::Engine::postgresql : db::Engine::sqlite;
  m_world.database_url = "sqlite:" + (m_world.folder / "authority.db").string();
  if (m_world.engine == db::Engine::postgresql) {
    const std::string schema = fmt::format("faults_{}", m_round);
    output_of(fmt::format("psql -q '{}' -c 'CREATE SCHEMA {}'", db::test_server().url(), schema));
    m_world.database_url = db::test_server().url(schema);
  }
  Child maker([this](int, int up) {
    const Result<> made = make_databases(m_world);
    if (!made) fmt::print(stderr, "{} {}\n", made.error().code, made.error().detail);
    if (made) plain_write(up, "k", 1);
  });
  if (!maker.hear(kGiveUp)) return failed("no databases");
  m_checker = std::make_unique<Child>([this](int down, int up) {
    Checker checker(m_world);
    char what = 0;
    while (::read(down, &what, 1) == 1) {
      const auto wrong = what == 'l' ? checker.check_log() : checker.check();
      for (const auto& text : wrong) fmt::print(stderr, "  {}\n", text);
      if (what == 't') {
        const Tally& tally = checker.tally();
        fmt::print(
            "  {} requests, {} approvals, {} certificates, {} changes acknowledged; vault: {} prepared, {} signed, "
            "{} void; {} status events, {} list numbers\n",
            tally.submitted, tally.approved, tally.issued, tally.changed, tally.prepared, tally.signed_by_vault,
            tally.voided, tally.status_events, tally.lists);
        std::fflush(stdout);
      }
      plain_write(up, wrong.empty() ? "k" : "w", 1);
    }
  });
  return true;
}

bool Director::check(char what) {
  m_checker->say(what);
  const auto answer = m_checker->hear(kGiveUp);
  return answer == 'k' || failed(answer ? "found wrong, see above" : "the checker died");
}

bool Director::await(const char* what, steady_clock::time_point since) {
  const auto before = m_worker->delayed();
  const auto letter = m_worker->hear(kGiveUp);
  const auto taken = std::chrono::ceil<milliseconds>(steady_clock::now() - since);
  if (letter != kReady) return failed(fmt::format("{}: never", what));
  m_recoveries.push_back(taken);
  m_slowest[m_fault] = std::max(m_slowest[m_fault], taken);
  if (taken < kMostRecovery) return true;
  // A machine that runs others instead says nothing about the authority: waiting for a processor does not count.
  const auto delayed = m_worker->delayed() - before + (m_vault ? m_vault->delayed() : milliseconds(0));
  ++m_excused;
  return taken - delayed < kMostRecovery ||
         failed(fmt::format("{}: {} ms, {} of them for want of a processor", what, taken.count(), delayed.count()));
}

bool Director::start_vault() {
  m_vault = std::make_unique<Child>([this](int, int up) { run_vault(m_world, up); });
  return m_vault->hear(kGiveUp) == kReady || failed("the vault does not start");
}

bool Director::start_worker() {
  WorkerPlan plan;
  plan.vault = m_vault_is_apart ? VaultPlace::other_process : VaultPlace::same_process;
  plan.publishes_lists = chance(25);
  plan.seed = m_random();
  m_worker = std::make_unique<Child>([&](int down, int up) {
    plan.commands = down;
    plan.reports = up;
    run_worker(m_world, plan);
  });
  return true;
}

Fault Director::choose() {
  const bool has_server = m_world.engine == db::Engine::postgresql;
  const unsigned dice = below(100);
  if (dice < 4) return Fault::token_gone;
  if (dice < 12) return Fault::disk_full;
  if (dice < 15 && has_server) return Fault::server_gone;
  if (m_vault_is_apart && dice < 40) return Fault::vault_step;
  if (m_vault_is_apart && dice < 55) return Fault::vault_moment;
  return dice < 75 ? Fault::kill_step : Fault::kill_moment;
}

void Director::trap(Role role) {
  Trap& trap = board().traps[static_cast<int>(role)];
  trap.how = static_cast<How>(below(3));
  trap.kill_at = spread(300);
}

// Full for a while; every second time the process is killed before there is room again.
void Director::fill_disk() {
  const unsigned which = below(3);
  const bool has_server = m_world.engine == db::Engine::postgresql;
  board().is_full[0] = which != 1 && !has_server;
  board().is_full[1] = which != 0 || has_server;
}

void Director::inject(Fault fault) {
  Board& all = board();
  switch (fault) {
    case Fault::kill_step:
      if (!m_worker->has_died(milliseconds(2'000))) m_worker->kill();
      break;
    case Fault::vault_step:
      if (!m_vault->has_died(milliseconds(2'000))) m_vault->kill();
      break;
    case Fault::kill_moment:
      pause(60'000);
      m_worker->kill();
      break;
    case Fault::vault_moment:
      pause(60'000);
      m_vault->kill();
      break;
    case Fault::disk_full:
      pause(30'000);
      fill_disk();
      pause(30'000);
      if (chance(50)) m_worker->kill();
      all.is_full[0] = all.is_full[1] = false;
      break;
    case Fault::token_gone:
      pause(30'000);
      all.token = chance(50) ? TokenState::fails : TokenState::hangs;
      pause(200'000);
      if (chance(50)) m_worker->kill();
      all.token = TokenState::present;
      break;
    case Fault::server_gone:
      pause(30'000);
      db::test_server().kill();
      db::test_server().start();
      break;
  }
}

// One fault: start, recover, check, work, the fault; whoever lives must go on by himself.
bool Director::round() {
  m_vault_is_apart = chance(40);
  Board& all = board();
  all.is_armed = false;
  for (Trap& trap : all.traps) {
    trap.steps = 0;
    trap.kill_at = -1;
  }
  const auto began = steady_clock::now();
  if (m_vault_is_apart && !start_vault()) return false;
  start_worker();
  if (!await("recovery after a start", began) || !check('c')) return false;

  m_fault = choose();
  ++m_counts[m_fault];
  if (m_fault == Fault::kill_step) trap(Role::authority);
  if (m_fault == Fault::vault_step) trap(Role::vault);
  all.is_armed = true;
  m_worker->say(kGo);
  inject(m_fault);
  all.is_armed = false;
  const auto mended = steady_clock::now();
  if ((m_fault == Fault::vault_step || m_fault == Fault::vault_moment) && !start_vault()) return false;
  if (m_fault != Fault::kill_step && m_fault != Fault::kill_moment && !m_worker->has_died(milliseconds(0))) {
    m_worker->say(kProbe);
    if (!await("going on", mended)) return false;
  }
  m_worker->kill();
  if (m_vault) m_vault->kill();
  m_vault.reset();
  return true;
}

// What the last fault left is mended and checked, and the audit log as a whole.
bool Director::end_epoch() {
  m_vault_is_apart = false;
  const auto began = steady_clock::now();
  start_worker();
  const bool good = await("recovery at the end", began) && check('t');
  m_worker->kill();
  return good && check('l');
}

// A check that finds nothing proves nothing: what it must find is put into the databases of the last world.
bool Director::prove_checker() {
  const std::string one = "(SELECT MIN(serial) FROM certificate WHERE state = 'good')";
  struct Harm {
    const char* name;
    bool in_vault;
    std::string sql;
  };
  const Harm harms[] = {
      {"a certificate that is gone", false, "DELETE FROM certificate WHERE serial = " + one},
      {"other octets", false, "UPDATE certificate SET der = linting WHERE serial = " + one},
      {"a state that nobody told", false, "UPDATE certificate SET state = 'revoked' WHERE serial = " + one},
      {"a lost status event", false, "DELETE FROM status_event WHERE sequence = 1"},
      {"a lost approval", false, "DELETE FROM approval"},
      {"a request left behind", false, "UPDATE request SET state = 'authorised' WHERE state = 'done'"},
      {"a signature that was forgotten", true, "UPDATE intent SET state = 0, certificate = NULL WHERE state = 1"},
      {"signed after it was given up", true, "UPDATE intent SET state = 2 WHERE state = 1"},
      {"an entry of the journal that was changed", true, "UPDATE journal SET body = '{}' WHERE sequence = 2"}};
  if (m_world.engine != db::Engine::sqlite) return true;
  const TestFolder copy;
  const std::string original = m_world.folder.string();
  for (const Harm& harm : harms) {
    output_of(fmt::format("rm -rf {0}/* && cp {1}/*.db {1}/*.db-wal {1}/acknowledged {0}/ 2>/dev/null || true",
                          copy.path().string(), original));
    World world = m_world;
    world.folder = copy.path();
    world.database_url = "sqlite:" + (copy / "authority.db").string();
    Child checker([&](int, int up) {
      {
        const std::string url = harm.in_vault ? "sqlite:" + world.vault_database().string() : world.database_url;
        const auto database = must(db::Database::open({.url = url}));
        must(database->write([&](db::Transaction& transaction) { return transaction.execute(harm.sql); }), harm.name);
      }
      plain_write(up, Checker(world).check().empty() ? "k" : "w", 1);
    });
    if (checker.hear(kGiveUp) != 'w') return failed(fmt::format("the check does not find: {}", harm.name));
  }
  return true;
}

int Director::run() {
  fmt::print("{} rounds, seed {}\n", m_settings.rounds, m_settings.seed);
  std::fflush(stdout);
  make_people();
  const auto began = steady_clock::now();
  bool good = true;
  for (m_round = 0; good && m_round < m_settings.rounds; ++m_round) {
    if (m_round % m_settings.epoch == 0) good = begin_epoch();
    good = good && round();
    if (good && (m_round % m_settings.epoch == m_settings.epoch - 1 || m_round == m_settings.rounds - 1))
      good = end_epoch();
  }
  m_worker.reset();
  m_vault.reset();
  m_checker.reset();
  good = good && prove_checker();
  if (!good && m_settings.keeps) {
    fmt::print(stderr, "kept: {}\n", m_folder->path().string());
    static_cast<void>(m_folder.release());
  }
  std::ranges::sort(m_recoveries);
  const auto share = [&](double part) {
    return m_recoveries[static_cast<std::size_t>(part * static_cast<double>(m_recoveries.size() - 1))].count();
  };
  fmt::print("{} faults in {} s", m_round,
             std::chrono::ceil<std::chrono::seconds>(steady_clock::now() - began).count());
  if (!m_recoveries.empty())
    fmt::print("; recovery ms: half {}, 99 % {}, slowest {}", share(0.5), share(0.99), share(1));
  fmt::print("\n");
  for (const auto& [fault, count] : m_counts)
    fmt::print("  {:26} {:6}, slowest recovery {} ms\n", kNames[static_cast<int>(fault)], count,
               m_slowest[fault].count());
  if (m_excused > 0) fmt::print("  longer than 5 s because the machine was busy with others: {}\n", m_excused);
  fmt::print("  writes refused by a full disk: {}\n", board().refused_writes.load());
  return good ? 0 : 1;
}

}  // namespace
}  // namespace kyso::faults

int main(int argc, char** argv) {
  doctest::Context context;
  context.setAsDefaultForAssertsOutOfTestCases();
  context.setAssertHandler([](const doctest::AssertData& data) {
    fmt::print(stderr, "{}:{}: {} {}\n", data.m_file, data.m_line, data.m_expr, data.m_decomp.c_str());
    std::abort();
  });
  std::signal(SIGPIPE, SIG_IGN);
  // Kills leave the page cache as it is: a disk would only slow this down.
  if (std::getenv("TMPDIR") == nullptr && std::filesystem::is_directory("/dev/shm")) ::setenv("TMPDIR", "/dev/shm", 1);
  kyso::faults::Settings settings;
  settings.seed = std::random_device()();
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--keep") {
      settings.keeps = true;
      continue;
    }
    if (i + 1 == argc) return 4;
    const auto value = std::strtoul(argv[++i], nullptr, 10);
    if (name == "--rounds")
      settings.rounds = static_cast<int>(value);
    else if (name == "--seed")
      settings.seed = static_cast<unsigned>(value);
    else if (name == "--epoch")
      settings.epoch = static_cast<int>(value);
    else
      return 4;
  }
  return kyso::faults::Director(settings).run();
}
