#pragma once
#include "registry/account/model.h"
#include "registry/web/route.h"

// Who is signed in. Only the SHA-256 of a session's secret is kept; its CSRF token is derived from the secret, so that
// reading the database gives neither.
namespace kyso::registry {

struct SessionLimits {
  std::chrono::seconds officer_idle = std::chrono::minutes(30), idle = std::chrono::hours(8);
  std::chrono::seconds officer_absolute = std::chrono::hours(12), absolute = std::chrono::hours(24);
};

// From where one signs in; `replaces`: the session that this browser had, which ends.
struct SessionStart {
  SignInWay way = SignInWay::password;
  std::string address, agent;
  std::string replaces;
};
struct OpenedSession {
  std::string id, secret, csrf;
  std::chrono::seconds max_age{};
};
// A new secret each time. Of more than 20 sessions of an account the oldest ends.
Result<OpenedSession> open_session(db::Transaction& transaction, const Account& account, const SessionStart& start,
                                   const SessionLimits& limits, Instant now);
std::string csrf_of(std::string_view session_secret);

class AccountSessions final : public Sessions {
 public:
  explicit AccountSessions(db::Database& database) : m_database(database) {}
  Result<std::optional<Found>> find(std::string_view cookie_secret, Instant now) override;
  Result<std::vector<std::string>> living(const std::vector<std::string>& ids, Instant now) override;

 private:
  db::Database& m_database;
};

}  // namespace kyso::registry
