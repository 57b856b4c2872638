#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "base/time.h"

// How often somebody has tried, and what the numbers mean; attempt_store.h counts.
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

// What is left of them after a while without a failure.
Attempts forgotten(const Attempts& attempts, std::chrono::seconds forget_after, Instant now);

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

}  // namespace kyso::registry
