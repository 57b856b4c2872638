#include <csignal>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "kysod/copy_database.h"
#include "kysod/import_ceremony.h"
#include "kysod/portal_commands.h"
#include "kysod/server.h"
#include "shared/console.h"
#include "shared/language.h"
#include "shared/notify.h"

// kysod: the services of the authority. docs/operating.md.
namespace {

using namespace kyso;

constexpr int kUsage = 4;
constexpr std::chrono::seconds kPatience{20};

struct Arguments {
  std::filesystem::path configuration = "/etc/kyso/kysod.toml";
  std::filesystem::path backup;
  std::vector<std::string> copy;      // from, to
  std::vector<std::string> ceremony;  // plan, folder
  bool only_checks = false, lists_routes = false;
  daemon::AccountOrder account;
};

Result<int> serve(daemon::Configuration configuration) {
  if (!configuration.log_file.empty()) KYSO_TRY(log::open_file(configuration.log_file));
  log::set_level(configuration.log_level);

  // Blocked before any thread starts; this thread waits for them.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const std::string node = configuration.node;
  const auto server = KYSO_TRY(daemon::Server::start(std::move(configuration)));
  std::string ports;
  for (const std::uint16_t port : server->ports()) ports += fmt::format("{}{}", ports.empty() ? "" : " ", port);
  log::write(log::Level::info, "kysod.ready", {{"node", node}, {"ports", ports}, {"version", KYSO_VERSION}});
  app::notify("READY=1");
  for (;;) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) break;
    server->reload_tls();
  }
  app::notify("STOPPING=1");
  log::write(log::Level::info, "kysod.stopping", {{"node", node}});
  server->drain(kPatience);
  return 0;
}

Result<int> run(const Arguments& arguments, const app::Console& console) {
  if (!arguments.copy.empty()) {
    KYSO_TRY(daemon::copy_database(arguments.copy.front(), arguments.copy.back(),
                                   share_folder() / "migrations" / "platform", console));
    return 0;
  }
  daemon::Configuration configuration = KYSO_TRY(daemon::load_configuration(arguments.configuration));
  if (arguments.only_checks) {
    console.say("Cấu hình hợp lệ: {}", "The configuration is right: {}", arguments.configuration.string());
    return 0;
  }
  if (arguments.lists_routes) return daemon::list_routes(std::move(configuration), console);
  if (!arguments.account.email.empty())
    return daemon::create_account(std::move(configuration), arguments.account, console);
  if (!arguments.ceremony.empty()) {
    KYSO_TRY(daemon::import_ceremony(configuration, arguments.ceremony.front(), arguments.ceremony.back(), console));
    return 0;
  }
  if (!arguments.backup.empty()) {
    KYSO_TRY(daemon::back_up(configuration, arguments.backup, console));
    return 0;
  }
  return serve(std::move(configuration));
}

}  // namespace

int main(int argc, char** argv) {
  app::Console console;
  console.language = app::choose_language(argc, argv);
  Arguments arguments;
  std::string language;
  CLI::App app(console.pick(
      "Các dịch vụ của cơ quan chứng thực Kyso: trạng thái chứng thư, dấu thời gian, bàn làm việc của cán bộ, nhật ký "
      "kiểm toán.",
      "The services of a Kyso certification authority: certificate status, time-stamps, officers' desk, audit log."));
  app.set_version_flag("--version", KYSO_VERSION);
  app.add_option("--config", arguments.configuration, console.pick("Tệp cấu hình", "Configuration file"))
      ->capture_default_str();
  auto* check = app.add_flag("--check", arguments.only_checks,
                             console.pick("Đọc cấu hình, nói đúng hay sai, rồi kết thúc",
                                          "Read the configuration, say whether it is right, and end"));
  auto* backup = app.add_option("--backup", arguments.backup,
                                console.pick("Sao lưu cơ sở dữ liệu SQLite vào tệp mới này, rồi kết thúc",
                                             "Copy the SQLite database to this new file, and end"));
  auto* copy =
      app.add_option(
             "--copy-database", arguments.copy,
             console.pick("Chép cơ sở dữ liệu (sqlite:TỆP, postgresql://…) vào cơ sở dữ liệu trống, rồi kết thúc",
                          "Copy a database (sqlite:FILE, postgresql://…) into an empty one, and end"))
          ->type_name("FROM TO")
          ->expected(2);
  check->excludes(backup)->excludes(copy);
  backup->excludes(copy);
  app.add_option(
         "--import-ceremony", arguments.ceremony,
         console.pick("Công bố danh sách thu hồi của chứng thực gốc và chứng thư của các cơ quan từ một lễ tạo "
                      "khóa, rồi kết thúc",
                      "Publish the lists of roots and the authorities' certificates of a key ceremony, and end"))
      ->type_name("PLAN FOLDER")
      ->expected(2)
      ->excludes(check, backup, copy);
  auto* account = app.add_option("--create-account", arguments.account.email,
                                 console.pick("Lập tài khoản của cổng với địa chỉ thư này, rồi kết thúc",
                                              "Make an account of the portal with this address, and end"))
                      ->type_name("EMAIL");
  app.add_option("--name", arguments.account.name, console.pick("Họ và tên", "Name"))->needs(account);
  app.add_option("--phone", arguments.account.phone, console.pick("Số điện thoại", "Telephone number"))->needs(account);
  app.add_option("--organisation", arguments.account.organisation,
                 console.pick("Mã cơ quan, hoặc khóa của cơ quan có sẵn (central/bcy/cts)",
                              "Id of the organisation, or the key of one that came with Kyso (central/bcy/cts)"))
      ->type_name("ID|KEY")
      ->needs(account);
  app.add_option("--roles", arguments.account.roles,
                 console.pick("Vai trò, cách nhau bằng dấu phẩy: clerk, head, receiving, checking, approving, auditor, "
                              "administrator",
                              "Roles with commas between them: clerk, head, receiving, checking, approving, auditor, "
                              "administrator"))
      ->delimiter(',')
      ->needs(account);
  app.add_option("--person", arguments.account.person,
                 console.pick("Cán bộ trong chính sách của kho khóa", "The officer in the vault's policy"))
      ->needs(account);
  app.add_option("--password-file", arguments.account.password_file,
                 console.pick("Tệp chứa mật khẩu ở dòng đầu; không có: đặt bằng \"Quên mật khẩu\"",
                              "File with the password as its first line; without it: \"forgotten password\" sets one"))
      ->type_name("FILE")
      ->needs(account);
  app.add_flag("--list-routes", arguments.lists_routes,
               console.pick("In các đường dẫn của cổng và ai được dùng (JSON), rồi kết thúc",
                            "Print the portal's routes and who may use them (JSON), and end"));
  app.add_option("--lang", language, console.pick("Ngôn ngữ: vi hoặc en", "Language: vi or en"));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : kUsage;
  }
  const Result<int> result = run(arguments, console);
  if (result) return *result;
  log::write(log::Level::error, "kysod.failed", result.error());
  return console.report(result.error());
}
