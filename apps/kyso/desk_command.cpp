#include <CLI/CLI.hpp>

#include "base/text.h"
#include "kyso/authority_commands.h"
#include "kyso/authority_text.h"
#include "kyso/desk_station.h"
#include "kyso/signing_session.h"

namespace kyso::app {
namespace {

constexpr int kPartlyFailed = 90;
constexpr const char* kBase = "/station/v1/";

using Options = std::shared_ptr<StationOptions>;
const std::vector<std::string> kAllKinds{"personalise", "write", "unlock"};

std::string kind_text(const StationJob& job, const Console& console) {
  if (job.kind == "personalise") return console.pick("tạo khóa trên thiết bị mới", "make a key on a new token");
  if (job.kind == "write") return console.pick("nạp chứng thư", "write the certificate");
  return job.so_pin ? console.pick("mở khóa thiết bị", "unlock the token")
                    : console.pick("mở khóa: chờ phê duyệt", "unlock: waits for approval");
}

Result<> list(const StationOptions& options, const Console& console) {
  AuthorityClient client(options.server, console, kBase);
  json::Value all = json::Value::array();
  Table table({console.pick("Dòng", "Line"), console.pick("Hồ sơ", "Dossier"), console.pick("Người nhận", "For"),
               console.pick("Việc", "Work"), console.pick("Thiết bị", "Token")});
  for (const StationJob& job : KYSO_TRY(jobs_of(client, options.lines, kAllKinds))) {
    table.add({job.line, job.dossier, job.name, kind_text(job, console), job.token_serial});
    json::Value entry = json::Value::object();
    entry.set("line", job.line).set("dossier", job.dossier).set("name", job.name).set("kind", job.kind);
    entry.set("token_serial", job.token_serial).set("is_released", job.so_pin.has_value());
    all.push_back(std::move(entry));
  }
  if (console.json) console.print(json::serialize(all, json::Style::indented) + "\n");
  if (!console.json && !console.quiet) console.print(table.text());
  return {};
}

// The vault's own, from the ceremony: a server that was taken over could send a key that it can open.
Result<crypto::PublicKey> escrow_key_of(const StationOptions& options) {
  if (options.escrow.empty()) return fail("kyso.desk.escrow");
  const auto certificates = KYSO_TRY(read_certificates(options.escrow));
  const auto now = system_clock().now();
  const crypto::Certificate& certificate = certificates.front();
  if (now < certificate.not_before() || now > certificate.not_after() ||
      certificate.allows(crypto::KeyUsage::digital_signature) || certificate.is_ca())
    return fail("vault.escrow.key");  // some other one of the authority's
  return certificate.public_key();
}

// All jobs, one after the other; what fails is told and the others go on.
class Working {
 public:
  Working(const Options& options, const Console& console)
      : m_options(*options), m_console(console), m_client(m_options.server, console, kBase) {}

  Result<int> personalise_all() {
    const auto jobs = KYSO_TRY(jobs_of(m_client, m_options.lines, {"personalise", "write"}));
    const bool makes_keys = std::ranges::any_of(jobs, [](const auto& job) { return job.kind == "personalise"; });
    std::optional<crypto::PublicKey> escrow;
    if (makes_keys) escrow = KYSO_TRY(escrow_key_of(m_options));
    for (const StationJob& job : jobs)
      take(job, job.kind == "write" ? write_to_token(m_client, m_options, job, m_console)
                                    : personalise(m_client, m_options, job, *escrow, m_console));
    return finish();
  }
  Result<int> unlock_all() {
    for (const StationJob& job : KYSO_TRY(jobs_of(m_client, m_options.lines, {"unlock"})))
      take(job, unlock(m_client, m_options, job, m_console));
    return finish();
  }

 private:
  void take(const StationJob& job, const Result<>& result) {
    json::Value entry = json::Value::object();
    entry.set("line", job.line).set("kind", job.kind).set("ok", result.has_value());
    ++m_count;
    if (!result) {
      ++m_failed;
      m_code = authority_exit_code(result.error());
      entry.set("error", m_console.to_json(result.error()));
      if (!m_console.json) {
        m_console.note("{} ({}):", "{} ({}):", shown(job.line), shown(job.name));
        m_console.report(result.error());
      }
    }
    m_results.push_back(std::move(entry));
  }
  int finish() {
    if (m_console.json) m_console.print(json::serialize(m_results, json::Style::indented) + "\n");
    if (m_count == 0) m_console.say("Không có việc nào đang chờ.", "Nothing waits to be done.");
    return m_failed > 0 && m_count > 1 ? kPartlyFailed : m_code;
  }

  const StationOptions& m_options;
  const Console& m_console;
  AuthorityClient m_client;
  json::Value m_results = json::Value::array();
  std::size_t m_count = 0, m_failed = 0;
  int m_code = 0;
};

Result<> check(StationOptions& options) {
  if (const char* module = std::getenv("KYSO_PKCS11_MODULE"); module != nullptr && options.module.empty())
    options.module = module;
  if (options.module.empty()) return fail("token.module.unnamed");
  if (options.token.empty() != options.so_pin_file.empty() || (!options.token.empty() && options.lines.size() != 1))
    return fail("kyso.desk.anew");
  return {};
}

int work(const Options& options, const Console& console, Result<int> (Working::*all)()) {
  const Result<> checked = check(*options);
  const Result<int> code = checked ? (Working(options, console).*all)() : Result<int>(checked.error());
  return code ? *code : report_authority(code.error(), console);
}

void add_lines_option(CLI::App& command, StationOptions& options, const Console& console) {
  command
      .add_option("LINE", options.lines,
                  console.pick("Dòng hồ sơ; mặc định: mọi việc đang chờ", "Lines of dossiers; default: all that wait"))
      ->type_name("");
}

void add_token_options(CLI::App& command, StationOptions& options, const Console& console) {
  command
      .add_option("--module", options.module,
                  console.pick("Thư viện PKCS#11 của thiết bị (hoặc biến KYSO_PKCS11_MODULE)",
                               "PKCS#11 library of the tokens (or KYSO_PKCS11_MODULE)"))
      ->type_name("PATH|NAME");
  command
      .add_option("--pin-letters", options.letters,
                  console.pick("Thư mục ghi phiếu mã PIN; mặc định: hiện một lần trên màn hình",
                               "Folder for PIN letters; default: told once on the terminal"))
      ->type_name("FOLDER");
}

}  // namespace

void add_desk_command(CLI::App& app, const Console& console, Run& run) {
  CLI::App* desk = app.add_subcommand(
      "desk", console.pick("Máy trạm của bộ phận tiếp nhận: tạo khóa trên thiết bị, mở khóa thiết bị",
                           "The desk's station: make keys on tokens, unlock tokens"));
  desk->require_subcommand(1);

  auto options = std::make_shared<StationOptions>();
  CLI::App* command =
      desk->add_subcommand("jobs", console.pick("Các việc đang chờ máy trạm", "What waits for the station"));
  add_lines_option(*command, *options, console);
  add_authority_options(*command, options->server, console);
  command->callback([options, &console, &run] {
    run = [options, &console] { return finish_authority(list(*options, console), console); };
  });

  options = std::make_shared<StationOptions>();
  command =
      desk->add_subcommand("personalise", console.pick("Tạo khóa trên thiết bị, nạp chứng thư đã cấp",
                                                       "Make keys on tokens; write certificates that were issued"));
  add_lines_option(*command, *options, console);
  add_token_options(*command, *options, console);
  command
      ->add_option("--escrow", options->escrow,
                   console.pick("Chứng thư của khóa gửi giữ mã SO-PIN, từ lễ tạo khóa (hoặc biến KYSO_ESCROW)",
                                "Certificate of the escrow key, from the ceremony (or KYSO_ESCROW)"))
      ->envname("KYSO_ESCROW")
      ->type_name("FILE");
  command
      ->add_option("--key", options->key_kind,
                   console.pick("Loại khóa; mặc định rsa:2048", "Kind of key; default rsa:2048"))
      ->check(CLI::IsMember({"rsa:2048", "rsa:3072", "rsa:4096", "ec:p256", "ec:p384"}))
      ->type_name("KIND");
  command
      ->add_option(
          "--label", options->label,
          console.pick("Tên thiết bị; mặc định: tên người nhận", "Label of the token; default: the person's name"))
      ->type_name("TEXT");
  command
      ->add_option("--token", options->token,
                   console.pick("Xóa và khởi tạo lại thiết bị có số sê-ri này",
                                "Wipe the token with this serial number and make it anew"))
      ->type_name("SERIAL");
  command
      ->add_option("--so-pin-file", options->so_pin_file,
                   console.pick("Tệp chứa mã SO-PIN hiện tại của thiết bị đó", "File with that token's present SO-PIN"))
      ->type_name("FILE");
  add_authority_options(*command, options->server, console);
  command->callback([options, &console, &run] {
    run = [options, &console] { return work(options, console, &Working::personalise_all); };
  });

  options = std::make_shared<StationOptions>();
  command = desk->add_subcommand("unlock", console.pick("Mở khóa thiết bị bằng mã SO-PIN được giải phóng",
                                                        "Unlock tokens with SO-PINs that were released"));
  add_lines_option(*command, *options, console);
  add_token_options(*command, *options, console);
  add_authority_options(*command, options->server, console);
  command->callback([options, &console, &run] {
    run = [options, &console] { return work(options, console, &Working::unlock_all); };
  });
}

}  // namespace kyso::app
