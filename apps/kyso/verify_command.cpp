#include <CLI/CLI.hpp>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "kyso/commands.h"
#include "kyso/document_options.h"
#include "kyso/page_pictures.h"
#include "kyso/progress.h"
#include "kyso/verification_options.h"
#include "shared/network_fetch.h"
#include "verify/report/report.h"
#include "verify/verify.h"

namespace kyso::app {
namespace {

// Exit codes of `verify`: what the documents are, not what the program met.
enum ExitCode : int { kAllValid = 0, kInvalid = 1, kUndetermined = 2, kNotReadable = 3, kUsage = 4 };

bool is_detached_name(const std::string& file) {
  const std::string extension = std::filesystem::path(file).extension().string();
  return extension == ".p7s" || extension == ".p7m" || extension == ".sig";
}

struct VerifyCommand {
  std::vector<std::string> files;
  VerificationOptions verification;
  std::string content;  // what a .p7s signs
  std::string password;
  std::string html, pdf, etsi, save_evidence;
  bool details = false;
  unsigned jobs = 0;

  // By its name, or whatever its name when it is said what the one file signs.
  bool is_detached(const std::string& file) const {
    return is_detached_name(file) || (files.size() == 1 && !content.empty());
  }
  // letter.pdf.p7s signs letter.pdf.
  std::filesystem::path content_of(const std::string& file) const {
    return content.empty() ? std::filesystem::path(file).replace_extension() : std::filesystem::path(content);
  }
  bool wants_report() const { return !html.empty() || !pdf.empty() || !etsi.empty() || !save_evidence.empty(); }
};

int exit_code_of(const verify::Verdict& verdict) {
  switch (verdict.indication) {
    case verify::Indication::total_passed:
      return kAllValid;
    case verify::Indication::total_failed:
      return kInvalid;
    case verify::Indication::indeterminate:
      return kUndetermined;
  }
  return kUndetermined;
}

// Of several documents the worst: a false one before one that could not be read, that before an open question.
int worst(int a, int b) {
  constexpr std::array<int, 4> kWeight{0, 3, 1, 2};  // by exit code
  return kWeight.at(static_cast<std::size_t>(a)) >= kWeight.at(static_cast<std::size_t>(b)) ? a : b;
}

std::string_view symbol_of(int exit_code) {
  return exit_code == kAllValid ? "✓" : exit_code == kInvalid ? "✗" : exit_code == kUndetermined ? "?" : "–";
}

std::string_view symbol_of(verify::DetailLine::State state) {
  using State = verify::DetailLine::State;
  switch (state) {
    case State::good:
      return "✓";
    case State::warning:
      return "!";
    case State::bad:
      return "✗";
    case State::unknown:
      return "?";
    case State::plain:
      break;
  }
  return " ";
}

Result<> write_whole(const std::string& path, ByteView bytes) {
  OutputFile out = KYSO_TRY(OutputFile::create(path));
  KYSO_TRY(out.write(bytes));
  return out.commit();
}

class VerifyRun {
 public:
  VerifyRun(const VerifyCommand& command, const VerificationContext& context, const std::optional<Secret>& password,
            const Console& console)
      : m_command(command),
        m_context(context),
        m_password(password),
        m_console(console),
        m_fetch(network_fetch()),
        m_progress(command.files.size(), console) {}

  int run() {
    if (m_command.files.size() == 1) return run_one(m_command.files.front());
    const unsigned cores = m_command.jobs != 0 ? m_command.jobs : std::max(1U, std::thread::hardware_concurrency());
    const auto jobs = std::min<std::size_t>(cores, m_command.files.size());
    m_progress.show(0);
    std::vector<std::jthread> workers;
    for (std::size_t i = 1; i < jobs; ++i) workers.emplace_back([this] { work(); });
    work();
    workers.clear();
    m_progress.clear();
    m_console.say("{} tệp: {} hợp lệ, {} không hợp lệ, {} chưa kết luận được, {} không đọc được.",
                  "{} files: {} valid, {} invalid, {} undetermined, {} not readable.", m_command.files.size(),
                  m_counts[kAllValid], m_counts[kInvalid], m_counts[kUndetermined], m_counts[kNotReadable]);
    return m_worst;
  }

 private:
  Result<verify::Verification> verify_file(const std::string& file, bool show_steps) const {
    verify::VerifyOptions options{.trust = m_context.trust, .policy = m_context.policy};
    options.time = m_context.time;
    options.evidence = m_context.evidence;
    options.fetch = m_context.is_online ? &m_fetch : nullptr;
    options.collector = m_context.collector;
    options.password = m_password ? &*m_password : nullptr;
    if (show_steps)
      options.collector.progress = [this](std::size_t done, std::size_t of, const std::string& what) {
        m_progress.say(m_console.text("Đang hỏi {}/{}: {}", "Asking {}/{}: {}", done, of, what));
      };
    auto result = m_command.is_detached(file) ? verify_detached_file(file, options)
                                              : verify_document(KYSO_TRY(pdf::Source::open(file)), options);
    if (show_steps) m_progress.clear();
    if (result) result->facts.name = std::filesystem::path(file).filename().string();
    return result;
  }

  Result<verify::Verification> verify_detached_file(const std::string& file,
                                                    const verify::VerifyOptions& options) const {
    const Bytes signature = KYSO_TRY(read_file(file));
    return verify_detached(signature, KYSO_TRY(pdf::Source::open(m_command.content_of(file))), options);
  }

  int run_one(const std::string& file) {
    const auto result = verify_file(file, true);
    if (!result) return m_console.report(result.error(), kNotReadable);
    if (const auto written = write_reports(file, *result); !written) return m_console.report(written.error());
    if (m_console.json)
      m_console.print(
          json::serialize(to_json(result->facts, result->verdict, m_console.language), json::Style::indented) + "\n");
    else
      show(file, *result);
    return exit_code_of(result->verdict);
  }

  void work() {
    for (std::size_t i = m_next++; i < m_command.files.size(); i = m_next++) {
      const auto result = verify_file(m_command.files[i], false);
      const int code = result ? exit_code_of(result->verdict) : int{kNotReadable};
      std::string row = result ? row_of(m_command.files[i], *result) : row_of(m_command.files[i], result.error());
      const std::lock_guard lock(m_mutex);
      m_progress.clear();
      show_in_order(i, std::move(row));
      m_worst = worst(m_worst, code);
      ++m_counts.at(static_cast<std::size_t>(code));
      m_progress.show(++m_done);
    }
  }

  // One line of the table, or one JSON value.
  std::string row_of(const std::string& file, const verify::Verification& result) const {
    if (m_console.json) {
      json::Value object = to_json(result.facts, result.verdict, m_console.language);
      return json::serialize(object.set("path", file));
    }
    const auto summary = summarise(result.facts, result.verdict, m_console.language);
    return fmt::format("{} {} — {}", symbol_of(exit_code_of(result.verdict)), shown(file), summary.what);
  }

  std::string row_of(const std::string& file, const Error& error) const {
    if (m_console.json) {
      json::Value object = json::Value::object();
      object.set("path", file).set("error", m_console.to_json(error).set("exit_code", int{kNotReadable}));
      return json::serialize(object);
    }
    const ErrorText text = describe(error, m_console.language);
    return fmt::format("{} {} — {} → {} [{}]", symbol_of(kNotReadable), shown(file), shown(text.message),
                       shown(text.next_step), error.code);
  }

  // Rows stand in the order of the files, whichever is judged first.
  void show_in_order(std::size_t index, std::string row) {
    m_waiting.emplace(index, std::move(row));
    for (auto next = m_waiting.find(m_shown); next != m_waiting.end(); next = m_waiting.find(++m_shown)) {
      if (m_console.json || !m_console.quiet) m_console.print(next->second + "\n");
      m_waiting.erase(next);
    }
  }

  void show(const std::string& file, const verify::Verification& result) const {
    const Language language = m_console.language;
    const verify::Verdict& verdict = result.verdict;
    const auto whole = summarise(result.facts, verdict, language);
    m_console.say("{} {}", "{} {}", symbol_of(exit_code_of(verdict)), shown(file));
    m_console.say("  {}", "  {}", whole.what);
    if (!whole.next_step.empty()) m_console.say("  → {}", "  → {}", whole.next_step);
    for (const auto& signature : verdict.signatures) {
      const auto& facts = result.facts.signatures[signature.signature];
      const auto summary = summarise(result.facts, signature, language);
      m_console.say("", "");
      m_console.say("[{}] {}", "[{}] {}", facts.field.empty() ? "CAdES" : shown(facts.field), summary.what);
      if (!summary.next_step.empty()) m_console.say("  → {}", "  → {}", summary.next_step);
      for (const auto& line : details(result.facts, signature, verdict, language))
        m_console.say("  {} {} {}", "  {} {} {}", symbol_of(line.state), pad_right(line.label + ":", 28), line.value);
      if (m_command.details) show_findings(signature.findings);
    }
    if (m_command.details) {
      show_findings(verdict.findings);
      m_console.say("\nTheo Thông tư 15/2025/TT-BKHCN:", "\nBy Circular 15/2025/TT-BKHCN:");
      for (const auto& line : circular_checklist(result.facts, verdict, language))
        m_console.say("  {} {} {}", "  {} {} {}", symbol_of(line.state), line.label + ":", line.value);
    }
  }

  void show_findings(const std::vector<Finding>& findings) const {
    for (const Finding& finding : findings) {
      const auto explanation = verify::explain(finding, m_console.language);
      const std::string place = finding.offset ? fmt::format(" (byte {})", *finding.offset) : std::string();
      m_console.say("    - {} [{}]{}", "    - {} [{}]{}", explanation.what, finding.code, place);
    }
  }

  Result<> write_reports(const std::string& file, const verify::Verification& result) const {
    if (!m_command.wants_report()) return {};
    if (!m_command.etsi.empty())
      KYSO_TRY(write_whole(m_command.etsi, as_bytes(to_etsi_xml(result.facts, result.verdict))));
    if (!m_command.save_evidence.empty()) {
      const verify::SavedJudgement saved{result.facts, result.evidence, m_context.trust, m_context.policy,
                                         result.verdict.time};
      KYSO_TRY(write_whole(m_command.save_evidence, as_bytes(saved.to_json())));
    }
    if (m_command.html.empty() && m_command.pdf.empty()) return {};
    verify::ReportInput input{result.facts, result.verdict, m_console.language, {}};
    if (result.facts.format == verify::DocumentFacts::Format::pdf && !m_password)
      if (const auto document = open_document(file, std::nullopt, true))
        input.pictures = picture_pages(file, *document, result.facts);
    if (!m_command.html.empty()) KYSO_TRY(write_whole(m_command.html, as_bytes(to_html(input))));
    if (!m_command.pdf.empty()) KYSO_TRY(write_whole(m_command.pdf, KYSO_TRY(to_pdf(input))));
    return {};
  }

  const VerifyCommand& m_command;
  const VerificationContext& m_context;
  const std::optional<Secret>& m_password;
  const Console& m_console;
  const verify::Fetch m_fetch;
  Progress m_progress;
  std::atomic<std::size_t> m_next = 0;
  std::mutex m_mutex;
  std::array<std::size_t, 4> m_counts{};
  std::size_t m_done = 0, m_shown = 0;
  std::map<std::size_t, std::string> m_waiting;  // rows of later files than the next one to be shown
  int m_worst = kAllValid;
};

// No report may take the place of anything that is read, or of another report.
Result<> refuse_overwriting(const VerifyCommand& command) {
  const std::string& file = command.files.front();
  std::vector<std::filesystem::path> taken{file};
  if (command.is_detached(file)) taken.push_back(command.content_of(file));
  for (const std::string& given : command.verification.trust) taken.emplace_back(given);
  std::error_code failed;
  if (std::filesystem::exists(command.verification.policy, failed)) taken.emplace_back(command.verification.policy);
  const std::size_t inputs = taken.size();
  for (const std::string* output : {&command.html, &command.pdf, &command.etsi, &command.save_evidence}) {
    if (output->empty()) continue;
    for (std::size_t i = 0; i < taken.size(); ++i)
      if (const auto different = refuse_same_file(taken[i], *output); !different)
        return i < inputs ? different : fail("kyso.output.twice").with("path", *output);
    taken.emplace_back(*output);
  }
  return {};
}

Result<> check_request(const VerifyCommand& command) {
  if (command.files.size() > 1 && command.wants_report()) return fail("kyso.verify.one_report");
  return refuse_overwriting(command);
}

// Whatever is wrong with the request itself (policy, trust, time, password) is usage: no document was looked at.
int verify_files(const VerifyCommand& command, const Console& console) {
  if (const auto checked = check_request(command); !checked) return console.report(checked.error(), kUsage);
  const auto context = open_verification(command.verification);
  if (!context) return console.report(context.error(), kUsage);
  const auto password = document_password(command.password, console);
  if (!password) return console.report(password.error(), kUsage);
  return VerifyRun(command, *context, *password, console).run();
}

void add_report_options(CLI::App& command, VerifyCommand& wanted, const Console& console) {
  const char* group = console.pick("Báo cáo", "Reports");
  const auto add = [&](const char* name, std::string& value, const char* vietnamese, const char* english) {
    command.add_option(name, value, console.pick(vietnamese, english))->type_name("FILE")->group(group);
  };
  add("--html", wanted.html, "Báo cáo HTML có ảnh trang", "HTML report with pictures of pages");
  add("--pdf", wanted.pdf, "Báo cáo PDF có ảnh trang", "PDF report with pictures of pages");
  add("--etsi", wanted.etsi, "Báo cáo XML theo ETSI TS 119 102-2", "XML report after ETSI TS 119 102-2");
  add("--save-evidence", wanted.save_evidence, "Lưu dữ kiện và bằng chứng để kết luận lại sau này (kyso judge)",
      "Keep facts and evidence for judging again later (kyso judge)");
  command.add_flag("--details", wanted.details, console.pick("Nêu mọi điều đã thấy", "Tell everything that was found"))
      ->group(group);
}

}  // namespace

void add_verify_command(CLI::App& app, const Console& console, Run& run) {
  CLI::App* command =
      app.add_subcommand("verify", console.pick("Xác thực chữ ký: văn bản có đáng tin không, vì sao",
                                                "Say whether a signed document can be trusted, and why"));
  auto wanted = std::make_shared<VerifyCommand>();
  command
      ->add_option("FILE", wanted->files, console.pick("Văn bản PDF, hoặc chữ ký rời .p7s", "PDF documents, or .p7s"))
      ->required()
      ->type_name("");
  command->add_option("--content", wanted->content, console.pick("Tệp mà chữ ký rời .p7s ký", "What a .p7s signs"))
      ->type_name("FILE");
  command->add_option("--password", wanted->password, console.pick("Mật khẩu văn bản", "Document password"))
      ->type_name("SOURCE");
  command->add_option("--jobs", wanted->jobs, console.pick("Số tệp làm cùng lúc", "Files at once"))
      ->type_name("N")
      ->check(CLI::Range(1U, 256U));
  add_report_options(*command, *wanted, console);
  add_verification_options(*command, wanted->verification, Network::on_request, console);
  command->callback([wanted, &console, &run] { run = [wanted, &console] { return verify_files(*wanted, console); }; });
}

}  // namespace kyso::app
