#pragma once
#include <functional>

#include "db/database.h"
#include "registry/desk/compose.h"
#include "registry/desk/model.h"
#include "registry/desk/tokens.h"
#include "registry/ports.h"
#include "registry/web/caller.h"
#include "vault/passkey_statement.h"

namespace kyso::registry {

// Desk: the use cases of the authority's officers. Thread-safe; several processes may work on one database. Every
// change commits with its history, its audit event and the notices that it causes.
//
// Errors of all calls: registry.dossier.missing, registry.dossier.changed (somebody else was quicker: `revision`),
// registry.dossier.state {state} (not in this state), registry.desk.*; statements: those of the authority and vault.
class Desk {
 public:
  struct Parts {
    db::Database& database;
    IssuingAuthority& authority;
    const WorkingCalendar& calendar;
    const Clock& clock;
    DeskOptions options;
  };
  explicit Desk(Parts parts) : m(std::move(parts)) {}
  const DeskOptions& options() const { return m.options; }

  Result<> receive(const Caller& caller, const std::string& dossier, std::int64_t revision);
  Result<> reject(const Caller& caller, const std::string& dossier, std::int64_t revision, const std::string& reason);
  Result<> give_back(const Caller& caller, const std::string& dossier, std::int64_t revision,
                     const std::string& reason);
  // To an account of the role "receiving": registry.desk.handler.
  Result<> assign(const Caller& caller, const std::string& dossier, std::int64_t revision, const std::string& account,
                  const std::string& name);

  struct Decision {
    std::string line;  // id, or "*": all that wait
    bool approves = false;
    std::string reason, profile, valid_to;
  };
  // Blocking findings need a reason to be let pass; returning needs one always: registry.desk.reason {number}.
  Result<> decide(const Caller& caller, const std::string& dossier, std::int64_t revision,
                  const std::vector<Decision>& decisions);

  // What this officer sees and may sign next.
  struct StatementView {
    std::string state = "not_ready";  // not_ready, to_request, or the state of the request
    std::vector<DossierFinding> blockers;
    std::string type;                     // "request", "approval", or empty: nothing to sign
    std::string payload, reject_payload;  // to be signed
    std::vector<Bytes> allow_credentials;
    std::string rp_id;
    std::string request;  // payload of the request
    std::string requester;
    std::vector<std::string> approvers, missing;
    std::optional<Instant> expires;
    std::string failure;
  };
  Result<StatementView> statement(const Caller& caller, const std::string& dossier);
  // The officer's signature over exactly such a payload. registry.desk.person (the passkey is another officer's),
  // registry.desk.proposal (the payload is not the one that was proposed: look again).
  Result<> sign(const Caller& caller, const std::string& dossier, const vault::PasskeyStatement& statement);

  // A key for a line: by the clerk's upload or from the station. Moves the dossier on when it was the last one missing.
  Result<> move_on(db::Transaction& transaction, const std::string& dossier, Instant now);
  // What became of a request is put on record; safe to repeat.
  Result<> settle(const AuthorityRequest& request);
  // Open requests, and changes of status that came from elsewhere. Called every few seconds, by any process.
  Result<> look_after();

  // Ngày hẹn trả.
  Result<> appoint(const Caller& caller, const std::string& dossier, std::int64_t revision, const std::string& day,
                   const std::string& place);
  struct HandOver {
    std::string receiver_name, receiver_identity, way, note;  // way: in_person, post, download
  };
  // Bàn giao: every issued line and its token become delivered, and the dossier is completed.
  Result<> hand_over(const Caller& caller, const std::string& dossier, std::int64_t revision, const HandOver& form);
  // Mẫu 07, as PDF.
  Result<Bytes> hand_over_record(const std::string& dossier);

  // Tokens. Serial numbers that are known already are given back.
  Result<std::vector<std::string>> add_tokens(const Caller& caller, const std::vector<Token>& tokens);
  Result<Token> change_token(const Caller& caller, const std::string& serial, TokenState state,
                             const std::string& note);

  // The station (kyso desk personalise, kyso desk unlock): an officer at a computer with a token.
  struct StationJob {
    enum class Kind : std::uint8_t { personalise, write, unlock } kind = Kind::personalise;
    std::string line, dossier_code, name, token_serial;
    Bytes certificate;             // write
    std::optional<Bytes> so_pin;   // unlock: released, encrypted to the station's key
    bool has_station_key = false;  // unlock
  };
  Result<std::vector<StationJob>> station_jobs();
  struct StationKey {
    Bytes pkcs10, escrow;
    std::string token_serial, token_label, token_model;
  };
  // registry.desk.station.line {line}: no such job. issue.csr.*, issue.key.*: the request is refused.
  Result<> station_key_made(const std::string& person, const std::string& line, const StationKey& key);
  Result<> station_written(const std::string& person, const std::string& line);
  Result<> station_wants_so_pin(const std::string& person, const std::string& line, ByteView public_key);
  Result<> station_unlocked(const std::string& person, const std::string& line);

  // After kind 05, own keys, or the hand-over: Hoàn thành.
  Result<> complete(db::Transaction& transaction, Dossier& dossier, const Caller* caller, Instant now);

 private:
  struct Prepared;
  Result<Dossier> open(db::Transaction& transaction, const std::string& id, std::int64_t revision, DossierEvent event);
  Result<std::vector<ComposedLine>> composed(db::Transaction& transaction, const Dossier& dossier,
                                             const std::vector<Line>& lines, std::vector<Organisation>& organisations,
                                             Instant now);
  Result<> propose(const Caller& caller, const std::string& dossier, const vault::Policy& policy, StatementView& view);
  Result<bool> propose_in(db::Transaction& transaction, const Caller& caller, const std::string& dossier,
                          const vault::Policy& policy, bool may_write, StatementView& view);
  Result<> take_request(db::Transaction& transaction, const Caller& caller, const std::string& request);
  static Result<> put_request(db::Transaction& transaction, const DeskRequest& request, const std::vector<Line>& lines,
                              Dossier& dossier);
  Result<> settle_done(db::Transaction& transaction, Dossier& dossier, std::vector<Line>& lines,
                       const DeskRequest& request, const AuthorityRequest& outcome, Instant now);
  Result<> settle_in(db::Transaction& transaction, DeskRequest& request, const AuthorityRequest& outcome, Instant now);
  Result<> follow_status();

  Parts m;
};

// Where the desk is with a dossier in processing, from its lines and requests.
Step step_of(const Dossier& dossier, const std::vector<Line>& lines, const std::vector<DeskRequest>& requests);

}  // namespace kyso::registry
