#include "registry/account/account_fixture.h"

namespace kyso::registry {
namespace {

bool lives(TestPortal& portal, const TestAccount& account, std::chrono::seconds after) {
  return must(portal.sessions.find(account.session.secret, kMorning + after)).has_value();
}

TEST_CASE("sessions end when nobody works, and after a day whatever happens") {
  on_each_portal([](TestPortal& portal) {
    using namespace std::chrono_literals;
    const TestAccount clerk = make_account(portal.database, kMorning, "office", {Role::clerk});
    const TestAccount officer = make_account(portal.database, kMorning, "authority", {Role::receiving});
    const TestAccount idle = make_account(portal.database, kMorning, "office", {Role::clerk});
    const TestAccount idle_officer = make_account(portal.database, kMorning, "authority", {Role::auditor});
    CHECK(lives(portal, idle_officer, 30min - 61s - 1s));
    CHECK_FALSE(lives(portal, idle_officer, 60min));
    CHECK_FALSE(lives(portal, idle, 8h));
    for (std::chrono::seconds after = 0s; after < 12h; after += 20min) CHECK(lives(portal, officer, after));
    CHECK_FALSE(lives(portal, officer, 12h));
    for (std::chrono::seconds after = 0s; after < 24h; after += 7h) CHECK(lives(portal, clerk, after));
    CHECK_FALSE(lives(portal, clerk, 24h));
  });
}

TEST_CASE("of many sessions those are told that go on") {
  on_each_portal([](TestPortal& portal) {
    using namespace std::chrono_literals;
    std::vector<TestAccount> clerks;
    for (int i = 0; i < 4; ++i) clerks.push_back(make_account(portal.database, kMorning, "office", {Role::clerk}));
    const TestAccount officer = make_account(portal.database, kMorning, "authority", {Role::receiving});
    std::vector<std::string> ids(600, "nobody");  // more than one question to the database
    for (const TestAccount& clerk : clerks) ids.push_back(clerk.session.id);
    ids.push_back(officer.session.id);
    const auto living = [&](std::chrono::seconds after) {
      const auto found = must(portal.sessions.living(ids, kMorning + after));
      return std::set(found.begin(), found.end());
    };
    CHECK(living(0s).size() == 5);
    CHECK(portal.accounts->sign_out(clerks[0].caller(), kMorning));
    const TestAccount boss = make_account(portal.database, kMorning, "authority", {Role::administrator});
    must(portal.accounts->change_account(boss.caller(), clerks[1].account.id,
                                         {Roles{Role::head}, std::nullopt, std::nullopt}, kMorning));
    must(portal.accounts->change_account(boss.caller(), clerks[2].account.id,
                                         {std::nullopt, std::nullopt, AccountState::locked}, kMorning));
    CHECK(living(1s) == std::set{clerks[3].session.id, officer.session.id});
    CHECK(living(30min) == std::set{clerks[3].session.id});  // the officer is idle
    CHECK(living(8h).empty());
    CHECK(must(portal.sessions.living({}, kMorning)).empty());
  });
}

TEST_CASE("a session is written to once a minute, not with every request") {
  on_each_portal([](TestPortal& portal) {
    const TestAccount clerk = make_account(portal.database, kMorning, "office", {Role::clerk});
    const auto seen = [&] {
      return must(portal.accounts->sessions_of(clerk.caller(), kMorning)).at(0).seen - kMorning;
    };
    CHECK(lives(portal, clerk, std::chrono::seconds(59)));
    CHECK(seen().count() == 0);
    CHECK(lives(portal, clerk, std::chrono::seconds(60)));
    CHECK(seen().count() == 60);
    CHECK(lives(portal, clerk, std::chrono::seconds(119)));
    CHECK(seen().count() == 60);
  });
}

TEST_CASE("the secret is nowhere in the database, and the CSRF token is not the secret") {
  on_each_portal([](TestPortal& portal) {
    const TestAccount clerk = make_account(portal.database, kMorning, "office", {Role::clerk});
    const auto found = *must(portal.sessions.find(clerk.session.secret, kMorning));
    CHECK(found.csrf == clerk.session.csrf);
    CHECK(found.csrf != clerk.session.secret);
    CHECK(found.caller.session == clerk.session.id);
    CHECK(portal.dump({"account_session.id", "account_session.account"}).find(clerk.session.secret) ==
          std::string::npos);
    CHECK_FALSE(must(portal.sessions.find("", kMorning)));
    CHECK_FALSE(must(portal.sessions.find(clerk.session.id, kMorning)));
    CHECK_FALSE(must(portal.sessions.find(clerk.session.csrf, kMorning)));
    const TestAccount other = make_account(portal.database, kMorning, "office", {Role::clerk});
    CHECK(other.session.csrf != clerk.session.csrf);
  });
}

TEST_CASE("signing in makes a new secret and ends the session that the browser had, whosever it was") {
  on_each_portal([](TestPortal& portal) {
    const TestAccount attacker = make_account(portal.database, kMorning, "office", {Role::clerk});
    portal.created("a@khac.example.vn", "other", {Role::clerk});
    // Someone put his own session into the victim's browser.
    SignInForm form;
    form.email = "a@khac.example.vn";
    form.password = Secret(kGoodPassword);
    const SignedIn done =
        must(portal.accounts->sign_in(form, {"192.0.2.1", "Firefox", attacker.session.id}, portal.now));
    CHECK(done.session.secret != attacker.session.secret);
    CHECK_FALSE(must(portal.sessions.find(attacker.session.secret, portal.now)));
    CHECK(portal.caller(done));
  });
}

TEST_CASE("people see their sessions and end them; never those of others") {
  on_each_portal([](TestPortal& portal) {
    portal.created("a@khac.example.vn", "other", {Role::clerk});
    const SignedIn one = must(portal.sign_in("a@khac.example.vn")), two = must(portal.sign_in("a@khac.example.vn")),
                   three = must(portal.sign_in("a@khac.example.vn"));
    const TestAccount stranger = make_account(portal.database, kMorning, "other", {Role::clerk});
    const Caller caller = *portal.caller(one);
    CHECK(must(portal.accounts->sessions_of(caller, portal.now)).size() == 3);
    CHECK(code_of(portal.accounts->end_session(stranger.caller(), two.session.id, portal.now)) ==
          "registry.session.missing");
    CHECK(portal.caller(two));
    CHECK(portal.accounts->end_session(caller, two.session.id, portal.now));
    CHECK_FALSE(portal.caller(two));
    CHECK(code_of(portal.accounts->end_session(caller, two.session.id, portal.now)) == "registry.session.missing");
    CHECK(portal.accounts->end_other_sessions(caller, portal.now));
    CHECK_FALSE(portal.caller(three));
    CHECK(portal.caller(one));
    CHECK(portal.accounts->sign_out(caller, portal.now));
    CHECK_FALSE(portal.caller(one));
    CHECK(must(portal.sessions.find(stranger.session.secret, portal.now)));
  });
}

TEST_CASE("an account has at most twenty sessions: the oldest goes") {
  on_each_portal([](TestPortal& portal) {
    portal.created("a@khac.example.vn", "other", {Role::clerk});
    std::vector<SignedIn> all;
    for (int i = 0; i < 21; ++i) {
      portal.now += std::chrono::seconds(1);
      all.push_back(must(portal.sign_in("a@khac.example.vn")));
    }
    CHECK_FALSE(portal.caller(all[0]));
    CHECK(portal.caller(all[1]));
    CHECK(portal.caller(all[20]));
  });
}

TEST_CASE("what is over is forgotten") {
  on_each_portal([](TestPortal& portal) {
    const TestAccount clerk = make_account(portal.database, kMorning, "office", {Role::clerk});
    portal.form("a@tinh.example.vn");
    REQUIRE(must(portal.accounts->register_account(portal.form("a@tinh.example.vn"), portal.visitor(), portal.now))
                .empty());
    (void)portal.sign_in("x@khac.example.vn", "sai mật khẩu rồi");
    const auto rows = [&] {
      return must(portal.database.read([](db::Transaction& transaction) -> Result<std::int64_t> {
        std::int64_t sum = 0;
        for (const char* table : {"account_session", "account_registration", "spent_ticket", "attempt"}) {
          const db::Row row = KYSO_TRY(transaction.one(fmt::format("SELECT COUNT(*) FROM {}", table)));
          sum += KYSO_TRY(row.get<std::int64_t>(0));
        }
        return sum;
      }));
    };
    CHECK(rows() == 5);
    must(portal.accounts->forget(portal.now));
    CHECK(rows() == 5);
    must(portal.accounts->forget(portal.now + std::chrono::hours(25)));
    CHECK(rows() == 0);
  });
}

}  // namespace
}  // namespace kyso::registry
