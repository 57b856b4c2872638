#pragma once
#include "db/database.h"

// How often somebody has tried, counted in the database so that several kysod share it. What the numbers mean is pure.
namespace kyso::registry {

struct AttemptRules {
  std::int64_t captcha_after = 3;  // failures of one e-mail address
  std::int64_t lock_after = 10;
  // Of one network address, behind which an office may sit.
  std::int64_t address_captcha_after = 3, address_dearer_after = 20, address_lock_after = 100;
  std::chrono::seconds lock_for = std::chrono::minutes(15);
  std::chrono::seconds forget_after = std::chrono::hours(1);  // without a failure
  std::int64_t mails_per_hour = 5;                            // to one address, of registration and forgotten passwords
};

struct Attempts {
  std::int64_t count = 0;
  Instant first{}, last{}, locked_until{};
};

struct AttemptVerdict {
  bool needs_captcha = false;
  std::optional<std::chrono::seconds> locked_for;  // what remains
  std::chrono::seconds wait{};                     // until the next attempt is looked at
};
AttemptVerdict judge(const Attempts& of_email, const Attempts& of_address, const AttemptRules& rules, Instant now);

// What is counted. E-mail addresses are not kept: people type passwords there.
std::string attempts_of_email(std::string_view email);
std::string attempts_of_address(std::string_view address);
std::string mails_to(std::string_view email);

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
