#pragma once
#include "registry/desk/model.h"
#include "registry/dossier/store.h"

// The desk's queues: what waits for whom, most urgent first.
namespace kyso::registry {

// waiting, mine, processing, lines, keys, statement, approval, issued, delivery, returned, overdue. Finished ones and
// searches are lists of their own.
std::optional<dossier_store::QueueFilter> queue_by_name(std::string_view name, const Caller& caller, Instant now);
std::string queue_cursor(const Dossier& dossier);
std::optional<std::pair<Instant, std::int64_t>> parse_queue_cursor(std::string_view text);

struct QueueCount {
  std::string name;
  std::int64_t count = 0, overdue = 0, soon = 0;
};
Result<std::vector<QueueCount>> count_queues(db::Transaction& transaction, const DeskOptions& options,
                                             const Caller& caller, Instant now);

}  // namespace kyso::registry
