#pragma once
#include <functional>

#include "registry/desk/desk.h"
#include "registry/web/route.h"

namespace kyso::registry {

// How dossiers and lines are shown: the same to clerks and officers (registry/dossier).
struct DossierViews {
  std::function<Result<json::Value>(const Caller&, const std::string& dossier)> whole;  // schema Dossier
  std::function<json::Value(const Dossier&)> row;                                       // schema DossierRow
  std::function<Result<json::Value>(const Caller&, const std::string& dossier, const std::string& line)> line;
  std::function<json::Value(const DossierFinding&)> finding;
  // Asks the population database again.
  std::function<Result<>(const Caller&, const std::string& dossier, const std::string& line)> check_person;
};
// Accounts of the role "receiving".
struct OfficerEntry {
  std::string account, name;
  Roles roles;
};
using Officers = std::function<Result<std::vector<OfficerEntry>>()>;

// Operations tagged "desk" in api/openapi.yaml.
std::vector<PortalRoute> desk_routes(Desk& desk, db::Database& database, const Clock& clock, DossierViews views,
                                     Officers officers);

// /station/v1/…: for officers' computers with tokens. `authenticate` gives the officer's person (Kyso-JWS).
using AuthenticateOfficer = std::function<Result<std::string>(const net::ServerRequest&)>;
std::vector<net::Route> station_routes(Desk& desk, AuthenticateOfficer authenticate);

}  // namespace kyso::registry
