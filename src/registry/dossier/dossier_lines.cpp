#include <algorithm>

#include "crypto/algorithm.h"
#include "crypto/password.h"
#include "registry/dossier/dossiers.h"

namespace kyso::registry {
namespace {

Error missing_line() {
  return fail("registry.line.missing");
}

// A line that its caller may edit, as he saw it.
Result<Line> editable_line(db::Transaction& transaction, const std::string& dossier, const std::string& id,
                           std::int64_t revision) {
  std::optional<Line> line = KYSO_TRY(dossier_store::find_line(transaction, dossier, id));
  if (!line) return missing_line();
  if (!next_state(line->state, LineEvent::edit)) return fail("registry.line.state");
  if (line->revision != revision) return fail("registry.dossier.changed");
  return *std::move(line);
}

std::vector<LineForm> forms_of(const std::vector<Line>& lines, const std::string& but_not = {}) {
  std::vector<LineForm> out;
  out.reserve(lines.size());
  for (const Line& line : lines) {
    if (line.id == but_not) continue;
    out.push_back(line.form);
    out.back().organisation = line.organisation;
  }
  return out;
}

void take_refused(std::vector<DossierFinding>& out, const CheckedLine& line, std::size_t place) {
  for (const DossierFinding& finding : line.findings) {
    if (finding.level != Level::block || may_be_overridden(finding)) continue;
    out.push_back(finding);
    out.back().line = fmt::format("{}", place);
  }
}

// The findings of a line that is kept name it.
void own_findings(Line& line) {
  for (DossierFinding& finding : line.findings) finding.line = line.id;
}

void set_population(std::vector<DossierFinding>& findings, Population population) {
  std::erase_if(findings, [](const DossierFinding& one) { return one.code.starts_with("registry.line.population"); });
  if (std::optional<DossierFinding> finding = population_finding(population)) findings.push_back(*std::move(finding));
}

}  // namespace

Result<> Dossiers::changed_lines(db::Transaction& transaction, Dossier& dossier, Instant now) const {
  ++dossier.lines_revision;
  return dossier_store::update(transaction, dossier, now);
}

Result<> Dossiers::drop_token(db::Transaction& transaction, Line& line, const Caller& caller) const {
  if (line.token_serial.empty()) return {};
  if (m.let_go_of_token) KYSO_TRY(m.let_go_of_token(transaction, line, caller, now()));
  line.token_serial.clear();
  return {};
}

// What was said of a line that is edited, and no longer holds: reasons for values that are others now, and the key of
// somebody or something else.
Result<> Dossiers::drop_what_changed(db::Transaction& transaction, const Dossier& dossier, const Line& before,
                                     Line& line, const Caller& caller) const {
  const json::Value was = to_json(before.form), is = to_json(line.form);
  for (const auto& [finding, reason] : KYSO_TRY(dossier_store::overrides(transaction, dossier.id))) {
    const std::string field = finding.substr(finding.rfind('/') + 1);
    const json::Value *old_value = was.find(field), *value = is.find(field);
    const bool is_same = old_value == nullptr || value == nullptr
                             ? old_value == value
                             : json::serialize(*old_value) == json::serialize(*value);
    if (finding.starts_with(line.id + "/") && !is_same)
      KYSO_TRY(dossier_store::remove_override(transaction, dossier.id, finding));
  }
  if (!line.has_key() || keeps_key(dossier.kind, before, line)) return {};
  KYSO_TRY(drop_token(transaction, line, caller));
  line.pkcs10.reset();
  line.key_sha256.clear();
  KYSO_TRY(dossier_store::set_pkcs10(transaction, line));
  return record_event(transaction, dossier, &caller, "line.key_dropped", {{"number", fmt::format("{}", line.number)}},
                      now());
}

Population Dossiers::ask_population(const LineForm& form) const {
  // Only personal numbers are known there.
  if (m.population == nullptr || form.identity.size() != 12) return Population::unchecked;
  const Result<PopulationDatabase::Answer> answer = m.population->check({form.identity, form.name, form.date_of_birth});
  if (!answer) return Population::waiting;
  switch (*answer) {
    case PopulationDatabase::Answer::matches:
      return Population::matches;
    case PopulationDatabase::Answer::differs:
      return Population::differs;
    case PopulationDatabase::Answer::unknown:
      break;
  }
  return Population::unknown;
}

void Dossiers::ask_population(std::vector<CheckedLine>& lines, std::vector<Population>& answers) const {
  answers.assign(lines.size(), Population::unchecked);
  std::size_t asked = 0;
  bool is_down = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].is_blocked() || lines[i].form.identity.size() != 12 || m.population == nullptr) continue;
    // Where nobody answers, the next one need not be asked too.
    const bool is_late = is_down || asked++ >= m.settings.population_at_once;
    answers[i] = is_late ? Population::waiting : ask_population(lines[i].form);
    is_down = is_down || (!is_late && answers[i] == Population::waiting);
    set_population(lines[i].findings, answers[i]);
  }
}

Line Dossiers::made_line(CheckedLine checked, Population population, Instant at) const {
  Line line;
  line.id = crypto::random_uuid();
  line.form = std::move(checked.form);
  line.organisation = std::move(checked.organisation);
  line.organisation_chain = std::move(checked.organisation_chain);
  line.findings = std::move(checked.findings);
  line.population = population;
  line.updated = at;
  own_findings(line);
  return line;
}

Result<Dossiers::LinesOutcome> Dossiers::add_lines(const Caller& caller, const std::string& id,
                                                   const std::vector<LineForm>& forms) {
  const Instant at = now();
  const auto checked_in = [&](db::Transaction& transaction,
                              const Dossier& dossier) -> Result<std::vector<CheckedLine>> {
    LineChecks checks(transaction, dossier, m.settings.rules, at);
    return checks.check(forms, forms_of(KYSO_TRY(dossier_store::all_lines(transaction, id))));
  };
  // Outside of the transaction that writes: the population database takes its time.
  std::vector<Population> answers(forms.size(), Population::unchecked);
  LinesOutcome out;
  std::vector<CheckedLine> first;
  bool asks = false;
  KYSO_TRY(m.database.read([&](db::Transaction& transaction) -> Result<> {
    const Dossier dossier = KYSO_TRY(editable(transaction, caller, id));
    first = KYSO_TRY(checked_in(transaction, dossier));
    asks = dossier.kind == DossierKind::person;
    out.revision = dossier.revision;
    out.line_count = dossier.line_count;
    return {};
  }));
  if (asks) ask_population(first, answers);
  for (std::size_t i = 0; i < first.size(); ++i) take_refused(out.refused, first[i], i);
  if (!out.refused.empty() || forms.empty()) return out;
  return m.database.write([&](db::Transaction& transaction) -> Result<LinesOutcome> {
    LinesOutcome written;
    Dossier dossier = KYSO_TRY(editable(transaction, caller, id));
    if (static_cast<std::size_t>(dossier.line_count) + forms.size() > m.settings.max_lines)
      return fail("registry.dossier.lines").with("max", m.settings.max_lines);
    std::vector<CheckedLine> checked = KYSO_TRY(checked_in(transaction, dossier));
    for (std::size_t i = 0; i < checked.size(); ++i) {
      set_population(checked[i].findings, answers[i]);
      take_refused(written.refused, checked[i], i);
    }
    written.revision = dossier.revision;
    written.line_count = dossier.line_count;
    if (!written.refused.empty()) return written;
    for (std::size_t i = 0; i < checked.size(); ++i)
      written.added.push_back(made_line(std::move(checked[i]), answers[i], at));
    KYSO_TRY(dossier_store::insert_lines(transaction, dossier, written.added));
    dossier.line_count += static_cast<std::int64_t>(written.added.size());
    KYSO_TRY(changed_lines(transaction, dossier, at));
    KYSO_TRY(record_event(transaction, dossier, &caller, "lines.added",
                          {{"count", fmt::format("{}", written.added.size())}}, at));
    written.revision = dossier.revision;
    written.line_count = dossier.line_count;
    return written;
  });
}

Result<Dossiers::LinesOutcome> Dossiers::change_line(const Caller& caller, const std::string& id,
                                                     const std::string& line_id, std::int64_t revision,
                                                     const LineForm& form) {
  const Instant at = now();
  const auto checked_in = [&](db::Transaction& transaction,
                              const Dossier& dossier) -> Result<std::vector<CheckedLine>> {
    LineChecks checks(transaction, dossier, m.settings.rules, at);
    return checks.check({form}, forms_of(KYSO_TRY(dossier_store::all_lines(transaction, id)), line_id));
  };
  std::vector<Population> answers(1, Population::unchecked);
  LinesOutcome out;
  std::vector<CheckedLine> first;
  bool asks = false;
  KYSO_TRY(m.database.read([&](db::Transaction& transaction) -> Result<> {
    const Dossier dossier = KYSO_TRY(editable(transaction, caller, id));
    KYSO_TRY(editable_line(transaction, id, line_id, revision));
    first = KYSO_TRY(checked_in(transaction, dossier));
    asks = dossier.kind == DossierKind::person;
    return {};
  }));
  if (asks) ask_population(first, answers);
  take_refused(out.refused, first.front(), 0);
  if (!out.refused.empty()) return out;
  return m.database.write([&](db::Transaction& transaction) -> Result<LinesOutcome> {
    LinesOutcome written;
    Dossier dossier = KYSO_TRY(editable(transaction, caller, id));
    Line line = KYSO_TRY(editable_line(transaction, id, line_id, revision));
    CheckedLine checked = std::move(KYSO_TRY(checked_in(transaction, dossier)).front());
    set_population(checked.findings, answers.front());
    take_refused(written.refused, checked, 0);
    if (!written.refused.empty()) return written;
    if (line.state == LineState::approved) --dossier.lines_approved;
    if (line.state == LineState::returned) --dossier.lines_returned;
    const Line before = line;
    line.state = *next_state(line.state, LineEvent::edit);
    ++line.revision;
    line.form = std::move(checked.form);
    line.organisation = std::move(checked.organisation);
    line.organisation_chain = std::move(checked.organisation_chain);
    line.findings = std::move(checked.findings);
    line.population = answers.front();
    line.decision_reason.clear();
    line.decided_by.clear();
    line.updated = at;
    own_findings(line);
    KYSO_TRY(drop_what_changed(transaction, dossier, before, line, caller));
    KYSO_TRY(dossier_store::update_line(transaction, line));
    KYSO_TRY(changed_lines(transaction, dossier, at));
    KYSO_TRY(
        record_event(transaction, dossier, &caller, "line.changed", {{"number", fmt::format("{}", line.number)}}, at));
    written.added.push_back(std::move(line));
    written.revision = dossier.revision;
    written.line_count = dossier.line_count;
    return written;
  });
}

Result<> Dossiers::remove_line(const Caller& caller, const std::string& id, const std::string& line_id) {
  const Instant at = now();
  return m.database.write([&](db::Transaction& transaction) -> Result<> {
    Dossier dossier = KYSO_TRY(editable(transaction, caller, id));
    std::optional<Line> line = KYSO_TRY(dossier_store::find_line(transaction, id, line_id));
    if (!line) return missing_line();
    if (!next_state(line->state, LineEvent::edit)) return fail("registry.line.state");
    KYSO_TRY(drop_token(transaction, *line, caller));
    KYSO_TRY(dossier_store::remove_line(transaction, *line));
    --dossier.line_count;
    if (line->state == LineState::approved) --dossier.lines_approved;
    if (line->state == LineState::returned) --dossier.lines_returned;
    KYSO_TRY(changed_lines(transaction, dossier, at));
    return record_event(transaction, dossier, &caller, "line.removed", {{"number", fmt::format("{}", line->number)}},
                        at);
  });
}

Result<std::vector<DossierFinding>> Dossiers::check_line(const Caller& caller, const std::string& id,
                                                         const LineForm& form) {
  const Instant at = now();
  std::vector<CheckedLine> checked;
  bool asks = false;
  KYSO_TRY(m.database.read([&](db::Transaction& transaction) -> Result<> {
    const Dossier dossier = KYSO_TRY(editable(transaction, caller, id));
    LineChecks checks(transaction, dossier, m.settings.rules, at);
    checked = KYSO_TRY(checks.check({form}));
    asks = dossier.kind == DossierKind::person;
    return {};
  }));
  std::vector<Population> answers;
  if (asks) ask_population(checked, answers);
  return std::move(checked.front().findings);
}

Result<Line> Dossiers::attach_pkcs10(const Caller& caller, const std::string& id, const std::string& line_id,
                                     std::int64_t revision, ByteView file) {
  const Instant at = now();
  const auto request = KYSO_TRY(pki::issue::CertificationRequest::from_bytes(file));
  KYSO_TRY(pki::issue::check_key(request.public_key()));
  const std::string key = to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, request.public_key().spki()));
  return m.database.write([&](db::Transaction& transaction) -> Result<Line> {
    Dossier dossier = KYSO_TRY(editable(transaction, caller, id));
    Line line = KYSO_TRY(editable_line(transaction, id, line_id, revision));
    const bool holds_key = line.form.device == Device::token || line.form.device == Device::pkcs10;
    if (dossier.kind > DossierKind::change || !holds_key) return fail("registry.line.key_device");
    if (KYSO_TRY(dossier_store::is_key_used(transaction, key, line_id))) return fail("registry.line.key_used");
    KYSO_TRY(drop_token(transaction, line, caller));
    line.pkcs10 = Bytes(request.der().begin(), request.der().end());
    line.key_sha256 = key;
    ++line.revision;
    line.updated = at;
    KYSO_TRY(dossier_store::set_pkcs10(transaction, line));
    KYSO_TRY(dossier_store::update_line(transaction, line));
    // The key is no part of the letter: its marks stay good.
    KYSO_TRY(dossier_store::update(transaction, dossier, at));
    KYSO_TRY(record_event(transaction, dossier, &caller, "line.key",
                          {{"number", fmt::format("{}", line.number)}, {"key", key}}, at));
    return line;
  });
}

Result<Line> Dossiers::check_person(const std::string& dossier, const std::string& line_id) {
  const auto found = KYSO_TRY(m.database.read(
      [&](db::Transaction& transaction) { return dossier_store::find_line(transaction, dossier, line_id); }));
  if (!found) return missing_line();
  const Population answer = ask_population(found->form);
  return m.database.write([&](db::Transaction& transaction) -> Result<Line> {
    std::optional<Line> line = KYSO_TRY(dossier_store::find_line(transaction, dossier, line_id));
    if (!line) return missing_line();
    // Changed meanwhile: that answer was about somebody else.
    if (line->form != found->form) return *std::move(line);
    line->population = answer;
    line->updated = now();
    set_population(line->findings, answer);
    own_findings(*line);
    KYSO_TRY(dossier_store::update_line(transaction, *line));
    return *std::move(line);
  });
}

Result<std::size_t> Dossiers::check_waiting(std::size_t limit) {
  const auto waiting = KYSO_TRY(m.database.read(
      [&](db::Transaction& transaction) { return dossier_store::waiting_for_population(transaction, limit); }));
  std::size_t answered = 0;
  for (const auto& [dossier, line_id] : waiting) {
    const Result<Line> line = check_person(dossier, line_id);
    if (!line) {
      if (line.error().code == "registry.line.missing") continue;
      return line.error();
    }
    if (line->population == Population::waiting) break;  // still down
    ++answered;
  }
  return answered;
}

}  // namespace kyso::registry
