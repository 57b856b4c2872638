#include <CLI/CLI.hpp>

#include "base/file.h"
#include "decree30/notes.h"
#include "kyso/batch.h"
#include "kyso/commands.h"
#include "kyso/sign_options.h"
#include "verify/report/report.h"

namespace kyso::app {
namespace {

// As of `extend`: signed, but with less than the profile asked for.
constexpr int kNotReached = 2;

struct SignArguments {
  SigningOptions options;
  BatchOptions batch;
  std::string input, output;
};

void describe_outcome(const Outcome& outcome, const Console& console) {
  if (outcome.signer.empty())
    console.say("Đã điền số, ngày tháng: {}", "Filled number and date: {}", outcome.output);
  else
    console.say("Đã ký: {} (người ký: {}, vai trò: {}, {})", "Signed: {} (signer: {}, role: {}, {})", outcome.output,
                outcome.signer, outcome.role, outcome.profile);
  if (outcome.place && outcome.place->rect.area() > 0)
    console.say("  Trang {}, khung {:.0f},{:.0f} – {:.0f},{:.0f} pt",
                "  Page {}, rectangle {:.0f},{:.0f} – {:.0f},{:.0f} pt", outcome.place->page + 1,
                outcome.place->rect.x0, outcome.place->rect.y0, outcome.place->rect.x1, outcome.place->rect.y1);
  if (outcome.time_stamp) console.say("  Dấu thời gian: {}", "  Time-stamp: {}", display_vietnam(*outcome.time_stamp));
  if (outcome.long_term)
    for (const Finding& finding : outcome.long_term->findings) {
      const auto explanation = verify::explain(finding, console.language);
      console.say("  • {}", "  • {}", explanation.what);
      if (!explanation.next_step.empty()) console.say("    → {}", "    → {}", explanation.next_step);
    }
  if (!is_as_asked(outcome))
    console.say(
        "  Chữ ký hợp lệ nhưng chưa đủ dữ liệu lưu trữ lâu dài: chạy kyso extend khi dịch vụ trả lời được.",
        "  The signature is there, but not all data for long-term validation: run kyso extend when the services "
        "answer.");
  for (const auto& repair : outcome.repairs)
    console.say("  Đã sửa cấu trúc tệp: {} (byte {}) {}", "  Repaired the file's structure: {} (byte {}) {}",
                repair.code, repair.offset, repair.detail);
  for (const auto& id : outcome.notes) {
    const std::string note(decree30::note_text(id, console.language));
    console.say("  • {}", "  • {}", note);
  }
}

int sign_one(const SignArguments& arguments, const Console& console) {
  auto session = SigningSession::open(arguments.options, console);
  if (!session) return console.report(session.error());
  auto outcome = (*session)->process({.input = arguments.input, .output = arguments.output});
  if (!outcome) return console.report(std::move(outcome).error().with("input", arguments.input));
  if (console.json)
    console.print(json::serialize(to_json(*outcome, console.language), json::Style::indented) + "\n");
  else
    describe_outcome(*outcome, console);
  return is_as_asked(*outcome) ? 0 : kNotReached;
}

}  // namespace

void add_sign_command(CLI::App& app, const Console& console, Run& run) {
  CLI::App* command = app.add_subcommand("sign", console.pick("Ký một văn bản PDF, hoặc cả danh sách (--batch)",
                                                              "Sign a PDF document, or a list of them (--batch)"));
  auto arguments = std::make_shared<SignArguments>();
  command->add_option("IN", arguments->input, console.pick("Văn bản cần ký", "Document to sign"))->type_name("");
  command
      ->add_option("-o,--output", arguments->output,
                   console.pick("Văn bản đã ký; với --batch: thư mục", "Signed document; with --batch: folder"))
      ->type_name("OUT");
  command
      ->add_option("--holder", arguments->options.holder,
                   console.pick("Nơi giữ khóa: p12:TỆP, pem:KHÓA,CHỨNG_THƯ hoặc pkcs11:URI",
                                "Key holder: p12:FILE, pem:KEY,CERTIFICATES or pkcs11:URI"))
      ->type_name("HOLDER");
  add_pin_options(*command, arguments->options.pin, console);
  add_signing_options(*command, arguments->options, console);
  add_verification_options(*command, arguments->options.trust, Network::never, console);
  command->remove_option(command->get_option("--at"));
  add_batch_options(*command, arguments->batch, console);
  command->callback([arguments, &console, &run, command] {
    const bool batch = !arguments->batch.list.empty();
    if (batch == !arguments->input.empty() || (!batch && arguments->output.empty()))
      throw CLI::ValidationError(command->get_name(), console.pick("cần IN và -o OUT, hoặc --batch DANH_SÁCH",
                                                                   "needs IN and -o OUT, or --batch LIST"));
    run = [arguments, &console, batch] {
      if (!batch) return sign_one(*arguments, console);
      arguments->batch.output_folder = arguments->output;
      return sign_batch(arguments->options, arguments->batch, console);
    };
  });
}

}  // namespace kyso::app
