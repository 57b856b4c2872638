#include "worker.h"

#include <algorithm>
#include <thread>

#include "audit/log.h"
#include "authority/status/status_service.h"
#include "load.h"
#include "vault/client.h"
#include "vault/server/socket_server.h"

namespace kyso::faults {
namespace {

using namespace std::chrono_literals;
using authority::RequestState;

constexpr int kDesks = 3;
constexpr auto kUpkeep = 100ms;

void say(int pipe, char letter) {
  if (plain_write(pipe, &letter, 1) != 1) ::_exit(3);
}

class Worker {
 public:
  Worker(const World& world, const WorkerPlan& plan)
      : m_world(world), m_plan(plan), m_acknowledgements(world.acknowledgements()) {}

  Result<> open() {
    if (m_plan.vault == VaultPlace::same_process) {
      m_own = KYSO_TRY(open_vault(m_world));
      m_own.core->start();
    } else {
      m_client = vault::connect({.socket = m_world.socket(), .timeout = 3s});
    }
    m_database = KYSO_TRY(open_database(m_world));
    authority::AuthorityOptions options;
    options.policy_memory = 1s;
    m_authority = std::make_unique<authority::Authority>(*m_database, vault(), system_clock(), options);
    start_status();
    return {};
  }

  // As kysod does at its start. Everything that was authorised is carried out by the upkeep; then a new certificate.
  void recover() {
    while (!m_authority->reconcile()) std::this_thread::sleep_for(2ms);
    m_upkeep = std::jthread([this](const std::stop_token& stop) { look_after(stop); });
    while (!is_settled()) std::this_thread::sleep_for(2ms);
    probe();
  }

  void probe() {
    Desk desk(*m_authority, m_acknowledgements, m_plan.seed);
    while (!desk.issue(1, 10'000ms)) std::this_thread::sleep_for(1ms);
  }

  // Idle afterwards, until the first desks open.
  void rest() { m_upkeep = {}; }
  [[noreturn]] void work() {
    m_upkeep = std::jthread([this](const std::stop_token& stop) { look_after(stop); });
    std::vector<std::jthread> desks;
    const auto old = m_authority->certificates({.state = authority::CertificateState::good, .limit = 20});
    for (unsigned i = 0; i < kDesks; ++i)
      desks.emplace_back([this, i, old] {
        Desk desk(*m_authority, m_acknowledgements, m_plan.seed + i);
        if (i == 0 && old) std::ranges::for_each(*old, [&](const auto& row) { desk.adopt(row); });
        while (true) desk.act(20'000ms);
      });
    listen();
  }

 private:
  vault::Vault& vault() { return m_client ? *m_client : static_cast<vault::Vault&>(*m_own.core); }
  void start_status() {
    if (!m_plan.publishes_lists) return;
    authority::status::StatusOptions options;
    options.tick_every = 10ms;
    options.crl.at_most_every = 0s;
    options.crl.retry_after = 0s;
    m_status = std::make_unique<authority::status::StatusService>(*m_database, vault(), system_clock(), options);
    m_authority->on_status_change([this] { m_status->wake(); });
    m_status->start();
  }
  bool is_settled() {
    const auto left = m_authority->requests({.state = RequestState::authorised, .limit = 1});
    return left && left->empty();
  }
  void look_after(const std::stop_token& stop) {
    audit::Log log(*m_database);
    while (!stop.stop_requested()) {
      static_cast<void>(m_authority->look_after());
      static_cast<void>(log.integrate());
      for (auto slept = 0ms; slept < kUpkeep && !stop.stop_requested(); slept += 2ms) std::this_thread::sleep_for(2ms);
    }
  }
  [[noreturn]] void listen() {
    char letter = 0;
    while (::read(m_plan.commands, &letter, 1) == 1) {
      if (letter != kProbe) continue;
      probe();
      say(m_plan.reports, kReady);
    }
    ::_exit(0);
  }

  const World& m_world;
  const WorkerPlan& m_plan;
  Acknowledgements m_acknowledgements;
  OpenVault m_own;
  std::unique_ptr<vault::Vault> m_client;
  std::unique_ptr<db::Database> m_database;
  std::unique_ptr<authority::Authority> m_authority;
  std::unique_ptr<authority::status::StatusService> m_status;
  std::jthread m_upkeep;
};

}  // namespace

void run_worker(const World& world, const WorkerPlan& plan) {
  enter(Role::authority);
  auto* worker = new Worker(world, plan);  // never destroyed: this process is killed
  if (const Result<> opened = worker->open(); !opened) {
    fmt::print(stderr, "worker: {} {}\n", opened.error().code, opened.error().detail);
    say(plan.reports, kCannotOpen);
    ::_exit(1);
  }
  worker->recover();
  worker->rest();
  say(plan.reports, kReady);
  char letter = 0;
  if (::read(plan.commands, &letter, 1) != 1) ::_exit(0);
  worker->work();
}

void run_vault(const World& world, int reports) {
  enter(Role::vault);
  auto opened = open_vault(world);
  if (!opened) {
    fmt::print(stderr, "vault: {} {}\n", opened.error().code, opened.error().detail);
    say(reports, kCannotOpen);
    ::_exit(1);
  }
  opened->core->start();
  const auto server = vault::SocketServer::start({.socket = world.socket()}, *opened->core);
  if (!server) ::_exit(1);
  say(reports, kReady);
  while (true) ::pause();
}

}  // namespace kyso::faults
