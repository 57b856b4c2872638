#include "authority/status/ceremony_import.h"

#include <algorithm>

#include "audit/audit.h"
#include "authority/status/list_names.h"
#include "authority/status/status_store.h"
#include "pki/revocation.h"

namespace kyso::authority::status {
namespace {

using vault::ceremony::Observation;
using vault::ceremony::RecordResult;

Result<> require_good(const RecordResult& record) {
  if (record.is_good()) return {};
  std::string problems;
  for (const Observation& each : record.observations)
    if (each.outcome == Observation::Outcome::bad)
      problems += fmt::format("{}{} {}", problems.empty() ? "" : ", ", word_of(each.check), each.subject);
  return fail("vault.ceremony.record").with("problems", problems);
}

Result<store::ListRow> row_of(const std::string& issuer, const Bytes& der) {
  const auto list = KYSO_TRY(pki::RevocationList::from_der(der));
  store::ListRow row;
  row.issuer = issuer;
  row.scope = kCompleteList;
  row.number = list.number().value_or(0);
  row.this_update = list.this_update();
  row.next_update = list.next_update().value_or(list.this_update());
  row.entries = static_cast<std::int64_t>(list.size());
  row.size = static_cast<std::int64_t>(der.size());
  row.sha256.assign(list.sha256().begin(), list.sha256().end());
  return row;
}

// Whether it wasn't there yet.
Result<bool> publish_list(db::Transaction& transaction, const std::string& name, const Bytes& der, Instant now) {
  const store::ListRow row = KYSO_TRY(row_of(name, der));
  for (const store::ListRow& known : KYSO_TRY(store::newest_lists(transaction, name))) {
    if (known.number == row.number && known.sha256 == row.sha256) return false;
    if (known.number >= row.number)
      return fail("authority.ceremony.list").with("name", name).with("number", row.number).with("known", known.number);
  }
  KYSO_TRY(store::insert_piece(transaction, row, 0, der));
  KYSO_TRY(store::publish(transaction, row));
  audit::Event event{"crl.published", "system:ceremony", name + "/" + row.scope, json::Value::object()};
  event.details.set("number", row.number).set("entries", row.entries).set("sha256", to_hex(row.sha256));
  KYSO_TRY(audit::append(transaction, event, now));
  return true;
}

}  // namespace

Result<ImportedCeremony> import_ceremony(db::Database& database, const vault::ceremony::Plan& plan,
                                         const std::filesystem::path& folder, Instant now) {
  const RecordResult record =
      KYSO_TRY(vault::ceremony::check_record(plan, {.folder = folder, .pins = {}, .default_module = {}}));
  KYSO_TRY(require_good(record));
  return database.write([&](db::Transaction& transaction) -> Result<ImportedCeremony> {
    ImportedCeremony out;
    bool is_new = false;
    for (const auto& [name, certificate] : record.certificates) {
      if (!certificate.is_ca()) continue;
      const auto known = KYSO_TRY(store::find_authority(transaction, name));
      const ByteView der = certificate.der();
      // Lists under this name without its certificate are those of an authority of the vault.
      const bool is_taken =
          known ? !std::ranges::equal(*known, der)
                : record.lists.contains(name) && !KYSO_TRY(store::newest_lists(transaction, name)).empty();
      if (is_taken) return fail("authority.ceremony.name").with("name", name);
      if (!known) KYSO_TRY(store::insert_authority(transaction, name, der, now));
      is_new |= !known;
      out.authorities.push_back(name);
    }
    for (const auto& [name, der] : record.lists) {
      is_new |= KYSO_TRY(publish_list(transaction, name, der, now));
      out.lists.emplace_back(name, KYSO_TRY(row_of(name, der)).number);
    }
    if (!is_new) return out;
    audit::Event event{"ceremony.imported", "system:ceremony", plan.name, json::Value::object()};
    event.details.set("plan", to_hex(plan.sha256)).set("transcript", to_hex(record.transcript_sha256));
    KYSO_TRY(audit::append(transaction, event, now));
    return out;
  });
}

}  // namespace kyso::authority::status
