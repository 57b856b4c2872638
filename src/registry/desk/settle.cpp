#include <algorithm>

#include "base/log.h"
#include "crypto/pem.h"
#include "registry/account/accounts.h"
#include "registry/desk/desk.h"
#include "registry/desk/store.h"
#include "registry/desk/tokens.h"
#include "registry/dossier/certificate_store.h"
#include "registry/dossier/record.h"
#include "registry/dossier/store.h"
#include "registry/notice/notices.h"
#include "registry/web/events.h"

namespace kyso::registry {
namespace {

constexpr std::size_t kBatch = 200;
constexpr std::string_view kCursor = "status";

std::set<std::string> scopes_of(const Organisation& organisation) {
  return {organisation.chain_ids.begin(), organisation.chain_ids.end()};
}

SubscriberCertificate new_certificate(const Dossier& dossier, const ComposedLine& composed,
                                      const IssuedCertificate& issued, Instant now) {
  const LineForm& form = composed.line.form;
  const SubscriberCertificate known = composed.certificate.value_or(SubscriberCertificate());
  SubscriberCertificate out;
  out.issuer = issued.issuer;
  out.serial = issued.serial;
  const std::string kind = subject_kind_of(dossier, composed);
  out.kind = kind == "server" ? "service" : kind;
  out.device = form.device.value_or(composed.certificate ? known.device : Device::pkcs10);
  out.device_serial = first_of(composed.line.token_serial, known.device_serial);
  out.name = first_of(form.name, known.name);
  out.subject = issued.subject;
  out.email = first_of(form.email, known.email);
  out.identity = first_of(form.identity, known.identity);
  out.tax_code = first_of(form.tax_code, known.tax_code);
  out.budget_code = first_of(form.budget_code, known.budget_code);
  out.phone = first_of(form.phone, known.phone);
  out.organisation = composed.organisation.id;
  out.organisation_chain = composed.organisation.chain;
  out.province = first_of(form.province, composed.organisation.province);
  out.profile = issued.profile;
  out.not_before = issued.not_before;
  out.not_after = issued.not_after;
  out.replaces = known.serial;
  if (known.issuer != issued.issuer) out.replaces_issuer = known.issuer;
  out.dossier = dossier.id;
  out.line = composed.line.id;
  out.request_id = issued.request_id;
  out.recorded = now;
  out.der = issued.der;
  return out;
}

Result<> tell_holder(db::Transaction& transaction, const std::string& kind, const SubscriberCertificate& certificate,
                     const Dossier& dossier, Instant now) {
  if (certificate.email.empty()) return {};
  std::map<std::string, std::string> values = {
      {"name", certificate.name},
      {"serial", certificate.serial},
      {"not_before", display_vietnam(certificate.not_before)},
      {"not_after", display_vietnam(certificate.not_after)},
      {"organisation", certificate.organisation_chain.empty() ? std::string() : certificate.organisation_chain.back()},
      {"code", dossier.code},
      {"device", std::string(name_of(certificate.device))},
      {"pem", {}}};
  if (kind == "certificate.issued" && certificate.device == Device::pkcs10)
    values["pem"] = crypto::to_pem("CERTIFICATE", certificate.der);
  const std::string language = KYSO_TRY(language_of(transaction, certificate.email));
  return notify(transaction, {kind, certificate.email, Notice::Channel::mail, language, std::move(values), dossier.id},
                now);
}

// One for each organisation, however many of its certificates changed.
Result<> announce_certificates(db::Transaction& transaction, const std::set<std::string>& organisations, Instant now) {
  for (const std::string& organisation : organisations)
    KYSO_TRY(announce(transaction, {"certificate", "", organisation}, now));
  return {};
}

// What the authority says of a certificate that the registry knows; `concerned`: whose changed.
Result<> follow(db::Transaction& transaction, const IssuedCertificate& told, const Dossier* dossier,
                std::set<std::string>& concerned, Instant now) {
  auto known = KYSO_TRY(certificate_store::find(transaction, told.issuer, told.serial));
  const std::string state = told.state == "void" ? "revoked" : told.state;
  if (!known || state == "waiting" || (known->state == state && known->reason == told.reason)) return {};
  known->state = state;
  known->reason = std::nullopt;
  if (state != "good" && told.reason) known->reason = *told.reason;
  known->changed = told.changed.value_or(now);
  known->was_renewed = state == "revoked" && known->was_renewed;
  KYSO_TRY(certificate_store::update(transaction, *known));
  concerned.insert(known->organisation);
  if (dossier == nullptr) return {};
  return tell_holder(transaction,
                     state == "good"        ? "certificate.released"
                     : state == "suspended" ? "certificate.suspended"
                                            : "certificate.revoked",
                     *known, *dossier, now);
}

DeskRequestState state_of(const AuthorityRequest& outcome) {
  return desk_request_state_by_name(outcome.state).value_or(DeskRequestState::waiting);
}

void move_lines(std::vector<Line>& lines, const DeskRequest& request, LineEvent event, const std::string& failure,
                Instant now) {
  for (Line& line : lines) {
    const bool is_of_request =
        std::ranges::any_of(request.lines, [&](const auto& entry) { return entry.second == line.id; });
    const auto next = next_state(line.state, event);
    if (!is_of_request || !next) continue;
    line.state = *next;
    line.failure = failure;
    line.updated = now;
  }
}

// Nothing has to be handed over: a revocation, or keys that people have themselves.
bool needs_no_delivery(const Dossier& dossier, const std::vector<Line>& lines) {
  if (dossier.kind == DossierKind::revocation) return true;
  if (dossier.kind == DossierKind::recovery) return false;
  return std::ranges::all_of(lines, [](const Line& line) {
    return line.state != LineState::issued || line.form.device.value_or(Device::pkcs10) == Device::pkcs10;
  });
}

}  // namespace

Result<> Desk::settle_done(db::Transaction& transaction, Dossier& dossier, std::vector<Line>& lines,
                           const DeskRequest& request, const AuthorityRequest& outcome, Instant now) {
  std::vector<Line> before = lines;
  for (Line& line : before) line.state = LineState::approved;  // composed() takes those that may be asked for
  std::vector<Organisation> organisations;
  const auto all = KYSO_TRY(composed(transaction, dossier, before, organisations, now));
  const auto composed_line = [&](const std::string& id) {
    return std::ranges::find_if(all, [&](const ComposedLine& entry) { return entry.line.id == id; });
  };
  std::set<std::string> concerned;
  for (const IssuedCertificate& issued : outcome.certificates) {
    const auto reference = request.lines.find(issued.reference);
    if (reference == request.lines.end()) continue;
    const auto line = std::ranges::find(lines, reference->second, &Line::id);
    const auto made = composed_line(reference->second);
    if (line == lines.end() || made == all.end()) continue;
    SubscriberCertificate certificate = new_certificate(dossier, *made, issued, now);
    const bool is_new = KYSO_TRY(certificate_store::insert(transaction, certificate, scopes_of(made->organisation)));
    line->certificate_issuer = issued.issuer;
    line->certificate_serial = issued.serial;
    if (auto token = KYSO_TRY(token_store::of_line(transaction, line->id))) {
      token->certificate_issuer = issued.issuer;
      token->certificate_serial = issued.serial;
      token->changed = now;
      KYSO_TRY(token_store::update(transaction, *token, {}));
    }
    concerned.insert(certificate.organisation);
    if (is_new) KYSO_TRY(tell_holder(transaction, "certificate.issued", certificate, dossier, now));
    if (is_new && made->certificate) {
      SubscriberCertificate old = *made->certificate;
      old.replaced_by = issued.serial;
      if (old.issuer != issued.issuer) old.replaced_by_issuer = issued.issuer;
      old.was_renewed = true;
      old.state = "revoked";
      old.changed = now;
      KYSO_TRY(certificate_store::update(transaction, old));
      concerned.insert(old.organisation);
    }
  }
  move_lines(lines, request, LineEvent::issue, {}, now);
  return announce_certificates(transaction, concerned, now);
}

// Where a request stands, with its lines and its dossier (which is the caller's to write).
Result<> Desk::put_request(db::Transaction& transaction, const DeskRequest& request, const std::vector<Line>& lines,
                           Dossier& dossier) {
  KYSO_TRY(desk_store::update(transaction, request));
  KYSO_TRY(dossier_store::update_lines(transaction, lines));
  dossier.request_id = request.id;
  dossier.request_state = name_of(request.state);
  dossier.step = step_of(dossier, lines, KYSO_TRY(desk_store::of_dossier(transaction, dossier.id)));
  dossier.lines_issued = std::ranges::count_if(
      lines, [](const Line& line) { return line.state == LineState::issued || line.state == LineState::delivered; });
  return {};
}

Result<> Desk::take_request(db::Transaction& transaction, const Caller& caller, const std::string& id) {
  const Instant now = m.clock.now();
  auto request = KYSO_TRY(desk_store::find(transaction, id));
  // Somebody was quicker: what was signed is not what would be asked for now.
  if (!request || request->state != DeskRequestState::proposed) return fail("registry.desk.proposal");
  auto dossier = KYSO_TRY(dossier_store::find(transaction, request->dossier));
  if (!dossier || dossier->state != DossierState::processing) return fail("registry.desk.proposal");
  if (has_open_request(KYSO_TRY(desk_store::of_dossier(transaction, dossier->id)))) return fail("registry.desk.busy");
  std::vector<Line> lines = KYSO_TRY(dossier_store::all_lines(transaction, dossier->id));
  move_lines(lines, *request, LineEvent::request, {}, now);
  request->state = DeskRequestState::waiting;
  request->updated = now;
  KYSO_TRY(put_request(transaction, *request, lines, *dossier));
  KYSO_TRY(record_event(transaction, *dossier, &caller, "requested", {{"request", id}}, now, true));
  return dossier_store::update(transaction, *dossier, now);
}

Result<> Desk::settle_in(db::Transaction& transaction, DeskRequest& request, const AuthorityRequest& outcome,
                         Instant now) {
  auto dossier = KYSO_TRY(dossier_store::find(transaction, request.dossier));
  if (!dossier) return fail("registry.dossier.missing").with("id", request.dossier);
  std::vector<Line> lines = KYSO_TRY(dossier_store::all_lines(transaction, dossier->id));
  request.state = state_of(outcome);
  request.failure = outcome.failure.value_or("");
  request.updated = now;
  std::string told;
  switch (request.state) {
    case DeskRequestState::done:
      KYSO_TRY(settle_done(transaction, *dossier, lines, request, outcome, now));
      told = "issued";
      break;
    case DeskRequestState::failed:
      move_lines(lines, request, LineEvent::fail, request.failure, now);
      told = "failed";
      break;
    case DeskRequestState::rejected:
    case DeskRequestState::expired:
      move_lines(lines, request, LineEvent::withdraw, {}, now);
      told = request.state == DeskRequestState::rejected ? "request_rejected" : "request_expired";
      break;
    default:
      break;
  }
  KYSO_TRY(put_request(transaction, request, lines, *dossier));
  if (!told.empty())
    KYSO_TRY(record_event(
        transaction, *dossier, nullptr, told,
        {{"request", request.id}, {"act", std::string(vault::name_of(request.act))}, {"failure", request.failure}},
        now));
  if (dossier->step == Step::delivery && needs_no_delivery(*dossier, lines))
    return complete(transaction, *dossier, nullptr, now);
  return dossier_store::update(transaction, *dossier, now);
}

Result<> Desk::settle(const AuthorityRequest& outcome) {
  const Instant now = m.clock.now();
  std::vector<std::pair<std::string, Bytes>> released;
  if (outcome.act == vault::name_of(vault::Act::recover_token) && outcome.state == "done")
    released = KYSO_TRY(m.authority.released_so_pins(outcome.id));
  // Revocations name certificates that are on record; what they are now is the authority's word.
  std::vector<IssuedCertificate> changed;
  const bool changes_status = outcome.act != vault::name_of(vault::Act::issue) && released.empty();
  if (changes_status && outcome.state == "done") {
    const vault::Request asked = KYSO_TRY(vault::parse_request(outcome.payload));
    for (const vault::RevocationOrder& order : asked.revocations)
      changed.push_back(KYSO_TRY(m.authority.certificate(asked.issuer, normal_serial(order.serial))));
  }
  return m.database.write([&](db::Transaction& transaction) -> Result<> {
    auto request = KYSO_TRY(desk_store::find(transaction, outcome.id));
    if (!request || !is_open(request->state) || request->state == state_of(outcome)) return {};
    for (const auto& [reference, ciphertext] : released)
      if (const auto line = request->lines.find(reference); line != request->lines.end())
        KYSO_TRY(token_store::set_released(transaction, line->second, ciphertext));
    const auto dossier = KYSO_TRY(dossier_store::find(transaction, request->dossier));
    std::set<std::string> concerned;
    for (const IssuedCertificate& certificate : changed)
      KYSO_TRY(follow(transaction, certificate, dossier ? &*dossier : nullptr, concerned, now));
    KYSO_TRY(announce_certificates(transaction, concerned, now));
    return settle_in(transaction, *request, outcome, now);
  });
}

Result<> Desk::look_after() {
  const auto open = KYSO_TRY(
      m.database.read([&](db::Transaction& transaction) { return desk_store::open_requests(transaction, kBatch); }));
  for (const std::string& id : open) {
    Result<AuthorityRequest> outcome = m.authority.request(id);
    // One that the authority has lost will be approved by nobody: its lines can be asked for again.
    if (!outcome && outcome.error().code == "authority.request.missing") {
      log::write(log::Level::warning, "desk.settle", outcome.error());
      AuthorityRequest lost;
      lost.id = id;
      lost.state = name_of(DeskRequestState::expired);
      outcome = std::move(lost);
    }
    const Result<> settled = outcome ? settle(*outcome) : Result<>(outcome.error());
    if (!settled) log::write(log::Level::warning, "desk.settle", settled.error());
  }
  return follow_status();
}

Result<> Desk::follow_status() {
  for (;;) {
    const auto after = KYSO_TRY(
        m.database.read([&](db::Transaction& transaction) { return desk_store::cursor(transaction, kCursor); }));
    const auto news = KYSO_TRY(m.authority.changes(after, kBatch));
    if (news.next == after) return {};
    KYSO_TRY(m.database.write([&](db::Transaction& transaction) -> Result<> {
      // Another process has been here meanwhile: what it did, it did.
      if (KYSO_TRY(desk_store::cursor(transaction, kCursor)) >= news.next) return {};
      const Instant now = m.clock.now();
      std::set<std::string> concerned;
      for (const IssuedCertificate& certificate : news.certificates)
        KYSO_TRY(follow(transaction, certificate, nullptr, concerned, now));
      KYSO_TRY(announce_certificates(transaction, concerned, now));
      return desk_store::set_cursor(transaction, kCursor, news.next);
    }));
  }
}

}  // namespace kyso::registry
