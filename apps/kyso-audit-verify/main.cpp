#include <unistd.h>

#include <CLI/CLI.hpp>

#include "audit/verify.h"
#include "base/file.h"
#include "kyso-audit-verify/problem_texts.h"
#include "shared/console.h"
#include "shared/language.h"

// kyso-audit-verify: checks an audit log independently of the authority's programs.
namespace {

using namespace kyso;
using namespace kyso::app;

constexpr int kProblems = 1;
constexpr int kUsage = 4;

struct Arguments {
  std::filesystem::path folder;
  std::vector<std::filesystem::path> keys, authorities;
  std::filesystem::path known;
  std::string origin, database;
  bool json = false, quiet = false;
  std::string language;
};

Result<std::vector<crypto::Certificate>> load_certificates(const std::vector<std::filesystem::path>& files) {
  std::vector<crypto::Certificate> out;
  for (const std::filesystem::path& file : files) {
    const Bytes content = KYSO_TRY(read_file(file, 1U << 20U));
    for (crypto::Certificate& certificate : KYSO_TRY(crypto::Certificate::from_pem(as_chars(content))))
      out.push_back(std::move(certificate));
  }
  return out;
}

json::Value to_json(const audit::VerifyReport& report) {
  json::Value problems = json::Value::array();
  for (const audit::Problem& problem : report.problems) {
    json::Value entry = json::Value::object();
    entry.set("code", problem.code).set("place", problem.place).set("detail", problem.detail);
    problems.push_back(std::move(entry));
  }
  json::Value out = json::Value::object();
  out.set("clean", report.is_clean())
      .set("origin", report.checkpoint.origin)
      .set("size", report.checkpoint.size)
      .set("root", to_base64(report.checkpoint.root))
      .set("leaves", report.leaves)
      .set("checkpoints", report.checkpoints)
      .set("time_stamps", report.time_stamps)
      .set("records", report.records)
      .set("certificates", report.certificates)
      .set("journal_entries", report.journal_entries)
      .set("problems", std::move(problems))
      .set("complete", report.is_complete);
  if (report.newest_time_stamp) out.set("newest_time_stamp", iso8601_vietnam(*report.newest_time_stamp));
  return out;
}

void print(const audit::VerifyReport& report, const Console& console) {
  console.say("Nhật ký {}: {} bản ghi, {} điểm kiểm tra, {} dấu thời gian.",
              "Log {}: {} records, {} checkpoints, {} time-stamps.", shown(report.checkpoint.origin), report.leaves,
              report.checkpoints, report.time_stamps);
  if (report.newest_time_stamp)
    console.say("Có trước {} theo dấu thời gian mới nhất.", "Existed before {} by the newest time-stamp.",
                display_vietnam(*report.newest_time_stamp));
  if (report.records > 0 || report.certificates > 0)
    console.say("Cơ sở dữ liệu: {} bản ghi, {} chứng thư số, {} mục sổ kho khóa đã so sánh.",
                "Database: {} records, {} certificates, {} entries of the vault's journal compared.", report.records,
                report.certificates, report.journal_entries);
  for (const audit::Problem& problem : report.problems) {
    const std::string_view text = problem_text(problem.code, console.language);
    console.say("✗ {}: {} [{}] {}", "✗ {}: {} [{}] {}", shown(problem.place), text.empty() ? problem.code : text,
                problem.code, shown(problem.detail));
  }
  if (!report.is_complete) console.say("… và còn nữa.", "… and more.");
  if (report.is_clean())
    console.say("✓ Không có bản ghi nào bị sửa, mất, chuyển chỗ hay cắt bỏ.",
                "✓ No record was changed, lost, moved or cut off.");
}

Result<int> run(const Arguments& arguments, const Console& console) {
  audit::VerifyOptions options;
  options.folder = arguments.folder;
  options.origin = arguments.origin;
  options.keys = KYSO_TRY(load_certificates(arguments.keys));
  options.authorities = KYSO_TRY(load_certificates(arguments.authorities));
  options.now = system_clock().now();
  if (!arguments.known.empty()) {
    const Bytes note = KYSO_TRY(read_file(arguments.known, 1U << 20U));
    Result<audit::Checkpoint> known = fail("audit.checkpoint.signature");
    for (const crypto::Certificate& key : options.keys)
      if (!known) known = audit::open_note(as_chars(note), key.public_key());
    options.known = KYSO_TRY(std::move(known));
  }
  std::unique_ptr<db::Database> database;
  if (!arguments.database.empty()) {
    database = KYSO_TRY(db::Database::open({.url = arguments.database, .connections = 2}));
    options.database = database.get();
  }
  if (::isatty(STDERR_FILENO) != 0 && !console.quiet && !console.json)
    options.progress = [](std::uint64_t done, std::uint64_t total) {
      if (done % (1U << 16U) == 0)
        std::fprintf(stderr, "\r%3llu %%", static_cast<unsigned long long>(done * 100 / total));
    };
  const audit::VerifyReport report = KYSO_TRY(audit::verify(options));
  if (options.progress) std::fputs("\r      \r", stderr);
  if (console.json)
    console.print(json::serialize(to_json(report), json::Style::indented) + "\n");
  else
    print(report, console);
  return report.is_clean() ? 0 : kProblems;
}

}  // namespace

int main(int argc, char** argv) {
  Console console;
  console.language = choose_language(argc, argv);
  Arguments arguments;
  CLI::App app(
      console.pick("Kiểm tra nhật ký kiểm toán của Kyso: các tệp, và với --database là cơ sở dữ liệu so với nhật ký.",
                   "Checks a Kyso audit log: its files, and with --database what is on record against it."));
  app.set_version_flag("--version", KYSO_VERSION);
  app.add_option("folder", arguments.folder,
                 console.pick("Thư mục chứa nhật ký đã xuất", "Folder with the exported log"))
      ->required();
  app.add_option("--key", arguments.keys,
                 console.pick("Chứng thư số (PEM) của khóa ký điểm kiểm tra; có thể nhắc lại",
                              "Certificate (PEM) of the key that signs checkpoints; may be given again"))
      ->required();
  app.add_option("--tsa", arguments.authorities,
                 console.pick("Chứng thư số (PEM) của máy chủ cấp dấu thời gian được chấp nhận",
                              "Certificate (PEM) of a time-stamping authority that is accepted"));
  app.add_option("--known", arguments.known,
                 console.pick("Điểm kiểm tra đã giữ: nhật ký phải tiếp nối nó",
                              "A checkpoint that was kept: the log must continue it"));
  app.add_option("--origin", arguments.origin, console.pick("Tên của nhật ký", "The log's name"));
  app.add_option("--database", arguments.database,
                 console.pick("So sánh với cơ sở dữ liệu này (sqlite:TỆP, postgresql://…)",
                              "Compare with this database (sqlite:FILE, postgresql://…)"));
  app.add_flag("--json", arguments.json, console.pick("Báo cáo dạng JSON", "The report as JSON"));
  app.add_flag("--quiet", arguments.quiet, console.pick("Chỉ trả về mã thoát", "Only the exit code"));
  app.add_option("--lang", arguments.language, console.pick("Ngôn ngữ: vi hoặc en", "Language: vi or en"));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : kUsage;
  }
  console.json = arguments.json;
  console.quiet = arguments.quiet;
  const Result<int> result = run(arguments, console);
  return result ? *result : console.report(result.error());
}
