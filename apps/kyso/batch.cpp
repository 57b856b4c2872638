#include "kyso/batch.h"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <iostream>
#include <set>
#include <sstream>
#include <thread>

#include "base/file.h"
#include "base/text.h"
#include "kyso/document_options.h"
#include "kyso/progress.h"

namespace kyso::app {
namespace {

using Request = SigningSession::FileRequest;

constexpr int kSomeFailed = 90;
constexpr int kNotReached = 2;  // as of `sign`
constexpr std::size_t kMaxListSize = 64U << 20U;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

Result<> apply_setting(Request& request, std::string_view setting, std::size_t line) {
  const std::size_t equals = setting.find('=');
  const std::string_view key = setting.substr(0, equals);
  if (equals == std::string_view::npos) return fail("kyso.batch.line").with("line", line).with("text", setting);
  const std::string value(setting.substr(equals + 1));
  if (key == "number")
    request.number = value;
  else if (key == "date")
    request.date = value;
  else if (key == "comment")
    request.comment = value;
  else if (key == "near")
    request.near = value;
  else if (key == "page" && !value.empty() && value.size() < 8 &&
           value.find_first_not_of("0123456789") == std::string::npos)
    request.page = std::stoul(value);
  else
    return fail("kyso.batch.line").with("line", line).with("text", setting);
  return {};
}

Result<Request> parse_line(std::string_view text, std::size_t line, const std::filesystem::path& folder) {
  const auto columns = split(text, '\t');
  Request request{.input = columns.front()};
  std::size_t next = 1;
  if (next < columns.size() && !columns[next].contains('=')) request.output = columns[next++];
  if (request.output.empty() && !folder.empty()) request.output = folder / request.input.filename();
  if (request.output.empty()) return fail("kyso.batch.line").with("line", line).with("text", text);
  for (; next < columns.size(); ++next) KYSO_TRY(apply_setting(request, columns[next], line));
  return request;
}

Result<std::string> read_list(const std::string& path) {
  if (path != "-")
    return KYSO_TRY(read_file(path, kMaxListSize).transform([](Bytes&& b) { return std::string(as_chars(b)); }));
  std::ostringstream text;
  text << std::cin.rdbuf();
  return text.str();
}

Result<std::vector<Request>> parse_list(const std::string& text, const std::filesystem::path& folder) {
  std::vector<Request> requests;
  std::set<std::filesystem::path> outputs;
  std::size_t number = 0;
  for (const std::string& line : split(text, '\n')) {
    ++number;
    const std::string_view content = line.ends_with('\r') ? std::string_view(line).substr(0, line.size() - 1) : line;
    if (trim(content).empty() || content.starts_with('#')) continue;
    requests.push_back(KYSO_TRY(parse_line(content, number, folder)));
    // Two lines for one file would overwrite each other.
    if (!outputs.insert(requests.back().output.lexically_normal()).second)
      return fail("kyso.batch.output_twice").with("line", number).with("path", requests.back().output.string());
  }
  return requests;
}

// The journal: one JSON line for each file that is done, written with one write() so that a kill leaves whole lines.
class Results {
 public:
  static Result<std::unique_ptr<Results>> open(const std::string& path) {
    std::unique_ptr<Results> results(new Results);
    if (auto earlier = read_file(path, kMaxListSize)) results->load(as_chars(*earlier));
    results->m_descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (results->m_descriptor < 0) return fail("base.file.unwritable", "errno {}", errno).with("path", path);
    // A line cut off by a power failure must not join the next one.
    if (results->m_ends_within_line && ::write(results->m_descriptor, "\n", 1) != 1)
      return fail("base.file.unwritable", "errno {}", errno).with("path", path);
    return results;
  }
  Results(const Results&) = delete;
  Results& operator=(const Results&) = delete;
  ~Results() {
    if (m_descriptor >= 0) ::close(m_descriptor);
  }

  bool is_done(const Request& request) const {
    return m_done.contains({request.input.string(), request.output.string()}) &&
           std::filesystem::exists(request.output);
  }
  bool add(const json::Value& line) const {
    const std::string text = json::serialize(line) + "\n";
    return ::write(m_descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }

 private:
  Results() = default;
  void load(std::string_view text) {
    m_ends_within_line = !text.empty() && !text.ends_with('\n');
    for (const std::string& line : split(text, '\n')) {
      const auto value = json::parse(line);
      if (!value || value->find("error") != nullptr) continue;
      const auto input = json::require_string(*value, "input");
      const auto output = json::require_string(*value, "output");
      if (input && output) m_done.emplace(*input, *output);
    }
  }
  int m_descriptor = -1;
  bool m_ends_within_line = false;
  std::set<std::pair<std::string, std::string>> m_done;
};

// Errors after which every further file would fail too, or a PIN would be wasted.
bool stops_everything(const Error& error) {
  return error.code.starts_with("token.") || error.code.starts_with("crypto.pkcs12") ||
         error.code.starts_with("kyso.secret") || error.code.starts_with("kyso.holder") ||
         error.code.starts_with("sign.certificate") || error.code == "base.file.disk_full" ||
         error.code == "pki.tsp.unavailable";
}

class BatchRun {
 public:
  BatchRun(SigningSession& session, std::vector<Request> requests, const Results& results, const Console& console)
      : m_session(session),
        m_requests(std::move(requests)),
        m_results(results),
        m_console(console),
        m_progress(m_requests.size(), console) {}

  int run(unsigned jobs) {
    m_progress.show(0);
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < jobs; ++i) workers.emplace_back([this] { work(); });
    work();
    workers.clear();
    m_progress.clear();
    m_console.say("Xong {} tệp, lỗi {}, chưa làm {}.", "{} files done, {} failed, {} not tried.", m_done, m_failed,
                  m_requests.size() - m_done - m_failed);
    const int stopped = m_stop_code;
    if (stopped != 0) return stopped;
    if (m_failed > 0) return kSomeFailed;
    return m_less > 0 ? kNotReached : 0;
  }

 private:
  void work() {
    for (std::size_t i = m_next++; i < m_requests.size() && m_stop_code == 0; i = m_next++) {
      auto outcome = m_session.process(m_requests[i]);
      const std::lock_guard lock(m_mutex);
      m_progress.clear();
      if (outcome)
        succeed(m_requests[i], *outcome);
      else
        failed(m_requests[i], outcome.error());
      m_progress.show(m_done + m_failed);
    }
  }

  void succeed(const Request& request, const Outcome& outcome) {
    ++m_done;
    json::Value line = to_json(outcome, m_console.language);
    line.set("input", request.input.string());
    record(line);
    if (is_as_asked(outcome)) {
      m_console.say("✓ {} → {}", "✓ {} → {}", request.input.string(), request.output.string());
    } else {
      ++m_less;
      m_console.say("△ {} → {} (mới đạt {}, cần chạy kyso extend)", "△ {} → {} (only {} so far: run kyso extend)",
                    request.input.string(), request.output.string(), outcome.profile);
    }
  }

  void failed(const Request& request, const Error& error) {
    ++m_failed;
    json::Value line = json::Value::object();
    line.set("input", request.input.string())
        .set("output", request.output.string())
        .set("error", m_console.to_json(error));
    record(line);
    const ErrorText text = describe(error, m_console.language);
    m_console.say("✗ {}: {} → {} [{}]", "✗ {}: {} → {} [{}]", request.input.string(), text.message, text.next_step,
                  error.code);
    if (stops_everything(error)) m_stop_code = text.exit_code;
  }

  void record(const json::Value& line) {
    if (m_console.json) m_console.print(json::serialize(line) + "\n");
    if (!m_results.add(line)) m_stop_code = describe(Error("base.file.disk_full"), m_console.language).exit_code;
  }

  SigningSession& m_session;
  std::vector<Request> m_requests;
  const Results& m_results;
  const Console& m_console;
  Progress m_progress;
  std::atomic<std::size_t> m_next = 0;
  std::mutex m_mutex;
  std::size_t m_done = 0, m_failed = 0, m_less = 0;
  std::atomic<int> m_stop_code = 0;
};

Result<int> run_batch(const SigningOptions& signing, const BatchOptions& batch, const Console& console) {
  auto requests = KYSO_TRY(parse_list(KYSO_TRY(read_list(batch.list)), batch.output_folder));
  const std::string journal = !batch.results.empty() ? batch.results
                              : batch.list == "-"    ? "kyso-batch.results.jsonl"
                                                     : batch.list + ".results.jsonl";
  // The journal is appended to: never to a list or a document.
  KYSO_TRY(refuse_same_file(batch.list, journal));
  for (const Request& request : requests) KYSO_TRY(refuse_same_file(request.input, journal));
  const auto results = KYSO_TRY(Results::open(journal));
  std::error_code created;  // a folder that cannot be made is said by every file that should go there
  if (!batch.output_folder.empty()) std::filesystem::create_directories(batch.output_folder, created);
  const std::size_t all = requests.size();
  std::erase_if(requests, [&](const Request& request) { return results->is_done(request); });
  if (requests.size() < all)
    console.note("Bỏ qua {} tệp đã làm xong ở lần trước (theo {}).", "Passing over {} files done before (see {}).",
                 all - requests.size(), journal);
  auto session = KYSO_TRY(SigningSession::open(signing, console));
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const auto jobs = static_cast<unsigned>(
      std::min<std::size_t>(batch.jobs == 0 ? cores : batch.jobs, std::max<std::size_t>(1, requests.size())));
  return BatchRun(*session, std::move(requests), *results, console).run(jobs);
}

}  // namespace

void add_batch_options(CLI::App& command, BatchOptions& options, const Console& console) {
  const char* group = console.pick("Ký hàng loạt", "Batch");
  command
      .add_option("--batch", options.list,
                  console.pick("Danh sách: mỗi dòng VÀO [TAB RA] [TAB number=…]; \"-\" là đầu vào chuẩn",
                               "List: lines IN [TAB OUT] [TAB number=…]; \"-\" is standard input"))
      ->type_name("LIST")
      ->group(group);
  command
      .add_option("--results", options.results,
                  console.pick("Tệp kết quả để chạy tiếp khi bị dừng (mặc định LIST.results.jsonl)",
                               "Results, for going on after a stop (default LIST.results.jsonl)"))
      ->type_name("FILE")
      ->group(group);
  command.add_option("--jobs", options.jobs, console.pick("Số tệp ký cùng lúc", "Files at once"))
      ->type_name("N")
      ->check(CLI::Range(1U, 256U))
      ->group(group);
}

int sign_batch(const SigningOptions& signing, const BatchOptions& batch, const Console& console) {
  auto code = run_batch(signing, batch, console);
  return code ? *code : console.report(code.error());
}

}  // namespace kyso::app
