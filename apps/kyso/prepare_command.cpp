#include <CLI/CLI.hpp>

#include "base/file.h"
#include "base/text.h"
#include "kyso/commands.h"
#include "kyso/document_options.h"
#include "kyso/sign_options.h"

namespace kyso::app {
namespace {

struct PrepareArguments {
  SigningOptions options;
  std::string input, output, state, certificate;
};

std::string default_state_path(const std::string& output) {
  return output + ".json";
}

Result<> write_text_file(const std::string& path, std::string_view text) {
  OutputFile file = KYSO_TRY(OutputFile::create(path));
  KYSO_TRY(file.write(as_bytes(text)));
  return file.commit();
}

// The signer is known by certificate alone: the key is elsewhere.
Result<sign::Signer> signer_of(const PrepareArguments& arguments) {
  auto certificates = KYSO_TRY(read_certificates(arguments.certificate));
  const crypto::Certificate leaf = certificates.front();
  certificates.erase(certificates.begin());
  for (const std::string& path : arguments.options.issuer_files)
    for (auto& certificate : KYSO_TRY(read_certificates(path))) certificates.push_back(std::move(certificate));
  return sign::Signer{leaf, crypto::order_chain(leaf, certificates),
                      KYSO_TRY(choose_scheme(arguments.options.scheme, leaf))};
}

Result<> prepare_file(const PrepareArguments& arguments, const Console& console) {
  const std::string state_path = arguments.state.empty() ? default_state_path(arguments.output) : arguments.state;
  KYSO_TRY(refuse_same_file(arguments.input, state_path));
  KYSO_TRY(refuse_same_file(arguments.output, state_path));
  const auto signer = KYSO_TRY(signer_of(arguments));
  const auto session = KYSO_TRY(SigningSession::open(arguments.options, console));
  const auto state = KYSO_TRY(session->prepare({.input = arguments.input, .output = arguments.output}, signer));
  KYSO_TRY(write_text_file(state_path, state.to_json()));
  if (console.json) {
    console.print(state.to_json());
    return {};
  }
  console.say("Đã chuẩn bị: {} và {}", "Prepared: {} and {}", arguments.output, state_path);
  console.say("  Chuỗi băm cần ký ({}): {}", "  Digest to sign ({}): {}", crypto::name_of(state.scheme),
              to_hex(state.attributes_digest));
  console.say("  Có giá trị đến: {}", "  Valid until: {}", display_vietnam(state.expires));
  return {};
}

struct CompleteArguments {
  std::string prepared, state, output, signature, password;
  std::vector<std::string> tsa_urls;
  int tsa_timeout_seconds = 10;
};

// Binary, or base64 or hexadecimal text, in lines as other programs write it.
Result<Bytes> read_signature(const std::string& path) {
  const Bytes file = KYSO_TRY(read_file(path, 1U << 16U));
  std::string text(as_chars(file));
  std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
  if (auto hex = from_hex(text); hex && !hex->empty()) return hex;
  if (auto base64 = from_base64(text); base64 && !base64->empty()) return base64;
  return file;
}

Result<> complete_file(const CompleteArguments& arguments, const Console& console) {
  KYSO_TRY(refuse_same_file(arguments.prepared, arguments.output));
  const std::string state_path = arguments.state.empty() ? default_state_path(arguments.prepared) : arguments.state;
  KYSO_TRY(refuse_same_file(state_path, arguments.output));
  KYSO_TRY(refuse_same_file(arguments.signature, arguments.output));
  const Bytes json = KYSO_TRY(read_file(state_path));
  const auto state = KYSO_TRY(sign::PreparedSignature::from_json(as_chars(json)));
  const Bytes signature = KYSO_TRY(read_signature(arguments.signature));
  const auto password = KYSO_TRY(document_password(arguments.password, console));
  const auto tsa = make_time_stamp_client(arguments.tsa_urls, arguments.tsa_timeout_seconds);
  OutputFile out = KYSO_TRY(OutputFile::create(arguments.output));
  const auto completed = KYSO_TRY(sign::complete_parked(state, arguments.prepared, signature, tsa.get(),
                                                        system_clock().now(), out, password ? &*password : nullptr));
  KYSO_TRY(out.commit());
  if (console.json) {
    json::Value result = json::Value::object();
    result.set("output", arguments.output).set("cms_bytes", completed.cms_size);
    if (completed.time_stamp) result.set("time_stamp", iso8601_vietnam(*completed.time_stamp));
    result.set("used_document_time_stamp", completed.used_document_time_stamp);
    console.print(json::serialize(result) + "\n");
  }
  console.say("Đã ký: {}", "Signed: {}", arguments.output);
  return {};
}

int finish(const Result<>& result, const Console& console) {
  return result ? 0 : console.report(result.error());
}

}  // namespace

void add_prepare_command(CLI::App& app, const Console& console, Run& run) {
  CLI::App* command = app.add_subcommand("prepare", console.pick("Chuẩn bị chữ ký; khóa ở nơi khác ký sau",
                                                                 "Prepare a signature for a key that is elsewhere"));
  auto arguments = std::make_shared<PrepareArguments>();
  command->add_option("IN", arguments->input, console.pick("Văn bản cần ký", "Document to sign"))
      ->required()
      ->type_name("");
  command->add_option("-o,--output", arguments->output, console.pick("Tệp đã chuẩn bị", "Prepared file"))
      ->required()
      ->type_name("OUT");
  command
      ->add_option("--certificate", arguments->certificate,
                   console.pick("Chứng thư số của người ký (PEM hoặc DER, có thể kèm CA)",
                                "The signer's certificate (PEM or DER, issuers may follow)"))
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--state", arguments->state,
                   console.pick("Tệp trạng thái (mặc định OUT.json)", "State file (default OUT.json)"))
      ->type_name("FILE");
  add_signing_options(*command, arguments->options, console);
  command->callback([arguments, &console, &run] {
    run = [arguments, &console] { return finish(prepare_file(*arguments, console), console); };
  });
}

void add_complete_command(CLI::App& app, const Console& console, Run& run) {
  CLI::App* command = app.add_subcommand(
      "complete", console.pick("Gắn giá trị chữ ký vào tệp đã chuẩn bị", "Put a signature value into a prepared file"));
  auto arguments = std::make_shared<CompleteArguments>();
  command->add_option("PREPARED", arguments->prepared, console.pick("Tệp đã chuẩn bị", "Prepared file"))
      ->required()
      ->type_name("");
  command->add_option("-o,--output", arguments->output, console.pick("Văn bản đã ký", "Signed document"))
      ->required()
      ->type_name("OUT");
  command
      ->add_option("--signature", arguments->signature,
                   console.pick("Giá trị chữ ký: nhị phân, base64 hoặc hex", "Signature value: binary, base64 or hex"))
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--state", arguments->state,
                   console.pick("Tệp trạng thái (mặc định PREPARED.json)", "State file (default PREPARED.json)"))
      ->type_name("FILE");
  command->add_option("--tsa", arguments->tsa_urls, console.pick("Máy chủ cấp dấu thời gian", "Time-stamp authority"))
      ->type_name("URL")
      ->allow_extra_args(false);
  command
      ->add_option("--tsa-timeout", arguments->tsa_timeout_seconds,
                   console.pick("Thời gian chờ, giây", "Seconds to wait"))
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 300));
  command->add_option("--password", arguments->password, console.pick("Mật khẩu văn bản", "Document password"))
      ->type_name("SOURCE");
  command->callback([arguments, &console, &run] {
    run = [arguments, &console] { return finish(complete_file(*arguments, console), console); };
  });
}

}  // namespace kyso::app
