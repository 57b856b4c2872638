#pragma once
#include "db/database.h"
#include "registry/account/attempts.h"

// All SQL of attempts: counted in the database so that several kysod share it.
namespace kyso::registry {

Result<Attempts> read_attempts(db::Transaction& transaction, const std::string& subject,
                               std::chrono::seconds forget_after, Instant now);
// One more; what it is then.
Result<Attempts> add_attempt(db::Transaction& transaction, const std::string& subject,
                             std::chrono::seconds forget_after, Instant now);
// Counts within a period that begins with the first one. False: `limit` is used up.
Result<bool> take_one(db::Transaction& transaction, const std::string& subject, std::int64_t limit,
                      std::chrono::seconds period, Instant now);
// At least so many.
Result<> raise_attempts(db::Transaction& transaction, const std::string& subject, std::int64_t count, Instant now);
Result<> lock_attempts(db::Transaction& transaction, const std::string& subject, Instant until);
Result<> clear_attempts(db::Transaction& transaction, const std::string& subject);
Result<> take_back_attempt(db::Transaction& transaction, const std::string& subject);

}  // namespace kyso::registry
