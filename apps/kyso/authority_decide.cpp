#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/file_descriptor.h"
#include "base/text.h"
#include "jose/jws.h"
#include "kyso/authority_commands.h"
#include "kyso/authority_text.h"

namespace kyso::app {
namespace {

using vault::Decision;

constexpr int kBatchFailed = 90;
constexpr std::size_t kMaxAnswer = 64;

struct DecisionOptions {
  AuthorityOptions authority;
  std::vector<std::string> ids;
  std::string comment;
  bool is_agreed = false;  // --yes
};

// A request as its requester signed it, and where it stands under the present policy.
struct Pending {
  vault::SignedRequest statements;
  vault::Standing standing;
};

Result<Pending> fetch(AuthorityClient& client, const std::string& id, const vault::Policy& policy) {
  const json::Value view = KYSO_TRY(client.get("requests/" + url_encoded(id)));
  Pending pending;
  pending.statements.request = text_of(view, "request");
  for (const json::Value& approval : items_of(view, "approvals"))
    pending.statements.approvals.push_back(approval.as_string() ? std::string(*approval.as_string())
                                                                : text_of(approval, "jws"));
  // What the server says about a request is not looked at: the statements speak for themselves.
  pending.standing = KYSO_TRY(vault::examine(policy, pending.statements, system_clock().now()));
  if (pending.standing.request.id != id) return fail("kyso.authority.answer").with("status", 200);
  return pending;
}

// What the vault would refuse whatever the approval says: told before anybody is asked for consent.
Result<> check_approver(const Pending& pending, const vault::Policy& policy, const crypto::Certificate& certificate) {
  const Bytes sha256 = certificate.sha256();
  const vault::Officer* officer = policy.officer_of(sha256);
  if (officer == nullptr) return fail("vault.statement.signer").with("sha256", to_hex(sha256));
  const std::string& person = officer->person;
  if (person == pending.standing.requester) return fail("vault.statement.own").with("person", person);
  const auto& approvers = pending.standing.approvers;
  if (std::ranges::find(approvers, person) != approvers.end())
    return fail("vault.statement.twice").with("person", person);
  return check_keys(pending.standing.request);
}

std::string shown_to_sign(const Pending& pending, const vault::Policy& policy, const Console& console) {
  return request_text(pending.standing.request, &policy, console) + standing_text(pending.standing, policy, console);
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// On the terminal itself: a pipe consents to nothing.
Result<> ask_consent(std::string_view text, Decision decision, std::size_t count, const Console& console) {
  const FileDescriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal) return fail("kyso.consent.no_terminal");
  const std::string question =
      decision == Decision::approve
          ? console.text("Gõ CO để ký DUYỆT {} yêu cầu trên đây, phím khác để dừng: ",
                         "Type YES to sign the APPROVAL of these {} requests, anything else to stop: ", count)
          : console.text("Gõ CO để ký TỪ CHỐI {} yêu cầu trên đây, phím khác để dừng: ",
                         "Type YES to sign the REJECTION of these {} requests, anything else to stop: ", count);
  if (!write_all(terminal.get(), text) || !write_all(terminal.get(), question)) return fail("kyso.consent.no_terminal");
  std::string answer;
  char c = 0;
  while (answer.size() < kMaxAnswer && ::read(terminal.get(), &c, 1) == 1 && c != '\n') answer += c;
  const std::string word = fold_accents(answer);
  if (word == "co" || word == "yes") return {};
  return fail("kyso.consent.refused");
}

vault::Approval decision_on(const Pending& pending, Decision decision, const std::string& comment) {
  const vault::Request& request = pending.standing.request;
  const Instant now = system_clock().now();
  return {.request_sha256 = pending.standing.request_sha256,
          .request_id = request.id,
          .act = request.act,
          .decision = decision,
          .created = now,
          .expires = std::max(request.expires, now + std::chrono::hours(1)),
          .comment = to_nfc(comment)};
}

Result<json::Value> sign_and_send(AuthorityClient& client, Pending& pending, Decision decision,
                                  const std::string& comment, const vault::Policy& policy, const Console& console) {
  const vault::Request& request = pending.standing.request;
  const std::string payload = vault::serialize(decision_on(pending, decision, comment));
  KYSO_TRY(vault::parse_approval(payload));
  const std::string jws = KYSO_TRY(jose::sign_jws(vault::kApprovalType, payload, *KYSO_TRY(client.holder()),
                                                  act_text(request.act, console) + "\n" + request.purpose));
  // Refused here already, in words, what the vault would refuse: one's own request, a second approval, no role.
  pending.statements.approvals.push_back(jws);
  const auto verdict = vault::examine(policy, pending.statements, system_clock().now());
  const bool is_rejection =
      decision == Decision::reject && !verdict && verdict.error().code == "vault.statement.rejected";
  if (!verdict && !is_rejection) return verdict.error();
  return client.post_statement("requests/" + url_encoded(request.id) + "/approvals", jws);
}

void say_done(const json::Value& answer, const std::string& id, Decision decision, const Console& console) {
  const std::string state = shown(state_text(text_of(answer, "state"), console));
  const json::Value* standing = answer.find("standing");
  const std::string missing = standing == nullptr ? "" : shown(missing_of(*standing));
  if (decision == Decision::reject) {
    console.say("Đã từ chối yêu cầu {}.", "The request {} was rejected.", id);
  } else if (!missing.empty()) {
    console.say("Đã duyệt yêu cầu {} ({}); còn thiếu: {}", "The request {} was approved ({}); missing: {}", id, state,
                missing);
  } else {
    console.say("Đã duyệt yêu cầu {} ({}); đã đủ phê duyệt.", "The request {} was approved ({}); it is complete.", id,
                state);
  }
}

class Deciding {
 public:
  Deciding(const DecisionOptions& options, Decision decision, const Console& console)
      : m_options(options), m_decision(decision), m_console(console), m_client(options.authority, console) {}

  // What can't be decided on is told first and left out; consent is for all the rest at once.
  Result<int> run() {
    const vault::Policy policy = KYSO_TRY(m_client.policy());
    std::vector<Pending> pending;
    std::string text;
    for (const std::string& id : m_options.ids) {
      auto one = fetch(m_client, id, policy);
      const auto fits = one ? check(*one, policy) : Result<>(one.error());
      if (!fits) {
        take_error(id, fits.error());
        continue;
      }
      text += shown_to_sign(*one, policy, m_console) + "\n";
      pending.push_back(*std::move(one));
    }
    if (!pending.empty()) KYSO_TRY(consent(text, pending.size()));
    for (Pending& one : pending) take_result(one, policy);
    if (m_console.json) m_console.print(json::serialize(m_results, json::Style::indented) + "\n");
    return m_options.ids.size() > 1 && m_failed > 0 ? kBatchFailed : m_last_code;
  }

 private:
  // Rejecting needs less: it is also how a requester withdraws, and a key that can't be certified is a reason for it.
  Result<> check(const Pending& one, const vault::Policy& policy) {
    if (m_decision == Decision::reject) return {};
    return check_approver(one, policy, KYSO_TRY(m_client.holder())->certificate());
  }
  Result<> consent(const std::string& text, std::size_t count) {
    if (!m_options.is_agreed) return ask_consent(text, m_decision, count, m_console);
    if (!m_console.json && !m_console.quiet) m_console.print(text);
    return {};
  }
  void take_result(Pending& one, const vault::Policy& policy) {
    const std::string id = one.standing.request.id;
    const auto answer = sign_and_send(m_client, one, m_decision, m_options.comment, policy, m_console);
    if (!answer) return take_error(id, answer.error());
    say_done(*answer, id, m_decision, m_console);
    json::Value entry = json::Value::object();
    entry.set("id", id).set("state", text_of(*answer, "state"));
    if (const json::Value* standing = answer->find("standing")) entry.set("standing", *standing);
    m_results.push_back(std::move(entry));
  }
  void take_error(const std::string& id, const Error& error) {
    ++m_failed;
    m_last_code = authority_exit_code(error);
    json::Value entry = json::Value::object();
    entry.set("id", id).set("error", m_console.to_json(error));
    m_results.push_back(std::move(entry));
    if (m_console.json) return;
    if (m_options.ids.size() > 1) m_console.note("{}:", "{}:", shown(id));
    m_console.report(error);
  }

  const DecisionOptions& m_options;
  Decision m_decision;
  const Console& m_console;
  AuthorityClient m_client;
  json::Value m_results = json::Value::array();
  std::size_t m_failed = 0;
  int m_last_code = 0;
};

int decide(const DecisionOptions& options, Decision decision, const Console& console) {
  const auto code = Deciding(options, decision, console).run();
  return code ? *code : report_authority(code.error(), console);
}

void add_decision(CLI::App& parent, Decision decision, const char* name, const char* help, const Console& console,
                  Run& run) {
  CLI::App* command = parent.add_subcommand(name, help);
  const auto options = std::make_shared<DecisionOptions>();
  command->add_option("ID", options->ids, console.pick("Mã yêu cầu", "Requests"))->required()->type_name("");
  auto* comment = command->add_option(
      "--comment", options->comment,
      decision == Decision::approve ? console.pick("Ý kiến", "Comment") : console.pick("Lý do từ chối", "Why"));
  comment->type_name("TEXT");
  if (decision == Decision::reject) comment->required();
  command->add_flag("--yes", options->is_agreed,
                    console.pick("Đồng ý ký, không hỏi lại; nội dung vẫn được in ra",
                                 "Consent without being asked; what is signed is printed all the same"));
  add_authority_options(*command, options->authority, console);
  command->callback([options, decision, &console, &run] {
    run = [options, decision, &console] { return decide(*options, decision, console); };
  });
}

}  // namespace

void add_authority_decisions(CLI::App& parent, const Console& console, Run& run) {
  add_decision(parent, Decision::approve, "approve",
               console.pick("Xem và ký duyệt yêu cầu", "Look at requests and sign their approval"), console, run);
  add_decision(parent, Decision::reject, "reject",
               console.pick("Xem và ký từ chối yêu cầu", "Look at requests and sign their rejection"), console, run);
}

}  // namespace kyso::app
