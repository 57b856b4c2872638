#pragma once
#include <filesystem>

#include "db/database.h"
#include "json/json.h"

// The audit log: an append-only Merkle tree over events (RFC 6962 hashing), signed checkpoints, proofs.
// docs/audit.md describes files and formats.
namespace kyso::audit {

// What happened. No secrets, no PIN, no full identity numbers.
struct Event {
  std::string kind;     // "certificate.issued", "request.approved", "officer.refused", "clock.lost", "login.failed", …
  std::string actor;    // person, or "system:kysod"
  std::string subject;  // what it is about: "CPCA_G1/01AB…", a request's id
  json::Value details = json::Value::object();
};

// Records within the caller's transaction: the record exists exactly when the change does. The id finds its leaf later.
Result<std::int64_t> append(db::Transaction& transaction, const Event& event, Instant now);

// The same for many, without their ids.
Result<> append_many(db::Transaction& transaction, const std::vector<Event>& events, Instant now);

// The place of an event in the tree, once it is integrated (within a second); nullopt: not yet.
Result<std::optional<std::int64_t>> leaf_index(db::Database& database, std::int64_t event);

}  // namespace kyso::audit
