#pragma once
#include <doctest/doctest.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "base/test_support.h"
#include "db/database.h"
#include "db/migration.h"

// For the tests of all modules with a store: the same test on SQLite and on PostgreSQL.
//
//   TEST_CASE("a serial is used once") {
//     db::on_each_engine([](db::Database& database) { … });
//   }
namespace kyso::db {

namespace detail {

// The newest server that is installed. A test that needs PostgreSQL fails without it: it is no test otherwise.
inline std::filesystem::path postgresql_programs() {
  namespace fs = std::filesystem;
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored))
    if (fs::exists(entry.path() / "bin/initdb")) found.push_back(entry.path() / "bin");
  if (found.empty()) FAIL("PostgreSQL is not installed (/usr/lib/postgresql/*/bin/initdb): apt-get install postgresql");
  return *std::ranges::max_element(found, {},
                                   [](const fs::path& bin) { return std::stoi(bin.parent_path().filename()); });
}

inline std::string words(const std::vector<std::string>& list) {
  std::string line;
  for (const std::string& word : list) line += "'" + word + "' ";
  return line;
}

}  // namespace detail

// TestServer: a private server of PostgreSQL in a folder of its own, reached by its socket there. It is stopped and its
// folder removed when this object or the process ends, however it ends: a guardian shell waits for the end of a pipe.
// As root it runs as the user postgres, for PostgreSQL refuses root.
class TestServer {
 public:
  // Data survive the end of the server process, not of the machine; `durable` makes it call fsync, for measurements.
  enum class Sync : std::uint8_t { off, durable };
  explicit TestServer(Sync sync = Sync::off) : m_programs(detail::postgresql_programs()) {
    std::filesystem::permissions(m_folder.path(), std::filesystem::perms::all);
    if (::geteuid() == 0) {
      const passwd* user = ::getpwnam("postgres");
      REQUIRE_MESSAGE(user != nullptr, "root starts PostgreSQL as the user postgres, who does not exist here");
      m_as_user = {"setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"};
      REQUIRE(::chown(m_folder.path().c_str(), user->pw_uid, user->pw_gid) == 0);
    }
    std::vector<std::string> init = m_as_user;
    for (const std::string& word :
         {(m_programs / "initdb").string(), std::string("--no-sync"), std::string("--auth=trust"),
          std::string("--username=kyso"), std::string("--encoding=UTF8"), std::string("--locale=C.UTF-8"),
          std::string("--pgdata=") + data()})
      init.push_back(word);
    output_of("cd / && " + detail::words(init) + " 2>&1");
    // One role that needs its password: "secret".
    const std::string rules = "local all kyso_password scram-sha-256\nlocal all all trust\n";
    std::ofstream(data() + "/pg_hba.conf") << rules;
    std::ofstream(data() + "/postgresql.conf", std::ios::app)
        << "listen_addresses = ''\nunix_socket_directories = '" << m_folder.path().string()
        << "'\nmax_connections = 200\nshared_buffers = 64MB\nautovacuum = off\nlogging_collector = off\n"
        << (sync == Sync::off ? "fsync = off\nfull_page_writes = off\n" : "");
    start();
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer() { stop(); }

  // The connection string of a schema of its own; "" is the usual one.
  std::string url(const std::string& schema = {}) const {
    std::string text = "host=" + m_folder.path().string() + " user=kyso dbname=postgres";
    if (!schema.empty()) text += " options='-c search_path=" + schema + "'";
    return text;
  }
  // Waits until it answers.
  void start() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    std::vector<std::string> server = m_as_user;
    server.push_back((m_programs / "postgres").string());
    server.push_back("-D");
    server.push_back(data());
    // SIGQUIT: at once, without a checkpoint, as kill -9 would leave it but for its children.
    const std::string guardian =
        "cd /; " + detail::words(server) + " >>'" + log() +
        "' 2>&1 </dev/null & server=$!; word=; read -r word; kill -QUIT $server; wait $server; "
        "[ \"$word\" = keep ] || rm -rf '" +
        m_folder.path().string() + "'";
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    const char* arguments[] = {"sh", "-c", guardian.c_str(), nullptr};
    const int failed =
        ::posix_spawn(&m_guardian, "/bin/sh", &actions, &attributes, const_cast<char**>(arguments), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    ::close(ends[0]);
    m_lifeline = FileDescriptor(ends[1]);
    REQUIRE(failed == 0);
    wait_until_ready();
  }
  // The server dies in the midst of its work; start() brings it back with what it had made durable.
  void kill() {
    static_cast<void>(!::write(m_lifeline.get(), "keep\n", 5));
    end_guardian();
  }

 private:
  std::string data() const { return (m_folder / "data").string(); }
  std::string log() const { return (m_folder / "server.log").string(); }
  void wait_until_ready() const {
    const std::string ready = (m_programs / "pg_isready").string() + " -q -h " + m_folder.path().string();
    for (int i = 0; i < 600; ++i) {
      if (run_command(ready).status == 0) return;
      ::usleep(20'000);
    }
    FAIL("PostgreSQL did not start: ", run_command("cat '" + log() + "'").output);
  }
  void end_guardian() {
    m_lifeline.reset();
    if (m_guardian > 0) ::waitpid(m_guardian, nullptr, 0);
    m_guardian = -1;
  }
  void stop() { end_guardian(); }

  const std::filesystem::path m_programs;
  TestFolder m_folder;
  std::vector<std::string> m_as_user;
  pid_t m_guardian = -1;
  FileDescriptor m_lifeline;
};

// The server of this test program, started when it is first needed.
inline TestServer& test_server() {
  static TestServer server;
  return server;
}

// A SQLite database with the migrations of a folder, made once in this test program: others are copies of its file.
inline const std::filesystem::path& migrated_file(const std::filesystem::path& migrations) {
  static TestFolder folder;
  static std::mutex mutex;
  static std::map<std::string, std::filesystem::path> made;
  const std::lock_guard lock(mutex);
  std::filesystem::path& file = made[migrations.string()];
  if (!file.empty()) return file;
  file = folder / fmt::format("migrated-{}.db", made.size());
  DatabaseOptions options;
  options.url = "sqlite:" + file.string();
  must(migrate(*must(Database::open(options)), migrations, system_clock()));
  return file;
}

// TestDatabase: a new empty database of an engine, with the migrations of a folder (none when it is empty).
class TestDatabase {
 public:
  explicit TestDatabase(Engine engine, const std::filesystem::path& migrations = {}, DatabaseOptions options = {})
      : m_options(std::move(options)) {
    if (engine == Engine::sqlite) {
      m_options.url = "sqlite:" + (m_folder / "test.db").string();
      if (!migrations.empty()) std::filesystem::copy_file(migrated_file(migrations), m_folder / "test.db");
    } else {
      static std::atomic<int> number = 0;
      const std::string schema = fmt::format("test_{}_{}", ::getpid(), ++number);
      DatabaseOptions plain;
      plain.url = test_server().url();
      const auto database = must(Database::open(plain));
      must(database->write([&](Transaction& transaction) { return transaction.execute("CREATE SCHEMA " + schema); }));
      m_options.url = test_server().url(schema);
    }
    m_database = must(Database::open(m_options));
    if (!migrations.empty() && engine == Engine::postgresql) must(migrate(*m_database, migrations, system_clock()));
  }
  Database& operator*() { return *m_database; }
  Database* operator->() { return m_database.get(); }
  // For a second process or a second Database on the same data.
  const DatabaseOptions& options() const { return m_options; }
  // Only this one is closed; the data stay until the object ends.
  void close() { m_database.reset(); }
  void reopen() { m_database = must(Database::open(m_options)); }

 private:
  TestFolder m_folder;
  DatabaseOptions m_options;
  std::unique_ptr<Database> m_database;
};

inline const std::filesystem::path kPlatformMigrations = KYSO_SOURCE_DIR "/db/migrations/platform";

inline std::string name_of(Engine engine) {
  return engine == Engine::sqlite ? "SQLite" : "PostgreSQL";
}

// Runs the body on a new database of each engine.
template <typename F>
void on_each_engine(const F& body, const std::filesystem::path& migrations = kPlatformMigrations,
                    const DatabaseOptions& options = {}) {
  for (const Engine engine : {Engine::sqlite, Engine::postgresql}) {
    INFO(name_of(engine));
    TestDatabase database(engine, migrations, options);
    if constexpr (std::is_invocable_v<F, TestDatabase&>) {
      body(database);
    } else {
      body(*database);
    }
  }
}

}  // namespace kyso::db
