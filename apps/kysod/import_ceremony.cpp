#include "kysod/import_ceremony.h"

#include "authority/status/ceremony_import.h"
#include "authority/status/list_names.h"
#include "db/migration.h"

namespace kyso::daemon {

Result<> import_ceremony(const Configuration& configuration, const std::string& plan, const std::string& folder,
                         const app::Console& console) {
  const auto read = KYSO_TRY(vault::ceremony::load_plan(plan));
  const auto database = KYSO_TRY(db::Database::open(configuration.database));
  if (configuration.migrate)
    KYSO_TRY(db::migrate(*database, configuration.migrations, system_clock()));
  else
    KYSO_TRY(db::check_migrations(*database, configuration.migrations));
  const auto imported = KYSO_TRY(authority::status::import_ceremony(*database, read, folder, system_clock().now()));
  for (const std::string& name : imported.authorities)
    console.say("Công bố chứng thư /ca/{}.crt", "Publishes the certificate /ca/{}.crt", name);
  for (const auto& [name, number] : imported.lists)
    console.say("Công bố danh sách thu hồi số {}: /crl/{}", "Publishes list {} of revoked certificates: /crl/{}",
                number, authority::status::list_file_name(name, authority::status::kCompleteList));
  return {};
}

}  // namespace kyso::daemon
