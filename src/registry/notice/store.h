#pragma once
#include "registry/notice/notices.h"

// All SQL of the outbox.
namespace kyso::registry::notice_store {

inline constexpr std::string_view kJob = "notice.deliver";

struct Row {
  std::string id;
  Notice notice;
  std::string state;  // "waiting", "sent", "failed"
  std::int64_t attempts = 0;
  Instant created{};
  std::optional<Instant> next_attempt;
  std::optional<Error> failure;
};

Result<> insert(db::Transaction& transaction, const std::string& id, const Notice& notice, Instant now);
// A job that delivers it, not before `due`; it comes earlier when one waits already.
Result<> schedule(db::Transaction& transaction, const std::string& id, Instant due, Instant now);
Result<std::optional<Row>> find(db::Transaction& transaction, const std::string& id);
// What it told is removed.
Result<> mark_sent(db::Transaction& transaction, const std::string& id, std::int64_t attempts, Instant now);
Result<> mark_failed(db::Transaction& transaction, const std::string& id, std::int64_t attempts, const Error& failure,
                     Instant now);
Result<> mark_later(db::Transaction& transaction, const std::string& id, std::int64_t attempts, const Error& failure,
                    Instant next);
// A failed or waiting one waits again. False: there is none, it was sent, or its values are gone.
Result<bool> revive(db::Transaction& transaction, const std::string& id, Instant now);

struct Filter {
  std::string state;  // empty: all
  std::optional<std::pair<Instant, std::string>> after;
  std::size_t limit = 50;
};
// Newest first; without values.
Result<std::vector<Row>> list(db::Transaction& transaction, const Filter& filter);
// Values of failed ones that finished before this, and whole rows that finished long ago.
Result<> forget(db::Transaction& transaction, Instant values_before, Instant rows_before);

}  // namespace kyso::registry::notice_store
