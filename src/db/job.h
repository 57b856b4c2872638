#pragma once
#include "db/database.h"

// Work that can wait, and work that one process alone may do.
namespace kyso::db {

// A row of the table job. Idempotent by contract: it may run again after a crash.
struct Job {
  std::int64_t id = 0;
  std::string kind;
  std::string payload;  // JSON
  int attempt = 0;      // counts from 1 while it runs
};

struct NewJob {
  std::string kind, payload;
  std::optional<Instant> not_before;
  std::string key;  // not empty: at most one waiting job of this kind has this key
};

// Inside the caller's transaction: the job exists exactly when the transaction commits.
Result<> enqueue(Transaction& transaction, const NewJob& job, Instant now);
// Takes the next due job of these kinds for `lease`; others pass it over (FOR UPDATE SKIP LOCKED; on SQLite the one
// writer). A job whose lease ran out is due again.
Result<std::optional<Job>> take(Database& database, const std::vector<std::string>& kinds, std::string_view owner,
                                Instant now, std::chrono::seconds lease);
Result<> finish(Transaction& transaction, const Job& job);
// Due again after a pause that doubles with each attempt, up to a day; after `max_attempts` it is set aside as dead.
Result<> retry_later(Database& database, const Job& job, std::string_view reason, Instant now, int max_attempts = 20);

// A lease: one owner at a time, until it expires. `fence` rises with every change of owner, so that a former owner's
// late writes can be refused.
struct Lease {
  std::string name, owner;
  std::int64_t fence = 0;
  Instant until{};
};
Result<std::optional<Lease>> acquire_lease(Database& database, std::string_view name, std::string_view owner,
                                           Instant now, std::chrono::seconds duration);
Result<> release_lease(Database& database, const Lease& lease);

}  // namespace kyso::db
