#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/file.h"
#include "kyso/commands.h"
#include "kyso/document_options.h"
#include "kyso/verification_options.h"
#include "verify/report/report.h"
#include "verify/verify.h"

// `facts` shows what can be observed about a document; `judge` concludes from facts, now or in twenty years.
namespace kyso::app {
namespace {

constexpr std::size_t kMaxFacts = 1U << 30U;

Result<> show_facts(const ReadingOptions& options, const std::string& output, const Console& console) {
  const auto password = KYSO_TRY(document_password(options.password, console));
  verify::ExtractOptions extraction;
  extraction.password = password ? &*password : nullptr;
  const auto facts = KYSO_TRY(verify::extract_facts(KYSO_TRY(pdf::Source::open(options.input)), extraction));
  if (output.empty()) {
    console.print(facts.to_json() + "\n");
    return {};
  }
  KYSO_TRY(refuse_same_file(options.input, output));
  OutputFile out = KYSO_TRY(OutputFile::create(output));
  KYSO_TRY(out.write(as_bytes(facts.to_json())));
  return out.commit();
}

// Either facts alone, judged by the options, or a saved judgement, which brings trust, policy and time of its own
// wherever the options are silent.
Result<verify::SavedJudgement> load_judgement(const std::string& file, const VerificationOptions& options) {
  const Bytes bytes = KYSO_TRY(read_file(file, kMaxFacts));
  const std::string_view text = as_chars(bytes);
  verify::SavedJudgement judgement;
  if (auto saved = verify::SavedJudgement::from_json(text)) {
    judgement = std::move(*saved);
    const bool keeps_trust = options.trust.empty() && !options.only_given_trust;
    const auto context = KYSO_TRY(open_verification(options));
    if (!keeps_trust) judgement.trust = context.trust;
    if (!options.policy.empty()) judgement.policy = context.policy;
    if (!options.at.empty()) judgement.time = context.time;
    judgement.evidence.items.insert(judgement.evidence.items.end(), context.evidence.items.begin(),
                                    context.evidence.items.end());
    return judgement;
  }
  judgement.facts = KYSO_TRY(verify::DocumentFacts::from_json(text));
  auto context = KYSO_TRY(open_verification(options));
  judgement.trust = std::move(context.trust);
  judgement.policy = std::move(context.policy);
  judgement.evidence = std::move(context.evidence);
  judgement.time = context.time;
  return judgement;
}

Result<int> judge_again(const std::string& file, const VerificationOptions& options, const Console& console) {
  const auto saved = KYSO_TRY(load_judgement(file, options));
  const auto verdict = judge(saved.facts, saved.evidence, saved.trust, saved.policy, saved.time);
  if (console.json) {
    console.print(json::serialize(to_json(saved.facts, verdict, console.language), json::Style::indented) + "\n");
  } else {
    const auto whole = summarise(saved.facts, verdict, console.language);
    console.say("{}", "{}", whole.what);
    if (!whole.next_step.empty()) console.say("→ {}", "→ {}", whole.next_step);
    for (const auto& signature : verdict.signatures) {
      const auto summary = summarise(saved.facts, signature, console.language);
      console.say("[{}] {}", "[{}] {}", shown(saved.facts.signatures[signature.signature].field), summary.what);
    }
  }
  return verdict.indication == verify::Indication::total_passed   ? 0
         : verdict.indication == verify::Indication::total_failed ? 1
                                                                  : 2;
}

}  // namespace

void add_facts_command(CLI::App& app, const Console& console, Run& run) {
  CLI::App* command =
      app.add_subcommand("facts", console.pick("Nêu mọi dữ kiện của văn bản đã ký (JSON), không kết luận",
                                               "Everything observable about a signed document (JSON), no opinion"));
  auto options = std::make_shared<ReadingOptions>();
  auto output = std::make_shared<std::string>();
  command->add_option("FILE", options->input, console.pick("Văn bản", "Document"))->required()->type_name("");
  command->add_option("-o,--output", *output, console.pick("Tệp JSON", "JSON file"))->type_name("FILE");
  command->add_option("--password", options->password, console.pick("Mật khẩu văn bản", "Document password"))
      ->type_name("SOURCE");
  command->callback([options, output, &console, &run] {
    run = [options, output, &console] {
      const auto shown = show_facts(*options, *output, console);
      return shown ? 0 : console.report(shown.error());
    };
  });
}

void add_judge_command(CLI::App& app, const Console& console, Run& run) {
  CLI::App* command = app.add_subcommand(
      "judge", console.pick("Kết luận lại từ dữ kiện hoặc bằng chứng đã lưu", "Judge saved facts or evidence again"));
  auto options = std::make_shared<VerificationOptions>();
  auto file = std::make_shared<std::string>();
  command
      ->add_option("FILE", *file,
                   console.pick("Tệp của kyso facts, hoặc của kyso verify --save-evidence",
                                "From kyso facts, or from kyso verify --save-evidence"))
      ->required()
      ->type_name("");
  add_verification_options(*command, *options, Network::never, console);
  command->callback([options, file, &console, &run] {
    run = [options, file, &console] {
      const auto code = judge_again(*file, *options, console);
      return code ? *code : console.report(code.error());
    };
  });
}

}  // namespace kyso::app
