#include "registry/dossier/record.h"

#include <algorithm>

#include "audit/audit.h"
#include "registry/dossier/store.h"
#include "registry/web/events.h"

namespace kyso::registry {
namespace {

// Parameters of events that the audit log is not told: it is kept for ever and read by more people than the dossier.
bool may_name_people(std::string_view parameter) {
  static constexpr std::string_view kNames[] = {"name", "file", "reason", "place"};
  return std::ranges::find(kNames, parameter) != std::end(kNames);
}

}  // namespace

Result<> record_event(db::Transaction& transaction, const Dossier& dossier, const Caller* caller,
                      const std::string& kind, std::vector<std::pair<std::string, std::string>> params, Instant now,
                      bool is_internal) {
  audit::Event event{"dossier." + kind, caller == nullptr ? "system:portal" : caller->actor(), dossier.id,
                     json::Value::object()};
  event.details.set("code", dossier.code);
  for (const auto& [name, value] : params)
    if (!may_name_people(name)) event.details.set(name, value);
  HistoryEvent entry{now, kind, {}, {}, std::move(params), is_internal};
  if (caller != nullptr) {
    entry.account = caller->account;
    entry.by_name = caller->name;
  }
  KYSO_TRY(dossier_store::add_event(transaction, dossier.id, entry));
  KYSO_TRY(audit::append(transaction, event, now));
  return announce(transaction, {"dossier", dossier.id, dossier.organisation, dossier.state != DossierState::draft},
                  now);
}

}  // namespace kyso::registry
