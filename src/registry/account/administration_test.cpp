#include <thread>

#include "registry/account/account_fixture.h"

namespace kyso::registry {
namespace {

struct Office {
  TestAccount boss, second, officer, clerk;
  explicit Office(TestPortal& portal)
      : boss(make_account(portal.database, portal.now, "authority", {Role::administrator}, "Trần Thị B")),
        second(make_account(portal.database, portal.now, "authority", {Role::administrator}, "Lê Văn C")),
        officer(make_account(portal.database, portal.now, "authority", {Role::receiving}, "Phạm Thị D", "pham-thi-d")),
        clerk(make_account(portal.database, portal.now, "office", {Role::clerk})) {}
};

TEST_CASE("nobody changes himself, and no administrator handles dossiers") {
  on_each_portal([](TestPortal& portal) {
    Office office(portal);
    const auto give = [&](const TestAccount& who, const TestAccount& whom, Roles roles) {
      return code_of(portal.accounts->change_account(who.caller(), whom.account.id,
                                                     {std::move(roles), std::nullopt, std::nullopt}, portal.now));
    };
    CHECK(give(office.boss, office.boss, {Role::receiving}) == "registry.account.self");
    CHECK(give(office.boss, office.second, {Role::administrator, Role::approving}) ==
          "registry.account.roles.together");
    CHECK(give(office.boss, office.clerk, {Role::approving}) == "registry.account.roles.authority");
    CHECK(give(office.boss, office.officer, {Role::receiving, Role::checking}) == "ok");
    CHECK(give(office.second, office.boss, {Role::approving}) == "ok");  // takes the other role away
    // Sessions of that time ended, and what comes from them is judged by what is true now.
    CHECK_FALSE(must(portal.sessions.find(office.boss.session.secret, portal.now)));
    CHECK(give(office.boss, office.clerk, {Role::head}) == "registry.access.role");
    CHECK(give(office.officer, office.clerk, {Role::head}) == "registry.access.role");
    CHECK(code_of(portal.accounts->change_account(office.second.caller(), "nobody", {}, portal.now)) ==
          "registry.account.missing");
  });
}

TEST_CASE("two administrators who take each other's role at once do not leave the house without one") {
  on_each_portal([](TestPortal& portal) {
    Office office(portal);
    {
      std::jthread one([&] {
        (void)portal.accounts->change_account(office.boss.caller(), office.second.account.id,
                                              {Roles{}, std::nullopt, std::nullopt}, portal.now);
      });
      std::jthread two([&] {
        (void)portal.accounts->change_account(office.second.caller(), office.boss.account.id,
                                              {Roles{}, std::nullopt, std::nullopt}, portal.now);
      });
    }
    const auto left = must(portal.database.read(
        [](db::Transaction& transaction) { return account_store::holders_of(transaction, Role::administrator, 10); }));
    CHECK(left.size() == 1);
  });
}

TEST_CASE("a head admits colleagues of the own organisation as clerks, and does nothing else") {
  on_each_portal([](TestPortal& portal) {
    const auto make = [&](const std::string& organisation, Roles roles) {
      return make_account(portal.database, portal.now, organisation, std::move(roles));
    };
    const TestAccount head = make("office", {Role::head}), above = make("province", {Role::head}),
                      stranger = make("other", {Role::head}), clerk = make("office", {Role::clerk}),
                      officer = make("authority", {Role::receiving}), boss = make("authority", {Role::administrator});
    const Account waiting = portal.registered("b@khac.example.vn");
    REQUIRE(waiting.state == AccountState::waiting);
    // Who may admit is told: the head and the administrator.
    std::set<std::string> told;
    for (const auto& mail : portal.deliver())
      if (mail.text.find("b@khac.example.vn") != std::string::npos) told.insert(mail.to.at(0));
    CHECK(told == std::set{head.account.email, boss.account.email});
    const auto change = [&](const TestAccount& who, const std::string& id, Accounts::Change wanted) {
      return code_of(portal.accounts->change_account(who.caller(), id, wanted, portal.now));
    };
    const Accounts::Change admit{std::nullopt, std::nullopt, AccountState::active};
    CHECK(change(stranger, waiting.id, admit) == "registry.account.missing");
    CHECK(change(above, waiting.id, admit) == "registry.access.forbidden");
    CHECK(change(clerk, waiting.id, admit) == "registry.access.role");
    CHECK(change(officer, waiting.id, admit) == "registry.access.role");
    for (const Accounts::Change& other :
         {Accounts::Change{Roles{Role::head}, std::nullopt, AccountState::active},
          Accounts::Change{Roles{Role::clerk, Role::head}, std::nullopt, AccountState::active},
          Accounts::Change{Roles{Role::clerk}, std::nullopt, std::nullopt},
          Accounts::Change{Roles{}, std::nullopt, AccountState::active},
          Accounts::Change{std::nullopt, std::optional<std::string>("le-van-c"), AccountState::active},
          Accounts::Change{std::nullopt, std::nullopt, AccountState::closed},
          Accounts::Change{std::nullopt, std::nullopt, AccountState::locked}})
      CHECK(change(head, waiting.id, other) == "registry.access.forbidden");
    CHECK(change(head, clerk.account.id, {std::nullopt, std::nullopt, AccountState::locked}) ==
          "registry.access.forbidden");
    CHECK(change(head, head.account.id, admit) == "registry.account.self");
    const Account admitted = must(portal.accounts->change_account(head.caller(), waiting.id, admit, portal.now));
    CHECK(admitted.state == AccountState::active);
    CHECK(admitted.roles == Roles{Role::clerk});
    CHECK(portal.has_event(admitted, "account.changed"));
    CHECK(portal.sign_in("b@khac.example.vn"));
    CHECK(portal.deliver().at(0).to.at(0) == "b@khac.example.vn");
    CHECK(change(head, waiting.id, admit) == "registry.access.forbidden");  // waits no more
    // Of whom an administrator has already decided something, he decides the rest.
    const Account chosen = portal.registered("c@khac.example.vn");
    CHECK(change(boss, chosen.id, {Roles{Role::head}, std::nullopt, std::nullopt}) == "ok");
    CHECK(change(head, chosen.id, admit) == "registry.access.forbidden");
  });
}

TEST_CASE("a change ends sessions, is recorded, and is told to whom it concerns") {
  on_each_portal([](TestPortal& portal) {
    Office office(portal);
    const Account changed =
        must(portal.accounts->change_account(office.boss.caller(), office.officer.account.id,
                                             {Roles{Role::approving}, std::nullopt, std::nullopt}, portal.now));
    CHECK(changed.roles == Roles{Role::approving});
    CHECK(changed.person == "pham-thi-d");
    CHECK_FALSE(must(portal.sessions.find(office.officer.session.secret, portal.now)));
    const auto mails = portal.deliver();
    REQUIRE(mails.size() == 2);  // the officer, and the other administrator
    std::set<std::string> told;
    for (const auto& mail : mails) told.insert(mail.to.at(0));
    CHECK(told == std::set{office.officer.account.email, office.second.account.email});
    CHECK(mails[0].text.find("Cán bộ phê duyệt") != std::string::npos);
    CHECK(portal.has_event(changed, "account.changed"));
    // The same once more changes nothing and tells nobody.
    must(portal.accounts->change_account(office.boss.caller(), office.officer.account.id,
                                         {Roles{Role::approving}, std::nullopt, std::nullopt}, portal.now));
    CHECK(portal.deliver().empty());
  });
}

TEST_CASE("an officer in the vault's policy is one account of the authority") {
  on_each_portal([](TestPortal& portal) {
    Office office(portal);
    const TestAccount other = make_account(portal.database, portal.now, "authority", {Role::checking});
    const auto name = [&](const TestAccount& whom, const std::optional<std::string>& person) {
      return code_of(portal.accounts->change_account(office.boss.caller(), whom.account.id,
                                                     {std::nullopt, std::optional(person), std::nullopt}, portal.now));
    };
    CHECK(name(other, "pham-thi-d") == "registry.account.person");
    CHECK(name(other, "Phạm Thị D") == "registry.account.person");
    CHECK(name(office.clerk, "le-van-c") == "registry.account.person");
    CHECK(name(other, "le-van-e") == "ok");
    CHECK(name(office.officer, std::nullopt) == "ok");
    CHECK(name(other, "pham-thi-d") == "ok");
  });
}

TEST_CASE("states go one way at the end") {
  on_each_portal([](TestPortal& portal) {
    Office office(portal);
    const auto set = [&](AccountState state) {
      return code_of(portal.accounts->change_account(office.boss.caller(), office.clerk.account.id,
                                                     {std::nullopt, std::nullopt, state}, portal.now));
    };
    CHECK(set(AccountState::waiting) == "registry.account.state");
    CHECK(set(AccountState::locked) == "ok");
    CHECK(set(AccountState::active) == "ok");
    CHECK(set(AccountState::closed) == "ok");
    CHECK(set(AccountState::active) == "registry.account.state");
  });
}

TEST_CASE("a link for a new password dies when the account is locked") {
  on_each_portal([](TestPortal& portal) {
    Office office(portal);
    const Account account = portal.created("a@khac.example.vn", "other", {Role::clerk});
    REQUIRE(portal.accounts->ask_for_reset_mail("a@khac.example.vn", portal.captcha(), portal.now));
    const std::string token = portal.token_in(portal.deliver().at(0));
    must(portal.accounts->change_account(office.boss.caller(), account.id,
                                         {std::nullopt, std::nullopt, AccountState::locked}, portal.now));
    CHECK(code_of(portal.accounts->reset_password(token, Secret("sáu con mèo tím"), portal.now)) ==
          "registry.account.link");
    CHECK(code_of(portal.sign_in("a@khac.example.vn")) == "registry.account.closed");
    portal.deliver();
    REQUIRE(portal.accounts->ask_for_reset_mail("a@khac.example.vn", portal.captcha(), portal.now));
    CHECK(portal.deliver().empty());
  });
}

TEST_CASE("accounts are found by words without diacritics, page by page, below an organisation") {
  on_each_portal([](TestPortal& portal) {
    for (int i = 0; i < 7; ++i)
      make_account(portal.database, portal.now + std::chrono::seconds(i / 2), i % 2 == 0 ? "office" : "province",
                   {Role::clerk, Role::head}, fmt::format("Đặng Thị {}", std::string(1, static_cast<char>('A' + i))));
    make_account(portal.database, portal.now, "other", {Role::clerk}, "100% Lê");
    account_store::ListFilter filter;
    filter.at = portal.now;
    filter.words = {"dang", "th"};
    filter.limit = 3;
    std::vector<std::string> names;
    do {
      const auto page = must(portal.accounts->list(filter));
      CHECK(page.items.size() <= filter.limit);
      for (const Account& account : page.items) {
        names.push_back(account.name);
        CHECK(account.roles.size() == 2);
      }
      filter.after = page.next;
    } while (filter.after);
    CHECK(names.size() == 7);
    CHECK(std::set(names.begin(), names.end()).size() == 7);
    CHECK(names.front() == "Đặng Thị G");
    const auto count = [&](std::vector<std::string> words, const std::optional<std::string>& below) {
      account_store::ListFilter wanted;
      wanted.at = portal.now;
      wanted.words = std::move(words);
      wanted.organisation_below = below;
      return must(portal.accounts->list(wanted)).items.size();
    };
    CHECK(count({}, "office") == 4);
    CHECK(count({}, "province") == 7);
    CHECK(count({"thi", "dang"}, "office") == 4);
    CHECK(count({"100", "le"}, "province") == 0);
    CHECK(count({"100", "le"}, std::nullopt) == 1);
    CHECK(count({"ang"}, std::nullopt) == 0);  // words are found by their beginnings
  });
}

TEST_CASE("a search for common words goes on behind those that it has looked at") {
  on_each_portal([](TestPortal& portal) {
    constexpr int kMany = 9'000;
    must(portal.database.write([&](db::Transaction& transaction) -> Result<> {
      std::vector<db::Values> accounts, words;
      for (int i = 0; i < kMany; ++i) {
        const std::string id = fmt::format("many-{:05}", i);
        accounts.push_back({id, id, id, portal.now - std::chrono::seconds(i)});
        for (const char* word : {"nguyen", i == kMany - 1 ? "cuoi" : "giua"}) words.push_back({word, id});
        if (i > 400) words.push_back({"an", id});
      }
      KYSO_TRY(transaction.execute_many(
          "INSERT INTO account (id, email, email_key, name, phone, organisation, language, state, created) "
          "VALUES (?, ?, ?, 'Nguyễn', '', 'office', 'vi', 'active', ?)",
          accounts));
      return transaction.execute_many("INSERT INTO account_word (word, account) VALUES (?, ?)", words);
    }));
    account_store::ListFilter filter;
    filter.words = {"an", "nguyen"};
    filter.limit = 1'000;
    std::set<std::string> found;
    std::size_t pages = 0;
    do {
      const auto page = must(portal.accounts->list(filter));
      for (const Account& account : page.items) CHECK(found.insert(account.id).second);
      filter.after = page.next;
      ++pages;
    } while (filter.after);
    CHECK(found.size() == kMany - 401);
    CHECK(pages < 20);
    filter.words = {"cuoi", "nguyen"};
    CHECK(must(portal.accounts->list(filter)).items.size() == 1);
  });
}

TEST_CASE("a head delegates to a clerk of another organisation, for a time and on a basis") {
  on_each_portal([](TestPortal& portal) {
    using std::chrono::hours;
    const TestAccount head = make_account(portal.database, portal.now, "province", {Role::head});
    const TestAccount helper = make_account(portal.database, portal.now, "other", {Role::clerk});
    const TestAccount own = make_account(portal.database, portal.now, "province", {Role::clerk});
    const TestAccount officer = make_account(portal.database, portal.now, "authority", {Role::receiving});
    const Instant today = must(parse_time(iso8601_vietnam(portal.now).substr(0, 10)));
    const auto give = [&](const std::string& email, Instant from, Instant to,
                          const std::string& basis = "Số 12/QĐ-UBND") {
      return portal.accounts->delegate(head.caller(), {email, basis, from, to}, portal.now);
    };
    CHECK(code_of(give("khong@co.example", today, today)) == "registry.delegation.account");
    CHECK(code_of(give(officer.account.email, today, today)) == "registry.delegation.account");
    CHECK(code_of(give(own.account.email, today, today)) == "registry.delegation.own");
    CHECK(code_of(give(helper.account.email, today, today - hours(24))) == "registry.delegation.period");
    CHECK(code_of(give(helper.account.email, today - hours(72), today - hours(24))) == "registry.delegation.period");
    CHECK(code_of(give(helper.account.email, today, today + hours(24 * 800))) == "registry.delegation.period");
    CHECK(code_of(give(helper.account.email, today, today, " ")) == "registry.input.missing");
    const Delegation made = must(give(helper.account.email, today + hours(24), today + hours(48)));
    const auto may = [&](const TestAccount& who, const std::string& organisation, Instant now) {
      return must(portal.database.read([&](db::Transaction& transaction) {
               return delegation_for(transaction, who.account.id, organisation, now);
             }))
          .has_value();
    };
    CHECK_FALSE(may(helper, "province", today + hours(24) - std::chrono::seconds(1)));
    CHECK(may(helper, "province", today + hours(24)));
    CHECK(may(helper, "province", today + hours(72) - std::chrono::seconds(1)));  // the last day counts
    CHECK_FALSE(may(helper, "province", today + hours(72)));
    CHECK_FALSE(may(helper, "office", today + hours(24)));  // that one alone, not what lies below
    CHECK_FALSE(may(own, "province", today + hours(24)));
    CHECK(must(portal.accounts->delegations(head.caller())).size() == 1);
    CHECK(must(portal.accounts->delegations(helper.caller())).size() == 1);
    CHECK(must(portal.accounts->delegations(officer.caller())).empty());
    CHECK(portal.deliver().at(0).text.find("Số 12/QĐ-UBND") != std::string::npos);
    const TestAccount stranger = make_account(portal.database, portal.now, "other", {Role::head});
    CHECK(code_of(portal.accounts->end_delegation(stranger.caller(), made.id, portal.now)) ==
          "registry.delegation.missing");
    CHECK(portal.accounts->end_delegation(head.caller(), made.id, portal.now));
    CHECK_FALSE(may(helper, "province", today + hours(24)));
  });
}

TEST_CASE("people change their own name, telephone and language") {
  on_each_portal([](TestPortal& portal) {
    const TestAccount own = make_account(portal.database, portal.now, "office", {Role::clerk});
    const Account changed =
        must(portal.accounts->change_own(own.caller(), {"Trần Thị B", "0987654321", "en"}, portal.now));
    CHECK(changed.name == "Trần Thị B");
    CHECK(changed.phone == "84987654321");
    CHECK(changed.roles == Roles{Role::clerk});
    CHECK(code_of(portal.accounts->change_own(own.caller(), {"<b>", {}, {}}, portal.now)) == "registry.account.name");
    CHECK(code_of(portal.accounts->change_own(own.caller(), {{}, {}, "fr"}, portal.now)) == "registry.input.parameter");
    CHECK(must(portal.sessions.find(own.session.secret, portal.now)));
    CHECK(portal.has_event(changed, "account.own_change"));
  });
}

}  // namespace
}  // namespace kyso::registry
