#include <algorithm>

#include "crypto/algorithm.h"
#include "registry/desk/desk.h"
#include "registry/desk/store.h"
#include "registry/desk/tokens.h"
#include "registry/dossier/certificate_store.h"
#include "registry/dossier/record.h"
#include "registry/dossier/store.h"

namespace kyso::registry {
namespace {

// So long a proposal is kept for the officer who looks at it.
constexpr std::chrono::minutes kProposalLife{30};

const vault::Officer* officer_of(const vault::Policy& policy, const std::string& person) {
  if (person.empty()) return nullptr;
  const auto found = std::ranges::find(policy.officers(), person, &vault::Officer::person);
  return found == policy.officers().end() ? nullptr : &*found;
}

bool has_role(const vault::Officer& officer, const std::string& role) {
  return std::ranges::find(officer.roles, role) != officer.roles.end();
}

void allow_passkeys(const vault::Policy& policy, const vault::Officer& officer, Desk::StatementView& view) {
  for (const vault::Passkey& passkey : officer.passkeys) view.allow_credentials.push_back(passkey.credential);
  if (policy.relying_party()) view.rp_id = policy.relying_party()->id;
}

DossierFinding blocker(std::string code) {
  return {std::move(code), Level::block, {}, {}, {}};
}

std::string approval_text(const AuthorityRequest& request, vault::Act act, vault::Decision decision, Instant now) {
  vault::Approval approval;
  approval.request_sha256 = crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(request.payload));
  approval.request_id = request.id;
  approval.act = act;
  approval.decision = decision;
  approval.created = now;
  approval.expires = request.expires;
  return serialize(approval);
}

// The officer may still help this request, or end it.
void offer_approval(const Caller& caller, const vault::Policy& policy, const AuthorityRequest& request, vault::Act act,
                    Instant now, Desk::StatementView& view) {
  const vault::Officer* officer = officer_of(policy, caller.person);
  if (officer == nullptr || request.state != "waiting") return;
  const bool has_acted = request.requester == caller.person ||
                         std::ranges::find(request.approvers, caller.person) != request.approvers.end();
  const bool is_wanted =
      std::ranges::any_of(request.missing, [&](const auto& missing) { return has_role(*officer, missing.first); });
  if (has_acted || !is_wanted) return;
  if (officer->passkeys.empty()) {
    view.blockers.push_back(blocker("registry.desk.passkey"));
    return;
  }
  view.type = "approval";
  view.payload = approval_text(request, act, vault::Decision::approve, now);
  view.reject_payload = approval_text(request, act, vault::Decision::reject, now);
  allow_passkeys(policy, *officer, view);
}

void describe(const AuthorityRequest& request, Desk::StatementView& view) {
  view.state = request.state;
  view.request = request.payload;
  view.requester = request.requester;
  view.approvers = request.approvers;
  for (const auto& [role, count] : request.missing)
    for (std::size_t i = 0; i < count; ++i) view.missing.push_back(role);
  view.expires = request.expires;
  view.failure = request.failure.value_or("");
}

// The request that is under way, else the last one.
const DeskRequest* present_request(const std::vector<DeskRequest>& requests) {
  const auto open = std::ranges::find_if(requests, [](const DeskRequest& request) { return is_open(request.state); });
  if (open != requests.end()) return &*open;
  for (auto it = requests.rbegin(); it != requests.rend(); ++it)
    if (it->state != DeskRequestState::proposed) return &*it;
  return nullptr;
}

}  // namespace

Result<std::vector<ComposedLine>> Desk::composed(db::Transaction& transaction, const Dossier& dossier,
                                                 const std::vector<Line>& lines,
                                                 std::vector<Organisation>& organisations, Instant now) {
  std::vector<ComposedLine> out;
  organisations.reserve(lines.size());  // lines refer to them
  for (const Line& line : lines) {
    if (line.state != LineState::approved && line.state != LineState::failed) continue;
    std::optional<SubscriberCertificate> certificate;
    if (is_about_certificate(dossier.kind)) {
      const std::string serial = normal_serial(line.form.serial);
      if (line.form.issuer.empty()) {
        auto found = KYSO_TRY(certificate_store::by_serial(transaction, serial));
        if (found.size() == 1) certificate = std::move(found.front());
      } else {
        certificate = KYSO_TRY(certificate_store::find(transaction, line.form.issuer, serial));
      }
    }
    std::string organisation = line.organisation;
    if (organisation.empty()) organisation = certificate ? certificate->organisation : dossier.principal();
    organisations.push_back(KYSO_TRY(Organisations::find(transaction, organisation, now)));
    ComposedLine made{line, organisations.back(), std::move(certificate), {}, {}};
    if (dossier.kind == DossierKind::recovery)
      KYSO_TRY(token_store::recovery_of(transaction, line, made.token, made.station_key));
    out.push_back(std::move(made));
  }
  return out;
}

// True: there is something to propose, and nothing is proposed that is still good. `may_write` makes that good.
Result<bool> Desk::propose_in(db::Transaction& transaction, const Caller& caller, const std::string& id,
                              const vault::Policy& policy, bool may_write, StatementView& view) {
  const Instant now = m.clock.now();
  const vault::Officer* officer = officer_of(policy, caller.person);
  view = {};
  const auto dossier = KYSO_TRY(dossier_store::find(transaction, id));
  if (!dossier || dossier->state == DossierState::draft) return fail("registry.dossier.missing").with("id", id);
  if (dossier->state != DossierState::processing) return false;
  const auto lines = KYSO_TRY(dossier_store::all_lines(transaction, id, true));
  std::vector<Organisation> organisations;
  const auto approved = KYSO_TRY(composed(transaction, *dossier, lines, organisations, now));
  view.blockers = statement_blockers(*dossier, lines, approved);
  if (!view.blockers.empty()) return false;
  view.state = "to_request";
  if (officer == nullptr || !caller.has(Role::receiving)) return false;
  if (officer->passkeys.empty()) {
    view.blockers.push_back(blocker("registry.desk.passkey"));
    return false;
  }
  auto requests = KYSO_TRY(desk_store::of_dossier(transaction, id));
  std::erase_if(requests, [&](const DeskRequest& request) {
    return request.state != DeskRequestState::proposed || request.created + kProposalLife < now;
  });
  if (requests.empty() && !may_write) return true;
  if (requests.empty()) {
    KYSO_TRY(desk_store::forget_proposals(transaction, id));
    for (ComposedRequest& made : compose(*dossier, approved, m.options, now)) {
      DeskRequest request{made.request.id,
                          id,
                          made.request.act,
                          DeskRequestState::proposed,
                          serialize(made.request),
                          std::move(made.lines),
                          now,
                          made.request.expires,
                          now,
                          {}};
      KYSO_TRY(desk_store::insert(transaction, request));
      requests.push_back(std::move(request));
    }
    std::ranges::sort(requests, {}, &DeskRequest::id);  // in the order in which the next look finds them
  }
  view.type = "request";
  view.payload = view.request = requests.front().payload;
  view.expires = requests.front().expires;
  allow_passkeys(policy, *officer, view);
  return false;
}

Result<> Desk::propose(const Caller& caller, const std::string& id, const vault::Policy& policy, StatementView& view) {
  // Officers look far more often than there is something new to propose.
  const bool is_missing = KYSO_TRY(m.database.read(
      [&](db::Transaction& transaction) { return propose_in(transaction, caller, id, policy, false, view); }));
  if (is_missing)
    KYSO_TRY(m.database.write(
        [&](db::Transaction& transaction) { return propose_in(transaction, caller, id, policy, true, view); }));
  return {};
}

Result<Desk::StatementView> Desk::statement(const Caller& caller, const std::string& id) {
  const auto requests =
      KYSO_TRY(m.database.read([&](db::Transaction& transaction) { return desk_store::of_dossier(transaction, id); }));
  const auto policy = KYSO_TRY(m.authority.policy());
  StatementView view;
  const DeskRequest* present = present_request(requests);
  if (present != nullptr && is_open(present->state)) {
    const AuthorityRequest request = KYSO_TRY(m.authority.request(present->id));
    describe(request, view);
    if (request.state == "waiting") {
      offer_approval(caller, *policy, request, present->act, m.clock.now(), view);
      return view;
    }
    KYSO_TRY(settle(request));
  }
  StatementView next;
  KYSO_TRY(propose(caller, id, *policy, next));
  // What became of the last one stays in sight when there is nothing new to sign.
  if (next.state == "not_ready" && present != nullptr) {
    describe(KYSO_TRY(m.authority.request(present->id)), next);
    return next;
  }
  if (present != nullptr && present->state != DeskRequestState::done) next.failure = present->failure;
  return next;
}

Result<> Desk::sign(const Caller& caller, const std::string& id, const vault::PasskeyStatement& statement) {
  const std::string text = serialize(statement);
  const auto policy = KYSO_TRY(m.authority.policy());
  const auto verified = KYSO_TRY(vault::verify_statement(*policy, text, statement.type, m.clock.now()));
  if (caller.person.empty() || verified.officer->person != caller.person)
    return fail("registry.desk.person").with("name", verified.officer->name);
  const bool is_request = statement.type == vault::kRequestType;
  const std::string request_id = is_request ? KYSO_TRY(vault::parse_request(statement.payload)).id
                                            : KYSO_TRY(vault::parse_approval(statement.payload)).request_id;
  const auto known = KYSO_TRY(
      m.database.read([&](db::Transaction& transaction) { return desk_store::find(transaction, request_id); }));
  if (!known || known->dossier != id || (is_request && known->payload != statement.payload))
    return fail("registry.desk.proposal");
  if (is_request)
    return settle(KYSO_TRY(m.authority.submit(
        text, [&](db::Transaction& transaction) { return take_request(transaction, caller, request_id); })));
  const bool approves = KYSO_TRY(vault::parse_approval(statement.payload)).decision == vault::Decision::approve;
  const auto tell = [&](db::Transaction& transaction) -> Result<> {
    const auto dossier = KYSO_TRY(dossier_store::find(transaction, id));
    if (!dossier) return fail("registry.dossier.missing").with("id", id);
    return record_event(transaction, *dossier, &caller, approves ? "approved" : "refused", {{"request", request_id}},
                        m.clock.now(), true);
  };
  return settle(KYSO_TRY(m.authority.decide(request_id, text, tell)));
}

}  // namespace kyso::registry
