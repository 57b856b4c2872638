#include <CLI/CLI.hpp>

#include "kyso/authority_commands.h"
#include "kyso/authority_policy_files.h"
#include "kyso/authority_text.h"

namespace kyso::app {
namespace {

struct PolicyOptions {
  AuthorityOptions authority;
  std::string folder, other;
};

json::Value summary_of(const vault::Policy& policy) {
  json::Value profiles = json::Value::array(), officers = json::Value::array();
  for (const auto& [name, profile] : policy.profiles()) profiles.push_back(name);
  for (const vault::Officer& officer : policy.officers()) officers.push_back(officer.person);
  json::Value out = json::Value::object();
  out.set("version", policy.version()).set("sha256", to_hex(policy.sha256()));
  return out.set("officers", std::move(officers)).set("profiles", std::move(profiles));
}

void say_officers(const vault::Policy& policy, const Console& console) {
  Table table({console.pick("Cán bộ", "Officer"), console.pick("Vai trò", "Roles"),
               console.pick("Chứng thư có hạn đến", "Certificates until"), console.pick("Khóa truy cập", "Passkeys")});
  for (const vault::Officer& officer : policy.officers()) {
    std::string roles, ends;
    for (const std::string& role : officer.roles) roles += (roles.empty() ? "" : ", ") + role;
    for (const auto& each : officer.certificates)
      ends += (ends.empty() ? "" : ", ") + display_vietnam(each.not_after()).substr(0, 10);
    std::string passkeys;
    for (const vault::Passkey& passkey : officer.passkeys) passkeys += (passkeys.empty() ? "" : ", ") + passkey.label;
    table.add({officer.person, roles, ends.empty() ? "–" : ends, passkeys.empty() ? "–" : passkeys});
  }
  console.print(table.text());
}

void say_policy(const vault::Policy& policy, const Console& console) {
  if (console.json) return console.print(json::serialize(summary_of(policy), json::Style::indented) + "\n");
  if (console.quiet) return;
  console.say("SHA-256 {}\n{} cán bộ, {} quy tắc, {} mẫu chứng thư", "SHA-256 {}\n{} officers, {} rules, {} profiles",
              to_hex(policy.sha256()), policy.officers().size(), policy.rules().size(), policy.profiles().size());
  say_officers(policy, console);
}

Result<> get(const PolicyOptions& options, const Console& console) {
  AuthorityClient client(options.authority, console);
  const vault::Policy policy = KYSO_TRY(client.policy());
  if (!options.folder.empty()) KYSO_TRY(write_policy_folder(options.folder, policy.files()));
  console.say("Quy chế bản số {}", "Policy, version {}", policy.version());
  say_policy(policy, console);
  if (!options.folder.empty()) console.say("Đã ghi các tệp vào {}.", "Its files are in {}.", shown(options.folder));
  return {};
}

Result<> check(const PolicyOptions& options, const Console& console) {
  const vault::Policy policy = KYSO_TRY(vault::Policy::parse(0, KYSO_TRY(read_policy_folder(options.folder))));
  console.say("Quy chế dùng được.", "The policy is good.");
  say_policy(policy, console);
  return {};
}

// From the present policy, or from another folder, to this one.
Result<> diff(const PolicyOptions& options, const Console& console) {
  AuthorityClient client(options.authority, console);
  const auto before =
      options.other.empty() ? KYSO_TRY(client.policy()).files() : KYSO_TRY(read_policy_folder(options.other));
  const auto after = KYSO_TRY(read_policy_folder(options.folder));
  const std::string changes = policy_changes(before, after, console);
  if (console.json) {
    json::Value out = json::Value::object();
    out.set("equal", changes.empty()).set("changes", changes);
    console.print(json::serialize(out, json::Style::indented) + "\n");
  } else if (changes.empty()) {
    console.say("Không có gì khác.", "Nothing is different.");
  } else if (!console.quiet) {
    console.print(changes);
  }
  return {};
}

using Options = std::shared_ptr<PolicyOptions>;
using Work = Result<> (*)(const PolicyOptions&, const Console&);

CLI::App* add_command(CLI::App& parent, const char* name, const char* help, const Options& options, Work work,
                      const Console& console, Run& run) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->callback([options, work, &console, &run] {
    run = [options, work, &console] { return finish_authority(work(*options, console), console); };
  });
  return command;
}

}  // namespace

void add_authority_policy(CLI::App& parent, const Console& console, Run& run) {
  CLI::App* policy = parent.add_subcommand(
      "policy", console.pick("Quy chế: cán bộ, phê duyệt, mẫu chứng thư", "The policy: officers, quorum, profiles"));
  policy->require_subcommand(1);

  auto options = std::make_shared<PolicyOptions>();
  CLI::App* command = add_command(*policy, "get", console.pick("Xem hoặc tải quy chế hiện hành", "The present policy"),
                                  options, get, console, run);
  command
      ->add_option("-o,--output", options->folder,
                   console.pick("Ghi các tệp vào thư mục mới này", "Write its files into this new folder"))
      ->type_name("FOLDER");
  add_authority_options(*command, options->authority, console);

  options = std::make_shared<PolicyOptions>();
  command = add_command(*policy, "check", console.pick("Kiểm tra một thư mục quy chế", "Check a folder's policy"),
                        options, check, console, run);
  command->add_option("FOLDER", options->folder, console.pick("Thư mục quy chế", "Folder"))->required()->type_name("");

  options = std::make_shared<PolicyOptions>();
  command = add_command(*policy, "diff",
                        console.pick("So sánh với quy chế hiện hành", "What a folder would change in the present one"),
                        options, diff, console, run);
  command->add_option("FOLDER", options->folder, console.pick("Thư mục quy chế mới", "The new policy"))
      ->required()
      ->type_name("");
  command
      ->add_option("--from", options->other,
                   console.pick("So với thư mục này thay vì với máy chủ", "Compare with this folder, not the server's"))
      ->type_name("FOLDER");
  add_authority_options(*command, options->authority, console);
  add_passkey_enrolment(*policy, console, run);
}

}  // namespace kyso::app
