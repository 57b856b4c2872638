#include "registry/account/sessions.h"

#include "base/log.h"
#include "base/text.h"
#include "crypto/algorithm.h"
#include "crypto/password.h"
#include "jose/base64url.h"
#include "registry/account/store.h"

namespace kyso::registry {
namespace {

constexpr std::size_t kMaxSessions = 20;
constexpr std::chrono::seconds kTouchEvery{60};
constexpr std::size_t kMaxAgent = 200;

Bytes hash_of(std::string_view secret) {
  return crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(secret));
}

std::string shortened(std::string_view agent) {
  return to_valid_utf8(agent.substr(0, kMaxAgent));
}

Result<> make_room(db::Transaction& transaction, const std::string& account, Instant now) {
  const auto sessions = KYSO_TRY(account_store::sessions_of(transaction, account, now));
  for (std::size_t i = 0; i + kMaxSessions <= sessions.size(); ++i)
    KYSO_TRY(account_store::delete_session(transaction, account, sessions[i].id));
  return {};
}

}  // namespace

std::string csrf_of(std::string_view session_secret) {
  return jose::to_base64url(hash_of("kyso csrf\n" + std::string(session_secret)));
}

Result<OpenedSession> open_session(db::Transaction& transaction, const Account& account, const SessionStart& start,
                                   const SessionLimits& limits, Instant now) {
  if (!start.replaces.empty()) KYSO_TRY(account_store::delete_any_session(transaction, start.replaces));
  KYSO_TRY(make_room(transaction, account.id, now));
  const bool is_officer = account.is_officer();
  OpenedSession out;
  out.id = crypto::random_uuid();
  out.secret = crypto::random_token();
  out.csrf = csrf_of(out.secret);
  out.max_age = is_officer ? limits.officer_absolute : limits.absolute;
  account_store::SessionRow row;
  row.id = out.id;
  row.account = account.id;
  row.address = start.address;
  row.agent = shortened(start.agent);
  row.way = name_of(start.way);
  row.created = row.seen = now;
  row.idle = is_officer ? limits.officer_idle : limits.idle;
  row.expires = now + out.max_age;
  KYSO_TRY(account_store::insert_session(transaction, row, hash_of(out.secret)));
  KYSO_TRY(account_store::set_last_sign_in(transaction, account.id, now));
  return out;
}

Result<std::optional<Sessions::Found>> AccountSessions::find(std::string_view cookie_secret, Instant now) {
  const Bytes hash = hash_of(cookie_secret);
  const auto found = KYSO_TRY(
      m_database.read([&](db::Transaction& transaction) { return account_store::find_session(transaction, hash); }));
  if (!found || found->account.state != AccountState::active) return std::optional<Found>();
  if (found->row.expires <= now || found->row.seen + found->row.idle <= now) return std::optional<Found>();
  if (now - found->row.seen >= kTouchEvery) {
    const Result<> touched = m_database.write(
        [&](db::Transaction& transaction) { return account_store::touch_session(transaction, found->row.id, now); },
        db::Isolation::each_statement);
    // A busy database shall not turn people out.
    if (!touched) log::write(log::Level::warning, "session.touch", touched.error());
  }
  Found out;
  const Account& account = found->account;
  out.caller = {account.id,    account.email,  account.name, account.organisation,
                account.roles, account.person, found->row.id};
  out.csrf = csrf_of(cookie_secret);
  return std::optional(std::move(out));
}

Result<std::vector<std::string>> AccountSessions::living(const std::vector<std::string>& ids, Instant now) {
  return m_database.read(
      [&](db::Transaction& transaction) { return account_store::living_sessions(transaction, ids, now); });
}

}  // namespace kyso::registry
