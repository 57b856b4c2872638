#pragma once
#include <string>
#include <vector>

#include "json/json.h"
#include "registry/organisation/import.h"
#include "registry/organisation/organisations.h"
#include "registry/organisation/seals.h"
#include "registry/organisation/tree.h"

// The schemas of api/openapi.yaml.
namespace kyso::registry {

json::Value to_json(const Organisation& organisation);
json::Value name_to_json(const Organisation& organisation);  // OrganisationName
json::Value to_json(const Alias& alias);
json::Value to_json(const Seal& seal);
json::Value to_json(const OrganisationChange& change);
json::Value to_json(const CellFault& fault);
// The last day before a moment: periods are shown with both days.
std::string last_day(Instant end);
std::string first_day(Instant begin);

// registry.input.json when a member has another type.
Result<OrganisationForm> form_from_json(const json::Value& object);
Result<std::vector<Alias>> aliases_from_json(const json::Value& object);

}  // namespace kyso::registry
