#include <algorithm>

#include "base/error_text.h"
#include "registry/account/accounts.h"
#include "registry/desk/desk.h"
#include "registry/desk/store.h"
#include "registry/dossier/record.h"
#include "registry/dossier/store.h"
#include "registry/notice/notices.h"

namespace kyso::registry {
namespace {

// What people of the organisation are told about their dossier.
Result<> tell_organisation(db::Transaction& transaction, const Dossier& dossier, const std::string& kind,
                           std::map<std::string, std::string> values, Instant now) {
  values["code"] = dossier.code;
  values["kind"] = vietnamese_title(dossier.kind);
  values["kind_en"] = english_title(dossier.kind);
  values["number"] = dossier.form.letter_number;
  values["id"] = dossier.id;
  std::vector<std::string> addresses = {dossier.creator_email};
  if (const std::string& receiver = dossier.form.receiver.email; !receiver.empty() && receiver != dossier.creator_email)
    addresses.push_back(receiver);
  for (const std::string& to : addresses) {
    const std::string language = KYSO_TRY(language_of(transaction, to));
    KYSO_TRY(notify(transaction, {kind, to, Notice::Channel::mail, language, values, dossier.id}, now));
  }
  return {};
}

}  // namespace

Step step_of(const Dossier& dossier, const std::vector<Line>& lines, const std::vector<DeskRequest>& requests) {
  const auto count = [&](LineState state) { return std::ranges::count(lines, state, &Line::state); };
  for (const DeskRequest& request : requests)
    if (is_open(request.state)) return request.state == DeskRequestState::authorised ? Step::issuing : Step::approval;
  if (count(LineState::pending) > 0 || count(LineState::failed) > 0) return Step::lines;
  if (count(LineState::approved) > 0) {
    const bool lacks_key = dossier.kind <= DossierKind::change && std::ranges::any_of(lines, [](const Line& line) {
                             return line.state == LineState::approved && !line.has_key();
                           });
    return lacks_key ? Step::keys : Step::statement;
  }
  if (count(LineState::issued) > 0) return Step::delivery;
  return count(LineState::delivered) > 0 ? Step::done : Step::lines;
}

Result<Dossier> Desk::open(db::Transaction& transaction, const std::string& id, std::int64_t revision,
                           DossierEvent event) {
  auto found = KYSO_TRY(dossier_store::find(transaction, id));
  if (!found || found->state == DossierState::draft) return fail("registry.dossier.missing").with("id", id);
  if (found->revision != revision) return fail("registry.dossier.changed");
  const auto next = next_state(found->state, event);
  if (!next) return fail("registry.dossier.state").with("state", vietnamese_name(found->state));
  found->state = *next;
  return *std::move(found);
}

Result<> Desk::receive(const Caller& caller, const std::string& id, std::int64_t revision) {
  const Instant now = m.clock.now();
  return m.database.write([&](db::Transaction& transaction) -> Result<> {
    Dossier dossier = KYSO_TRY(open(transaction, id, revision, DossierEvent::receive));
    dossier.received = now;
    dossier.due = deadline(m.options, m.calendar, dossier.kind, now);
    dossier.urgent = *dossier.due;
    if (!dossier.handler) {
      dossier.handler = caller.account;
      dossier.handler_name = caller.name;
    }
    dossier.reason.clear();
    const auto lines = KYSO_TRY(dossier_store::all_lines(transaction, id));
    dossier.step = step_of(dossier, lines, KYSO_TRY(desk_store::of_dossier(transaction, id)));
    KYSO_TRY(dossier_store::update(transaction, dossier, now));
    KYSO_TRY(record_event(transaction, dossier, &caller, "received", {{"due", display_due(*dossier.due)}}, now));
    return tell_organisation(transaction, dossier, "dossier.received", {{"due", display_due(*dossier.due)}}, now);
  });
}

Result<> Desk::reject(const Caller& caller, const std::string& id, std::int64_t revision, const std::string& reason) {
  const Instant now = m.clock.now();
  return m.database.write([&](db::Transaction& transaction) -> Result<> {
    Dossier dossier = KYSO_TRY(open(transaction, id, revision, DossierEvent::reject));
    if (has_open_request(KYSO_TRY(desk_store::of_dossier(transaction, id)))) return fail("registry.desk.busy");
    if (dossier.lines_issued > 0) return fail("registry.desk.issued");
    KYSO_TRY(desk_store::forget_proposals(transaction, id));
    for (const Line& line : KYSO_TRY(dossier_store::all_lines(transaction, id)))
      if (!line.token_serial.empty()) KYSO_TRY(token_store::let_go(transaction, line.id, caller.account, now));
    dossier.reason = reason;
    dossier.finished = now;
    dossier.step = Step::none;
    KYSO_TRY(dossier_store::update(transaction, dossier, now));
    KYSO_TRY(record_event(transaction, dossier, &caller, "rejected", {{"reason", reason}}, now));
    return tell_organisation(transaction, dossier, "dossier.rejected", {{"reason", reason}}, now);
  });
}

Result<> Desk::give_back(const Caller& caller, const std::string& id, std::int64_t revision,
                         const std::string& reason) {
  const Instant now = m.clock.now();
  return m.database.write([&](db::Transaction& transaction) -> Result<> {
    Dossier dossier = KYSO_TRY(open(transaction, id, revision, DossierEvent::give_back));
    if (has_open_request(KYSO_TRY(desk_store::of_dossier(transaction, id)))) return fail("registry.desk.busy");
    if (dossier.lines_issued > 0) return fail("registry.desk.issued");
    KYSO_TRY(desk_store::forget_proposals(transaction, id));
    dossier.reason = reason;
    dossier.step = Step::none;
    // The clock stands still until the completed dossier is received again (a valid dossier starts it).
    dossier.due = std::nullopt;
    dossier.received = std::nullopt;
    dossier.urgent = now;
    KYSO_TRY(dossier_store::update(transaction, dossier, now));
    KYSO_TRY(record_event(transaction, dossier, &caller, "given_back", {{"reason", reason}}, now));
    return tell_organisation(transaction, dossier, "dossier.given_back", {{"reason", reason}}, now);
  });
}

Result<> Desk::assign(const Caller& caller, const std::string& id, std::int64_t revision, const std::string& account,
                      const std::string& name) {
  const Instant now = m.clock.now();
  return m.database.write([&](db::Transaction& transaction) -> Result<> {
    Dossier dossier = KYSO_TRY(open(transaction, id, revision, DossierEvent::work));
    dossier.handler = account;
    dossier.handler_name = name;
    KYSO_TRY(dossier_store::update(transaction, dossier, now));
    return record_event(transaction, dossier, &caller, "assigned", {{"name", name}}, now, true);
  });
}

Result<> Desk::complete(db::Transaction& transaction, Dossier& dossier, const Caller* caller, Instant now) {
  const auto next = next_state(dossier.state, DossierEvent::complete);
  if (!next) return fail("registry.dossier.state").with("state", vietnamese_name(dossier.state));
  dossier.state = *next;
  dossier.step = Step::done;
  dossier.finished = now;
  KYSO_TRY(dossier_store::update(transaction, dossier, now));
  KYSO_TRY(record_event(transaction, dossier, caller, "completed", {}, now));
  return tell_organisation(
      transaction, dossier, "dossier.completed",
      {{"issued", std::to_string(dossier.lines_issued)}, {"returned", std::to_string(dossier.lines_returned)}}, now);
}

}  // namespace kyso::registry
