#pragma once
#include "db/database.h"

namespace kyso::registry {

// A mail that somebody asked for. It is written by a job, so that the answer to the request is the same, and takes as
// long, whoever has an account.
struct MailWish {
  std::string what;          // "registration", "activation", "reset"
  std::string registration;  // of "registration": its id
  std::string email;         // of the others
};
Result<> enqueue_wish(db::Transaction& transaction, const MailWish& wish, Instant now);

}  // namespace kyso::registry
