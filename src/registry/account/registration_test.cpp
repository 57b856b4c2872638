#include <thread>

#include "registry/account/account_fixture.h"

namespace kyso::registry {
namespace {

std::string problem_of(const std::vector<FieldProblem>& problems, const std::string& field) {
  for (const FieldProblem& problem : problems)
    if (problem.field == field) return std::string(problem.error.code);
  return "";
}

TEST_CASE("the first with an official address becomes the clerk by the link of the mail") {
  on_each_portal([](TestPortal& portal) {
    REQUIRE(must(portal.accounts->register_account(portal.form("a@so.tinh.example.vn"), portal.visitor(), portal.now))
                .empty());
    CHECK(code_of(portal.sign_in("a@so.tinh.example.vn")) == "registry.account.sign_in");  // not yet
    const auto mails = portal.deliver();
    REQUIRE(mails.size() == 1);
    CHECK(mails[0].to == std::vector<std::string>{"a@so.tinh.example.vn"});
    CHECK(mails[0].text.find("UBND tỉnh mẫu; Sở mẫu") != std::string::npos);
    CHECK(mails[0].text.find("24 giờ") != std::string::npos);
    CHECK(mails[0].html.find("Xác nhận email") != std::string::npos);
    const Account account = must(portal.accounts->activate(portal.token_in(mails[0]), portal.now));
    CHECK(account.state == AccountState::active);
    CHECK(account.roles == Roles{Role::clerk});
    CHECK(account.phone == "84912345678");
    CHECK(portal.has_event(account, "account.activated"));
    const SignedIn signed_in = must(portal.sign_in("A@so.Tinh.example.vn"));
    CHECK(portal.caller(signed_in)->organisation == "office");
  });
}

TEST_CASE("others wait until an administrator admits them") {
  on_each_portal([](TestPortal& portal) {
    const Account boss = portal.created("quantri@cuc.example.vn", "authority", {Role::administrator});
    const Account outsider = portal.registered("ai-do@gmail.example");
    CHECK(outsider.state == AccountState::waiting);
    CHECK(outsider.roles.empty());
    const auto mails = portal.deliver();
    REQUIRE(mails.size() == 2);  // to the person and to the administrator
    CHECK(code_of(portal.sign_in("ai-do@gmail.example")) == "registry.account.waiting");
    CHECK(code_of(portal.sign_in("ai-do@gmail.example", "sai mật khẩu rồi")) == "registry.account.sign_in");
    // Nobody was admitted yet: the first official one is.
    CHECK(portal.registered("a@tinh.example.vn").state == AccountState::active);
    portal.deliver();
    CHECK(portal.registered("b@tinh.example.vn").state == AccountState::waiting);
    const Caller caller = *portal.caller(must(portal.sign_in("quantri@cuc.example.vn")));
    CHECK(caller.account == boss.id);
    const Account admitted = must(portal.accounts->change_account(
        caller, outsider.id, {Roles{Role::clerk}, std::nullopt, AccountState::active}, portal.now));
    CHECK(admitted.state == AccountState::active);
    CHECK(portal.sign_in("ai-do@gmail.example"));
    portal.options.admits_first_account = false;
    portal.restart();
    portal.deliver();
    CHECK(portal.registered("c@khac.example.vn", "other").state == AccountState::waiting);
  });
}

TEST_CASE("registering does not tell whether an address has an account; the mail does, to its owner") {
  on_each_portal([](TestPortal& portal) {
    const Account owner = portal.registered("a@tinh.example.vn");
    RegistrationForm again = portal.form("A@tinh.example.vn");
    again.password = Secret("một mật khẩu của kẻ khác");
    CHECK(must(portal.accounts->register_account(again, portal.visitor(), portal.now)).empty());
    const auto mails = portal.deliver();
    REQUIRE(mails.size() == 1);
    CHECK(mails[0].subject == "Địa chỉ email này đã có tài khoản");
    CHECK(mails[0].text.find("token") == std::string::npos);
    CHECK(code_of(portal.sign_in("a@tinh.example.vn", "một mật khẩu của kẻ khác")) == "registry.account.sign_in");
    CHECK(must(portal.sign_in("a@tinh.example.vn")).account.id == owner.id);
    // Neither do the other two ways.
    CHECK(code_of(portal.accounts->ask_for_reset_mail("khong@co.example", portal.captcha(), portal.now)) == "ok");
    CHECK(code_of(portal.accounts->ask_for_activation_mail("khong@co.example", portal.captcha(), portal.now)) == "ok");
    CHECK(code_of(portal.accounts->ask_for_activation_mail("a@tinh.example.vn", portal.captcha(), portal.now)) == "ok");
    CHECK(portal.deliver().empty());
  });
}

TEST_CASE("who registers with another's address gains nothing when the owner registers too") {
  on_each_portal([](TestPortal& portal) {
    RegistrationForm thief = portal.form("a@tinh.example.vn");
    thief.password = Secret("một mật khẩu của kẻ khác");
    REQUIRE(must(portal.accounts->register_account(thief, portal.visitor(), portal.now)).empty());
    const std::string stolen = portal.token_in(portal.deliver().at(0));
    REQUIRE(must(portal.accounts->register_account(portal.form("a@tinh.example.vn"), portal.visitor(), portal.now))
                .empty());
    const std::string own = portal.token_in(portal.deliver().at(0));
    CHECK(portal.accounts->activate(own, portal.now));
    CHECK(code_of(portal.accounts->activate(stolen, portal.now)) == "registry.account.link");
    CHECK(portal.sign_in("a@tinh.example.vn"));
    CHECK(code_of(portal.sign_in("a@tinh.example.vn", "một mật khẩu của kẻ khác")) == "registry.account.sign_in");
  });
}

TEST_CASE("a link counts once and for 24 hours; asking again makes a new one") {
  on_each_portal([](TestPortal& portal) {
    REQUIRE(must(portal.accounts->register_account(portal.form("a@tinh.example.vn"), portal.visitor(), portal.now))
                .empty());
    const std::string first = portal.token_in(portal.deliver().at(0));
    CHECK(code_of(portal.accounts->activate("xxxx", portal.now)) == "registry.account.link");
    CHECK(code_of(portal.accounts->activate("", portal.now)) == "registry.account.link");
    REQUIRE(portal.accounts->ask_for_activation_mail("a@tinh.example.vn", portal.captcha(), portal.now));
    const std::string second = portal.token_in(portal.deliver().at(0));
    CHECK(code_of(portal.accounts->activate(first, portal.now)) == "registry.account.link");
    CHECK(code_of(portal.accounts->activate(second, portal.now + std::chrono::hours(24))) == "registry.account.link");
    CHECK(portal.accounts->activate(second, portal.now + std::chrono::hours(24) - std::chrono::seconds(1)));
    CHECK(code_of(portal.accounts->activate(second, portal.now)) == "registry.account.link");
  });
}

TEST_CASE("of many who follow one link at once, one has an account") {
  on_each_portal([](TestPortal& portal) {
    REQUIRE(must(portal.accounts->register_account(portal.form("a@tinh.example.vn"), portal.visitor(), portal.now))
                .empty());
    REQUIRE(must(portal.accounts->register_account(portal.form("a@tinh.example.vn"), portal.visitor(), portal.now))
                .empty());
    const auto mails = portal.deliver();
    REQUIRE(mails.size() == 2);
    std::atomic<int> activated = 0, refused = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
          const auto done = portal.accounts->activate(portal.token_in(mails[i % 2]), portal.now);
          (done ? activated : refused) += 1;
          if (!done) CHECK(done.error().code == "registry.account.link");
        });
    }
    CHECK(activated == 1);
    CHECK(refused == 7);
  });
}

TEST_CASE("a form tells everything that is wrong with it at once, and costs nothing then") {
  on_each_portal([](TestPortal& portal) {
    RegistrationForm wrong;
    const auto problems = must(portal.accounts->register_account(wrong, portal.visitor(), portal.now));
    for (const char* field : {"organisation", "name", "phone", "email"})
      CHECK(problem_of(problems, field) == "registry.input.missing");
    CHECK(problem_of(problems, "password") == "registry.account.password.missing");
    CHECK(problem_of(problems, "agreed") == "registry.account.agreement");
    RegistrationForm other = portal.form("not an address", "nowhere");
    const CaptchaAnswer answer = *other.captcha;
    const auto more = must(portal.accounts->register_account(other, portal.visitor(), portal.now));
    CHECK(problem_of(more, "email") == "registry.account.email");
    CHECK(problem_of(more, "organisation") == "registry.account.organisation");
    // The puzzle was not used up by that, and is by this.
    RegistrationForm good = portal.form("a@tinh.example.vn");
    good.captcha = answer;
    CHECK(must(portal.accounts->register_account(good, portal.visitor(), portal.now)).empty());
    CHECK(code_of(portal.accounts->register_account(good, portal.visitor(), portal.now)) == "registry.captcha.wrong");
    good.captcha.reset();
    CHECK(code_of(portal.accounts->register_account(good, portal.visitor(), portal.now)) == "registry.captcha.needed");
  });
}

TEST_CASE("nobody's mailbox is filled by the portal") {
  on_each_portal([](TestPortal& portal) {
    for (int i = 0; i < 8; ++i)
      REQUIRE(must(portal.accounts->register_account(portal.form("a@tinh.example.vn"), portal.visitor(), portal.now))
                  .empty());
    CHECK(portal.deliver().size() == 5);
    REQUIRE(portal.accounts->ask_for_activation_mail("a@tinh.example.vn", portal.captcha(), portal.now));
    CHECK(portal.deliver().empty());
    portal.now += std::chrono::hours(1);
    REQUIRE(portal.accounts->ask_for_activation_mail("a@tinh.example.vn", portal.captcha(), portal.now));
    CHECK(portal.deliver().size() == 1);
  });
}

TEST_CASE("the database holds neither tokens nor passwords, and after delivery no links") {
  on_each_portal([](TestPortal& portal) {
    REQUIRE(must(portal.accounts->register_account(portal.form("a@tinh.example.vn"), portal.visitor(), portal.now))
                .empty());
    const std::string token = portal.token_in(portal.deliver().at(0));
    const std::vector<std::string> everywhere = {"outbox.payload", "audit_event.details",
                                                 "account_registration.password", "job.payload", "account.password"};
    CHECK(portal.dump(everywhere).find(token) == std::string::npos);
    CHECK(portal.dump(everywhere).find(kGoodPassword) == std::string::npos);
    must(portal.accounts->activate(token, portal.now));
    CHECK(portal.dump(everywhere).find(kGoodPassword) == std::string::npos);
    CHECK(portal.dump({"audit_event.details", "audit_event.actor", "audit_event.subject"}).find("tinh.example.vn") ==
          std::string::npos);
  });
}

TEST_CASE("the first administrator is made at the machine") {
  on_each_portal([](TestPortal& portal) {
    const Account boss = portal.created("quantri@cuc.example.vn", "authority", {Role::administrator});
    CHECK(portal.has_event(boss, "account.created"));
    CHECK(must(portal.sign_in("quantri@cuc.example.vn")).account.roles == Roles{Role::administrator});
    NewAccount wanted;
    wanted.email = "QUANTRI@cuc.example.vn";
    wanted.name = "Nguyễn Văn B";
    wanted.phone = "0912345678";
    wanted.organisation = "authority";
    CHECK(code_of(create_account(portal.database, portal.options, wanted, portal.now)) == "registry.account.exists");
    wanted.email = "b@cuc.example.vn";
    wanted.organisation = "office";
    wanted.roles = {Role::administrator};
    CHECK(code_of(create_account(portal.database, portal.options, wanted, portal.now)) ==
          "registry.account.roles.authority");
    wanted.organisation = "nowhere";
    CHECK(code_of(create_account(portal.database, portal.options, wanted, portal.now)) ==
          "registry.account.organisation");
  });
}

}  // namespace
}  // namespace kyso::registry
