#include <csignal>

#include <CLI/CLI.hpp>

#include "kyso/console.h"
#include "kysod/server.h"
#include "service/notify.h"

// kysod: the services of the authority. docs/operating.md.
namespace {

using namespace kyso;

constexpr int kUsage = 4;
constexpr std::chrono::seconds kPatience{20};

Result<int> run(const std::filesystem::path& path, bool only_checks, const app::Console& console) {
  daemon::Configuration configuration = KYSO_TRY(daemon::load_configuration(path));
  if (only_checks) {
    console.say("Cấu hình hợp lệ: {}", "The configuration is right: {}", path.string());
    return 0;
  }
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
  service::notify("READY=1");
  for (;;) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) break;
    server->reload_tls();
  }
  service::notify("STOPPING=1");
  log::write(log::Level::info, "kysod.stopping", {{"node", node}});
  server->drain(kPatience);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::filesystem::path path = "/etc/kyso/kysod.toml";
  std::string language;
  if (const char* environment = std::getenv("KYSO_LANG")) language = environment;
  bool only_checks = false;
  CLI::App app(
      "The services of a Kyso certification authority: certificate status, time-stamps, officers' desk, audit log.");
  app.set_version_flag("--version", KYSO_VERSION);
  app.add_option("--config", path, "Configuration file")->capture_default_str();
  app.add_flag("--check", only_checks, "Read the configuration, say whether it is right, and end");
  app.add_option("--lang", language, "vi or en");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : kUsage;
  }
  app::Console console;
  console.language = language.starts_with("en") ? Language::english : Language::vietnamese;
  const Result<int> result = run(path, only_checks, console);
  if (result) return *result;
  log::write(log::Level::error, "kysod.failed", result.error());
  return console.report(result.error());
}
