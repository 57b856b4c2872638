#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstring>

#include "base/log.h"
#include "kyso/commands.h"
#include "shared/language.h"

namespace {

using namespace kyso;
using namespace kyso::app;

constexpr int kInternal = 5;
constexpr const char* kOptionsInVietnamese = "Tùy chọn";

// A document password may stand in the arguments; other users of the machine must not read it there.
void hide_password(int argc, char** argv) {
  constexpr std::string_view kOption = "--password";
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    char* secret = nullptr;
    if (argument == kOption && i + 1 < argc) secret = argv[i + 1];
    if (argument.starts_with("--password=")) secret = argv[i] + kOption.size() + 1;
    if (secret != nullptr) std::memset(secret, '*', std::strlen(secret));
  }
}

// The parser's sentences are English and name the option; a Vietnamese word says which kind of mistake it is.
std::string problem_text(const CLI::ParseError& error, const Console& console) {
  if (console.language == Language::english) return error.what();
  const std::string kind = error.get_name();
  const char* what = kind == "RequiredError"                                ? "thiếu lệnh hoặc tham số bắt buộc"
                     : kind == "ExtrasError"                                ? "thừa tham số"
                     : kind == "ArgumentMismatch"                           ? "sai số lượng giá trị"
                     : kind == "ConversionError"                            ? "giá trị không đọc được"
                     : kind == "ValidationError" || kind == "ExcludesError" ? "giá trị không hợp lệ"
                                                                            : "không hiểu câu lệnh";
  return fmt::format("{} ({})", what, error.what());
}

// The parser's own headings, in Vietnamese; commands that are added afterwards inherit formatter and default group.
void label_in_vietnamese(CLI::App& app) {
  const auto formatter = std::make_shared<CLI::Formatter>();
  for (const auto& [english, vietnamese] : {std::pair{"Usage", "Cách dùng"},
                                            {"OPTIONS", "TÙY CHỌN"},
                                            {"SUBCOMMAND", "LỆNH"},
                                            {"Positionals", "Tham số"},
                                            {"REQUIRED", "(bắt buộc)"}})
    formatter->label(english, vietnamese);
  app.formatter(formatter);
  app.option_defaults()->group(kOptionsInVietnamese);
}

void group_in_vietnamese(CLI::App& app) {
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    command->group("Các lệnh");
    command->get_help_ptr()->group(kOptionsInVietnamese);  // made before the default was inherited
    group_in_vietnamese(*command);
  }
}

void build(CLI::App& app, Console& console, Run& run) {
  app.description(console.pick("Kyso – ký số văn bản hành chính theo Nghị định 30/2020/NĐ-CP",
                               "Kyso – digital signatures of administrative documents (Decree 30/2020/NĐ-CP)"));
  app.name("kyso");
  if (console.language == Language::vietnamese) label_in_vietnamese(app);
  app.set_version_flag("--version", "kyso " KYSO_VERSION, console.pick("Phiên bản", "Version"));
  app.set_help_flag("-h,--help", console.pick("Trợ giúp", "Help"));
  app.require_subcommand(1);
  app.fallthrough();
  // Chosen before parsing (choose_language); named here for the help and so that its value is consumed.
  app.add_option_function<std::string>(
         "--lang", [](const std::string&) {}, console.pick("Ngôn ngữ: vi hoặc en", "Language: vi or en"))
      ->check(CLI::IsMember({"vi", "en"}))
      ->type_name("LANG");
  app.add_flag("--json", console.json, console.pick("Kết quả dạng JSON", "Results as JSON"));
  app.add_flag("-q,--quiet", console.quiet, console.pick("Chỉ báo lỗi", "Errors only"));
  add_sign_command(app, console, run);
  add_prepare_command(app, console, run);
  add_complete_command(app, console, run);
  add_verify_command(app, console, run);
  add_extend_command(app, console, run);
  add_extract_command(app, console, run);
  add_facts_command(app, console, run);
  add_judge_command(app, console, run);
  add_trust_command(app, console, run);
  add_inspect_command(app, console, run);
  add_text_command(app, console, run);
  add_template_command(app, console, run);
  add_authority_command(app, console, run);
  add_desk_command(app, console, run);
  add_ceremony_command(app, console, run);
  add_errors_command(app, console, run);
  if (console.language == Language::vietnamese) group_in_vietnamese(app);
}

// A result that did not arrive is no success. A reader that has seen enough (head) is none of our business.
int said(int code, const Console& console) {
  const bool is_lost = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  pollfd reader{STDOUT_FILENO, 0, 0};
  if (!is_lost || (::poll(&reader, 1, 0) == 1 && (reader.revents & POLLERR) != 0)) return code;
  return console.report(Error("base.file.unwritable").with("path", console.pick("đầu ra chuẩn", "standard output")));
}

int parse_and_run(int argc, char** argv) {
  Console console;
  console.language = choose_language(argc, argv);
  CLI::App app;
  Run run;
  build(app, console, run);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // help, version
    return console.report(Error("kyso.usage").with("problem", problem_text(error, console)));
  }
  hide_password(argc, argv);
  return said(run(), console);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error that is told, not a death
  try {
    if (const char* path = std::getenv("KYSO_LOG")) {
      log::set_level(log::Level::info);
      if (const auto opened = log::open_file(path); !opened) Console().report(opened.error());
    }
    return parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kyso: internal error: %s\n", error.what());
    return kInternal;
  }
}
