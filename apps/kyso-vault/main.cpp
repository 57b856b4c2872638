#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <limits>

#include "base/file.h"
#include "base/file_descriptor.h"
#include "base/log.h"
#include "db/migration.h"
#include "shared/console.h"
#include "shared/language.h"
#include "shared/notify.h"
#include "vault/server/configuration.h"
#include "vault/server/core.h"

// kyso-vault: the only process that reaches the authority's private keys. docs/vault.md.
namespace {

using namespace kyso;

constexpr int kUsage = 4;
constexpr int kHoles = 5;

log::Level level_of(std::string_view name) {
  if (name == "debug") return log::Level::debug;
  if (name == "warning") return log::Level::warning;
  return name == "error" ? log::Level::error : log::Level::info;
}

// Two vaults on one journal would draw numbers twice. The lock ends with the process, however it ends.
Result<FileDescriptor> lock_database(const std::filesystem::path& database) {
  const auto path = database.string() + ".lock";
  FileDescriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock) return fail("base.file.unwritable", "{}", std::strerror(errno)).with("path", path);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return fail("vault.database.locked").with("path", database.string());
  return lock;
}

Result<int> check(const vault::Configuration& configuration, const app::Console& console) {
  if (!configuration.core.initial_policy.empty()) {
    const auto policy = KYSO_TRY(vault::Policy::parse(1, configuration.core.initial_policy));
    console.say("Quy chế ban đầu: SHA-256 {}", "Initial policy: SHA-256 {}", to_hex(policy.sha256()));
  }
  console.say("Cấu hình hợp lệ: {} khóa.", "The configuration is right: {} keys.", configuration.core.keys.size());
  return 0;
}

Result<int> self_test(const vault::Configuration& configuration, const app::Console& console) {
  const auto report = KYSO_TRY(vault::enter_sandbox(configuration.sandbox));
  console.say("Không gian mạng riêng: {}; khóa bộ nhớ: {}", "Own network namespace: {}; locked memory: {}",
              report.has_own_network, report.is_memory_locked);
  const auto holes = vault::find_holes(configuration.sandbox);
  for (const auto& hole : holes) console.say("KHÔNG bị chặn: {}", "NOT refused: {}", hole);
  if (holes.empty()) console.say("Vùng cách ly kín.", "The sandbox is tight.");
  return holes.empty() ? 0 : kHoles;
}

// Also while the vault works: one state of its journal.
Result<int> back_up(const vault::Configuration& configuration, const std::filesystem::path& file,
                    const app::Console& console) {
  ::umask(077);
  if (!std::filesystem::exists(configuration.database))
    return fail("base.file.missing").with("path", configuration.database.string());
  const auto database = KYSO_TRY(db::Database::open({.url = "sqlite:" + configuration.database.string(),
                                                     .connections = 1,
                                                     .statement_timeout = std::chrono::hours(24)}));
  KYSO_TRY(database->back_up(file));
  console.say("Đã sao lưu vào {}.", "The backup is in {}.", file.string());
  return 0;
}

Result<int> serve(vault::Configuration configuration) {
  ::umask(077);
  // Blocked before any thread starts; this thread waits for them.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  log::set_level(level_of(configuration.log_level));

  // Before any vendor's library is loaded, any key made and any stranger's octet read.
  const auto sandbox = KYSO_TRY(vault::enter_sandbox(configuration.sandbox));
  if (!configuration.log_file.empty()) KYSO_TRY(log::open_file(configuration.log_file));
  log::write(log::Level::info, "vault.sandboxed",
             {{"own_network", sandbox.has_own_network ? "yes" : "no"},
              {"memory_locked", sandbox.is_memory_locked ? "yes" : "no"}});

  const auto lock = KYSO_TRY(lock_database(configuration.database));
  const auto database =
      KYSO_TRY(db::Database::open({.url = "sqlite:" + configuration.database.string(), .connections = 4}));
  KYSO_TRY(db::migrate(*database, share_folder() / "migrations" / "vault", system_clock()));
  if (configuration.verify_journal)
    KYSO_TRY(vault::Journal(*database, system_clock()).check_chain(std::numeric_limits<std::int64_t>::max()));

  configuration.core.version = KYSO_VERSION;
  const auto core = KYSO_TRY(vault::Core::create(std::move(configuration.core), *database));
  core->start();
  auto server = KYSO_TRY(vault::SocketServer::start(configuration.server, *core));
  log::write(log::Level::info, "vault.ready",
             {{"socket", configuration.server.socket.string()}, {"version", KYSO_VERSION}});
  app::notify("READY=1");
  int signal = 0;
  sigwait(&signals, &signal);
  app::notify("STOPPING=1");
  log::write(log::Level::info, "vault.stopping");
  server.reset();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  app::Console console;
  console.language = app::choose_language(argc, argv);
  std::filesystem::path path = "/etc/kyso/vault.toml";
  std::string language;
  bool only_checks = false;
  bool only_tests = false;
  std::filesystem::path backup;
  CLI::App app(console.pick(
      "Kho khóa của cơ quan chứng thực Kyso: ký những gì cán bộ đã duyệt và quy chế cho phép.",
      "The keys of a Kyso certification authority: signs what officers approved, and what its rules allow."));
  app.set_version_flag("--version", KYSO_VERSION);
  app.add_option("--config", path, console.pick("Tệp cấu hình", "Configuration file"))->capture_default_str();
  auto* check_flag = app.add_flag("--check", only_checks,
                                  console.pick("Đọc cấu hình, nói đúng hay sai, rồi kết thúc",
                                               "Read the configuration, say whether it is right, and end"));
  auto* test_flag = app.add_flag("--self-test", only_tests,
                                 console.pick("Vào vùng cách ly, thử những việc phải bị chặn, rồi kết thúc",
                                              "Enter the sandbox, try what must not work there, and end"));
  app.add_option("--backup", backup,
                 console.pick("Sao lưu sổ của kho khóa vào tệp mới này, rồi kết thúc",
                              "Copy the journal's database to this new file, and end"))
      ->excludes(check_flag)
      ->excludes(test_flag);
  app.add_option("--lang", language, console.pick("Ngôn ngữ: vi hoặc en", "Language: vi or en"));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : kUsage;
  }
  auto configuration = vault::load_configuration(path);
  const Result<int> result = !configuration    ? Result<int>(std::move(configuration).error())
                             : only_checks     ? check(*configuration, console)
                             : only_tests      ? self_test(*configuration, console)
                             : !backup.empty() ? back_up(*configuration, backup, console)
                                               : serve(*std::move(configuration));
  if (result) return *result;
  log::write(log::Level::error, "vault.failed", result.error());
  return console.report(result.error());
}
