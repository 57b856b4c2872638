#include <algorithm>

#include "audit/audit.h"
#include "crypto/algorithm.h"
#include "pki/issue/certificate_request.h"
#include "registry/desk/desk.h"
#include "registry/desk/store.h"
#include "registry/dossier/store.h"

namespace kyso::registry {
namespace {

constexpr std::size_t kMaxEscrow = 4'096;
constexpr std::size_t kMaxModel = 200;
constexpr std::size_t kMaxJobs = 500;

Error no_job(const std::string& line) {
  return fail("registry.desk.station.line").with("line", line);
}

// A line with its dossier, as the station names it.
struct Place {
  Dossier dossier;
  Line line;
};

Result<Place> place_of(db::Transaction& transaction, const std::string& id) {
  auto line = KYSO_TRY(dossier_store::find_line(transaction, id));
  if (!line) return no_job(id);
  const auto dossier = KYSO_TRY(dossier_store::find(transaction, line->dossier));
  if (!dossier || dossier->state != DossierState::processing) return no_job(id);
  return Place{*dossier, *std::move(line)};
}

// What officers do at the station is recorded under their person, for they come with their certificates.
Result<> record_station(db::Transaction& transaction, const Place& place, const std::string& person,
                        const std::string& kind, const std::string& token, Instant now) {
  KYSO_TRY(dossier_store::add_event(
      transaction, place.dossier.id,
      {now, kind, {}, person, {{"line", std::to_string(place.line.number)}, {"token", token}}, true}));
  audit::Event event{"dossier." + kind, "person:" + person, place.dossier.id, json::Value::object()};
  event.details.set("code", place.dossier.code).set("line", place.line.number).set("token", token);
  KYSO_TRY(audit::append(transaction, event, now));
  return {};
}

}  // namespace

Result<std::vector<Desk::StationJob>> Desk::station_jobs() {
  const auto lines = KYSO_TRY(
      m.database.read([](db::Transaction& transaction) { return token_store::station_lines(transaction, kMaxJobs); }));
  std::vector<StationJob> out;
  for (const token_store::StationLine& line : lines) {
    using Kind = StationJob::Kind;
    const Kind kind = line.is_recovery                  ? Kind::unlock
                      : line.state == LineState::issued ? Kind::write
                                                        : Kind::personalise;
    out.push_back({kind, line.id, line.dossier_code, line.name, line.token_serial, line.certificate, line.released,
                   line.has_station_key});
  }
  return out;
}

Result<> Desk::station_key_made(const std::string& person, const std::string& id, const StationKey& key) {
  const Instant now = m.clock.now();
  const auto request = KYSO_TRY(pki::issue::CertificationRequest::from_bytes(key.pkcs10));
  KYSO_TRY(pki::issue::check_key(request.public_key()));
  const std::string serial = token_store::normal_token_serial(key.token_serial);
  if (serial.empty() || key.escrow.empty() || key.escrow.size() > kMaxEscrow || key.token_model.size() > kMaxModel)
    return fail("registry.input.parameter").with("name", "token_serial");
  const std::string key_sha256 = to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, request.public_key().spki()));
  return m.database.write([&](db::Transaction& transaction) -> Result<> {
    Place place = KYSO_TRY(place_of(transaction, id));
    Line& line = place.line;
    if (line.key_sha256 == key_sha256) return {};  // sent again
    if (line.state != LineState::approved || line.has_key() || line.form.device != Device::token) return no_job(id);
    if (KYSO_TRY(dossier_store::is_key_used(transaction, key_sha256, id)))
      return fail("registry.desk.key.used").with("number", line.number);
    Token token = KYSO_TRY(token_store::find(transaction, serial)).value_or(Token());
    const bool is_new = token.serial.empty();
    if (!is_new && token.state != TokenState::stock && token.state != TokenState::returned && token.line != id)
      return fail("registry.desk.token.state").with("serial", serial).with("state", name_of(token.state));
    // As the token itself says it, which is also what stands in the escrow: stock lists differ in case.
    if (!is_new && token.serial != serial) KYSO_TRY(token_store::rename(transaction, token.serial, serial));
    token.serial = serial;
    line.pkcs10 = Bytes(request.der().begin(), request.der().end());
    line.key_sha256 = key_sha256;
    line.token_serial = serial;
    line.updated = now;
    KYSO_TRY(dossier_store::set_pkcs10(transaction, line));
    KYSO_TRY(dossier_store::update_line(transaction, line));
    token.model = key.token_model.empty() ? token.model : key.token_model;
    token.is_old_model = std::ranges::find(m.options.old_token_models, token.model) != m.options.old_token_models.end();
    token.state = TokenState::personalised;
    token.dossier = place.dossier.id;
    token.line = id;
    token.holder = line.form.name;
    token.certificate_issuer.clear();
    token.certificate_serial.clear();
    token.is_written = false;
    token.escrow = key.escrow;
    token.changed = now;
    if (is_new) {
      token.added = now;
      KYSO_TRY(token_store::insert(transaction, token));
    }
    KYSO_TRY(token_store::update(transaction, token, person));
    KYSO_TRY(record_station(transaction, place, person, "personalised", serial, now));
    return move_on(transaction, place.dossier.id, now);
  });
}

Result<> Desk::station_written(const std::string& person, const std::string& id) {
  const Instant now = m.clock.now();
  return m.database.write([&](db::Transaction& transaction) -> Result<> {
    const Place place = KYSO_TRY(place_of(transaction, id));
    auto token = KYSO_TRY(token_store::of_line(transaction, id));
    if (!token || place.line.state != LineState::issued) return no_job(id);
    if (token->is_written) return {};
    token->is_written = true;
    token->changed = now;
    KYSO_TRY(token_store::update(transaction, *token, person));
    return record_station(transaction, place, person, "written", token->serial, now);
  });
}

Result<> Desk::station_wants_so_pin(const std::string& person, const std::string& id, ByteView public_key) {
  const Instant now = m.clock.now();
  if (public_key.empty() || public_key.size() > kMaxEscrow)
    return fail("registry.input.parameter").with("name", "public_key");
  return m.database.write([&](db::Transaction& transaction) -> Result<> {
    const Place place = KYSO_TRY(place_of(transaction, id));
    // Once officers have been asked to release it to one key, no other one can be put in its place.
    if (place.dossier.kind != DossierKind::recovery || place.line.state != LineState::approved) return no_job(id);
    const std::string serial = token_store::normal_token_serial(place.line.form.token_serial);
    KYSO_TRY(token_store::set_station_key(transaction, id, serial, public_key));
    KYSO_TRY(desk_store::forget_proposals(transaction, place.dossier.id));
    return record_station(transaction, place, person, "station_ready", serial, now);
  });
}

Result<> Desk::station_unlocked(const std::string& person, const std::string& id) {
  const Instant now = m.clock.now();
  return m.database.write([&](db::Transaction& transaction) -> Result<> {
    const Place place = KYSO_TRY(place_of(transaction, id));
    const auto recovery = KYSO_TRY(token_store::find_recovery(transaction, id));
    if (!recovery || place.line.state != LineState::issued) return no_job(id);
    if (recovery->unlocked) return {};
    KYSO_TRY(token_store::set_unlocked(transaction, id, now));
    return record_station(transaction, place, person, "unlocked", recovery->token, now);
  });
}

Result<std::vector<std::string>> Desk::add_tokens(const Caller& caller, const std::vector<Token>& tokens) {
  const Instant now = m.clock.now();
  return m.database.write([&](db::Transaction& transaction) -> Result<std::vector<std::string>> {
    std::vector<std::string> known;
    for (Token token : tokens) {
      token.serial = token_store::normal_token_serial(token.serial);
      if (token.serial.empty()) return fail("registry.input.missing").with("field", "serial");
      token.state = TokenState::stock;
      token.is_old_model =
          std::ranges::find(m.options.old_token_models, token.model) != m.options.old_token_models.end();
      token.added = token.changed = now;
      if (KYSO_TRY(token_store::insert(transaction, token)))
        KYSO_TRY(token_store::update(transaction, token, caller.account));
      else
        known.push_back(token.serial);
    }
    audit::Event event{"token.added", caller.actor(), "tokens", json::Value::object()};
    event.details.set("added", tokens.size() - known.size());
    KYSO_TRY(audit::append(transaction, event, now));
    return known;
  });
}

Result<Token> Desk::change_token(const Caller& caller, const std::string& serial, TokenState state,
                                 const std::string& note) {
  const Instant now = m.clock.now();
  return m.database.write([&](db::Transaction& transaction) -> Result<Token> {
    auto token = KYSO_TRY(token_store::find(transaction, token_store::normal_token_serial(serial)));
    if (!token) return fail("registry.desk.token.missing").with("serial", serial);
    const bool is_in_use = token->state == TokenState::personalised || token->state == TokenState::delivered;
    // Back to stock only by way of a return: its last holder's key is on it until it is personalised anew.
    const bool is_allowed = token->state != TokenState::scrapped && !(state == TokenState::stock && is_in_use);
    if (!is_allowed)
      return fail("registry.desk.token.state").with("serial", serial).with("state", name_of(token->state));
    token->state = state;
    token->note = note;
    token->changed = now;
    KYSO_TRY(token_store::update(transaction, *token, caller.account));
    audit::Event event{"token.changed", caller.actor(), token->serial, json::Value::object()};
    event.details.set("state", name_of(state));
    KYSO_TRY(audit::append(transaction, event, now));
    return *std::move(token);
  });
}

}  // namespace kyso::registry
