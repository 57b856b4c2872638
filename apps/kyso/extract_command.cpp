#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/file.h"
#include "kyso/commands.h"
#include "kyso/document_options.h"
#include "verify/verify.h"

namespace kyso::app {
namespace {

struct ExtractCommand {
  std::string input, output, password, field;
  std::optional<std::size_t> revision;  // from 1
};

// Which revision is meant: by number, by the signature's field, else the newest one that a signature covers.
Result<std::size_t> choose_revision(const ExtractCommand& command, const verify::DocumentFacts& facts) {
  if (command.revision) return *command.revision - 1;
  std::optional<std::size_t> found;
  for (const auto& signature : facts.signatures) {
    const bool is_meant =
        command.field.empty() ? signature.kind == verify::SignatureKind::signature : signature.field == command.field;
    if (is_meant && signature.revision) found = std::max(found.value_or(0), *signature.revision);
  }
  if (!found && command.field.empty()) return fail("kyso.extract.unsigned");
  if (!found) return fail("kyso.extract.field").with("field", command.field);
  return *found;
}

Result<> extract(const ExtractCommand& command, const Console& console) {
  KYSO_TRY(refuse_same_file(command.input, command.output));
  const auto password = KYSO_TRY(document_password(command.password, console));
  const auto source = KYSO_TRY(pdf::Source::open(command.input));
  verify::ExtractOptions extraction;
  extraction.password = password ? &*password : nullptr;
  extraction.with_changes = false;
  const auto facts = KYSO_TRY(verify::extract_facts(source, extraction));
  const std::size_t revision = KYSO_TRY(choose_revision(command, facts));
  const auto extent = KYSO_TRY(verify::extent_of_revision(facts, revision));
  OutputFile out = KYSO_TRY(OutputFile::create(command.output));
  if (const auto whole = source.whole())
    KYSO_TRY(out.write(whole->subspan(0, static_cast<std::size_t>(extent.length))));
  else
    KYSO_TRY(out.append_from(source.descriptor(), extent.offset, extent.length));
  KYSO_TRY(source.check_unchanged());
  KYSO_TRY(out.commit());
  console.say("Đã ghi phiên bản {} ({} byte đầu tiên của tệp, nguyên từng byte): {}",
              "Wrote revision {} (the first {} bytes of the file, as they are): {}", revision + 1, extent.length,
              command.output);
  if (console.json) {
    json::Value object = json::Value::object();
    object.set("output", command.output).set("revision", revision + 1);
    console.print(json::serialize(object.set("bytes", static_cast<std::int64_t>(extent.length))) + "\n");
  }
  return {};
}

}  // namespace

void add_extract_command(CLI::App& app, const Console& console, Run& run) {
  CLI::App* command = app.add_subcommand("extract", console.pick("Lấy ra phiên bản đã ký, nguyên từng byte",
                                                                 "Take out the signed version, byte for byte"));
  auto wanted = std::make_shared<ExtractCommand>();
  command->add_option("FILE", wanted->input, console.pick("Văn bản", "Document"))->required()->type_name("");
  command->add_option("-o,--output", wanted->output, console.pick("Tệp kết quả", "Output file"))
      ->required()
      ->type_name("FILE");
  CLI::Option* revision =
      command->add_option("--revision", wanted->revision, console.pick("Số phiên bản, từ 1", "Revision, from 1"))
          ->type_name("N")
          ->check(CLI::PositiveNumber);
  command
      ->add_option("--signature", wanted->field,
                   console.pick("Phiên bản mà chữ ký ở ô này ký", "The version that the signature in this field signs"))
      ->type_name("FIELD")
      ->excludes(revision);
  command->add_option("--password", wanted->password, console.pick("Mật khẩu văn bản", "Document password"))
      ->type_name("SOURCE");
  command->callback([wanted, &console, &run] {
    run = [wanted, &console] {
      const auto result = extract(*wanted, console);
      return result ? 0 : console.report(result.error());
    };
  });
}

}  // namespace kyso::app
