#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <csignal>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "base/file.h"
#include "db/database.h"
#include "db/db_test_support.h"
#include "db/sql_text.h"

namespace kyso::db {
namespace {

void define(Database& database, std::string_view sql) {
  must(database.write([&](Transaction& t) { return t.execute(must(translate_types(sql, t.engine()))); }));
}
std::set<std::int64_t> numbers(Database& database, std::string_view sql) {
  std::set<std::int64_t> found;
  const Rows rows = must(database.read([&](Transaction& t) { return t.query(sql); }));
  for (const Row& row : rows) found.insert(must(row.get<std::int64_t>(0)));
  return found;
}
Result<std::int64_t> insert(Database& database, std::int64_t id) {
  return database.write([&](Transaction& t) { return t.execute("INSERT INTO t VALUES (?, ?)", {id, Bytes(100, 1)}); });
}

// In a child: four threads write, and tell each number through a pipe after its write was answered.
[[noreturn]] void write_for_ever(const DatabaseOptions& options, int pipe) {
  auto database = Database::open(options);
  if (!database) ::_exit(1);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::int64_t i = 0;; ++i) {
        const std::int64_t id = 1'000'000 * (thread + 1) + i;
        Result<std::int64_t> done = insert(**database, id);
        // On a busy machine the four may get in each other's way more often than write() repeats.
        while (!done && (done.error().code == "db.conflict" || done.error().code == "db.busy"))
          done = insert(**database, id);
        if (!done || ::write(pipe, &id, sizeof id) != sizeof id) ::_exit(2);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ::_exit(3);
}

// Reads `enough` numbers, then kills the writer; all that it told.
std::set<std::int64_t> kill_writer(const DatabaseOptions& options, std::size_t enough) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) write_for_ever(options, ends[1]);
  ::close(ends[1]);
  const FileDescriptor reading(ends[0]);
  std::set<std::int64_t> told;
  std::int64_t id = 0;
  while (::read(reading.get(), &id, sizeof id) == sizeof id) {
    told.insert(id);
    if (told.size() == enough) ::kill(child, SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
  return told;
}

TEST_CASE("after kill -9 of a writing process every write that was answered is there") {
  on_each_engine(
      [](TestDatabase& database) {
        define(*database, "CREATE TABLE t (id BIGINT PRIMARY KEY, b BYTES)");
        database.close();  // no connection of this process goes through the fork
        for (int round = 0; round < 3; ++round) {
          const auto told = kill_writer(database.options(), 50 + 70 * static_cast<std::size_t>(round));
          database.reopen();
          const auto stored = numbers(*database, "SELECT id FROM t");
          CHECK(told.size() >= 50);
          CHECK(std::ranges::includes(stored, told));
          // One write of each thread may be there without its answer.
          CHECK(stored.size() <= told.size() + 4);
          must(database->write([](Transaction& t) { return t.execute("DELETE FROM t"); }));
          database.close();
        }
      },
      {});
}

TEST_CASE(
    "PostgreSQL dies and comes back under load: nothing that was answered is lost, and nobody has to start again") {
  TestServer server;
  DatabaseOptions options;
  options.url = server.url();
  options.acquire_timeout = std::chrono::seconds(30);
  const auto database = must(Database::open(options));
  define(*database, "CREATE TABLE t (id BIGINT PRIMARY KEY, b BYTES)");
  std::mutex mutex;
  std::set<std::int64_t> answered, unknown;
  std::atomic<bool> is_over = false;
  std::atomic<int> reads = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 6; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::int64_t i = 0; !is_over; ++i) {
        const std::int64_t id = 1'000'000 * (thread + 1) + i;
        const auto result = insert(*database, id);
        if (!result) CHECK(code_of(result) == "db.commit.unknown");
        {
          const std::lock_guard lock(mutex);
          (result ? answered : unknown).insert(id);
        }
        must(database->read([&](Transaction& t) { return t.query("SELECT id FROM t WHERE id = ?", {id}); }));
        ++reads;
      }
    });
  }
  const auto count = [&] {
    const std::lock_guard lock(mutex);
    return answered.size();
  };
  for (int round = 0; round < 3; ++round) {
    const std::size_t before = count();
    while (count() < before + 200) std::this_thread::yield();
    server.kill();
    server.start();
  }
  const std::size_t before = count();
  while (count() < before + 100) std::this_thread::yield();
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  const auto stored = numbers(*database, "SELECT id FROM t");
  CHECK(std::ranges::includes(stored, answered));
  for (const std::int64_t id : stored) CHECK((answered.contains(id) || unknown.contains(id)));
  CHECK(database->statistics().reconnects >= 3);
}

// A folder on a disk of 1.5 MB; nothing when this user may not mount one.
class SmallDisk {
 public:
  SmallDisk() : m_is_mounted(::mount("tmpfs", m_folder.path().c_str(), "tmpfs", 0, "size=1500k") == 0) {}
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (m_is_mounted) ::umount2(m_folder.path().c_str(), MNT_DETACH);
  }
  bool is_mounted() const { return m_is_mounted; }
  std::filesystem::path operator/(const char* name) const { return m_folder / name; }

 private:
  TestFolder m_folder;
  bool m_is_mounted;
};

// Writes until the disk is full; `make_room` ends that.
void fill_and_free(const std::filesystem::path& file, const std::function<void()>& make_room) {
  DatabaseOptions options;
  options.url = "sqlite:" + file.string();
  auto database = must(Database::open(options));
  define(*database, "CREATE TABLE t (id BIGINT PRIMARY KEY, b BYTES)");
  std::mutex mutex;
  std::set<std::int64_t> answered, refused;
  const auto write_until_full = [&](std::int64_t first) {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::int64_t i = 0, failures = 0; i < 5'000 && failures < 10; ++i) {
          const std::int64_t id = first + 10'000 * thread + i;
          const auto result = database->write(
              [&](Transaction& t) { return t.execute("INSERT INTO t VALUES (?, ?)", {id, Bytes(1'000, 1)}); });
          if (!result) {
            CHECK_MESSAGE(code_of(result) == "db.full", result.error().detail);
            ++failures;
          }
          const std::lock_guard lock(mutex);
          (result ? answered : refused).insert(id);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  };
  write_until_full(0);
  CHECK(answered.size() > 50);
  CHECK(refused.size() >= 10);
  // Reading goes on.
  CHECK(numbers(*database, "SELECT id FROM t") == answered);
  make_room();
  const std::size_t before = answered.size();
  must(insert(*database, 999'999));
  answered.insert(999'999);
  CHECK(answered.size() == before + 1);
  CHECK(numbers(*database, "SELECT id FROM t") == answered);
  database.reset();
  database = must(Database::open(options));
  CHECK(numbers(*database, "SELECT id FROM t") == answered);
}

TEST_CASE("SQLite on a full disk acknowledges nothing, loses nothing, and goes on when there is room") {
  const SmallDisk disk;
  if (disk.is_mounted()) {
    const auto ballast = disk / "ballast";
    std::ofstream(ballast) << std::string(400'000, 'x');
    fill_and_free(disk / "a.db", [&] { std::filesystem::remove(ballast); });
  }
  // Without the right to mount: the size of files is limited instead.
  const TestFolder folder;
  rlimit usual{};
  ::getrlimit(RLIMIT_FSIZE, &usual);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1'500'000, usual.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  fill_and_free(folder / "a.db", [&] { ::setrlimit(RLIMIT_FSIZE, &usual); });
  std::signal(SIGXFSZ, SIG_DFL);
}

TEST_CASE("a backup made while others write is one state of the database") {
  TestDatabase database(Engine::sqlite);
  define(*database, "CREATE TABLE t (id BIGINT PRIMARY KEY, b BYTES)");
  define(*database, "CREATE TABLE u (id BIGINT PRIMARY KEY)");
  const TestFolder folder;
  std::atomic<bool> is_over = false;
  std::atomic<int> written = 0;
  std::thread writer([&] {
    for (int i = 0; !is_over; ++i) {
      must(database->write([&](Transaction& t) -> Result<> {
        KYSO_TRY(t.execute("INSERT INTO t VALUES (?, ?)", {i, Bytes(2'000, 5)}));
        KYSO_TRY(t.execute("INSERT INTO u VALUES (?)", {i}));
        return {};
      }));
      ++written;
    }
  });
  while (written < 50) std::this_thread::yield();
  must(database->back_up(folder / "copy.db"));
  const int at_end = written;
  while (written < at_end + 20) std::this_thread::yield();
  is_over = true;
  writer.join();
  CHECK(code_of(database->back_up(folder / "copy.db")) == "db.backup.exists");
  CHECK(code_of(database->back_up(folder / "no/such/folder")) == "db.backup.unwritable");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
  DatabaseOptions options;
  options.url = "sqlite:" + (folder / "copy.db").string();
  const auto copy = must(Database::open(options));
  const auto t = numbers(*copy, "SELECT id FROM t");
  CHECK(t.size() >= 50);
  CHECK(t == numbers(*copy, "SELECT id FROM u"));
  CHECK(output_of("sqlite3 '" + (folder / "copy.db").string() + "' 'PRAGMA integrity_check'") == "ok\n");
  TestDatabase postgresql(Engine::postgresql);
  CHECK(code_of(postgresql->back_up(folder / "x.db")) == "db.backup.unsupported");
}

TEST_CASE("what is no database is told so, and is not touched") {
  const TestFolder folder;
  const auto open = [&](const std::string& url) {
    DatabaseOptions options;
    options.url = url;
    options.acquire_timeout = std::chrono::milliseconds(500);
    return Database::open(options);
  };
  const auto file = folder.write("text.db", std::string(5'000, 'a'));
  CHECK(code_of(open("sqlite:" + file.string())) == "db.corrupt");
  CHECK(must(read_file(file)).size() == 5'000);
  CHECK(code_of(open("sqlite:" + (folder / "no/folder.db").string())) == "db.unavailable");
  CHECK(code_of(open("mysql://a/b")) == "db.url");
  CHECK(code_of(open("sqlite:")) == "db.url");
  CHECK(code_of(open("host=/nowhere user=kyso")) == "db.unavailable");

  const auto damaged = folder / "damaged.db";
  {
    const auto database = must(open("sqlite:" + damaged.string()));
    define(*database, "CREATE TABLE t (id BIGINT PRIMARY KEY, b BYTES)");
    must(database->write([](Transaction& t) {
      std::vector<Values> rows;
      for (int i = 0; i < 2'000; ++i) rows.push_back({i, Bytes(100, 1)});
      return t.execute_many("INSERT INTO t VALUES (?, ?)", rows);
    }));
  }
  {
    std::fstream bytes(damaged, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(4'096);
    bytes << std::string(40'960, '\xee');
  }
  const auto database = must(open("sqlite:" + damaged.string()));
  CHECK(code_of(database->read([](Transaction& t) { return t.query("SELECT count(*), sum(length(b)) FROM t"); })) ==
        "db.corrupt");
}

TEST_CASE("a database file is not for everybody") {
  const TestFolder folder;
  DatabaseOptions options;
  options.url = "sqlite:" + (folder / "a.db").string();
  const auto database = must(Database::open(options));
  define(*database, "CREATE TABLE t (id BIGINT PRIMARY KEY)");
  for (const char* name : {"a.db", "a.db-wal", "a.db-shm"}) {
    CAPTURE(name);
    CHECK((std::filesystem::status(folder / name).permissions() & std::filesystem::perms::others_all) ==
          std::filesystem::perms::none);
  }
}

TEST_CASE("a password never appears in an error") {
  TestServer& server = test_server();
  DatabaseOptions plain;
  plain.url = server.url();
  const auto administrator = must(Database::open(plain));
  must(administrator->write(
      [](Transaction& t) { return t.execute("CREATE ROLE kyso_password LOGIN PASSWORD 'dung mat khau'"); }));
  const auto open = [&](const std::string& url) {
    DatabaseOptions options;
    options.url = url;
    return Database::open(options);
  };
  const std::string folder = plain.url.substr(5, plain.url.find(' ') - 5);
  const std::string base = "host=" + folder + " dbname=postgres user=kyso_password ";
  must(open(base + "password='dung mat khau'"));
  for (const std::string& url : {base + "password=Sai12345", base + "password=Sai12345 port",
                                 base + "password='Sai12345", std::string("postgresql://kyso:Sai12345@[bad/x"),
                                 std::string("postgresql://kyso:Sai12345@/postgres?nope=1&host=") + folder,
                                 std::string("host=/nowhere password=Sai12345 user=Sai12345")}) {
    const auto result = open(url);
    CAPTURE(url);
    REQUIRE(!result);
    CHECK(result.error().detail.find("Sai12345") == std::string::npos);
  }
  CHECK(code_of(open(base + "password=Sai12345")) == "db.unavailable");
  CHECK(code_of(open(base + "password='Sai12345")) == "db.url");
}

TEST_CASE("PostgreSQL: a table that was changed does not spoil kept statements") {
  TestDatabase database(Engine::postgresql);
  define(*database, "CREATE TABLE t (id BIGINT PRIMARY KEY)");
  const auto ask = [&] { return must(database->read([](Transaction& t) { return t.query("SELECT * FROM t"); })); };
  CHECK(ask().empty());
  define(*database, "ALTER TABLE t ADD COLUMN s TEXT");
  must(database->write([](Transaction& t) { return t.execute("INSERT INTO t VALUES (1, 'a')"); }));
  CHECK(ask().at(0).size() == 2);
}

// A server process that no longer moves, as behind a dead network. It is killed at the end.
class StoppedProcess {
 public:
  explicit StoppedProcess(Transaction& transaction) : m_process(process_of(transaction)) { ::kill(m_process, SIGSTOP); }
  StoppedProcess(const StoppedProcess&) = delete;
  StoppedProcess& operator=(const StoppedProcess&) = delete;
  ~StoppedProcess() {
    // SIGTERM ends one connection; SIGKILL would make the server restart all.
    ::kill(m_process, SIGTERM);
    ::kill(m_process, SIGCONT);
  }

 private:
  static pid_t process_of(Transaction& transaction) {
    return must(must(transaction.one("SELECT pg_backend_pid()")).get<int>(0));
  }
  pid_t m_process;
};

TEST_CASE("PostgreSQL: a server that no longer answers is given up in time") {
  DatabaseOptions options;
  options.statement_timeout = std::chrono::milliseconds(200);
  TestDatabase database(Engine::postgresql, {}, options);
  define(*database, "CREATE TABLE t (id BIGINT PRIMARY KEY, b BYTES)");
  std::optional<StoppedProcess> stopped;
  const auto read = database->read([&](Transaction& t) -> Result<> {
    stopped.emplace(t);
    KYSO_TRY(t.query("SELECT 1"));
    return {};
  });
  CHECK(code_of(read) == "db.busy");
  stopped.reset();
  const auto write = database->write([&](Transaction& t) -> Result<> {
    KYSO_TRY(t.execute("INSERT INTO t VALUES (1, NULL)"));
    stopped.emplace(t);
    return {};
  });
  CHECK(code_of(write) == "db.commit.unknown");
  // The pool goes on with new connections, while the old one still hangs.
  must(insert(*database, 2));
  CHECK(numbers(*database, "SELECT id FROM t WHERE id = 2").size() == 1);
}

TEST_CASE("hundreds of different statements are prepared and forgotten") {
  on_each_engine([](Database& database) {
    define(database, "CREATE TABLE t (id BIGINT PRIMARY KEY)");
    must(database.write([](Transaction& t) -> Result<> {
      for (int round = 0; round < 2; ++round)
        for (int i = 0; i < 600; ++i)
          KYSO_TRY(t.execute(fmt::format("INSERT INTO t VALUES (? + {})", i), {1'000 * round}));
      return {};
    }));
    CHECK(numbers(database, "SELECT id FROM t").size() == 1'200);
    // Those that were forgotten before a failure are not missed after it.
    const auto failed = database.write([](Transaction& t) -> Result<> {
      for (int i = 0; i < 300; ++i) KYSO_TRY(t.query(fmt::format("SELECT {}, ? FROM t LIMIT 1", i), {i}));
      KYSO_TRY(t.execute("INSERT INTO t VALUES (?)", {0}));
      return {};
    });
    CHECK(code_of(failed) == "db.constraint");
    for (int i = 0; i < 300; ++i)
      must(database.read([&](Transaction& t) { return t.query(fmt::format("SELECT {}, ? FROM t LIMIT 1", i), {i}); }));
  });
}

}  // namespace
}  // namespace kyso::db
