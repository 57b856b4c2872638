#include "registry/account/attempts.h"

#include <algorithm>

#include "crypto/algorithm.h"
#include "net/rate_limiter.h"
#include "registry/account/model.h"

namespace kyso::registry {
namespace {

constexpr std::int64_t kLongestDoubling = 6;  // a minute

Attempts forgotten(const Attempts& attempts, std::chrono::seconds forget_after, Instant now) {
  if (attempts.last + forget_after > now) return attempts;
  Attempts out;
  out.locked_until = attempts.locked_until;
  return out;
}

Result<Attempts> read(const db::Row& row) {
  return Attempts{KYSO_TRY(row.get<std::int64_t>(0)), KYSO_TRY(row.get<Instant>(1)), KYSO_TRY(row.get<Instant>(2)),
                  KYSO_TRY(row.get<Instant>(3))};
}

std::string hash_of(std::string_view email) {
  return to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(email_key(email))));
}

}  // namespace

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

Result<Attempts> read_attempts(db::Transaction& transaction, const std::string& subject,
                               std::chrono::seconds forget_after, Instant now) {
  const auto row =
      KYSO_TRY(transaction.maybe("SELECT count, first, last, locked_until FROM attempt WHERE subject = ?", {subject}));
  if (!row) return Attempts{};
  return forgotten(KYSO_TRY(read(*row)), forget_after, now);
}

Result<Attempts> add_attempt(db::Transaction& transaction, const std::string& subject,
                             std::chrono::seconds forget_after, Instant now) {
  return read(KYSO_TRY(transaction.one(
      "INSERT INTO attempt (subject, count, first, last, locked_until) VALUES (?, 1, ?, ?, 0) "
      "ON CONFLICT (subject) DO UPDATE SET "
      "count = CASE WHEN attempt.last <= ? THEN 1 ELSE attempt.count + 1 END, "
      "first = CASE WHEN attempt.last <= ? THEN excluded.first ELSE attempt.first END, last = excluded.last "
      "RETURNING count, first, last, locked_until",
      {subject, now, now, now - forget_after, now - forget_after})));
}

Result<bool> take_one(db::Transaction& transaction, const std::string& subject, std::int64_t limit,
                      std::chrono::seconds period, Instant now) {
  const db::Row row = KYSO_TRY(transaction.one(
      "INSERT INTO attempt (subject, count, first, last, locked_until) VALUES (?, 1, ?, ?, 0) "
      "ON CONFLICT (subject) DO UPDATE SET "
      "count = CASE WHEN attempt.first <= ? THEN 1 ELSE attempt.count + 1 END, "
      "first = CASE WHEN attempt.first <= ? THEN excluded.first ELSE attempt.first END, last = excluded.last "
      "RETURNING count",
      {subject, now, now, now - period, now - period}));
  return KYSO_TRY(row.get<std::int64_t>(0)) <= limit;
}

Result<> raise_attempts(db::Transaction& transaction, const std::string& subject, std::int64_t count, Instant now) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO attempt (subject, count, first, last, locked_until) VALUES (?, ?, ?, ?, 0) ON CONFLICT (subject) DO "
      "UPDATE SET count = CASE WHEN attempt.count < excluded.count THEN excluded.count ELSE attempt.count END, "
      "last = excluded.last",
      {subject, count, now, now}));
  return {};
}

Result<> lock_attempts(db::Transaction& transaction, const std::string& subject, Instant until) {
  KYSO_TRY(transaction.execute("UPDATE attempt SET locked_until = ? WHERE subject = ?", {until, subject}));
  return {};
}

Result<> clear_attempts(db::Transaction& transaction, const std::string& subject) {
  KYSO_TRY(transaction.execute("DELETE FROM attempt WHERE subject = ?", {subject}));
  return {};
}

Result<> take_back_attempt(db::Transaction& transaction, const std::string& subject) {
  KYSO_TRY(transaction.execute("UPDATE attempt SET count = count - 1 WHERE subject = ? AND count > 0", {subject}));
  return {};
}

}  // namespace kyso::registry
