#include "authority/journal_store.h"

namespace kyso::authority::store {

Result<std::optional<JournalHead>> journal_head(db::Transaction& transaction, std::uint8_t instance) {
  const std::optional<db::Row> row = KYSO_TRY(transaction.maybe(
      "SELECT sequence, chain FROM vault_journal WHERE instance = ? ORDER BY sequence DESC LIMIT 1", {int{instance}}));
  if (!row) return std::optional<JournalHead>();
  return std::optional(JournalHead{KYSO_TRY(row->get<std::int64_t>(0)), KYSO_TRY(row->get<Bytes>(1))});
}

}  // namespace kyso::authority::store
