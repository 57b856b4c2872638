#include "registry/dossier/dossiers.h"

#include <algorithm>

#include "crypto/password.h"
#include "registry/account/accounts.h"
#include "registry/organisation/stale.h"
#include "registry/web/events.h"

namespace kyso::registry {
namespace {

std::set<std::string> scope_ids(const Organisation& organisation) {
  std::set<std::string> out(organisation.chain_ids.begin(), organisation.chain_ids.end());
  out.insert(organisation.id);
  return out;
}

// Of the one that files and of the one that asks, where they stand today.
Result<std::set<std::string>> scopes_of(db::Transaction& transaction, const Dossier& dossier, Instant now) {
  std::set<std::string> out = scope_ids(KYSO_TRY(Organisations::find_last(transaction, dossier.organisation, now)));
  if (dossier.on_behalf_of)
    out.merge(scope_ids(KYSO_TRY(Organisations::find_last(transaction, *dossier.on_behalf_of, now))));
  return out;
}

// Whether a certificate names its organisation, or those above, as they are called no more.
bool names_stale(const SubscriberCertificate& certificate, const std::optional<Organisation>& today) {
  std::vector<std::pair<std::string, std::string>> names;
  for (const std::string& name : certificate.organisation_chain) names.emplace_back("OU", name);
  return is_stale(names, today, certificate.kind == "organisation");
}

Error missing() {
  return fail("registry.dossier.missing");
}

}  // namespace

Result<Dossier> Dossiers::create(const Caller& caller, const NewDossier& wanted) {
  const Instant at = now();
  if (wanted.central_signing && wanted.kind != DossierKind::person) return fail("registry.central.person");
  return m.database.write([&](db::Transaction& transaction) -> Result<Dossier> {
    Dossier dossier;
    dossier.id = crypto::random_uuid();
    dossier.kind = wanted.kind;
    dossier.central_signing = wanted.central_signing;
    const Organisation own = KYSO_TRY(Organisations::find(transaction, caller.organisation, at));
    dossier.organisation = own.id;
    dossier.organisation_chain = own.chain;
    if (wanted.on_behalf_of && *wanted.on_behalf_of != caller.organisation) {
      dossier.delegation = KYSO_TRY(delegation_for(transaction, caller.account, *wanted.on_behalf_of, at));
      if (!dossier.delegation) return fail("registry.dossier.delegation");
      const Organisation other = KYSO_TRY(Organisations::find(transaction, *wanted.on_behalf_of, at));
      dossier.on_behalf_of = other.id;
      dossier.on_behalf_of_chain = other.chain;
    }
    dossier.code = KYSO_TRY(dossier_store::next_code(transaction, dossier.organisation, at));
    dossier.revision = dossier.lines_revision = 1;
    dossier.creator = caller.account;
    dossier.creator_name = caller.name;
    dossier.creator_email = caller.email;
    dossier.form.letter_subject = legal_subject(dossier.kind, dossier.central_signing);
    dossier.created = dossier.updated = dossier.urgent = at;
    KYSO_TRY(dossier_store::insert(transaction, dossier, KYSO_TRY(scopes_of(transaction, dossier, at))));
    KYSO_TRY(record_event(transaction, dossier, &caller, "created",
                          {{"kind", std::string(code_of(dossier.kind))},
                           {"delegated", dossier.on_behalf_of ? dossier.on_behalf_of_chain.back() : std::string()}},
                          at));
    return dossier;
  });
}

Result<Dossier> Dossiers::find(db::Transaction& transaction, const Caller& caller, const std::string& id) {
  std::optional<Dossier> found = KYSO_TRY(dossier_store::find(transaction, id));
  if (!found) return missing();
  // A draft is its organisation's own.
  const bool is_of_desk = caller.has_any({Role::receiving, Role::checking, Role::approving, Role::auditor});
  if (is_of_desk && found->state != DossierState::draft) return *std::move(found);
  if (!caller.has_any({Role::clerk, Role::head}) || caller.organisation.empty()) return missing();
  if (!KYSO_TRY(dossier_store::is_visible(transaction, *found, caller.organisation))) return missing();
  return *std::move(found);
}

Result<Dossier> Dossiers::find(const Caller& caller, const std::string& id) {
  return m.database.read([&](db::Transaction& transaction) { return find(transaction, caller, id); });
}

Result<Dossier> Dossiers::editable(db::Transaction& transaction, const Caller& caller, const std::string& id) const {
  Dossier dossier = KYSO_TRY(find(transaction, caller, id));
  if (!caller.has(Role::clerk) || dossier.organisation != caller.organisation) return fail("registry.access.forbidden");
  if (!next_state(dossier.state, DossierEvent::edit))
    return fail("registry.dossier.state").with("state", vietnamese_name(dossier.state));
  return dossier;
}

Result<Dossier> Dossiers::save(const Caller& caller, const std::string& id, std::int64_t revision,
                               const DossierForm& form) {
  const Instant at = now();
  return m.database.write([&](db::Transaction& transaction) -> Result<Dossier> {
    Dossier dossier = KYSO_TRY(editable(transaction, caller, id));
    if (dossier.revision != revision) return fail("registry.dossier.changed");
    if (dossier.form == form) return dossier;
    dossier.form = form;
    // Days as people write them are read; what can't be read stays for the checks to name.
    for (std::string* text : {&dossier.form.letter_date, &dossier.form.revocation_date,
                              &dossier.form.receiver.identity_date, &dossier.form.coordinator.identity_date})
      if (const std::optional<Day> day = parse_day(*text)) *text = iso_day(*day);
    for (std::string* text : {&dossier.form.receiver.phone, &dossier.form.coordinator.phone})
      if (!text->empty()) *text = check_msisdn(*text).value;
    for (std::string* text : {&dossier.form.receiver.identity, &dossier.form.coordinator.identity})
      if (!text->empty()) *text = check_identity(*text, std::nullopt).value;
    KYSO_TRY(dossier_store::update(transaction, dossier, at));
    KYSO_TRY(record_event(transaction, dossier, &caller, "saved", {}, at));
    return dossier;
  });
}

Result<> Dossiers::remove(const Caller& caller, const std::string& id) {
  const Instant at = now();
  return m.database.write([&](db::Transaction& transaction) -> Result<> {
    const Dossier dossier = KYSO_TRY(editable(transaction, caller, id));
    // What was submitted once stays on record.
    if (!next_state(dossier.state, DossierEvent::remove) || dossier.submitted)
      return fail("registry.dossier.state").with("state", vietnamese_name(dossier.state));
    KYSO_TRY(record_event(transaction, dossier, &caller, "removed", {}, at));
    return dossier_store::remove(transaction, dossier);
  });
}

Result<> Dossiers::add_note(const Caller& caller, const std::string& id, const std::string& text, bool is_internal) {
  const Instant at = now();
  return m.database.write([&](db::Transaction& transaction) -> Result<> {
    const Dossier dossier = KYSO_TRY(find(transaction, caller, id));
    if (is_internal && !caller.is_officer()) return fail("registry.access.forbidden");
    if (KYSO_TRY(dossier_store::count_notes(transaction, id, caller.account)) >= m.settings.max_notes)
      return fail("registry.dossier.notes").with("max", m.settings.max_notes);
    KYSO_TRY(dossier_store::add_note(transaction, id, {at, caller.account, caller.name, text, is_internal}));
    return announce(transaction,
                    {"dossier", dossier.id, is_internal ? std::string() : dossier.organisation,
                     dossier.state != DossierState::draft},
                    at);
  });
}

Result<> Dossiers::follow_organisation(const std::string& organisation) {
  constexpr std::size_t kPiece = 200;
  const Instant at = now();
  for (std::int64_t after = 0;;) {
    const std::int64_t last = KYSO_TRY(m.database.write([&](db::Transaction& transaction) -> Result<std::int64_t> {
      const auto some = KYSO_TRY(dossier_store::of_organisation(transaction, organisation, after, kPiece));
      for (const Dossier& dossier : some)
        KYSO_TRY(dossier_store::set_scopes(transaction, dossier, KYSO_TRY(scopes_of(transaction, dossier, at))));
      return some.empty() ? 0 : some.back().number;
    }));
    if (last == 0) break;
    after = last;
  }
  for (std::int64_t after = 0;;) {
    const std::int64_t last = KYSO_TRY(m.database.write([&](db::Transaction& transaction) -> Result<std::int64_t> {
      auto some = KYSO_TRY(certificate_store::of_organisation(transaction, organisation, after, kPiece));
      if (some.empty()) return 0;
      const auto scopes = scope_ids(KYSO_TRY(Organisations::find_last(transaction, organisation, at)));
      const Result<Organisation> today = Organisations::find(transaction, organisation, at);
      bool has_changed = false;
      for (SubscriberCertificate& one : some) {
        KYSO_TRY(certificate_store::set_scopes(transaction, one, scopes));
        if (one.state == "revoked") continue;
        const bool stale = names_stale(one, today ? std::optional(*today) : std::nullopt);
        if (stale == one.is_stale) continue;
        one.is_stale = stale;
        KYSO_TRY(certificate_store::update(transaction, one));
        has_changed = true;
      }
      if (has_changed) KYSO_TRY(announce(transaction, {"certificate", "", organisation}, at));
      return some.back().number;
    }));
    if (last == 0) break;
    after = last;
  }
  return {};
}

Result<std::size_t> Dossiers::follow_changes(std::size_t limit) {
  const std::vector<MarkedOrganisation> marked = KYSO_TRY(m.database.read(
      [&](db::Transaction& transaction) { return marked_organisations(transaction, now(), "", limit); }));
  for (const MarkedOrganisation& one : marked) {
    KYSO_TRY(follow_organisation(one.organisation));
    KYSO_TRY(m.database.write([&](db::Transaction& transaction) { return take_mark_off(transaction, one); }));
  }
  return marked.size();
}

}  // namespace kyso::registry
