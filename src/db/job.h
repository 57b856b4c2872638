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
  // Not empty: at most one waiting job of this kind has this key. A second one is not made, and the first one's payload
  // stays; it comes earlier when the second one would have.
  std::string key;
};

// Inside the caller's transaction: the job exists exactly when the transaction commits.
Result<> enqueue(Transaction& transaction, const NewJob& job, Instant now);
// Takes the next due job of these kinds for `lease`; others pass it over (FOR UPDATE SKIP LOCKED; on SQLite the one
// writer). A job whose lease ran out is due again. The kinds take turns, so that none starves.
Result<std::optional<Job>> take(Database& database, const std::vector<std::string>& kinds, std::string_view owner,
                                Instant now, std::chrono::seconds lease);
// In the transaction that records what the job has done. db.job.lost: its lease ran out and another one has it.
Result<> finish(Transaction& transaction, const Job& job);
// More time for a job that takes longer. db.job.lost as above.
Result<> keep(Database& database, const Job& job, Instant now, std::chrono::seconds lease);
// Due again after a pause that doubles with each attempt (4 s, 8 s … a day); after `max_attempts` it is set aside as
// dead. When a job with the same key waits already, that one does the work. db.job.lost as above.
Result<> retry_later(Database& database, const Job& job, std::string_view reason, Instant now, int max_attempts = 20);

// A lease: one owner at a time, until it expires. `fence` rises with every change of owner, so that a former owner's
// late writes can be refused. An owner's name belongs to one run of one process.
struct Lease {
  std::string name, owner;
  std::int64_t fence = 0;
  Instant until{};
};
Result<std::optional<Lease>> acquire_lease(Database& database, std::string_view name, std::string_view owner,
                                           Instant now, std::chrono::seconds duration);
// In a transaction that only the owner may commit: db.lease.lost {name} when another one has the lease since, or could.
// Nobody else can take it until the transaction ends.
Result<> require_lease(Transaction& transaction, const Lease& lease, Instant now);
// Nothing when it was lost before.
Result<> release_lease(Database& database, const Lease& lease);

}  // namespace kyso::db
