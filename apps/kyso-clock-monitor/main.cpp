#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "authority/tsa/policy.h"
#include "base/log.h"
#include "shared/console.h"
#include "shared/language.h"
#include "shared/notify.h"

// kyso-clock-monitor: compares the system clock with several time servers, and says in a file in /run whether
// time-stamps may be issued by it. It reaches no key and no database. docs/tsa.md.
namespace {

using namespace kyso;
using namespace kyso::authority::tsa;

constexpr int kUsage = 4;
constexpr int kNotTrusted = 123;

double milliseconds(Nanoseconds time) {
  return static_cast<double>(time) / static_cast<double>(kMillisecond);
}

void tell(const ClockEvent& event) {
  const bool is_good = event.kind == "clock.trusted";
  log::write(is_good ? log::Level::info : log::Level::warning, event.kind, {{"detail", event.detail}});
  app::notify("STATUS=" + event.kind + ": " + event.detail);
}

Result<int> serve(const ClockOptions& options) {
  // Blocked before any thread starts; this thread waits for them.
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT}) ::sigaddset(&signals, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  log::set_level(log::Level::info);
  const auto file = KYSO_TRY(ClockStatusFile::create(options.status));
  if (options.monitor.guard.is_trial)
    log::write(log::Level::warning, "clock.trial", {{"detail", "the clock is compared with itself: for trials only"}});
  ClockMonitor::Outlets outlets;
  outlets.publish = [&](const ClockStatus& status) { file->publish(status); };
  outlets.tell = tell;
  auto monitor = ClockMonitor::start(options.monitor, make_sources(options, machine_clock()), machine_clock(), outlets);
  app::notify("READY=1");
  int signal = 0;
  ::sigwait(&signals, &signal);
  app::notify("STOPPING=1");
  monitor.reset();  // its last word is that it stopped
  return 0;
}

// Each server once, for who sets the machine up.
Result<int> ask(const ClockOptions& options, const app::Console& console) {
  int answering = 0;
  for (const auto& source : make_sources(options, machine_clock())) {
    const auto sample = source->ask(std::chrono::seconds(2));
    const ClockReading now = machine_clock().read();
    if (!sample) {
      console.say("{}: không trả lời được ({})", "{}: no usable answer ({})", source->name(), sample.error().detail);
      continue;
    }
    ++answering;
    console.say("{}: đồng hồ hệ thống lệch {:+.3f} ms, sai số ±{:.3f} ms",
                "{}: the system clock is off by {:+.3f} ms, ±{:.3f} ms", source->name(),
                milliseconds(now.utc - now.steady - sample->utc_minus_steady), milliseconds(sample->bound));
  }
  const auto kernel = read_kernel_clock();
  if (kernel && kernel->is_synchronised) {
    console.say("Nhân hệ điều hành: đồng hồ đang được đồng bộ", "The kernel: its clock is being disciplined");
  } else {
    console.say("Nhân hệ điều hành: KHÔNG có chương trình nào đang đồng bộ đồng hồ",
                "The kernel: NOBODY disciplines its clock");
  }
  return answering >= static_cast<int>(options.monitor.guard.quorum) ? 0 : kNotTrusted;
}

Result<int> show(const ClockOptions& options, const app::Console& console) {
  const auto status = watch_clock_status(options.status)->status();
  if (!status) {
    console.say("Chưa có trạng thái đáng tin ở {}", "There is no believable status in {}", options.status.string());
    return kNotTrusted;
  }
  const ClockVerdict verdict = judge(*status, machine_clock().read(), kSecond, true);
  console.say("Trạng thái: {}{}; {} trên {} nguồn đồng ý", "State: {}{}; {} of {} sources agree",
              console.language == Language::vietnamese ? vietnamese(status->state) : name_of(status->state),
              status->is_trial ? console.pick(" (CHỈ ĐỂ THỬ)", " (TRIAL ONLY)") : "", status->agreeing,
              status->sources);
  console.say("Đồng hồ hệ thống lệch {:+.3f} ms, sai số ±{:.3f} ms, trôi {:+.3f} ppm",
              "The system clock is off by {:+.3f} ms, ±{:.3f} ms, drift {:+.3f} ppm", milliseconds(status->offset),
              milliseconds(status->bound), static_cast<double>(status->drift_ppb) / 1'000);
  if (status->leap != LeapSecond::none)
    console.say("Sắp có giây nhuận lúc {}", "A leap second comes at {}",
                display_vietnam(Instant(std::chrono::seconds(status->leap_at))));
  if (verdict.refusal == ClockRefusal::none) {
    console.say("Có thể cấp dấu thời gian (độ chính xác 1 giây).", "Time-stamps can be issued (accuracy 1 second).");
    return 0;
  }
  const ErrorText text = describe(refused_time(verdict.refusal), console.language);
  console.say("KHÔNG thể cấp dấu thời gian. {} {}", "Time-stamps can NOT be issued. {} {}", text.message,
              text.next_step);
  return kNotTrusted;
}

Result<ClockOptions> load(const std::filesystem::path& path) {
  const TomlReader reader = KYSO_TRY(TomlReader::load(path));
  ClockOptions options = KYSO_TRY(read_clock_options(reader));
  KYSO_TRY(reader.refuse_unknown_keys());
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  app::Console console;
  console.language = app::choose_language(argc, argv);
  std::filesystem::path path = "/etc/kyso/clock.toml";
  std::string language;
  bool only_checks = false, only_asks = false, only_shows = false;
  CLI::App app(console.pick("Giám sát đồng hồ của máy chủ cấp dấu thời gian.",
                            "Watches the clock of a Kyso time-stamping authority."));
  app.set_version_flag("--version", KYSO_VERSION);
  app.add_option("--config", path, console.pick("Tệp cấu hình", "Configuration file"))->capture_default_str();
  app.add_flag("--check", only_checks,
               console.pick("Đọc cấu hình, nói đúng hay sai, rồi kết thúc",
                            "Read the configuration, say whether it is right, and end"));
  app.add_flag("--ask", only_asks,
               console.pick("Hỏi mỗi máy chủ một lần, in độ lệch của đồng hồ, rồi kết thúc",
                            "Ask each server once, print how far the clock is off, and end"));
  app.add_flag("--show", only_shows,
               console.pick("In điều chương trình giám sát đang nói, rồi kết thúc",
                            "Print what the running monitor says, and end"));
  app.add_option("--lang", language, console.pick("Ngôn ngữ: vi hoặc en", "Language: vi or en"));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : kUsage;
  }
  const auto options = load(path);
  if (options && only_checks)
    console.say("Cấu hình hợp lệ: {} máy chủ thời gian, cần {} đồng ý.",
                "The configuration is right: {} time servers, {} must agree.", options->servers.size(),
                options->monitor.guard.quorum);
  const Result<int> result = !options      ? Result<int>(options.error())
                             : only_checks ? Result<int>(0)
                             : only_asks   ? ask(*options, console)
                             : only_shows  ? show(*options, console)
                                           : serve(*options);
  if (result) return *result;
  log::write(log::Level::error, "clock.failed", result.error());
  return console.report(result.error());
}
