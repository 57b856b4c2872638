#include <CLI/CLI.hpp>
#include <charconv>

#include "base/file.h"
#include "base/text.h"
#include "jose/jws.h"
#include "kyso/authority_commands.h"
#include "kyso/authority_lines.h"
#include "kyso/authority_passkeys.h"
#include "kyso/authority_policy_files.h"
#include "kyso/authority_text.h"

namespace kyso::app {
namespace {

using vault::Act;

struct RequestOptions {
  AuthorityOptions authority;
  std::string issuer, purpose, valid_for = "3d", output;
  std::string lines_file;
  LineSpec line;
  std::vector<std::string> serials;
  std::string reason, invalid_since, comment;
  std::string folder;
  std::optional<std::int64_t> policy_version;
  PasskeySpec passkey;  // enrolling one when `person` is there
};

// RFC 9562 section 5.4: version 4, random.
std::string new_uuid() {
  Bytes bytes = crypto::random_bytes(16);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
  std::string hex = to_hex(bytes);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) hex.insert(at, "-");
  return hex;
}

Result<std::chrono::seconds> duration_of(const std::string& text) {
  std::int64_t count = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failed == std::errc() && count > 0 && count <= 10'000 && end + 1 == text.data() + text.size()) {
    if (*end == 'm') return std::chrono::minutes(count);
    if (*end == 'h') return std::chrono::hours(count);
    if (*end == 'd') return std::chrono::days(count);
  }
  return fail("kyso.duration.invalid").with("text", shown(text));
}

Result<> add_lines(vault::Request& request, const RequestOptions& options) {
  const bool has_line = !options.line.csr.empty();
  if (has_line == !options.lines_file.empty()) return fail("kyso.request.lines");
  const auto specs = has_line ? std::vector{options.line} : KYSO_TRY(read_lines(options.lines_file));
  for (const LineSpec& spec : specs)
    request.certificates.push_back(KYSO_TRY(make_line(spec, request.certificates.size() + 1)));
  return {};
}

Result<int> reason_of(Act act, const std::string& name) {
  if (act == Act::suspend) return 6;
  if (act == Act::release) return 8;
  const auto reason = reason_by_name(name);
  if (!reason) return fail("kyso.reason.unknown").with("reason", shown(name));
  return *reason;
}

Result<> add_orders(vault::Request& request, const RequestOptions& options) {
  vault::RevocationOrder order;
  order.reason = KYSO_TRY(reason_of(request.act, options.reason));
  order.comment = to_nfc(options.comment);
  if (!options.invalid_since.empty()) order.invalid_since = KYSO_TRY(parse_time(options.invalid_since));
  for (const std::string& text : options.serials) {
    const auto serial = serial_of(text);
    if (!serial) return fail("kyso.serial.invalid").with("serial", shown(text));
    order.serial = *serial;
    request.revocations.push_back(order);
  }
  return {};
}

// The new policy is checked here as the vault will; the version that it replaces is the present one.
Result<> add_policy(vault::Request& request, const RequestOptions& options, AuthorityClient& client,
                    std::optional<vault::Policy>& present) {
  if (!options.passkey.person.empty()) {
    present = KYSO_TRY(client.policy());
    request.policy_files = KYSO_TRY(files_with_passkey(*present, options.passkey, system_clock().now()));
    request.policy_version = present->version();
    KYSO_TRY(vault::Policy::parse(0, request.policy_files));
    return {};
  }
  request.policy_files = KYSO_TRY(read_policy_folder(options.folder));
  KYSO_TRY(vault::Policy::parse(0, request.policy_files));
  if (options.policy_version) {
    request.policy_version = *options.policy_version;
    return {};
  }
  present = KYSO_TRY(client.policy());
  request.policy_version = present->version();
  return {};
}

Result<> write_statement(const std::string& path, const std::string& jws) {
  OutputFile file = KYSO_TRY(OutputFile::create(path, OutputFile::Existing::keep));
  KYSO_TRY(file.write(as_bytes(jws + "\n")));
  return file.commit();
}

void say_sent(const json::Value& answer, const vault::Request& request, const Console& console) {
  console.say("Đã gửi yêu cầu {} ({}).", "The request {} was sent ({}).", request.id,
              shown(state_text(text_of(answer, "state"), console)));
  if (const json::Value* standing = answer.find("standing"))
    if (const std::string missing = missing_of(*standing); !missing.empty())
      console.say("Còn thiếu phê duyệt: {}", "Approvals missing: {}", shown(missing));
  if (console.json) console.print(json::serialize(answer, json::Style::indented) + "\n");
}

Result<> run_request(Act act, const RequestOptions& options, const Console& console) {
  AuthorityClient client(options.authority, console);
  vault::Request request{.id = new_uuid(), .issuer = options.issuer, .act = act};
  request.purpose = to_nfc(options.purpose);
  std::optional<vault::Policy> present;
  if (act == Act::issue) {
    KYSO_TRY(add_lines(request, options));
  } else if (act == Act::change_policy) {
    KYSO_TRY(add_policy(request, options, client, present));
  } else {
    KYSO_TRY(add_orders(request, options));
  }
  request.created = system_clock().now();
  request.expires = request.created + KYSO_TRY(duration_of(options.valid_for));
  const std::string payload = vault::serialize(request);
  KYSO_TRY(vault::parse_request(payload));  // what others would refuse isn't signed
  if (!console.json && !console.quiet) console.print(request_text(request, present ? &*present : nullptr, console));
  const std::string jws =
      KYSO_TRY(jose::sign_jws(vault::kRequestType, payload, *KYSO_TRY(client.holder()), act_text(act, console)));
  if (!options.output.empty()) {
    KYSO_TRY(write_statement(options.output, jws));
    console.say("Đã ký yêu cầu vào tệp {}; chưa gửi.", "The signed request is in {}; it was not sent.",
                shown(options.output));
    json::Value object = json::Value::object();
    object.set("id", request.id).set("output", options.output);
    if (console.json) console.print(json::serialize(object, json::Style::indented) + "\n");
    return {};
  }
  say_sent(KYSO_TRY(client.post_statement("requests", jws)), request, console);
  return {};
}

using Options = std::shared_ptr<RequestOptions>;

void add_common_options(CLI::App& command, RequestOptions& options, const Console& console) {
  command
      .add_option("--purpose", options.purpose, console.pick("Mục đích: vì sao, hồ sơ nào", "Why, and which dossier"))
      ->type_name("TEXT");
  command
      .add_option("--valid-for", options.valid_for,
                  console.pick("Yêu cầu có giá trị trong bao lâu: 90m, 12h, 3d (mặc định); quy chế có thể ngắn hơn",
                               "How long the request lives: 90m, 12h, 3d (default); the policy may cut it"))
      ->type_name("TIME");
  command
      .add_option("-o,--output", options.output,
                  console.pick("Ghi yêu cầu đã ký vào tệp này, không gửi", "Write the signed request here, don't send"))
      ->type_name("FILE");
  add_authority_options(command, options.authority, console);
}

void add_issuer_option(CLI::App& command, RequestOptions& options, const Console& console) {
  command.add_option("--issuer", options.issuer, console.pick("Cơ quan cấp, ví dụ CPCA_G1", "Issuer, e.g. CPCA_G1"))
      ->required()
      ->type_name("NAME");
}

void set_run(CLI::App& command, Act act, const Options& options, const Console& console, Run& run) {
  command.callback([act, options, &console, &run] {
    run = [act, options, &console] { return finish_authority(run_request(act, *options, console), console); };
  });
}

void add_line_options(CLI::App& command, LineSpec& line, const Console& console) {
  const char* group = console.pick("Một chứng thư", "One certificate");
  const auto text = [&](const char* name, std::string& value, const char* type, const char* vietnamese,
                        const char* english) {
    command.add_option(name, value, console.pick(vietnamese, english))->type_name(type)->group(group);
  };
  const auto list = [&](const char* name, std::vector<std::string>& value, const char* type, const char* vietnamese,
                        const char* english) {
    command.add_option(name, value, console.pick(vietnamese, english))
        ->type_name(type)
        ->group(group)
        ->allow_extra_args(false);
  };
  text("--csr", line.csr, "FILE", "Yêu cầu PKCS#10 có khóa, PEM hoặc DER", "PKCS#10 with the key, PEM or DER");
  text("--profile", line.profile, "NAME", "Mẫu chứng thư, ví dụ PERSON_5Y", "Profile, e.g. PERSON_5Y");
  list("--subject", line.subject, "TYPE=VALUE", "Thuộc tính của chủ thể, ví dụ CN=…; nhắc lại; mặc định theo PKCS#10",
       "Attribute of the subject, e.g. CN=…; may be repeated; default: as in the PKCS#10");
  list("--name", line.names, "KIND:VALUE", "Tên khác: email:…, dns:…, ip:…, uri:…; mặc định theo PKCS#10",
       "Other name: email:…, dns:…, ip:…, uri:…; default: as in the PKCS#10");
  text("--reference", line.reference, "TEXT", "Hồ sơ và dòng", "Dossier and line");
  text("--not-before", line.not_before, "TIME", "Có hiệu lực từ", "Valid from");
  text("--not-after", line.not_after, "TIME", "Có hiệu lực đến", "Valid until");
  text("--replaces", line.replaces, "SERIAL", "Số hiệu chứng thư được thay", "Serial of the certificate it replaces");
}

void add_issue(CLI::App& parent, const Console& console, Run& run) {
  CLI::App* command = parent.add_subcommand("issue", console.pick("Yêu cầu cấp chứng thư", "Ask for certificates"));
  const auto options = std::make_shared<RequestOptions>();
  add_issuer_option(*command, *options, console);
  command
      ->add_option("--from", options->lines_file,
                   console.pick("Tệp TOML hoặc JSON có nhiều chứng thư", "TOML or JSON file with many certificates"))
      ->type_name("FILE");
  add_line_options(*command, options->line, console);
  add_common_options(*command, *options, console);
  set_run(*command, Act::issue, options, console, run);
}

void add_status_change(CLI::App& parent, Act act, const char* name, const char* help, const Console& console,
                       Run& run) {
  CLI::App* command = parent.add_subcommand(name, help);
  const auto options = std::make_shared<RequestOptions>();
  command->add_option("SERIAL", options->serials, console.pick("Số hiệu chứng thư", "Serial numbers"))
      ->required()
      ->type_name("");
  add_issuer_option(*command, *options, console);
  if (act == Act::revoke) {
    command
        ->add_option("--reason", options->reason,
                     console.pick("Lý do theo RFC 5280: unspecified, keyCompromise, affiliationChanged, superseded, "
                                  "cessationOfOperation, privilegeWithdrawn",
                                  "Reason of RFC 5280: unspecified, keyCompromise, affiliationChanged, superseded, "
                                  "cessationOfOperation, privilegeWithdrawn"))
        ->required()
        ->type_name("REASON");
    command
        ->add_option("--invalid-since", options->invalid_since,
                     console.pick("Không còn tin cậy từ lúc này", "Since when the key is not to be trusted"))
        ->type_name("TIME");
  }
  command->add_option("--comment", options->comment, console.pick("Ghi chú", "Comment"))->type_name("TEXT");
  add_common_options(*command, *options, console);
  set_run(*command, act, options, console, run);
}

void add_policy_change(CLI::App& parent, const Console& console, Run& run) {
  CLI::App* command = parent.add_subcommand("policy", console.pick("Yêu cầu đổi quy chế", "Ask for another policy"));
  const auto options = std::make_shared<RequestOptions>();
  options->issuer = "policy";
  command->add_option("FOLDER", options->folder, console.pick("Thư mục quy chế mới", "Folder of the new policy"))
      ->required()
      ->type_name("");
  command
      ->add_option("--replaces-version", options->policy_version,
                   console.pick("Bản quy chế được thay; mặc định hỏi máy chủ",
                                "Version that it replaces; default: the server tells"))
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  add_common_options(*command, *options, console);
  set_run(*command, Act::change_policy, options, console, run);
}

}  // namespace

void add_passkey_enrolment(CLI::App& parent, const Console& console, Run& run) {
  CLI::App* command = parent.add_subcommand(
      "enrol-passkey", console.pick("Yêu cầu đăng ký khóa truy cập (passkey) của cán bộ vào quy chế",
                                    "Ask to put an officer's passkey into the policy"));
  const auto options = std::make_shared<RequestOptions>();
  options->issuer = "policy";
  PasskeySpec& passkey = options->passkey;
  command->add_option("PERSON", passkey.person, console.pick("Cán bộ (person)", "Officer (person)"))
      ->required()
      ->type_name("");
  command
      ->add_option("--from", passkey.file,
                   console.pick("Tệp JSON tải từ cổng đăng ký", "JSON file that the portal gave the officer"))
      ->type_name("FILE");
  command
      ->add_option("--credential", passkey.credential,
                   console.pick("Mã của khóa truy cập, base64url", "Id of the credential, base64url"))
      ->type_name("ID");
  command
      ->add_option("--public-key", passkey.public_key,
                   console.pick("Khóa công khai (COSE), base64url", "Public key (COSE), base64url"))
      ->type_name("KEY");
  command
      ->add_option("--label", passkey.label,
                   console.pick("Tên cho người đọc: thiết bị nào", "For people: which device"))
      ->type_name("TEXT");
  add_common_options(*command, *options, console);
  set_run(*command, Act::change_policy, options, console, run);
}

void add_authority_request(CLI::App& parent, const Console& console, Run& run) {
  CLI::App* command = parent.add_subcommand(
      "request", console.pick("Lập và ký yêu cầu gửi cơ quan chứng thực", "Make, sign and send a request"));
  command->require_subcommand(1);
  add_issue(*command, console, run);
  add_status_change(*command, Act::revoke, "revoke",
                    console.pick("Yêu cầu thu hồi chứng thư", "Ask to revoke certificates"), console, run);
  add_status_change(*command, Act::suspend, "suspend",
                    console.pick("Yêu cầu tạm dừng chứng thư", "Ask to suspend certificates"), console, run);
  add_status_change(*command, Act::release, "release",
                    console.pick("Yêu cầu khôi phục chứng thư đang tạm dừng", "Ask to release suspended certificates"),
                    console, run);
  add_policy_change(*command, console, run);
}

}  // namespace kyso::app
