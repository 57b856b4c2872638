#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "kyso/commands.h"
#include "kyso/trust_stores.h"

namespace kyso::app {
namespace {

json::Value to_json(const pki::TrustAnchor& anchor) {
  const auto& certificate = anchor.certificate.certificate();
  json::Value object = json::Value::object();
  object.set("name", anchor.name)
      .set("role", "anchor")
      .set("group", anchor.group)
      .set("subject", certificate.subject_text());
  object.set("sha256", to_hex(anchor.certificate.sha256())).set("not_after", iso8601_vietnam(certificate.not_after()));
  object.set("reason", anchor.reason);
  object.set("revocation", anchor.revocation == pki::RevocationDuty::required ? "required" : "if-published");
  if (anchor.added) object.set("added", iso8601_vietnam(*anchor.added));
  if (anchor.trusted_from) object.set("trusted_from", iso8601_vietnam(*anchor.trusted_from));
  if (anchor.trusted_until) object.set("trusted_until", iso8601_vietnam(*anchor.trusted_until));
  return object;
}

// The intermediates that the user added: those that are shipped vouch for nothing, and nobody looks for them here.
Result<> list_own_intermediates(const pki::TrustStore& store, json::Value& list, const Console& console) {
  for (const OwnAuthority& entry : KYSO_TRY(load_own())) {
    if (entry.role != "intermediate") continue;
    for (const auto& parsed : store.intermediates()) {
      const auto& certificate = parsed.certificate();
      const std::string fingerprint = to_hex(parsed.sha256());
      if (own_file_of(fingerprint) != entry.file) continue;
      const std::string name = entry.name.empty() ? certificate.common_name() : entry.name;
      json::Value object = json::Value::object();
      object.set("name", name).set("role", "intermediate").set("group", "user");
      object.set("subject", certificate.subject_text()).set("sha256", fingerprint);
      object.set("not_after", iso8601_vietnam(certificate.not_after())).set("reason", entry.reason);
      list.push_back(object.set("added", entry.added));
      console.say("{}  {} (chỉ để nối đường dẫn)\n    SHA-256 {}\n    đến {}; {}",
                  "{}  {} (for building paths only)\n    SHA-256 {}\n    until {}; {}", pad_right("[user]", 14),
                  shown(name), fingerprint, display_vietnam(certificate.not_after()), entry.reason);
    }
  }
  return {};
}

Result<> list_anchors(const Console& console) {
  const auto store = KYSO_TRY(load_trust_stores());
  json::Value list = json::Value::array();
  for (const auto& anchor : store.anchors()) {
    list.push_back(to_json(anchor));
    const auto& certificate = anchor.certificate.certificate();
    console.say("{}  {}\n    SHA-256 {}\n    đến {}; {}", "{}  {}\n    SHA-256 {}\n    until {}; {}",
                pad_right("[" + anchor.group + "]", 14), anchor.name, to_hex(anchor.certificate.sha256()),
                display_vietnam(certificate.not_after()), anchor.reason);
  }
  KYSO_TRY(list_own_intermediates(store, list, console));
  for (const RemovedAuthority& entry : KYSO_TRY(load_removed()))
    console.say("{}  {} — {} ({})", "{}  {} — {} ({})", pad_right(console.pick("[đã bỏ]", "[removed]"), 14), entry.name,
                entry.reason, entry.removed);
  if (console.json) console.print(json::serialize(list, json::Style::indented) + "\n");
  return {};
}

struct NewAnchor {
  std::string file, name, reason, from, until, revocation = "if-published";
  bool is_intermediate = false;
};

Result<std::string> day_or_time(const std::string& text) {
  return text.empty() ? Result<std::string>(std::string()) : iso8601_vietnam(KYSO_TRY(parse_time(text)));
}

Result<> add_anchor(const NewAnchor& wanted, const Console& console) {
  const Bytes bytes = KYSO_TRY(read_file(wanted.file));
  pki::TrustStore given;
  KYSO_TRY(given.load_file(wanted.file, {.reason = wanted.reason}));
  // Each authority is a decision of its own.
  if (given.anchors().size() > 1) return fail("kyso.trust.several").with("count", given.anchors().size());
  const auto& certificate = given.anchors().front().certificate;
  const std::string fingerprint = to_hex(certificate.sha256());

  OwnAuthority entry;
  entry.file = own_file_of(fingerprint);
  entry.role = wanted.is_intermediate ? "intermediate" : "anchor";
  entry.name = wanted.name;
  entry.reason = wanted.reason;
  entry.added = iso8601_vietnam(system_clock().now());
  entry.trusted_from = KYSO_TRY(day_or_time(wanted.from));
  entry.trusted_until = KYSO_TRY(day_or_time(wanted.until));
  entry.revocation = wanted.revocation == "required" ? "required" : "if-published";

  const TrustFolderLock lock = KYSO_TRY(TrustFolderLock::take());
  auto entries = KYSO_TRY(load_own());
  std::erase_if(entries, [&](const OwnAuthority& other) { return other.file == entry.file; });
  entries.push_back(entry);
  // The certificate first: a list that names a missing file would be worse than a file that nobody names.
  KYSO_TRY(save_certificate(entry.file, certificate.certificate().der()));
  KYSO_TRY(save_own(entries));
  auto removed = KYSO_TRY(load_removed());
  if (std::erase_if(removed, [&](const RemovedAuthority& other) { return other.sha256 == fingerprint; }) != 0)
    KYSO_TRY(save_removed(removed));  // trusted again
  console.say("Đã tin cậy: {}\n  SHA-256 {}\n  Hãy so dấu vân tay này với dấu vân tay mà cơ quan chứng thực công bố.",
              "Trusted: {}\n  SHA-256 {}\n  Compare this fingerprint with the one that the authority announces.",
              certificate.certificate().subject_text(), fingerprint);
  if (console.json) {
    json::Value object = json::Value::object();
    console.print(json::serialize(object.set("sha256", fingerprint)) + "\n");
  }
  return {};
}

struct Authority {
  std::string name;
  pki::ParsedCertificate certificate;
};

// By fingerprint or its beginning (at least 8 digits), or by name; anchors and intermediates.
Result<Authority> find_authority(const pki::TrustStore& store, const std::string& wanted) {
  std::vector<Authority> authorities;
  for (const auto& anchor : store.anchors()) authorities.push_back({anchor.name, anchor.certificate});
  for (const auto& parsed : store.intermediates()) {
    Authority authority{parsed.certificate().common_name(), parsed};
    for (const OwnAuthority& entry : KYSO_TRY(load_own()))
      if (entry.file == own_file_of(to_hex(parsed.sha256())) && !entry.name.empty()) authority.name = entry.name;
    authorities.push_back(std::move(authority));
  }
  const std::string folded = fold_case(wanted);
  std::optional<Authority> found;
  for (Authority& authority : authorities) {
    const auto& certificate = authority.certificate;
    const bool by_print = folded.size() >= 8 && fold_case(to_hex(certificate.sha256())).starts_with(folded);
    const bool by_name =
        fold_case(authority.name) == folded || fold_case(certificate.certificate().common_name()) == folded;
    if (!by_print && !by_name) continue;
    if (found) return fail("kyso.trust.ambiguous").with("name", wanted);
    found = std::move(authority);
  }
  if (!found) return fail("kyso.trust.not_found").with("name", wanted);
  return *std::move(found);
}

Result<> remove_anchor(const std::string& wanted, const std::string& reason, const Console& console) {
  const TrustFolderLock lock = KYSO_TRY(TrustFolderLock::take());
  const auto anchor = KYSO_TRY(find_authority(KYSO_TRY(load_trust_stores()), wanted));
  const std::string fingerprint = to_hex(anchor.certificate.sha256());
  // First of all: what stands here is not trusted, whatever becomes of the rest.
  auto removed = KYSO_TRY(load_removed());
  removed.push_back({fingerprint, anchor.name, reason, iso8601_vietnam(system_clock().now())});
  KYSO_TRY(save_removed(removed));
  auto entries = KYSO_TRY(load_own());
  const std::string file = own_file_of(fingerprint);
  if (std::erase_if(entries, [&](const OwnAuthority& entry) { return entry.file == file; }) != 0) {
    KYSO_TRY(save_own(entries));
    std::error_code ignored;  // it is not trusted if it stays
    std::filesystem::remove(user_trust_folder() / file, ignored);
  }
  console.say("Không còn tin cậy: {}", "No longer trusted: {}", anchor.name);
  if (console.json) {
    json::Value object = json::Value::object();
    console.print(json::serialize(object.set("sha256", fingerprint)) + "\n");
  }
  return {};
}

int finish(const Result<>& result, const Console& console) {
  return result ? 0 : console.report(result.error());
}

void add_add_command(CLI::App& parent, const Console& console, Run& run) {
  CLI::App* command = parent.add_subcommand("add", console.pick("Thêm một CA tin cậy", "Trust an authority"));
  auto wanted = std::make_shared<NewAnchor>();
  command->add_option("FILE", wanted->file, console.pick("Chứng thư (PEM hoặc DER)", "Certificate (PEM or DER)"))
      ->required()
      ->type_name("");
  command->add_option("--reason", wanted->reason, console.pick("Vì sao tin cậy", "Why it is trusted"))
      ->required()
      ->type_name("TEXT");
  command->add_option("--name", wanted->name, console.pick("Tên gọi", "Name for people"))->type_name("TEXT");
  command->add_option("--from", wanted->from, console.pick("Chỉ tin chữ ký từ lúc này", "Only signatures from then on"))
      ->type_name("TIME");
  command
      ->add_option("--until", wanted->until, console.pick("Chỉ tin chữ ký đến lúc này", "Only signatures until then"))
      ->type_name("TIME");
  command
      ->add_option(
          "--revocation", wanted->revocation,
          console.pick("Kiểm tra thu hồi: required (luôn luôn) hoặc if-published (khi CA có công bố; mặc định)",
                       "Status: required, or if-published (when the authority publishes it; default)"))
      ->check(CLI::IsMember({"required", "if-published"}))
      ->type_name("DUTY");
  command->add_flag(
      "--intermediate", wanted->is_intermediate,
      console.pick("Chỉ dùng để nối đường dẫn, không phải gốc tin cậy", "For building paths, not an anchor"));
  command->callback(
      [wanted, &console, &run] { run = [wanted, &console] { return finish(add_anchor(*wanted, console), console); }; });
}

void add_remove_command(CLI::App& parent, const Console& console, Run& run) {
  CLI::App* command =
      parent.add_subcommand("remove", console.pick("Thôi tin cậy một CA", "Stop trusting an authority"));
  auto wanted = std::make_shared<std::string>();
  auto reason = std::make_shared<std::string>();
  command
      ->add_option("NAME", *wanted,
                   console.pick("Tên, hoặc đầu dấu vân tay SHA-256", "Name, or the beginning of its SHA-256"))
      ->required()
      ->type_name("");
  command->add_option("--reason", *reason, console.pick("Vì sao", "Why"))->required()->type_name("TEXT");
  command->callback([wanted, reason, &console, &run] {
    run = [wanted, reason, &console] { return finish(remove_anchor(*wanted, *reason, console), console); };
  });
}

}  // namespace

void add_trust_command(CLI::App& app, const Console& console, Run& run) {
  CLI::App* command = app.add_subcommand(
      "trust", console.pick("Xem, thêm, bỏ các CA tin cậy", "Show, add and remove trusted authorities"));
  command->require_subcommand(1);
  CLI::App* list = command->add_subcommand("list", console.pick("Các CA đang tin cậy", "Trusted authorities"));
  list->callback([&console, &run] { run = [&console] { return finish(list_anchors(console), console); }; });
  add_add_command(*command, console, run);
  add_remove_command(*command, console, run);
}

}  // namespace kyso::app
