#pragma once
#include "kysod/configuration.h"
#include "shared/console.h"

// What an operator does with the portal beside running it.
namespace kyso::daemon {

struct AccountOrder {
  std::string email, name, phone, organisation, person;
  std::vector<std::string> roles;
  std::filesystem::path password_file;
};
// The first administrator, and samples. kysod.portal.missing (no [portal] in the configuration), registry.account.*.
Result<int> create_account(Configuration configuration, const AccountOrder& order, const app::Console& console);
// JSON: [{"method","path","access"}], access as x-access of api/openapi.yaml.
Result<int> list_routes(Configuration configuration, const app::Console& console);

}  // namespace kyso::daemon
