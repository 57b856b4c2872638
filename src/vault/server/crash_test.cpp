// The vault's process is killed at random moments while several clients work with it. Afterwards nothing may be signed
// but unrecorded, no serial number may have been used twice, no CRL number may have gone backwards.
#include <sys/wait.h>

#include <random>

#include "vault/channel.h"
#include "vault/client.h"
#include "vault/server/core_test_support.h"
#include "vault/server/socket_server.h"

using namespace kyso;
using namespace kyso::vault;
using namespace kyso::vault::test;

namespace {

using std::chrono::steady_clock;

// A vault in a process of its own, on a journal that outlives it.
class VaultProcess {
 public:
  explicit VaultProcess(const std::filesystem::path& folder) : m_folder(folder) {
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    m_child = ::fork();
    REQUIRE(m_child >= 0);
    if (m_child == 0) {
      ::close(ready[0]);
      ::alarm(120);
      run(ready[1]);
      ::_exit(0);
    }
    ::close(ready[1]);
    char octet = 0;
    const ssize_t got = ::read(ready[0], &octet, 1);
    ::close(ready[0]);
    REQUIRE(got == 1);
  }
  ~VaultProcess() { kill(); }
  void kill() {
    if (m_child <= 0) return;
    ::kill(m_child, SIGKILL);
    ::waitpid(m_child, nullptr, 0);
    m_child = 0;
  }

 private:
  void run(int ready) {
    auto database = db::Database::open({.url = "sqlite:" + (m_folder / "vault.db").string(), .connections = 2});
    if (!database || !db::migrate(**database, KYSO_SOURCE_DIR "/db/migrations/vault", system_clock())) return;
    CoreOptions options;
    options.keys = shared_authority().keys();
    options.initial_policy = shipped_policy();
    options.checkpoint_origin = "kyso.example.vn/audit";
    options.instance = 0x2a;
    options.threads = 2;
    static TestClock clock;
    auto core = Core::create(options, **database, clock);
    if (!core) return;
    (*core)->start();
    auto server = SocketServer::start({.socket = m_folder / "vault.sock"}, **core);
    if (!server) return;
    if (::write(ready, "x", 1) != 1) return;
    while (true) ::pause();
  }

  const std::filesystem::path m_folder;
  pid_t m_child = 0;
};

struct Seen {
  std::mutex mutex;
  std::map<std::string, Bytes> certificates;  // intent: what was answered
  std::vector<std::int64_t> list_numbers;     // that were answered, in order
  std::vector<std::string> prepared;
};

// Prepares, signs, voids and makes lists until the vault is gone.
void work(const std::filesystem::path& socket, const std::vector<SignedRequest>& requests, const Signer& issuer,
          std::int64_t first_number, Seen& seen) {
  const auto vault = connect({.socket = socket, .connections = 1, .timeout = std::chrono::seconds(10)});
  std::int64_t number = first_number;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto prepared = vault->prepare({requests[i]});
    if (!prepared.front()) {
      if (prepared.front().error().code == "vault.unreachable") return;
      continue;
    }
    std::vector<std::string> intents;
    for (const auto& one : *prepared.front()) intents.push_back(one.intent);
    {
      std::lock_guard lock(seen.mutex);
      seen.prepared.insert(seen.prepared.end(), intents.begin(), intents.end());
    }
    const auto voided = intents.back();
    if (i % 3 == 0) {
      static_cast<void>(vault->void_intent(voided));
      intents.pop_back();
    }
    const auto certificates = vault->sign_prepared(intents);
    for (std::size_t k = 0; k < intents.size(); ++k) {
      if (!certificates[k]) continue;
      std::lock_guard lock(seen.mutex);
      const ByteView octets = certificates[k]->der();
      seen.certificates[intents[k]] = Bytes(octets.begin(), octets.end());
    }
    if (first_number > 0) {
      if (sign_list(*vault, list_of(list_description(issuer, test::now(), number)))) {
        std::lock_guard lock(seen.mutex);
        seen.list_numbers.push_back(number);
      }
      ++number;
    }
  }
}

// What the journal says, in this process.
void check_journal(const std::filesystem::path& folder, const Seen& seen) {
  const auto database = must(db::Database::open({.url = "sqlite:" + (folder / "vault.db").string()}));
  TestClock clock;
  Journal journal(*database, clock);
  must(journal.check_chain(1'000'000'000));
  for (const auto& [intent, octets] : seen.certificates) {
    const auto stored = must(journal.intents({intent}));
    REQUIRE(stored.size() == 1);
    CHECK(stored.front().intent.state == IntentState::signed_);
    CHECK(stored.front().intent.certificate == octets);
  }
  for (const auto& intent : seen.prepared) CHECK(must(journal.intents({intent})).size() == 1);
  const auto rows = must(database->read([](db::Transaction& transaction) {
    return transaction.query("SELECT id, issuer, serial, state, linting, certificate FROM intent");
  }));
  std::set<std::pair<std::string, Bytes>> serials;
  const auto& issuer = shared_authority().issuing.certificates.front();
  for (const auto& row : rows) {
    CHECK(serials.emplace(must(row.get<std::string>(1)), must(row.get<Bytes>(2))).second);
    const auto certificate = must(row.get<std::optional<Bytes>>(5));
    CHECK(certificate.has_value() == (must(row.get<std::int64_t>(3)) == 1));
    if (!certificate) continue;
    const auto whole = must(crypto::Certificate::from_der(*certificate));
    const auto linted = must(crypto::Certificate::from_der(must(row.get<Bytes>(4))));
    CHECK(whole.verify_signature(issuer.public_key()));
    CHECK(std::ranges::equal(whole.tbs(), linted.tbs()));
  }
  // Every list that was answered has a number below or at the recorded one.
  const auto last = must(
      database->read([](db::Transaction& transaction) { return transaction.query("SELECT number FROM crl_number"); }));
  for (const auto number : seen.list_numbers) {
    REQUIRE(last.size() == 1);
    CHECK(must(last.front().get<std::int64_t>(0)) >= number);
  }
}

}  // namespace

TEST_CASE("kill -9 at random moments: nothing signed but unrecorded, no serial twice, recovery at once") {
  const TestFolder folder;
  const auto& authority = shared_authority();
  const Signer issuer{.name = "CPCA_G1",
                      .certificate = authority.issuing.certificates.front(),
                      .scheme = crypto::default_scheme(crypto::KeyType::ec_p256)};
  const char* wanted = std::getenv("KYSO_CRASH_ROUNDS");
  const int rounds = wanted != nullptr ? std::atoi(wanted) : 25;
  std::mt19937 random(20'260'908);  // the moments differ anyway
  Seen seen;
  std::chrono::milliseconds slowest{0};
  std::vector<SignedRequest> left_over;
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::vector<SignedRequest>> requests(3);
    for (auto& list : requests)
      for (int i = 0; i < 12; ++i) list.push_back(approved_issue(1 + static_cast<std::size_t>(i % 4)));
    // What was asked before the crash is asked again, as kysod does.
    std::ranges::copy(left_over, std::back_inserter(requests[0]));
    left_over.assign(requests[1].begin(), requests[1].begin() + 4);

    const auto began = steady_clock::now();
    VaultProcess vault(folder.path());
    const auto ready = std::chrono::ceil<std::chrono::milliseconds>(steady_clock::now() - began);
    slowest = std::max(slowest, ready);
    const std::int64_t first_number = 1 + round * 1'000;
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < requests.size(); ++i)
        threads.emplace_back(
            [&, i] { work(folder / "vault.sock", requests[i], issuer, i == 0 ? first_number : 0, seen); });
      // The moment is one of time, not an event: that is what is tested.
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 300'000));
      vault.kill();
    }
    check_journal(folder.path(), seen);
  }
  CHECK(seen.certificates.size() > static_cast<std::size_t>(rounds));
  CHECK(std::ranges::is_sorted(seen.list_numbers));
  CHECK(slowest < std::chrono::seconds(5));
  MESSAGE(rounds, " rounds: ", seen.prepared.size(), " prepared, ", seen.certificates.size(), " signed, ",
          seen.list_numbers.size(), " lists; slowest start ", slowest.count(), " ms");

  // Whatever still waits can be finished or voided.
  VaultProcess vault(folder.path());
  const auto client = connect({.socket = folder / "vault.sock"});
  std::size_t waiting = 0;
  for (std::size_t i = 0; i < seen.prepared.size(); i += 500) {
    const auto end = std::min(i + 500, seen.prepared.size());
    for (const auto& intent : must(client->intents({seen.prepared.begin() + static_cast<std::ptrdiff_t>(i),
                                                    seen.prepared.begin() + static_cast<std::ptrdiff_t>(end)}))) {
      if (intent.state != IntentState::prepared) continue;
      const auto& id = intent.prepared.intent;
      CHECK(code_of(++waiting % 2 == 0 ? client->void_intent(id) : [&]() -> Result<> {
              KYSO_TRY(std::move(client->sign_prepared({id}).front()));
              return {};
            }()) == "ok");
    }
  }
}
