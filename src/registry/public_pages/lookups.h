#pragma once
#include <optional>
#include <string>
#include <vector>

#include "db/database.h"
#include "registry/dossier/model.h"
#include "registry/ports.h"

// What everybody may ask for: nothing of it tells of a person.
namespace kyso::registry {

// Of all dossiers that were ever submitted.
struct PublicFigures {
  std::int64_t total = 0, finished = 0, processing = 0;
  double on_time_percent = 100;  // of those that finished in the last 90 days
};
Result<PublicFigures> public_figures(db::Transaction& transaction, Instant now);

struct PublicDossier {
  std::string code, kind, state;
  std::int64_t line_count = 0;
  std::optional<Instant> submitted, received, due;
  std::string appointment;
};
// Submitted ones of this organisation (its own, or asked for by it) whose letter has this number and day. The same work
// whether there is one or not. Why one was returned is not told: people write names there.
Result<std::vector<PublicDossier>> find_public_dossiers(db::Transaction& transaction, const std::string& organisation,
                                                        const std::string& number, const std::string& day);

struct PublicCertificate {
  std::string issuer, serial, state;  // good, suspended, revoked, expired
  std::string name;                   // of organisations, devices, services and software alone
  std::string organisation;
  Instant not_before{}, not_after{};
  std::optional<Instant> revoked;
};
// From the registry's record; what is not there the authority is asked for, by each of its issuers.
// registry.input.parameter {name}: no serial number.
Result<std::vector<PublicCertificate>> find_public_certificates(db::Database& database, IssuingAuthority* authority,
                                                                const std::vector<std::string>& issuers,
                                                                const std::string& serial, Instant now);

}  // namespace kyso::registry
