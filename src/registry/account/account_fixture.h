#pragma once
#include "base/test_support.h"
#include "crypto/algorithm.h"
#include "db/db_test_support.h"
#include "registry/account/account_test_support.h"
#include "registry/account/accounts.h"
#include "registry/notice/delivery.h"
#include "registry/notice/store.h"
#include "registry/organisation/version.h"
#include "webauthn/soft_authenticator.h"

// A portal with accounts alone: organisations, a mailbox, a clock that is told the time.
namespace kyso::registry {

inline const Instant kMorning = Instant(std::chrono::seconds(1'795'000'000));
inline const std::string kPortalUrl = "https://cong.example.vn";
inline const std::string kGoodPassword = "bốn con voi xanh";

class Mailbox final : public MailCarrier {
 public:
  std::vector<net::MailMessage> messages;
  std::optional<Error> failure;
  Result<> carry(const net::MailMessage& message) override {
    if (failure) return *failure;
    messages.push_back(message);
    return {};
  }
};

inline void add_organisation(db::Database& database, const std::string& id, const std::string& name,
                             const std::string& parent = {}, const std::string& domains = {}) {
  must(database.write([&](db::Transaction& transaction) -> Result<> {
    KYSO_TRY(transaction.execute("INSERT INTO organisation (id, created, revision) VALUES (?, 0, 1)", {id}));
    KYSO_TRY(transaction.execute(
        "INSERT INTO organisation_version (organisation, valid_from, valid_to, parent, level, name, name_key, "
        "name_fold, search, kind, province, code, tax_code, budget_code, address, mail_domains, sector, instrument) "
        "VALUES (?, 0, ?, ?, ?, ?, ?, ?, '', 'unit', '', '', '', '', '', ?, '', '')",
        {id, kForever, parent, parent.empty() ? 1 : 2, name, name, name, domains}));
    return {};
  }));
}

struct TestPortal {
  db::Database& database;
  AccountOptions options;
  std::unique_ptr<Accounts> accounts;
  AccountSessions sessions;
  NoticeTemplates templates = must(NoticeTemplates::load(KYSO_SOURCE_DIR "/share/notices"));
  Mailbox mail;
  NoSmsGateway sms;
  NoticeDelivery delivery;
  Instant now = kMorning;

  explicit TestPortal(db::Database& db)
      : database(db),
        sessions(db),
        delivery(db, templates, mail, sms, {"cong@example.vn", "Cổng thử", "Cổng thử", kPortalUrl}) {
    add_organisation(db, "authority", "Cục mẫu", "", "cuc.example.vn");
    add_organisation(db, "province", "UBND tỉnh mẫu", "", "tinh.example.vn");
    add_organisation(db, "office", "Sở mẫu", "province");
    add_organisation(db, "other", "Cơ quan khác", "", "khac.example.vn");
    options.public_url = kPortalUrl;
    options.authority_organisation = "authority";
    options.relying_party = {"cong.example.vn", {kPortalUrl}};
    options.password_cost = {64, 1, 1};
    options.captcha_difficulty = 4;
    restart();
  }
  // A second process, or the same one with other options.
  void restart() { accounts = std::make_unique<Accounts>(database, copy_of_options()); }
  AccountOptions copy_of_options() const {
    AccountOptions out;
    out.public_url = options.public_url;
    out.authority_organisation = options.authority_organisation;
    out.relying_party = options.relying_party;
    out.password_cost = options.password_cost;
    out.captcha_difficulty = options.captcha_difficulty;
    out.attempts = options.attempts;
    out.sessions = options.sessions;
    out.admits_first_account = options.admits_first_account;
    return out;
  }

  CaptchaAnswer captcha() {
    const Captcha puzzle = must(accounts->captcha("192.0.2.1", now));
    return {puzzle.id, solve(puzzle.id, puzzle.difficulty)};
  }
  RegistrationForm form(const std::string& email, const std::string& organisation = "office") {
    RegistrationForm out;
    out.organisation = organisation;
    out.name = "Nguyễn Văn A";
    out.phone = "0912 345 678";
    out.email = email;
    out.language = "vi";
    out.password = Secret(kGoodPassword);
    out.has_agreed = true;
    out.captcha = captcha();
    return out;
  }
  // Writes what was asked for and delivers it; the mails that came.
  std::vector<net::MailMessage> deliver() {
    mail.messages.clear();
    while (must(accounts->run_one(now))) {
    }
    while (must(delivery.run_one(now))) {
    }
    return mail.messages;
  }
  static std::string token_in(const net::MailMessage& message) {
    const std::size_t at = message.text.find("#token=");
    REQUIRE(at != std::string::npos);
    const std::size_t end = message.text.find_first_of("\r\n", at);
    return message.text.substr(at + 7, end - at - 7);
  }
  // Through registration and mail.
  Account registered(const std::string& email, const std::string& organisation = "office") {
    REQUIRE(must(accounts->register_account(form(email, organisation), visitor(), now)).empty());
    const auto mails = deliver();
    REQUIRE(mails.size() == 1);
    return must(accounts->activate(token_in(mails[0]), now));
  }
  // At once.
  Account created(const std::string& email, const std::string& organisation, Roles roles,
                  const std::string& person = {}) {
    NewAccount wanted;
    wanted.email = email;
    wanted.name = "Nguyễn Văn A";
    wanted.phone = "0912345678";
    wanted.organisation = organisation;
    wanted.roles = std::move(roles);
    wanted.person = person;
    wanted.password = Secret(kGoodPassword);
    return must(create_account(database, options, wanted, now));
  }
  static Visitor visitor(const std::string& address = "192.0.2.1") { return {address, "Firefox", ""}; }
  Result<SignedIn> sign_in(const std::string& email, const std::string& password = kGoodPassword,
                           const std::string& address = "192.0.2.1", bool with_captcha = false) {
    SignInForm out;
    out.email = email;
    out.password = Secret(password);
    if (with_captcha) out.captcha = captcha();
    return accounts->sign_in(out, visitor(address), now);
  }
  // Who asks with this session; nullopt: it has ended.
  std::optional<Caller> caller(const SignedIn& signed_in) {
    const auto found = must(sessions.find(signed_in.session.secret, now));
    return found ? std::optional(found->caller) : std::nullopt;
  }
  // Kinds of audit events about this subject, oldest first.
  std::vector<std::string> events(const std::string& subject) {
    return must(database.read([&](db::Transaction& transaction) -> Result<std::vector<std::string>> {
      std::vector<std::string> out;
      for (const db::Row& row :
           KYSO_TRY(transaction.query("SELECT kind FROM audit_event WHERE subject = ? ORDER BY id", {subject})))
        out.push_back(KYSO_TRY(row.get<std::string>(0)));
      return out;
    }));
  }
  bool has_event(const Account& account, const std::string& kind) {
    const auto all = events("account:" + account.id);
    return std::ranges::find(all, kind) != all.end();
  }
  // Every text that the database holds anywhere in these tables, for looking for secrets.
  std::string dump(const std::vector<std::string>& columns) {
    return must(database.read([&](db::Transaction& transaction) -> Result<std::string> {
      std::string out;
      for (const std::string& column : columns) {
        const std::size_t dot = column.find('.');
        const std::string sql = fmt::format("SELECT {} FROM {}", column.substr(dot + 1), column.substr(0, dot));
        for (const db::Row& row : KYSO_TRY(transaction.query(sql)))
          out += KYSO_TRY(row.get<std::optional<std::string>>(0)).value_or("") + "\n";
      }
      return out;
    }));
  }
};

template <typename F>
void on_each_portal(const F& body) {
  db::on_each_engine([&](db::Database& database) {
    TestPortal portal(database);
    body(portal);
  });
}

}  // namespace kyso::registry
