#include <CLI/CLI.hpp>

#include "base/file.h"
#include "base/text.h"
#include "crypto/certificate.h"
#include "crypto/pem.h"
#include "kyso/authority_commands.h"
#include "kyso/authority_lines.h"
#include "kyso/authority_text.h"
#include "vault/passkey_statement.h"

namespace kyso::app {
namespace {

struct ReadingOptions {
  AuthorityOptions authority;
  std::string id, query, state, profile, issuer, expires_before, after, output;
  std::size_t limit = 100;
};

void print_json(const json::Value& value, const Console& console) {
  if (console.json) console.print(json::serialize(value, json::Style::indented) + "\n");
}

// "2026-09-06T16:01:42+07:00" -> "06/09/2026 16:01:42 +07:00"; what isn't a time stays.
std::string time_text(const std::string& text) {
  const auto instant = parse_time(text);
  return instant ? display_vietnam(*instant) : text;
}

void say_next(const json::Value& answer, const Console& console) {
  if (const std::string next = text_of(answer, "next"); !next.empty())
    console.say("Còn nữa: thêm --after {}", "There is more: add --after {}", shown(next));
}

// --- show ----------------------------------------------------------------------------------------------------------

void say_failure(const json::Value& view, const Console& console) {
  const std::string failure = text_of(view, "failure");
  if (failure.empty()) return;
  const ErrorRow* row = find_error_row(failure);
  const std::string text = row == nullptr ? failure : describe(Error(row->code), console.language).message;
  console.say("  Không thực hiện được: {} [{}]", "  It failed: {} [{}]", shown(text), shown(failure));
}

Result<> show(const ReadingOptions& options, const Console& console) {
  AuthorityClient client(options.authority, console);
  const json::Value view = KYSO_TRY(client.get("requests/" + url_encoded(options.id)));
  const vault::Policy policy = KYSO_TRY(client.policy());
  vault::SignedRequest statements{text_of(view, "request"), {}};
  for (const json::Value& approval : items_of(view, "approvals"))
    statements.approvals.push_back(text_of(approval, "jws"));
  const std::string payload = KYSO_TRY(vault::payload_of(statements.request, vault::kRequestType));
  const vault::Request request = KYSO_TRY(vault::parse_request(payload));
  if (console.json) {
    json::Value out = view;
    print_json(out.set("statement", KYSO_TRY(json::parse(payload))), console);
    return {};
  }
  if (console.quiet) return {};
  console.print(request_text(request, &policy, console));
  console.say("  Tình trạng: {}", "  State: {}", shown(state_text(text_of(view, "state"), console)));
  say_failure(view, console);
  const auto standing = vault::examine(policy, statements, system_clock().now());
  if (standing) {
    console.print(standing_text(*standing, policy, console));
  } else {
    console.say("  Theo quy chế hiện hành: {}", "  Under the present policy: {}",
                shown(describe(standing.error(), console.language).message));
  }
  for (const json::Value& row : items_of(view, "certificates"))
    console.say("  Chứng thư {} {}: {}", "  Certificate {} {}: {}", shown(text_of(row, "serial")),
                shown(text_of(row, "subject")), shown(state_text(text_of(row, "state"), console)));
  return {};
}

// --- list, search --------------------------------------------------------------------------------------------------

Result<> list(const ReadingOptions& options, const Console& console) {
  AuthorityClient client(options.authority, console);
  const json::Value answer = KYSO_TRY(client.get(
      "requests", {{"state", options.state}, {"after", options.after}, {"limit", std::to_string(options.limit)}}));
  print_json(answer, console);
  Table table({console.pick("Mã yêu cầu", "Request"), console.pick("Việc", "Act"), console.pick("Tình trạng", "State"),
               console.pick("Người yêu cầu", "Requester"), console.pick("Hết hạn", "Expires"),
               console.pick("Mục đích", "Purpose")});
  for (const json::Value& row : items_of(answer, "requests"))
    table.add({text_of(row, "id"), act_text(text_of(row, "act"), console), state_text(text_of(row, "state"), console),
               text_of(row, "requester"), time_text(text_of(row, "expires")), text_of(row, "purpose")});
  if (!console.json && !console.quiet) console.print(table.text());
  say_next(answer, console);
  return {};
}

Result<> search(const ReadingOptions& options, const Console& console) {
  AuthorityClient client(options.authority, console);
  std::string before = options.expires_before;
  if (!before.empty()) before = iso8601_vietnam(KYSO_TRY(parse_time(before)));
  const json::Value answer = KYSO_TRY(client.get("certificates", {{"q", to_nfc(options.query)},
                                                                  {"state", options.state},
                                                                  {"profile", options.profile},
                                                                  {"issuer", options.issuer},
                                                                  {"expires_before", before},
                                                                  {"after", options.after},
                                                                  {"limit", std::to_string(options.limit)}}));
  print_json(answer, console);
  Table table({console.pick("Cơ quan cấp", "Issuer"), console.pick("Số hiệu", "Serial"),
               console.pick("Tình trạng", "State"), console.pick("Mẫu", "Profile"), console.pick("Hết hạn", "Expires"),
               console.pick("Chủ thể", "Subject")});
  for (const json::Value& row : items_of(answer, "certificates"))
    table.add({text_of(row, "issuer"), text_of(row, "serial"), state_text(text_of(row, "state"), console),
               text_of(row, "profile"), time_text(text_of(row, "not_after")), text_of(row, "subject")});
  if (!console.json && !console.quiet) console.print(table.text());
  say_next(answer, console);
  return {};
}

// --- certificate ---------------------------------------------------------------------------------------------------

// By issuer and serial, or by the serial alone when one issuer has it.
Result<json::Value> find_certificate(AuthorityClient& client, const ReadingOptions& options) {
  const std::size_t slash = options.id.rfind('/');
  const std::string issuer = slash == std::string::npos ? options.issuer : options.id.substr(0, slash);
  const auto serial = serial_of(std::string_view(options.id).substr(slash == std::string::npos ? 0 : slash + 1));
  if (!serial) return fail("kyso.serial.invalid").with("serial", shown(options.id));
  if (!issuer.empty()) return client.get("certificates/" + url_encoded(issuer) + "/" + *serial);
  const json::Value answer = KYSO_TRY(client.get("certificates", {{"q", *serial}, {"limit", "1000"}}));
  std::optional<json::Value> found;
  for (const json::Value& row : items_of(answer, "certificates")) {
    if (text_of(row, "serial") != *serial) continue;
    if (found) return fail("kyso.certificate.ambiguous").with("serial", *serial);
    found = row;
  }
  if (!found) return fail("authority.certificate.missing").with("serial", *serial);
  return *found;
}

Result<> certificate(const ReadingOptions& options, const Console& console) {
  AuthorityClient client(options.authority, console);
  const json::Value row = KYSO_TRY(find_certificate(client, options));
  if (text_of(row, "pem").empty())
    return fail("kyso.certificate.unsigned").with("serial", shown(text_of(row, "serial")));
  // Written anew: nothing but a certificate reaches a file or the terminal.
  const auto certificates = KYSO_TRY(crypto::Certificate::from_pem(text_of(row, "pem")));
  const std::string pem = crypto::to_pem("CERTIFICATE", certificates.front().der());
  if (!options.output.empty()) {
    OutputFile file = KYSO_TRY(OutputFile::create(options.output, OutputFile::Existing::keep));
    KYSO_TRY(file.write(as_bytes(pem)));
    KYSO_TRY(file.commit());
    console.say("Đã ghi chứng thư vào {}.", "The certificate is in {}.", shown(options.output));
  } else if (!console.json) {
    console.print(pem);
  }
  print_json(row, console);
  return {};
}

// --- doctor --------------------------------------------------------------------------------------------------------

Result<> doctor(const ReadingOptions& options, const Console& console) {
  AuthorityClient client(options.authority, console);
  const json::Value answer = KYSO_TRY(client.get("doctor"));
  print_json(answer, console);
  const bool vietnamese = console.language == Language::vietnamese;
  std::size_t count = 0;
  for (const json::Value& check : items_of(answer, "checks")) {
    const json::Value* ok = check.find("ok");
    const bool is_well = ok != nullptr && ok->as_bool().value_or(false);
    if (!is_well) ++count;
    console.say("{} {}: {}", "{} {}: {}", is_well ? "✓" : "✗", shown(text_of(check, "name")),
                shown(text_of(check, vietnamese ? "text_vi" : "text_en")));
    const std::string next = text_of(check, vietnamese ? "next_vi" : "next_en");
    if (!is_well && !next.empty()) console.say("    → {}", "    → {}", shown(next));
  }
  if (count > 0) return fail("kyso.authority.unwell").with("count", count);
  return {};
}

// --- options -------------------------------------------------------------------------------------------------------

using Options = std::shared_ptr<ReadingOptions>;
using Work = Result<> (*)(const ReadingOptions&, const Console&);

CLI::App* add_command(CLI::App& parent, const char* name, const char* help, const Options& options, Work work,
                      const Console& console, Run& run) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->callback([options, work, &console, &run] {
    run = [options, work, &console] { return finish_authority(work(*options, console), console); };
  });
  return command;
}

void add_paging(CLI::App& command, ReadingOptions& options, const Console& console) {
  command.add_option("--limit", options.limit, console.pick("Số dòng nhiều nhất", "At most so many rows"))
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  command.add_option("--after", options.after, console.pick("Tiếp theo dòng này", "Continue behind this row"))
      ->type_name("ROW");
}

void add_state(CLI::App& command, ReadingOptions& options, const std::vector<std::string>& states, const char* help) {
  command.add_option("--state", options.state, help)->check(CLI::IsMember(states))->type_name("STATE");
}

void add_search(CLI::App& parent, const Console& console, Run& run) {
  const auto options = std::make_shared<ReadingOptions>();
  CLI::App* command = add_command(parent, "search", console.pick("Tìm chứng thư", "Search certificates"), options,
                                  search, console, run);
  command
      ->add_option("TEXT", options->query,
                   console.pick("Tên, email, số hiệu…; không cần dấu", "Name, email, serial…; accents don't matter"))
      ->type_name("");
  add_state(*command, *options, {"waiting", "good", "suspended", "revoked", "void"},
            console.pick("waiting, good, suspended, revoked hoặc void", "waiting, good, suspended, revoked or void"));
  command->add_option("--profile", options->profile, console.pick("Mẫu chứng thư", "Profile"))->type_name("NAME");
  command->add_option("--issuer", options->issuer, console.pick("Cơ quan cấp", "Issuer"))->type_name("NAME");
  command->add_option("--expires-before", options->expires_before, console.pick("Hết hạn trước lúc này", "Ends before"))
      ->type_name("TIME");
  add_paging(*command, *options, console);
  add_authority_options(*command, options->authority, console);
}

}  // namespace

void add_authority_reading(CLI::App& parent, const Console& console, Run& run) {
  auto options = std::make_shared<ReadingOptions>();
  CLI::App* command =
      add_command(parent, "show", console.pick("Xem một yêu cầu", "Show a request"), options, show, console, run);
  command->add_option("ID", options->id, console.pick("Mã yêu cầu", "The request"))->required()->type_name("");
  add_authority_options(*command, options->authority, console);

  options = std::make_shared<ReadingOptions>();
  command = add_command(parent, "list", console.pick("Liệt kê yêu cầu", "List requests"), options, list, console, run);
  add_state(*command, *options, {"waiting", "authorised", "done", "rejected", "expired", "failed"},
            console.pick("waiting, authorised, done, rejected, expired hoặc failed",
                         "waiting, authorised, done, rejected, expired or failed"));
  add_paging(*command, *options, console);
  add_authority_options(*command, options->authority, console);

  add_search(parent, console, run);

  options = std::make_shared<ReadingOptions>();
  command = add_command(parent, "certificate", console.pick("Lấy một chứng thư (PEM)", "Fetch a certificate (PEM)"),
                        options, certificate, console, run);
  command
      ->add_option("SERIAL", options->id,
                   console.pick("Số hiệu, hoặc CƠ_QUAN/SỐ_HIỆU", "Serial number, or ISSUER/SERIAL"))
      ->required()
      ->type_name("");
  command->add_option("--issuer", options->issuer, console.pick("Cơ quan cấp", "Issuer"))->type_name("NAME");
  command->add_option("-o,--output", options->output, console.pick("Tệp kết quả", "Output"))->type_name("FILE");
  add_authority_options(*command, options->authority, console);

  options = std::make_shared<ReadingOptions>();
  command = parent.add_subcommand("doctor", console.pick("Tự kiểm tra hệ thống", "Ask the authority how it is"));
  command->callback([options, &console, &run] {
    run = [options, &console] {
      const Result<> result = doctor(*options, console);
      // As JSON the findings have said everything.
      const bool has_said = console.json && !result && result.error().code == "kyso.authority.unwell";
      return has_said ? describe(result.error(), console.language).exit_code : finish_authority(result, console);
    };
  });
  add_authority_options(*command, options->authority, console);
}

}  // namespace kyso::app
