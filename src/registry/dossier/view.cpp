#include "registry/dossier/view.h"

#include <algorithm>

#include "base/error_text.h"
#include "registry/organisation/provinces.h"

namespace kyso::registry {
namespace {

json::Value time(Instant instant) {
  return iso8601_vietnam(instant);
}

void set_time(json::Value& out, std::string name, const std::optional<Instant>& instant) {
  if (instant) out.set(std::move(name), time(*instant));
}

void set_text(json::Value& out, std::string name, const std::string& text) {
  if (!text.empty()) out.set(std::move(name), text);
}

// What this caller may do now; the server asks again when it is done.
json::Value abilities(const Dossier& dossier, const Caller& caller) {
  json::Value out = json::Value::array();
  const auto add = [&](std::string_view name) { out.push_back(name); };
  const auto allows = [&](DossierEvent event) { return next_state(dossier.state, event).has_value(); };
  if (caller.has(Role::clerk) && caller.organisation == dossier.organisation) {
    if (allows(DossierEvent::edit)) add("save");
    if (allows(DossierEvent::remove) && !dossier.submitted) add("delete");
    if (allows(DossierEvent::submit)) add("submit");
  }
  const bool receives = caller.has(Role::receiving), checks = caller.has(Role::checking);
  const bool approves = caller.has(Role::approving);
  const bool works = dossier.state == DossierState::processing;
  if (receives && allows(DossierEvent::receive)) add("receive");
  // What is issued is completed; to undo it takes a dossier of revocation.
  const bool nothing_issued = dossier.lines_issued == 0;
  if (receives && nothing_issued && allows(DossierEvent::reject)) add("reject");
  if ((receives || checks) && nothing_issued && allows(DossierEvent::give_back)) add("return");
  if ((receives || checks) && works) add("decide");
  if ((receives || approves) && allows(DossierEvent::work)) add("assign");
  if (receives && works && dossier.step == Step::statement) add("sign_request");
  if ((checks || approves) && works && dossier.step == Step::approval) add("approve");
  if (receives && works && dossier.step == Step::delivery) {
    add("appoint");
    add("hand_over");
  }
  return out;
}

json::Value notes_json(const std::vector<Note>& notes) {
  json::Value out = json::Value::array();
  for (const Note& note : notes) {
    json::Value one = json::Value::object();
    one.set("at", time(note.at)).set("by", note.by_name).set("text", note.text).set("internal", note.is_internal);
    out.push_back(std::move(one));
  }
  return out;
}

json::Value hand_over_json(const json::Value& stored) {
  json::Value out = json::Value::object();
  for (const char* name : {"at", "receiver_name", "way", "note"})
    if (const json::Value* value = stored.find(name)) {
      const std::optional<std::int64_t> seconds = value->as_integer();
      out.set(name, seconds ? time(Instant(std::chrono::seconds(*seconds))) : *value);
    }
  return out;
}

std::string expired_or(const SubscriberCertificate& certificate, Instant now) {
  return certificate.state != "revoked" && certificate.not_after <= now ? "expired" : certificate.state;
}

}  // namespace

json::Value organisation_name(const std::string& id, const std::vector<std::string>& chain) {
  json::Value out = json::Value::object();
  out.set("id", id).set("name", chain.empty() ? std::string() : chain.back()).set("chain", names_to_json(chain));
  return out;
}

DossierView::DossierView(Dossiers& dossiers, Urgency urgency) : m_dossiers(dossiers), m_urgency(std::move(urgency)) {}

std::string DossierView::urgency(const Dossier& dossier, Instant now) const {
  if (m_urgency) return m_urgency(dossier, now);
  if (!dossier.due || dossier.state != DossierState::processing) return "none";
  return now > *dossier.due ? "overdue" : "normal";
}

json::Value DossierView::finding(const DossierFinding& finding, const Override* reason) {
  const ErrorText vi = describe(finding.error(), Language::vietnamese);
  const ErrorText en = describe(finding.error(Language::english), Language::english);
  json::Value out = json::Value::object();
  out.set("id", finding.id()).set("code", finding.code).set("level", name_of(finding.level));
  set_text(out, "line", finding.line);
  set_text(out, "field", finding.field);
  out.set("message", vi.message).set("message_en", en.message).set("next", vi.next_step).set("next_en", en.next_step);
  if (reason != nullptr) {
    out.set("reason", reason->reason);
    set_text(out, "overridden_by", reason->by_name);
  }
  return out;
}

json::Value DossierView::cell_fault(const LineFault& fault, std::int64_t row) {
  json::Value out = finding(fault.finding);
  out.set("row", row).set("column", fault.column).set("title", fault.title).set("value", fault.value);
  return out;
}

json::Value DossierView::history(const std::vector<HistoryEvent>& events) {
  json::Value out = json::Value::array();
  for (const HistoryEvent& event : events) {
    const HistoryText text = history_text(event);
    json::Value one = json::Value::object();
    one.set("at", time(event.at)).set("kind", event.kind);
    set_text(one, "by", event.by_name);
    one.set("text", text.vietnamese).set("text_en", text.english);
    out.push_back(std::move(one));
  }
  return out;
}

json::Value DossierView::letter(const Dossiers::JudgedLetter& judged) const {
  json::Value signers = json::Value::array(), problems = json::Value::array();
  for (const LetterSigner& signer : judged.checked.verdict.signers) {
    json::Value one = json::Value::object();
    one.set("name", signer.name);
    set_text(one, "organisation", signer.organisation);
    set_text(one, "email", signer.email);
    set_text(one, "serial", signer.serial);
    one.set("is_organisation", signer.is_organisation);
    set_time(one, "time_stamp", signer.time_stamp);
    signers.push_back(std::move(one));
  }
  for (const DossierFinding& problem : judged.judgement.problems) problems.push_back(finding(problem));
  json::Value out = json::Value::object();
  out.set("role", name_of(judged.letter.role))
      .set("file", judged.letter.file_name)
      .set("size", judged.letter.size)
      .set("attached", time(judged.letter.attached))
      .set("is_valid", judged.judgement.is_valid)
      .set("text", judged.judgement.text)
      .set("text_en", judged.judgement.text_en)
      .set("signers", std::move(signers))
      .set("problems", std::move(problems));
  if (judged.checked.content.count) out.set("count_in_letter", *judged.checked.content.count);
  set_text(out, "number_in_letter", judged.checked.content.number);
  set_text(out, "date_in_letter", judged.checked.content.date);
  return out;
}

json::Value DossierView::row(const Dossier& dossier) const {
  json::Value out = json::Value::object();
  out.set("id", dossier.id)
      .set("code", dossier.code)
      .set("kind", code_of(dossier.kind))
      .set("state", name_of(dossier.state))
      .set("step", name_of(dossier.step))
      .set("organisation", organisation_name(dossier.principal(), dossier.principal_chain()));
  set_text(out, "letter_number", dossier.form.letter_number);
  set_text(out, "letter_date", dossier.form.letter_date);
  if (dossier.form.stated_count) out.set("stated_count", *dossier.form.stated_count);
  out.set("line_count", dossier.line_count).set("created", time(dossier.created));
  set_time(out, "submitted", dossier.submitted);
  set_time(out, "received", dossier.received);
  set_text(out, "appointment", dossier.appointment);
  set_time(out, "due", dossier.due);
  out.set("urgency", urgency(dossier, m_dossiers.now()));
  if (dossier.handler_name) out.set("handler", *dossier.handler_name);
  return out;
}

Result<json::Value> DossierView::whole(const Caller& caller, const std::string& id) const {
  return m_dossiers.database().read([&](db::Transaction& transaction) -> Result<json::Value> {
    const Dossier dossier = KYSO_TRY(Dossiers::find(transaction, caller, id));
    json::Value out = row(dossier);
    out.set("revision", dossier.revision)
        .set("central_signing", dossier.central_signing)
        .set("source", dossier.source)
        .set("organisation", organisation_name(dossier.organisation, dossier.organisation_chain));
    if (dossier.on_behalf_of)
      out.set("on_behalf_of", organisation_name(*dossier.on_behalf_of, dossier.on_behalf_of_chain));
    if (const std::string& authority = m_dossiers.settings().receiving_organisation; !authority.empty()) {
      const Result<Organisation> found = Organisations::find_last(transaction, authority, m_dossiers.now());
      if (found) out.set("receiving_organisation", organisation_name(found->id, found->chain));
    }
    if (dossier.handler) {
      json::Value handler = json::Value::object();
      handler.set("account", *dossier.handler).set("name", dossier.handler_name.value_or(""));
      out.set("handler", std::move(handler));
    }
    out.set("creator", dossier.creator_name)
        .set("lines_approved", dossier.lines_approved)
        .set("lines_returned", dossier.lines_returned)
        .set("lines_issued", dossier.lines_issued)
        .set("updated", time(dossier.updated));
    set_time(out, "finished", dossier.finished);
    set_text(out, "reason", dossier.reason);
    json::Value form = to_json(dossier.form);
    form.set("revision", dossier.revision);
    out.set("form", std::move(form));
    json::Value letters = json::Value::array();
    for (const Dossiers::JudgedLetter& one : KYSO_TRY(m_dossiers.judged_letters(transaction, dossier)))
      letters.push_back(letter(one));
    out.set("letters", std::move(letters));
    out.set("notes", notes_json(KYSO_TRY(dossier_store::notes(transaction, id, caller.is_officer()))));
    if (!dossier.request_id.empty()) {
      json::Value request = json::Value::object();
      request.set("id", dossier.request_id).set("state", dossier.request_state);
      out.set("request", std::move(request));
    }
    if (!dossier.hand_over.is_null()) out.set("hand_over", hand_over_json(dossier.hand_over));
    out.set("can", abilities(dossier, caller));
    return out;
  });
}

Result<json::Value> DossierView::lines(db::Transaction& transaction, const Dossier& dossier,
                                       const std::vector<Line>& lines) const {
  const std::map<std::string, Override> reasons = KYSO_TRY(dossier_store::overrides(transaction, dossier.id));
  std::vector<std::string> serials;
  for (const Line& line : lines) serials.push_back(line.certificate_serial);
  const std::vector<SubscriberCertificate> issued = KYSO_TRY(certificate_store::by_serials(transaction, serials));
  json::Value out = json::Value::array();
  for (const Line& line : lines) {
    json::Value one = to_json(line.form);
    one.set("id", line.id).set("number", line.number).set("revision", line.revision).set("state", name_of(line.state));
    set_text(one, "organisation", line.organisation);
    one.set("organisation_chain", names_to_json(line.organisation_chain));
    set_text(one, "decision_reason", line.decision_reason);
    set_text(one, "profile", line.profile);
    json::Value findings = json::Value::array();
    for (const DossierFinding& each : line.findings) findings.push_back(finding(each, override_of(reasons, each)));
    one.set("findings", std::move(findings)).set("has_key", line.has_key());
    set_text(one, "key_sha256", line.key_sha256);
    one.set("population", name_of(line.population));
    if (!line.certificate_serial.empty()) {
      json::Value certificate = json::Value::object();
      certificate.set("issuer", line.certificate_issuer).set("serial", line.certificate_serial);
      for (const SubscriberCertificate& known : issued) {
        if (known.issuer != line.certificate_issuer || known.serial != line.certificate_serial) continue;
        certificate.set("not_before", time(known.not_before))
            .set("not_after", time(known.not_after))
            .set("state", expired_or(known, m_dossiers.now()));
      }
      one.set("certificate", std::move(certificate));
    }
    set_text(one, "failure", line.failure);
    out.push_back(std::move(one));
  }
  return out;
}

Result<json::Value> DossierView::line(const Caller& caller, const std::string& id, const std::string& line_id) const {
  return m_dossiers.database().read([&](db::Transaction& transaction) -> Result<json::Value> {
    const Dossier dossier = KYSO_TRY(Dossiers::find(transaction, caller, id));
    const std::optional<Line> found = KYSO_TRY(dossier_store::find_line(transaction, id, line_id));
    if (!found) return fail("registry.line.missing");
    return KYSO_TRY(lines(transaction, dossier, {*found})).as_array()->front();
  });
}

std::string certificate_state_text(const SubscriberCertificate& certificate, Instant now) {
  if (certificate.state == "revoked") return certificate.was_renewed ? "Đã thu hồi(GHTĐTT)" : "Đã thu hồi";
  if (certificate.not_after <= now) return "Hết hạn";
  return certificate.state == "suspended" ? "Tạm dừng" : "Hoạt động";
}

json::Value certificate_json(const SubscriberCertificate& certificate, Instant now, bool is_outside) {
  json::Value out = json::Value::object();
  out.set("issuer", certificate.issuer)
      .set("serial", certificate.serial)
      .set("name", certificate.name)
      .set("kind", certificate.kind)
      .set("device", name_of(certificate.device))
      .set("not_before", time(certificate.not_before))
      .set("not_after", time(certificate.not_after))
      .set("state", expired_or(certificate, now))
      .set("state_text", certificate_state_text(certificate, now))
      .set("organisation", organisation_name(certificate.organisation, certificate.organisation_chain));
  if (is_outside) return out;
  set_text(out, "subject", certificate.subject);
  set_text(out, "email", certificate.email);
  set_text(out, "device_serial", certificate.device_serial);
  set_text(out, "iccid", certificate.iccid);
  set_text(out, "province", std::string(province_name(certificate.province)));
  set_text(out, "profile", certificate.profile);
  if (certificate.state == "revoked") set_time(out, "revoked", certificate.changed);
  set_text(out, "replaces", certificate.replaces);
  set_text(out, "replaces_issuer", certificate.replaces_issuer);
  set_text(out, "replaced_by", certificate.replaced_by);
  set_text(out, "replaced_by_issuer", certificate.replaced_by_issuer);
  set_text(out, "dossier", certificate.dossier);
  out.set("is_stale", certificate.is_stale);
  return out;
}

}  // namespace kyso::registry
