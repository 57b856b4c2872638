#include <algorithm>
#include <set>

#include "base/text.h"
#include "registry/account/accounts.h"
#include "registry/dossier/dossiers.h"
#include "registry/notice/notices.h"
#include "registry/web/events.h"

namespace kyso::registry {
namespace {

constexpr std::size_t kMaxReason = 500;  // characters

// More than a screen of them helps nobody: the list of lines shows them all.
constexpr std::size_t kMaxLineFindings = 300;

bool is_of_letter(const DossierFinding& finding) {
  return finding.code.starts_with("registry.letter.") && finding.level == Level::block;
}

bool is_count(const DossierFinding& finding) {
  return finding.code == "registry.letter.count" || finding.code == "registry.letter.count_more" ||
         finding.code == "registry.dossier.count";
}

// What the portal says first (guide, part III, faults 1 and 3), then what is to be corrected in fields.
std::optional<Error> refusal_of(const std::vector<DossierFinding>& open) {
  if (open.empty()) return std::nullopt;
  if (std::ranges::any_of(open, [](const auto& one) { return is_of_letter(one) && !is_count(one); }))
    return fail("registry.dossier.letter");
  if (std::ranges::any_of(open, is_count)) return fail("registry.dossier.count");
  return fail("registry.dossier.open").with("count", open.size());
}

Result<> tell(db::Transaction& transaction, const Dossier& dossier, const std::string& kind, Instant now) {
  const std::map<std::string, std::string> values = {
      {"code", dossier.code},
      {"id", dossier.id},
      {"kind", std::string(vietnamese_title(dossier.kind))},
      {"kind_en", std::string(english_title(dossier.kind))},
      {"number", dossier.form.letter_number},
      {"count", fmt::format("{}", dossier.line_count)},
      {"organisation", dossier.principal_chain().empty() ? std::string() : dossier.principal_chain().back()}};
  const std::string language = KYSO_TRY(language_of(transaction, dossier.creator_email));
  return notify(transaction, {kind, dossier.creator_email, Notice::Channel::mail, language, values, dossier.id}, now);
}

}  // namespace

Result<Dossiers::SubmissionCheck> Dossiers::check_submission(db::Transaction& transaction, const Dossier& dossier,
                                                             const std::map<std::string, std::string>& reasons) {
  SubmissionCheck out;
  out.reasons = KYSO_TRY(dossier_store::overrides(transaction, dossier.id));
  const auto add = [&](DossierFinding finding) { out.findings.push_back(std::move(finding)); };
  for (DossierFinding& finding : check_form(dossier, vietnam_day(now()))) add(std::move(finding));
  const DossierForm& form = dossier.form;
  const std::string lines = fmt::format("{}", dossier.line_count);
  if (dossier.line_count == 0) add({"registry.dossier.empty", Level::block, {}, "lines", {}});
  if (!form.stated_count) {
    add({"registry.line.required",
         Level::block,
         {},
         "stated_count",
         {{"title", std::string(vietnamese_field(dossier.kind, "stated_count"))},
          {"title_en", std::string(english_field(dossier.kind, "stated_count"))}}});
  } else if (*form.stated_count != dossier.line_count) {
    add({"registry.dossier.count",
         Level::block,
         {},
         "stated_count",
         {{"stated", fmt::format("{}", *form.stated_count)}, {"lines", lines}}});
  }
  bool has_request = false, has_revocation = false;
  for (const JudgedLetter& letter : KYSO_TRY(judged_letters(transaction, dossier))) {
    (letter.letter.role == LetterRole::request ? has_request : has_revocation) = true;
    if (letter.letter.role == LetterRole::revocation && !form.has_revocation_letter) continue;
    for (const DossierFinding& finding : letter.judgement.problems) add(finding);
  }
  if (!has_request) add({"registry.letter.none", Level::block, {}, "letters/request", {}});
  if (form.has_revocation_letter && !has_revocation)
    add({"registry.letter.none_revocation", Level::block, {}, "letters/revocation", {}});
  if (dossier.on_behalf_of && !KYSO_TRY(delegation_for(transaction, dossier.creator, *dossier.on_behalf_of, now())))
    add({"registry.dossier.delegation_over", Level::block, {}, "on_behalf_of", {}});
  const std::size_t of_dossier = out.findings.size();
  for (const Line& line : KYSO_TRY(dossier_store::all_lines(transaction, dossier.id))) {
    if (line.state == LineState::returned)
      add({"registry.line.returned", Level::block, line.id, "", {{"number", fmt::format("{}", line.number)}}});
    for (const DossierFinding& finding : line.findings) add(finding);
  }
  // A reason counts for what asks for one: nobody gives reasons beforehand for what is found out later.
  std::set<std::string> asked;
  for (const DossierFinding& finding : out.findings)
    if (needs_reason(finding, m.settings.rules)) asked.insert({finding.id(), for_all_lines(finding)});
  for (const auto& [finding, reason] : reasons)
    if (asked.contains(finding) && !trim(reason).empty())
      out.given.push_back({finding, std::string(trim(reason)), {}, {}, now()});
  for (const Override& reason : out.given) out.reasons[reason.finding] = reason;
  const auto is_open = [&](const DossierFinding& finding) {
    if (finding.level == Level::block && !may_be_overridden(finding)) return true;
    return needs_reason(finding, m.settings.rules) && override_of(out.reasons, finding) == nullptr;
  };
  std::vector<DossierFinding> sorted;
  for (const Level level : {Level::block, Level::warn, Level::info})
    std::ranges::copy_if(out.findings, std::back_inserter(sorted), [&](const auto& one) { return one.level == level; });
  out.findings = std::move(sorted);
  std::vector<DossierFinding> open;
  std::ranges::copy_if(out.findings, std::back_inserter(open), is_open);
  out.is_ready = open.empty();
  out.refusal = refusal_of(open);
  if (out.findings.size() > of_dossier + kMaxLineFindings) out.findings.resize(of_dossier + kMaxLineFindings);
  return out;
}

Result<Dossiers::SubmissionCheck> Dossiers::submission(const Caller& caller, const std::string& id) {
  KYSO_TRY(refresh_verdicts(caller, id));
  return m.database.read([&](db::Transaction& transaction) -> Result<SubmissionCheck> {
    return check_submission(transaction, KYSO_TRY(editable(transaction, caller, id)), {});
  });
}

Result<Dossiers::Submission> Dossiers::submit(const Caller& caller, const std::string& id, std::int64_t revision,
                                              const std::map<std::string, std::string>& reasons) {
  for (const auto& [finding, reason] : reasons)
    if (to_utf32(reason).size() > kMaxReason) return fail("registry.input.member").with("member", "reasons");
  KYSO_TRY(refresh_verdicts(caller, id));
  const Instant at = now();
  return m.database.write([&](db::Transaction& transaction) -> Result<Submission> {
    Dossier dossier = KYSO_TRY(find(transaction, caller, id));
    if (!caller.has(Role::clerk) || dossier.organisation != caller.organisation)
      return fail("registry.access.forbidden");
    // A second click, or an answer that was lost: it has been submitted.
    const bool was_sent = dossier.state == DossierState::submitted || dossier.state == DossierState::processing;
    if (was_sent && revision < dossier.revision) return Submission{std::move(dossier), {}};
    const std::optional<DossierState> next = next_state(dossier.state, DossierEvent::submit);
    if (!next) return fail("registry.dossier.state").with("state", vietnamese_name(dossier.state));
    if (dossier.revision != revision) return fail("registry.dossier.changed");
    SubmissionCheck check = KYSO_TRY(check_submission(transaction, dossier, reasons));
    if (!check.is_ready) return Submission{std::nullopt, std::move(check)};
    for (Override& reason : check.given) {
      reason.account = caller.account;
      reason.by_name = caller.name;
      KYSO_TRY(dossier_store::set_override(transaction, id, reason));
    }
    const bool is_again = dossier.submitted.has_value();
    dossier.state = *next;
    dossier.step = Step::none;
    dossier.resubmitted = at;
    if (!is_again) dossier.submitted = at;
    dossier.urgent = at;
    dossier.reason.clear();
    KYSO_TRY(dossier_store::update(transaction, dossier, at));
    KYSO_TRY(dossier_store::remember_receiver(transaction, dossier.organisation, dossier.form.receiver, at));
    KYSO_TRY(record_event(transaction, dossier, &caller, is_again ? "resubmitted" : "submitted",
                          {{"count", fmt::format("{}", dossier.line_count)}, {"letter", dossier.form.letter_number}},
                          at));
    KYSO_TRY(tell(transaction, dossier, "dossier.submitted", at));
    KYSO_TRY(announce(transaction, {"queues", "", ""}, at));
    return Submission{std::move(dossier), std::move(check)};
  });
}

}  // namespace kyso::registry
