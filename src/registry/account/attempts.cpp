#include "registry/account/attempts.h"

#include <algorithm>

#include "crypto/algorithm.h"
#include "net/rate_limiter.h"
#include "registry/account/model.h"

namespace kyso::registry {
namespace {

constexpr std::int64_t kLongestDoubling = 6;  // a minute

std::string hash_of(std::string_view email) {
  return to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(email_key(email))));
}

}  // namespace

Attempts forgotten(const Attempts& attempts, std::chrono::seconds forget_after, Instant now) {
  if (attempts.last + forget_after > now) return attempts;
  Attempts out;
  out.locked_until = attempts.locked_until;
  return out;
}

AttemptVerdict judge(const Attempts& of_email, const Attempts& of_address, const AttemptRules& rules, Instant now) {
  AttemptVerdict out;
  const Instant until = std::max(of_email.locked_until, of_address.locked_until);
  if (until > now) out.locked_for = until - now;
  const Attempts email = forgotten(of_email, rules.forget_after, now);
  const Attempts address = forgotten(of_address, rules.forget_after, now);
  out.needs_captcha = email.count >= rules.captcha_after || address.count >= rules.address_captcha_after;
  if (email.count > rules.captcha_after) {
    const auto doublings = std::min(email.count - rules.captcha_after - 1, kLongestDoubling);
    const Instant next = email.last + std::chrono::seconds(std::int64_t{1} << doublings);
    if (next > now) out.wait = next - now;
  }
  return out;
}

std::string attempts_of_email(std::string_view email) {
  return "sign-in:email:" + hash_of(email);
}

std::string attempts_of_address(std::string_view address) {
  return "sign-in:address:" + net::client_of(address);
}

std::string mails_to(std::string_view email) {
  return "mail:" + hash_of(email);
}

}  // namespace kyso::registry
