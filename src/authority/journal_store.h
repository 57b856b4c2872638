#pragma once
#include <optional>

#include "authority/store.h"

namespace kyso::authority::store {

// The newest entry of the copy of a vault's journal: its number, and the chain that covers it and all before it.
struct JournalHead {
  std::int64_t sequence = 0;
  Bytes chain;
};
Result<std::optional<JournalHead>> journal_head(db::Transaction& transaction, std::uint8_t instance);

}  // namespace kyso::authority::store
