#include <algorithm>

#include "registry/desk/desk.h"
#include "registry/desk/store.h"
#include "registry/dossier/record.h"
#include "registry/dossier/rules.h"
#include "registry/dossier/store.h"

namespace kyso::registry {
namespace {

using Overrides = std::map<std::string, Override>;

Result<> decide_line(db::Transaction& transaction, const Caller& caller, const Desk::Decision& decision,
                     const Overrides& let_pass, Line& line, Instant now) {
  const auto next = next_state(line.state, decision.approves ? LineEvent::approve : LineEvent::give_back);
  if (!next) return fail("registry.desk.line.state").with("number", line.number);
  const auto needs_reason = fail("registry.desk.reason").with("number", line.number);
  if (!decision.approves && decision.reason.empty()) return needs_reason;
  if (decision.approves) {
    for (const DossierFinding& finding : line.findings) {
      if (finding.level != Level::block || override_of(let_pass, finding) != nullptr) continue;
      if (decision.reason.empty()) return needs_reason;
      KYSO_TRY(dossier_store::set_override(transaction, line.dossier,
                                           {finding.id(), decision.reason, caller.account, caller.name, now}));
    }
  }
  line.state = *next;
  line.decision_reason = decision.reason;
  line.decided_by = caller.account;
  line.profile = decision.approves ? decision.profile : std::string();
  line.valid_to.clear();
  if (decision.approves && !decision.valid_to.empty()) {
    const auto day = parse_day(decision.valid_to);
    if (!day) return fail("registry.input.parameter").with("name", "valid_to");
    line.valid_to = iso_day(*day);
  }
  line.failure.clear();
  line.updated = now;
  return {};
}

void count_lines(Dossier& dossier, const std::vector<Line>& lines) {
  const auto count = [&](auto... states) {
    return std::ranges::count_if(lines, [&](const Line& line) { return ((line.state == states) || ...); });
  };
  dossier.lines_returned = count(LineState::returned);
  dossier.lines_issued = count(LineState::issued, LineState::delivered);
  dossier.lines_approved =
      count(LineState::approved, LineState::requested, LineState::issued, LineState::delivered, LineState::failed);
}

}  // namespace

Result<> Desk::decide(const Caller& caller, const std::string& id, std::int64_t revision,
                      const std::vector<Decision>& decisions) {
  const Instant now = m.clock.now();
  return m.database.write([&](db::Transaction& transaction) -> Result<> {
    Dossier dossier = KYSO_TRY(open(transaction, id, revision, DossierEvent::work));
    if (dossier.state != DossierState::processing)
      return fail("registry.dossier.state").with("state", vietnamese_name(dossier.state));
    const auto requests = KYSO_TRY(desk_store::of_dossier(transaction, id));
    if (has_open_request(requests)) return fail("registry.desk.busy");
    std::vector<Line> lines = KYSO_TRY(dossier_store::all_lines(transaction, id));
    const Overrides let_pass = KYSO_TRY(dossier_store::overrides(transaction, id));
    std::vector<Line> changed;
    std::int64_t approved = 0, returned = 0;
    for (const Decision& decision : decisions) {
      bool is_found = decision.line == "*";
      for (Line& line : lines) {
        if (decision.line == "*" ? line.state != LineState::pending : line.id != decision.line) continue;
        is_found = true;
        KYSO_TRY(decide_line(transaction, caller, decision, let_pass, line, now));
        (decision.approves ? approved : returned) += 1;
        changed.push_back(line);
      }
      if (!is_found) return fail("registry.line.missing").with("id", decision.line);
    }
    KYSO_TRY(dossier_store::update_lines(transaction, changed));
    // What was proposed before is not what would be asked for now.
    KYSO_TRY(desk_store::forget_proposals(transaction, id));
    count_lines(dossier, lines);
    dossier.step = step_of(dossier, lines, requests);
    KYSO_TRY(dossier_store::update(transaction, dossier, now));
    return record_event(transaction, dossier, &caller, "decided",
                        {{"approved", std::to_string(approved)}, {"returned", std::to_string(returned)}}, now);
  });
}

Result<> Desk::move_on(db::Transaction& transaction, const std::string& id, Instant now) {
  auto dossier = KYSO_TRY(dossier_store::find(transaction, id));
  if (!dossier || dossier->state != DossierState::processing) return {};
  const auto lines = KYSO_TRY(dossier_store::all_lines(transaction, id));
  count_lines(*dossier, lines);
  dossier->step = step_of(*dossier, lines, KYSO_TRY(desk_store::of_dossier(transaction, id)));
  return dossier_store::update(transaction, *dossier, now);
}

}  // namespace kyso::registry
