#pragma once
#include <functional>
#include <vector>

#include "registry/organisation/tree.h"
#include "registry/web/route.h"

namespace kyso::registry {

// What other parts know of organisations; each may be empty.
struct OrganisationUses {
  // Whether accounts, dossiers or certificates refer to one: then undoing must not remove it.
  InUse in_use;
  using Count = std::function<Result<std::int64_t>(db::Transaction&, const std::vector<std::string>& organisations)>;
  Count certificates, accounts;  // of these organisations
  Count stale_certificates;
  // Who is behind an actor of the audit log: a person's name.
  std::function<Result<std::string>(db::Transaction&, const std::string& actor)> name_of_actor;
};

// The operations of api/openapi.yaml with the tag "organisations".
std::vector<PortalRoute> organisation_routes(db::Database& database, OrganisationUses uses = {});

}  // namespace kyso::registry
