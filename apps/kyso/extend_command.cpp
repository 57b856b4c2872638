#include <CLI/CLI.hpp>

#include "base/file.h"
#include "kyso/commands.h"
#include "kyso/document_options.h"
#include "kyso/progress.h"
#include "kyso/signing_session.h"
#include "kyso/verification_options.h"
#include "shared/network_fetch.h"
#include "verify/extend.h"
#include "verify/report/report.h"

namespace kyso::app {
namespace {

// Of `extend`: what was asked for is there, or less than that.
enum ExitCode : int { kReached = 0, kNotReached = 2 };

struct ExtendCommand {
  std::string input, output, content, level, password;
  std::vector<std::string> tsa_urls;
  int tsa_timeout_seconds = 10;
  bool vri = false;
  VerificationOptions verification;

  verify::Level wanted_level() const {
    if (level == "t") return verify::Level::b_t;
    if (level == "lt") return verify::Level::b_lt;
    return level == "lta" || !tsa_urls.empty() ? verify::Level::b_lta : verify::Level::b_lt;
  }
};

void set_time(json::Value& object, const char* key, std::optional<Instant> time) {
  if (time) object.set(key, iso8601_vietnam(*time));
}

json::Value to_json(const verify::Extended& extended, const ExtendCommand& command, bool is_written,
                    Language language) {
  json::Value object = json::Value::object();
  if (is_written) object.set("output", command.output);
  object.set("asked", name_of(command.wanted_level())).set("reached", name_of(extended.reached));
  object.set("changed", extended.changed);
  json::Value signatures = json::Value::array();
  for (std::size_t i = 0; i < extended.levels.size(); ++i) {
    json::Value signature = json::Value::object();
    signatures.push_back(signature.set("field", extended.fields[i]).set("level", name_of(extended.levels[i])));
  }
  object.set("signatures", signatures);
  set_time(object, "time_stamp", extended.time_stamp);
  set_time(object, "renew_before", extended.renew_before);
  set_time(object, "try_again", extended.try_again);
  return object.set("findings", app::to_json(extended.findings, language));
}

void describe(const verify::Extended& extended, const ExtendCommand& command, bool is_written, const Console& console) {
  const std::string asked(name_of(command.wanted_level())), reached(name_of(extended.reached));
  if (!is_written)
    console.say("Chưa bổ sung được gì, không ghi tệp: văn bản ở mức {}, yêu cầu {}.",
                "Nothing could be added, no file was written: the document is {}, asked was {}.", reached, asked);
  else if (extended.changed)
    console.say("Đã ghi {}: mức {}.", "Wrote {}: level {}.", command.output, reached);
  else
    console.say("Đã ghi {}: văn bản đã ở mức {}, không cần bổ sung.", "Wrote {}: it was {} already, nothing to add.",
                command.output, reached);
  if (extended.time_stamp)
    console.say("  Dấu thời gian: {}", "  Time-stamp: {}", display_vietnam(*extended.time_stamp));
  for (const Finding& finding : extended.findings) {
    const auto explanation = verify::explain(finding, console.language);
    console.say("  • {}", "  • {}", explanation.what);
    if (!explanation.next_step.empty()) console.say("    → {}", "    → {}", explanation.next_step);
  }
  if (extended.try_again)
    console.say("  Hãy chạy lại sau {}.", "  Run it again after {}.", display_vietnam(*extended.try_again));
  if (extended.renew_before)
    console.say("  Cần gia hạn trước {}: chạy lại kyso extend.", "  Renew before {}: run kyso extend again.",
                display_vietnam(*extended.renew_before));
}

// letter.pdf.p7s signs letter.pdf.
std::optional<std::filesystem::path> content_of(const ExtendCommand& command) {
  if (!command.content.empty()) return command.content;
  std::filesystem::path file(command.input);
  const std::string extension = file.extension().string();
  if (extension != ".p7s" && extension != ".p7m" && extension != ".sig") return std::nullopt;
  return file.replace_extension();
}

Result<int> extend_file(const ExtendCommand& command, const Console& console) {
  KYSO_TRY(refuse_same_file(command.input, command.output));
  const auto content = content_of(command);
  if (content) KYSO_TRY(refuse_same_file(*content, command.output));
  auto context = KYSO_TRY(open_verification(command.verification));
  const auto password = KYSO_TRY(document_password(command.password, console));
  const pdf::Source source = KYSO_TRY(pdf::Source::open(content ? *content : std::filesystem::path(command.input)));
  const auto tsa = make_time_stamp_client(command.tsa_urls, command.tsa_timeout_seconds);
  OutputFile out = KYSO_TRY(OutputFile::create(command.output));
  const Progress progress(1, console);
  context.collector.progress = [&](std::size_t done, std::size_t of, const std::string& what) {
    progress.say(console.text("Đang hỏi {}/{}: {}", "Asking {}/{}: {}", done, of, what));
  };
  verify::ExtendOptions options{.level = command.wanted_level(), .write_vri = command.vri, .now = context.time};
  options.password = password ? &*password : nullptr;
  const verify::Fetch fetch = network_fetch();
  auto extended = content ? verify::extend_detached(KYSO_TRY(read_file(command.input)), source, context.trust,
                                                    context.policy, fetch, context.collector, tsa.get(), options, out)
                          : verify::extend(source, context.trust, context.policy, fetch, context.collector, tsa.get(),
                                           options, out);
  progress.clear();
  if (!extended) return std::move(extended).error();
  const bool is_reached = extended->reached >= options.level;
  const bool is_written = is_reached || extended->changed;
  if (is_written) KYSO_TRY(out.commit());
  if (console.json)
    console.print(json::serialize(to_json(*extended, command, is_written, console.language), json::Style::indented) +
                  "\n");
  else
    describe(*extended, command, is_written, console);
  return is_reached ? kReached : kNotReached;
}

void add_extension_options(CLI::App& command, ExtendCommand& wanted, const Console& console) {
  command
      .add_option("--content", wanted.content,
                  console.pick("Tệp mà chữ ký rời .p7s ký; mặc định là tên tệp bỏ đuôi .p7s",
                               "What a detached .p7s signs; by default its name without .p7s"))
      ->type_name("FILE");
  command
      .add_option("--level", wanted.level,
                  console.pick("t, lt hoặc lta; mặc định lta khi có --tsa, nếu không thì lt",
                               "t, lt or lta; default lta with --tsa, else lt"))
      ->type_name("LEVEL")
      ->check(CLI::IsMember({"t", "lt", "lta"}));
  command
      .add_option("--tsa", wanted.tsa_urls,
                  console.pick("Máy chủ cấp dấu thời gian; nhắc lại để có máy chủ dự phòng",
                               "Time-stamp authority; repeat for failover"))
      ->type_name("URL")
      ->allow_extra_args(false);
  command
      .add_option("--tsa-timeout", wanted.tsa_timeout_seconds,
                  console.pick("Thời gian chờ mỗi máy chủ, giây", "Seconds to wait for each authority"))
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 300));
  command.add_flag("--vri", wanted.vri,
                   console.pick("Ghi thêm mục VRI cho từng chữ ký (phần mềm cũ)",
                                "Write a VRI entry for each signature too (old software)"));
  command.add_option("--password", wanted.password, console.pick("Mật khẩu văn bản", "Document password"))
      ->type_name("SOURCE");
  const char* network = console.pick("Mạng", "Network");
  command
      .add_flag("--no-cache", wanted.verification.no_cache,
                console.pick("Không dùng câu trả lời đã lưu", "Use no answers from earlier runs"))
      ->group(network);
  command
      .add_option("--fetch-timeout", wanted.verification.timeout_seconds,
                  console.pick("Số giây chờ mỗi dịch vụ", "Seconds to wait for each service"))
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 600))
      ->group(network);
}

}  // namespace

void add_extend_command(CLI::App& app, const Console& console, Run& run) {
  CLI::App* command = app.add_subcommand(
      "extend",
      console.pick("Bổ sung dữ liệu xác thực lâu dài vào văn bản đã ký hoặc chữ ký rời .p7s (B-T, B-LT, B-LTA)",
                   "Add data for long-term validation to a signed document or a detached .p7s (B-T, B-LT, B-LTA)"));
  auto wanted = std::make_shared<ExtendCommand>();
  command->add_option("FILE", wanted->input, console.pick("Văn bản đã ký", "Signed document"))
      ->required()
      ->type_name("");
  command->add_option("-o,--output", wanted->output, console.pick("Văn bản kết quả", "Resulting document"))
      ->required()
      ->type_name("OUT");
  add_extension_options(*command, *wanted, console);
  wanted->verification.online = true;
  add_verification_options(*command, wanted->verification, Network::never, console);
  command->remove_option(command->get_option("--at"));  // evidence is fetched now
  command->callback([wanted, &console, &run] {
    run = [wanted, &console] {
      const auto code = extend_file(*wanted, console);
      return code ? *code : console.report(code.error());
    };
  });
}

}  // namespace kyso::app
