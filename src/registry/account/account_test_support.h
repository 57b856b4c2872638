#pragma once
#include "base/test_support.h"
#include "crypto/password.h"
#include "registry/account/sessions.h"
#include "registry/account/store.h"

// For the tests of every part: a signed-in account, without the way through mail and password.
namespace kyso::registry {

struct TestAccount {
  Account account;
  OpenedSession session;
  // What PortalRequest::caller would be.
  Caller caller() const {
    return {account.id, account.email, account.name, account.organisation, account.roles, account.person, session.id};
  }
  // What a browser sends with a request of this session.
  std::vector<std::pair<std::string, std::string>> headers(std::string_view public_url) const {
    return {{"cookie", fmt::format("{}={}", session_cookie_name(public_url), session.secret)},
            {"x-kyso-csrf", session.csrf},
            {"origin", std::string(public_url)},
            {"content-type", "application/json"}};
  }
};

// An active account of this organisation with these roles; the address is unique. `organisation` need not exist unless
// what is tested asks for it.
inline TestAccount make_account(db::Database& database, Instant now, const std::string& organisation, Roles roles,
                                const std::string& name = "Nguyễn Văn A", const std::string& person = {}) {
  return must(database.write([&](db::Transaction& transaction) -> Result<TestAccount> {
    TestAccount out;
    out.account.id = crypto::random_uuid();
    out.account.email = out.account.id.substr(0, 8) + "@donvi.example.vn";
    out.account.name = name;
    out.account.phone = "84912345678";
    out.account.organisation = organisation;
    out.account.language = "vi";
    out.account.roles = roles;
    out.account.person = person;
    out.account.created = now;
    if (!KYSO_TRY(account_store::insert(transaction, out.account, std::nullopt))) return fail("base.internal");
    out.session = KYSO_TRY(open_session(transaction, out.account, {}, {}, now));
    return out;
  }));
}

}  // namespace kyso::registry
