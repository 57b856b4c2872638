#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "base/file.h"
#include "kyso/commands.h"
#include "kyso/sign_options.h"
#include "kyso/signing_session.h"
#include "vault/ceremony/approval.h"
#include "vault/ceremony/content.h"
#include "vault/ceremony/record.h"

namespace kyso::app {
namespace {

namespace ceremony = vault::ceremony;

int finish(const Result<>& result, const Console& console) {
  return result ? 0 : console.report(result.error());
}

std::string joined(const std::vector<std::string>& values) {
  return fmt::format("{}", fmt::join(values, ", "));
}

json::Value list_of(const std::vector<std::string>& values) {
  json::Value list = json::Value::array();
  for (const std::string& value : values) list.push_back(value);
  return list;
}

std::vector<std::string> usages_of(const crypto::Certificate& certificate) {
  static constexpr std::array<std::string_view, 9> kBits{"digitalSignature", "nonRepudiation", "keyEncipherment",
                                                         "dataEncipherment", "keyAgreement",   "keyCertSign",
                                                         "cRLSign",          "encipherOnly",   "decipherOnly"};
  std::vector<std::string> out;
  for (std::size_t bit = 0; bit < kBits.size(); ++bit)
    if ((certificate.key_usage().value_or(0) >> bit & 1U) != 0) out.emplace_back(kBits.at(bit));
  return out;
}

std::vector<std::string> crl_urls_of(const pki::CertificateExtensions& extensions) {
  std::vector<std::string> out;
  for (const pki::DistributionPoint& point : extensions.crl_distribution_points)
    for (const pki::GeneralName& name : point.full_name) out.emplace_back(as_chars(name.value));
  return out;
}

json::Value to_json(const ceremony::Preview& preview) {
  const crypto::Certificate& certificate = preview.certificate;
  const pki::ParsedCertificate parsed(certificate);
  const pki::CertificateExtensions& extensions = parsed.extensions();
  json::Value object = json::Value::object();
  object.set("key", preview.planned->key).set("profile", preview.planned->profile.name);
  object.set("subject", certificate.subject_text()).set("issuer", certificate.issuer_text());
  object.set("not_before", iso8601_vietnam(certificate.not_before()));
  object.set("not_after", iso8601_vietnam(certificate.not_after()));
  object.set("scheme", crypto::name_of(preview.planned->scheme)).set("authority", certificate.is_ca());
  object.set("path_length", extensions.path_length ? json::Value(*extensions.path_length) : json::Value());
  object.set("key_usage", list_of(usages_of(certificate)));
  object.set("extended_key_usage", list_of(certificate.extended_key_usage()));
  object.set("policies", list_of(extensions.policies.value_or(std::vector<std::string>())));
  object.set("crl_urls", list_of(crl_urls_of(extensions))).set("ocsp_urls", list_of(extensions.ocsp_urls));
  object.set("ca_issuer_urls", list_of(extensions.ca_issuer_urls)).set("warnings", list_of(preview.warnings));
  // A sample: serial number, key identifiers and signature will be others.
  return object.set("sample_content", to_hex(certificate.tbs()));
}

void say_list(const Console& console, const char* vietnamese, const char* english,
              const std::vector<std::string>& values) {
  if (!values.empty()) console.say("    {}: {}", "    {}: {}", console.pick(vietnamese, english), joined(values));
}

void say(const ceremony::Preview& preview, const vault::ceremony::Plan& plan, const Console& console) {
  const crypto::Certificate& certificate = preview.certificate;
  const pki::ParsedCertificate parsed(certificate);
  const auto& extensions = parsed.extensions();
  const ceremony::PlannedKey& key = plan.key_named(preview.planned->key);
  console.say("  {} — khóa {} trong thiết bị {}, mục đích {}", "  {} — key {} in token {}, purpose {}", key.name,
              token::name_of(key.kind), key.token, ceremony::word_of(key.purpose));
  console.say("    chủ thể: {}\n    cấp bởi: {}", "    subject: {}\n    issuer: {}", shown(certificate.subject_text()),
              shown(certificate.issuer_text()));
  console.say("    mẫu: {}, ký bằng {}", "    profile: {}, signs with {}", preview.planned->profile.name,
              crypto::name_of(preview.planned->scheme));
  console.say("    từ {} đến {}", "    from {} until {}", display_vietnam(certificate.not_before()),
              display_vietnam(certificate.not_after()));
  if (certificate.is_ca())
    console.say("    cơ quan chứng thực, độ dài đường dẫn {}", "    authority, path length {}",
                extensions.path_length ? fmt::format("{}", *extensions.path_length) : console.pick("tùy ý", "any"));
  say_list(console, "dùng để", "key usage", usages_of(certificate));
  say_list(console, "mục đích mở rộng", "extended key usage", certificate.extended_key_usage());
  say_list(console, "chính sách", "policies", extensions.policies.value_or(std::vector<std::string>()));
  say_list(console, "CRL", "CRL", crl_urls_of(extensions));
  say_list(console, "OCSP", "OCSP", extensions.ocsp_urls);
  say_list(console, "chứng thư cơ quan cấp", "issuer's certificate", extensions.ca_issuer_urls);
  say_list(console, "cảnh báo", "warnings", preview.warnings);
}

// Of a list: the certificates that it names, those of before without their subjects, which no list tells.
void say(const ceremony::PlannedList& list, const Console& console) {
  console.say("Danh sách thu hồi số {} của {}, có hiệu lực {} ngày, {} mục cũ và {} mục mới:",
              "List {} of revoked certificates of {}, for {} days, with {} entries of before and {} new ones:",
              list.number, list.issuer, std::chrono::duration_cast<std::chrono::days>(list.valid_for).count(),
              list.kept.size(), list.revoked.size());
  if (list.previous)
    console.say("  tiếp theo danh sách ký ngày {}, SHA-256 {}", "  follows the list of {}, SHA-256 {}",
                display_vietnam(list.previous->this_update()), to_hex(list.previous->sha256()));
  for (const pki::status::RevokedEntry& entry : list.kept)
    console.say("  giữ lại {}: {}, {}", "  keeps {}: {}, {}", to_hex(entry.serial),
                pki::name_of_reason(entry.reason.value_or(0)), display_vietnam(entry.revoked_at));
  for (const ceremony::PlannedRevocation& each : list.revoked) {
    console.say("  THU HỒI {} ({}): {}, {}", "  REVOKES {} ({}): {}, {}", shown(each.certificate.subject_text()),
                each.certificate.serial_hex(), pki::name_of_reason(each.reason),
                each.date ? display_vietnam(*each.date) : console.pick("từ lúc thực hiện", "when it is carried out"));
    if (each.invalid_since)
      console.say("    không còn tin cậy từ {}", "    not to be trusted since {}",
                  display_vietnam(*each.invalid_since));
  }
}

json::Value to_json(const ceremony::PlannedList& list) {
  json::Value object = json::Value::object();
  object.set("issuer", list.issuer).set("number", list.number);
  object.set("previous", list.previous ? json::Value(to_hex(list.previous->sha256())) : json::Value());
  object.set("valid_days", std::chrono::duration_cast<std::chrono::days>(list.valid_for).count());
  json::Value entries = json::Value::array();
  const auto add = [&](const std::string& serial, int reason, const std::optional<Instant>& date, bool is_new) {
    json::Value entry = json::Value::object();
    entry.set("serial", serial).set("reason", pki::name_of_reason(reason));
    entry.set("date", date ? json::Value(iso8601_vietnam(*date)) : json::Value());
    entries.push_back(entry.set("new", is_new));
  };
  for (const auto& entry : list.kept) add(to_hex(entry.serial), entry.reason.value_or(0), entry.revoked_at, false);
  for (const auto& each : list.revoked) add(to_hex(each.certificate.serial()), each.reason, each.date, true);
  return object.set("entries", entries);
}

void say(const vault::ceremony::Plan& plan, const std::vector<ceremony::Preview>& previews, const Console& console) {
  console.say("Kế hoạch {}: {}", "Plan {}: {}", plan.name, shown(plan.description));
  console.say("Thực hiện từ {} đến {}, cần {} trong {} người vận hành:",
              "To be carried out from {} until {}, by {} of {} operators:", display_vietnam(plan.valid_from),
              display_vietnam(plan.valid_until), plan.required, plan.operators.size());
  for (const ceremony::Operator& each : plan.operators)
    console.say("  {} ({}), chứng thư SHA-256 {}", "  {} ({}), certificate SHA-256 {}", shown(each.name), each.person,
                to_hex(each.certificate.sha256()));
  console.say("Thiết bị:", "Tokens:");
  for (const ceremony::PlannedToken& each : plan.tokens)
    console.say("  {}: {}", "  {}: {}", each.name, shown(each.uri));
  for (const ceremony::EarlierRoot& root : plan.roots)
    console.say("Chứng thực gốc có sẵn {} trong thiết bị {}: {}, SHA-256 {}, ký bằng {}",
                "Root {} that exists, in token {}: {}, SHA-256 {}, signs with {}", root.key.name, root.key.token,
                shown(root.certificate.subject_text()), to_hex(root.certificate.sha256()),
                crypto::name_of(root.scheme));
  if (!previews.empty())
    console.say("Khóa và chứng thư (số hiệu và khóa được tạo khi thực hiện):",
                "Keys and certificates (serial numbers and keys are made when it is carried out):");
  for (const ceremony::Preview& each : previews) say(each, plan, console);
  for (const ceremony::PlannedList& each : plan.lists) say(each, console);
  console.say("Các phần của kế hoạch:", "Parts of the plan:");
  for (const ceremony::PlanPart& part : plan.parts) console.say("  {}  {}", "  {}  {}", part.sha256, shown(part.name));
  console.say("SHA-256 của kế hoạch: {}", "SHA-256 of the plan: {}", to_hex(plan.sha256));
}

Result<> show_plan(const std::string& file, const Console& console) {
  const ceremony::Plan plan = KYSO_TRY(ceremony::load_plan(file));
  // As of a time at which it may be carried out.
  const Instant when = std::clamp(system_clock().now(), plan.valid_from, plan.valid_until);
  const auto previews = KYSO_TRY(ceremony::preview(plan, when));
  say(plan, previews, console);
  if (!console.json) return {};
  json::Value object = json::Value::object();
  object.set("name", plan.name).set("sha256", to_hex(plan.sha256)).set("required", plan.required);
  json::Value operators = json::Value::array();
  for (const ceremony::Operator& each : plan.operators) {
    json::Value entry = json::Value::object();
    operators.push_back(entry.set("person", each.person).set("certificate", to_hex(each.certificate.sha256())));
  }
  json::Value parts = json::Value::array();
  for (const ceremony::PlanPart& part : plan.parts) {
    json::Value entry = json::Value::object();
    parts.push_back(entry.set("name", part.name).set("sha256", part.sha256));
  }
  json::Value certificates = json::Value::array();
  for (const ceremony::Preview& each : previews) certificates.push_back(to_json(each));
  json::Value lists = json::Value::array();
  for (const ceremony::PlannedList& each : plan.lists) lists.push_back(to_json(each));
  object.set("operators", operators).set("parts", parts).set("certificates", certificates).set("lists", lists);
  console.print(json::serialize(object, json::Style::indented) + "\n");
  return {};
}

struct ApproveOptions {
  std::string plan, holder, output, sha256;
  PinOptions pin;
};

Result<> approve(const ApproveOptions& options, const Console& console) {
  const ceremony::Plan plan = KYSO_TRY(ceremony::load_plan(options.plan));
  if (options.sha256 != to_hex(plan.sha256))
    return fail("vault.ceremony.sha256").with("given", options.sha256).with("actual", to_hex(plan.sha256));
  const auto holder = KYSO_TRY(open_holder(options.holder, options.pin, console));
  const std::string jws = KYSO_TRY(ceremony::approve(plan, *holder, system_clock().now()));
  OutputFile out = KYSO_TRY(OutputFile::create(options.output));
  KYSO_TRY(out.write(as_bytes(jws + "\n")));
  KYSO_TRY(out.commit());
  console.say("Đã phê duyệt kế hoạch {} (SHA-256 {}): {}", "Approved the plan {} (SHA-256 {}): {}", plan.name,
              to_hex(plan.sha256), options.output);
  if (console.json) {
    json::Value object = json::Value::object();
    console.print(json::serialize(object.set("sha256", to_hex(plan.sha256)).set("approval", jws)) + "\n");
  }
  return {};
}

struct RunCommandOptions {
  std::string plan, folder;
  std::vector<std::string> approvals;
  PinOptions pin;
  bool without_tokens = false;
};

// Each token has a PIN of its own.
token::PinSource pins_by_token(const PinOptions& options, const Console& console) {
  auto sources = std::make_shared<std::map<std::string, token::PinSource>>();
  return [sources, options, &console](const token::TokenInfo& token) -> Result<Secret> {
    token::PinSource& source = (*sources)[token.label + "\n" + token.serial];
    if (!source) source = pin_source(options, console);
    return source(token);
  };
}

std::string default_module() {
  const char* module = std::getenv("KYSO_PKCS11_MODULE");
  return module != nullptr ? module : "";
}

std::string step_text(std::string_view event, std::string_view key, const Console& console) {
  if (event == "begin") return console.pick("bắt đầu", "begun");
  if (event == "resumed") return console.pick("tiếp tục", "resumed");
  if (event == "key.intent") return console.text("sắp tạo khóa {}", "about to make the key {}", key);
  if (event == "key.generated") return console.text("đã tạo khóa {}", "made the key {}", key);
  if (event == "certificate.linted")
    return console.text("đã kiểm tra nội dung chứng thư {}", "checked the content of {}", key);
  if (event == "certificate.signed") return console.text("đã ký chứng thư {}", "signed the certificate {}", key);
  if (event == "crl.signed") return console.text("đã ký danh sách thu hồi của {}", "signed the CRL of {}", key);
  if (event == "crl.stored")
    return console.text("đã ghi danh sách thu hồi của {} vào thiết bị", "stored the CRL of {} in its token", key);
  if (event == "certificate.stored")
    return console.text("đã lưu chứng thư {} vào thiết bị", "stored the certificate {} in its token", key);
  return console.pick("kết thúc", "ended");
}

Result<> run_plan(const RunCommandOptions& options, const Console& console) {
  const ceremony::Plan plan = KYSO_TRY(ceremony::load_plan(options.plan));
  ceremony::RunOptions run_options;
  run_options.folder = options.folder;
  for (const std::string& file : options.approvals) {
    const Bytes content = KYSO_TRY(read_file(file, 1U << 20U));
    std::string jws(as_chars(content));
    while (!jws.empty() && (jws.back() == '\n' || jws.back() == '\r')) jws.pop_back();
    run_options.approvals.push_back(std::move(jws));
  }
  run_options.pins = pins_by_token(options.pin, console);
  run_options.default_module = default_module();
  run_options.progress = [&](std::string_view event, std::string_view key) {
    console.say("  {}", "  {}", step_text(event, key, console));
    std::fflush(stdout);  // people wait for each step, and remove tokens after some
  };
  const ceremony::RunResult result = KYSO_TRY(ceremony::run(plan, run_options));
  console.say("Lễ tạo khóa {} đã hoàn tất. SHA-256 của biên bản (ghi vào biên bản giấy và cùng ký):\n{}",
              "The key ceremony {} is complete. SHA-256 of the transcript (to be written down and signed):\n{}",
              plan.name, to_hex(result.transcript_sha256));
  if (!console.json) return {};
  json::Value files = json::Value::array();
  for (const ceremony::ProducedFile& file : result.files) {
    json::Value entry = json::Value::object();
    files.push_back(entry.set("name", file.name).set("sha256", file.sha256));
  }
  json::Value object = json::Value::object();
  object.set("plan", to_hex(plan.sha256)).set("transcript", to_hex(result.transcript_sha256));
  object.set("persons", list_of(result.persons)).set("files", files);
  console.print(json::serialize(object, json::Style::indented) + "\n");
  return {};
}

std::string check_text(ceremony::Check check, const Console& console) {
  switch (check) {
    case ceremony::Check::transcript:
      return console.pick("biên bản", "transcript");
    case ceremony::Check::approvals:
      return console.pick("phê duyệt", "approvals");
    case ceremony::Check::order:
      return console.pick("thứ tự các bước", "order of steps");
    case ceremony::Check::certificate:
      return console.pick("chứng thư", "certificate");
    case ceremony::Check::list:
      return console.pick("danh sách thu hồi", "CRL");
    case ceremony::Check::lint:
      return console.pick("quy tắc kỹ thuật", "rules");
    case ceremony::Check::file:
      return console.pick("tệp", "file");
    case ceremony::Check::key:
      break;
  }
  return console.pick("khóa trong thiết bị", "key in its token");
}

const char* outcome_text(ceremony::Observation::Outcome outcome, const Console& console) {
  using enum ceremony::Observation::Outcome;
  if (outcome == good) return console.pick("đúng", "good");
  return outcome == bad ? console.pick("SAI", "WRONG") : console.pick("không có thiết bị", "token not there");
}

json::Value to_json(const ceremony::Observation& each) {
  using enum ceremony::Observation::Outcome;
  json::Value object = json::Value::object();
  object.set("check", ceremony::word_of(each.check)).set("subject", each.subject);
  object.set("outcome", each.outcome == good ? "good" : each.outcome == bad ? "bad" : "absent");
  return object.set("detail", each.detail);
}

// What is wrong, for people; empty: nothing.
Result<std::string> examine_record(const RunCommandOptions& options, const Console& console) {
  const ceremony::Plan plan = KYSO_TRY(ceremony::load_plan(options.plan));
  ceremony::RecordOptions record_options{.folder = options.folder, .pins = {}, .default_module = default_module()};
  if (!options.without_tokens) record_options.pins = pins_by_token(options.pin, console);
  const ceremony::RecordResult result = KYSO_TRY(ceremony::check_record(plan, record_options));
  json::Value list = json::Value::array();
  std::string problems;
  for (const ceremony::Observation& each : result.observations) {
    list.push_back(to_json(each));
    console.say("  {} {}: {} {}", "  {} {}: {} {}", check_text(each.check, console), shown(each.subject),
                outcome_text(each.outcome, console), shown(each.detail));
    if (each.outcome == ceremony::Observation::Outcome::bad)
      problems.append(problems.empty() ? "" : ", ").append(check_text(each.check, console) + " " + each.subject);
  }
  console.say("SHA-256 của biên bản: {}", "SHA-256 of the transcript: {}", to_hex(result.transcript_sha256));
  if (console.json) {
    json::Value object = json::Value::object();
    object.set("good", result.is_good()).set("transcript", to_hex(result.transcript_sha256)).set("checks", list);
    console.print(json::serialize(object, json::Style::indented) + "\n");
  }
  return problems;
}

int check_record(const RunCommandOptions& options, const Console& console) {
  const auto result = examine_record(options, console);
  if (!result) return console.report(result.error());
  if (result->empty()) return 0;
  const Error error = fail("vault.ceremony.record").with("problems", *result);
  // As JSON the checks have said everything.
  return console.json ? describe(error, console.language).exit_code : console.report(error);
}

void add_plan_argument(CLI::App& command, std::string& plan, const Console& console) {
  command.add_option("PLAN", plan, console.pick("Tệp kế hoạch (TOML)", "Plan (TOML)"))->required()->type_name("");
}

void add_approve(CLI::App& parent, const Console& console, Run& run) {
  CLI::App* command = parent.add_subcommand(
      "approve", console.pick("Người vận hành phê duyệt kế hoạch", "Approve the plan as one of its operators"));
  auto options = std::make_shared<ApproveOptions>();
  add_plan_argument(*command, options->plan, console);
  command
      ->add_option("--sha256", options->sha256,
                   console.pick("SHA-256 mà kyso ceremony plan đã in ra", "SHA-256 that kyso ceremony plan printed"))
      ->required()
      ->type_name("HEX");
  command->add_option("--holder", options->holder, console.pick("Nơi giữ khóa của bạn", "Your key"))
      ->required()
      ->type_name("HOLDER");
  command->add_option("-o,--output", options->output, console.pick("Tệp phê duyệt", "File of the approval"))
      ->required()
      ->type_name("FILE");
  add_pin_options(*command, options->pin, console);
  command->callback(
      [options, &console, &run] { run = [options, &console] { return finish(approve(*options, console), console); }; });
}

void add_run(CLI::App& parent, const Console& console, Run& run) {
  CLI::App* command = parent.add_subcommand(
      "run", console.pick("Thực hiện, hoặc tiếp tục sau khi bị ngắt", "Carry it out, or go on after an interruption"));
  auto options = std::make_shared<RunCommandOptions>();
  add_plan_argument(*command, options->plan, console);
  command
      ->add_option("--approval", options->approvals, console.pick("Tệp phê duyệt (nhiều lần)", "An approval; repeat"))
      ->required()
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("FILE");
  command
      ->add_option("-o,--output", options->folder,
                   console.pick("Thư mục chứa biên bản và kết quả", "Folder of the transcript and results"))
      ->required()
      ->type_name("FOLDER");
  add_pin_options(*command, options->pin, console);
  command->callback([options, &console, &run] {
    run = [options, &console] { return finish(run_plan(*options, console), console); };
  });
}

void add_record(CLI::App& parent, const Console& console, Run& run) {
  CLI::App* command = parent.add_subcommand("record", console.pick("Đối chiếu biên bản với thiết bị và các tệp",
                                                                   "Check the transcript, the tokens and files"));
  auto options = std::make_shared<RunCommandOptions>();
  add_plan_argument(*command, options->plan, console);
  command->add_option("FOLDER", options->folder, console.pick("Thư mục của lễ tạo khóa", "Folder of the ceremony"))
      ->required()
      ->type_name("");
  command->add_flag("--without-tokens", options->without_tokens,
                    console.pick("Không mở các thiết bị", "Don't look into the tokens"));
  add_pin_options(*command, options->pin, console);
  command->callback(
      [options, &console, &run] { run = [options, &console] { return check_record(*options, console); }; });
}

}  // namespace

void add_ceremony_command(CLI::App& app, const Console& console, Run& run) {
  CLI::App* command = app.add_subcommand(
      "ceremony", console.pick("Lễ tạo khóa của cơ quan chứng thực", "Key ceremony of a certification authority"));
  command->require_subcommand(1);
  CLI::App* plan = command->add_subcommand(
      "plan", console.pick("Kiểm tra và in kế hoạch cùng SHA-256", "Check and print the plan and its SHA-256"));
  auto file = std::make_shared<std::string>();
  add_plan_argument(*plan, *file, console);
  plan->callback(
      [file, &console, &run] { run = [file, &console] { return finish(show_plan(*file, console), console); }; });
  add_approve(*command, console, run);
  add_run(*command, console, run);
  add_record(*command, console, run);
}

}  // namespace kyso::app
