#include <algorithm>
#include <atomic>
#include <thread>

#include "base/error_text.h"
#include "base/test_support.h"
#include "db/db_test_support.h"
#include "registry/notice/delivery.h"
#include "registry/notice/store.h"

namespace kyso::registry {
namespace {

const Instant kNow(std::chrono::seconds(1'795'000'000));
const std::filesystem::path kFolder = KYSO_SOURCE_DIR "/share/notices";

class Carrier final : public MailCarrier {
 public:
  std::atomic<int> carried = 0;
  std::vector<net::MailMessage> messages;
  std::optional<Error> failure;
  Result<> carry(const net::MailMessage& message) override {
    const std::lock_guard lock(m_mutex);
    ++carried;
    messages.push_back(message);
    if (failure) return *failure;
    return {};
  }

 private:
  std::mutex m_mutex;
};

class Gateway final : public SmsGateway {
 public:
  std::vector<std::string> sent;
  Result<> send(const std::string& msisdn, const std::string& text) override {
    sent.push_back(msisdn + ": " + text);
    return {};
  }
};

DeliveryOptions options() {
  return {"cong@example.vn", "Cổng", "Cổng <thử>", "https://cong.example.vn"};
}

struct Post {
  explicit Post(db::Database& of) : database(of) {}
  db::Database& database;
  NoticeTemplates templates = must(NoticeTemplates::load(kFolder));
  Carrier carrier;
  NoSmsGateway no_sms;
  NoticeDelivery delivery{database, templates, carrier, no_sms, options()};
  Notice notice{"account.reset",
                "a@khac.example.vn",
                Notice::Channel::mail,
                "vi",
                {{"name", "Nguyễn Văn A"}, {"token", "geheim"}, {"hours", "1"}},
                "account-1"};

  void write(Instant now = kNow) {
    must(database.write([&](db::Transaction& transaction) { return notify(transaction, notice, now); }));
  }
  std::vector<notice_store::Row> rows(const std::string& state = {}) {
    notice_store::Filter filter;
    filter.state = state;
    return must(database.read([&](db::Transaction& transaction) { return notice_store::list(transaction, filter); }));
  }
  std::map<std::string, std::string> values(const std::string& id) {
    return must(database.read([&](db::Transaction& transaction) { return notice_store::find(transaction, id); }))
        ->notice.values;
  }
};

std::vector<std::string> places(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = text.find('{'); at != std::string::npos; at = text.find('{', at + 1)) {
    const std::size_t end = text.find('}', at);
    const std::string name = text.substr(at + 1, end - at - 1);
    if (std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; })) out.push_back(name);
  }
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  std::erase_if(out, [](const std::string& name) {
    return name == "portal_name" || name == "portal_url" || name == "kind" || name == "kind_en";
  });
  return out;
}

TEST_CASE("every notice is there in both languages, as text and as HTML, with the same places") {
  const NoticeTemplates templates = must(NoticeTemplates::load(kFolder));
  std::set<std::string> kinds;
  for (const auto& [name, text] : templates.files())
    if (name.ends_with(".vi.txt")) kinds.insert(name.substr(0, name.size() - 7));
  CHECK(kinds.size() >= 20);
  for (const std::string& kind : kinds) {
    INFO(kind);
    const auto& files = templates.files();
    REQUIRE(files.contains(kind + ".en.txt"));
    REQUIRE(files.contains(kind + ".vi.html"));
    REQUIRE(files.contains(kind + ".en.html"));
    const auto wanted = places(files.at(kind + ".vi.txt"));
    CHECK(places(files.at(kind + ".en.txt")) == wanted);
    // The subject may name what the body of the HTML does not repeat.
    for (const std::string& place : places(files.at(kind + ".vi.html")))
      CHECK(std::ranges::find(wanted, place) != wanted.end());
    CHECK(places(files.at(kind + ".vi.html")) == places(files.at(kind + ".en.html")));
  }
}

TEST_CASE("values are text: no HTML, no headers, no places of their own") {
  const NoticeTemplates templates = must(NoticeTemplates::load(kFolder));
  Notice notice{"account.activation",
                "a@khac.example.vn",
                Notice::Channel::mail,
                "vi",
                {{"name", "<b>A</b> {token}"}, {"organisation", "Sở \"X\" & Y"}, {"token", "t0ken"}, {"hours", "24"}},
                ""};
  const std::map<std::string, std::string> always = {{"portal_name", "Cổng\r\nBcc: x@evil.example"},
                                                     {"portal_url", "https://cong.example.vn"}};
  RenderedNotice out = must(templates.render(notice, always));
  CHECK(out.html.find("<b>A</b>") == std::string::npos);
  CHECK(out.html.find("&lt;b&gt;A&lt;/b&gt; {token}") != std::string::npos);
  CHECK(out.html.find("Sở &quot;X&quot; &amp; Y") != std::string::npos);
  CHECK(out.html.find("href=\"https://cong.example.vn/kich-hoat#token=t0ken\"") != std::string::npos);
  CHECK(out.html.find("<html lang=\"vi\">") != std::string::npos);
  CHECK(out.text.find("<b>A</b> {token}") != std::string::npos);
  CHECK(out.subject.find_first_of("\r\n") == std::string::npos);
  notice.language = "en";
  CHECK(must(templates.render(notice, always)).subject == "Confirm your e-mail address");
  notice.language = "fr";
  CHECK(must(templates.render(notice, always)).subject == "Xác nhận email");
  notice.values.erase("token");
  CHECK(code_of(templates.render(notice, always)) == "registry.notice.template");
  notice.kind = "nothing";
  CHECK(code_of(templates.render(notice, always)) == "registry.notice.template");
  TestFolder folder;
  CHECK(code_of(NoticeTemplates::load(folder.path())) == "registry.notice.template");
  folder.write("a.vi.txt", "no subject\n\nx");
  CHECK(code_of(NoticeTemplates::load(folder.path())) == "registry.notice.template");
}

TEST_CASE("what was delivered is no longer in the outbox, only that it was") {
  db::on_each_engine([](db::Database& database) {
    Post post(database);
    post.write();
    CHECK(must(post.delivery.run_one(kNow)));
    CHECK_FALSE(must(post.delivery.run_one(kNow)));
    REQUIRE(post.carrier.messages.size() == 1);
    const net::MailMessage& message = post.carrier.messages[0];
    CHECK(message.to == std::vector<std::string>{"a@khac.example.vn"});
    CHECK(message.text.find("#token=geheim") != std::string::npos);
    const auto rows = post.rows();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].state == "sent");
    CHECK(message.message_id == rows[0].id + "@example.vn");
    CHECK(post.values(rows[0].id).empty());
    must(post.delivery.forget(kNow + std::chrono::hours(24 * 91)));
    CHECK(post.rows().empty());
  });
}

TEST_CASE("a notice exists exactly when what it tells of does") {
  db::on_each_engine([](db::Database& database) {
    Post post(database);
    const Result<> done = database.write([&](db::Transaction& transaction) -> Result<> {
      KYSO_TRY(notify(transaction, post.notice, kNow));
      return fail("base.internal");
    });
    CHECK_FALSE(done);
    CHECK_FALSE(must(post.delivery.run_one(kNow)));
    CHECK(post.rows().empty());
  });
}

TEST_CASE("what a killed process had in hand goes out a minute later") {
  db::on_each_engine([](db::Database& database) {
    class Dying final : public MailCarrier {
     public:
      Result<> carry(const net::MailMessage&) override { throw std::runtime_error("killed"); }
    } dying;
    Post post(database);
    NoticeDelivery killed(database, post.templates, dying, post.no_sms, options());
    post.write();
    CHECK_THROWS((void)killed.run_one(kNow));
    CHECK_FALSE(must(post.delivery.run_one(kNow + std::chrono::seconds(59))));
    CHECK(must(post.delivery.run_one(kNow + std::chrono::seconds(60))));
    CHECK(post.carrier.messages.size() == 1);
    CHECK(post.rows("sent").size() == 1);
  });
}

TEST_CASE("a server that is away is asked again with growing pauses, for two days") {
  db::on_each_engine([](db::Database& database) {
    Post post(database);
    post.carrier.failure = fail("net.mail.unreachable").with("host", "mail");
    post.write();
    Instant now = kNow;
    std::vector<std::chrono::seconds> pauses;
    while (post.rows()[0].state == "waiting") {
      const Instant next = *post.rows()[0].next_attempt;
      CHECK_FALSE((next > now && must(post.delivery.run_one(next - std::chrono::seconds(1)))));
      pauses.push_back(next - now);
      now = next;
      REQUIRE(must(post.delivery.run_one(now)));
    }
    CHECK(pauses[1].count() == 30);
    CHECK(pauses[2].count() == 60);
    CHECK(pauses.back() == std::chrono::hours(4));
    CHECK(now - kNow > std::chrono::hours(40));
    CHECK(now - kNow <= std::chrono::hours(48));
    CHECK(post.rows()[0].failure->code == "net.mail.unreachable");
    CHECK(post.rows()[0].attempts == static_cast<std::int64_t>(pauses.size()));
    for (const net::MailMessage& message : post.carrier.messages)
      CHECK(message.message_id == post.carrier.messages[0].message_id);
    CHECK_FALSE(must(post.delivery.run_one(now + std::chrono::hours(24))));
  });
}

TEST_CASE("what a server refuses for good is not tried again, until an administrator says so") {
  db::on_each_engine([](db::Database& database) {
    Post post(database);
    post.carrier.failure = fail("net.mail.refused").with("answer", "550 5.1.1 no such user");
    post.write();
    REQUIRE(must(post.delivery.run_one(kNow)));
    const auto failed = post.rows("failed");
    REQUIRE(failed.size() == 1);
    CHECK(post.rows("waiting").empty());
    CHECK(describe(failed[0].failure.value(), Language::vietnamese).message ==
          "Máy chủ thư từ chối thư: 550 5.1.1 no such user");
    CHECK(post.values(failed[0].id).at("token") == "geheim");
    post.carrier.failure.reset();
    const auto revive = [&] {
      return must(database.write([&](db::Transaction& transaction) -> Result<bool> {
        if (!KYSO_TRY(notice_store::revive(transaction, failed[0].id, kNow))) return false;
        KYSO_TRY(notice_store::schedule(transaction, failed[0].id, kNow, kNow));
        return true;
      }));
    };
    CHECK(revive());
    CHECK(revive());  // pressed twice: delivered once
    REQUIRE(must(post.delivery.run_one(kNow)));
    CHECK_FALSE(must(post.delivery.run_one(kNow)));
    CHECK(post.rows("sent").size() == 1);
    CHECK(post.carrier.carried == 2);
    CHECK_FALSE(revive());
  });
}

TEST_CASE("values of what failed are removed after a week") {
  db::on_each_engine([](db::Database& database) {
    Post post(database);
    post.carrier.failure = fail("net.mail.refused").with("answer", "550");
    post.write();
    REQUIRE(must(post.delivery.run_one(kNow)));
    must(post.delivery.forget(kNow + std::chrono::hours(24 * 7)));
    CHECK(post.values(post.rows()[0].id).contains("token"));
    must(post.delivery.forget(kNow + std::chrono::hours(24 * 7) + std::chrono::seconds(1)));
    CHECK(post.values(post.rows()[0].id).empty());
  });
}

TEST_CASE("short messages go to the gateway; without one the outbox says so") {
  db::on_each_engine([](db::Database& database) {
    Post post(database);
    post.notice = {"dossier.completed", "84912345678", Notice::Channel::sms, "vi", {{"code", "abc-261120-0001"}}, "d"};
    post.write();
    REQUIRE(must(post.delivery.run_one(kNow)));
    CHECK(post.rows()[0].state == "failed");
    CHECK(post.rows()[0].failure->code == "registry.notice.gateway");
    Gateway gateway;
    NoticeDelivery delivery(database, post.templates, post.carrier, gateway, options());
    post.write();
    REQUIRE(must(delivery.run_one(kNow)));
    REQUIRE(gateway.sent.size() == 1);
    CHECK(gateway.sent[0].starts_with("84912345678: Ho so abc-261120-0001"));
    CHECK(post.carrier.carried == 0);
  });
}

TEST_CASE("several processes deliver each notice once") {
  db::on_each_engine([](db::Database& database) {
    Post post(database);
    for (int i = 0; i < 40; ++i) post.write();
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
          while (must(post.delivery.run_one(kNow))) {
          }
        });
    }
    CHECK(post.carrier.carried == 40);
    CHECK(post.rows("sent").size() == 40);
  });
}

TEST_CASE("a process that dies in between leaves the notice to another one") {
  db::on_each_engine([](db::Database& database) {
    Post post(database);
    post.write();
    REQUIRE(must(db::take(database, {"notice.deliver"}, "one that dies", kNow, std::chrono::minutes(5))));
    CHECK_FALSE(must(post.delivery.run_one(kNow)));
    CHECK(must(post.delivery.run_one(kNow + std::chrono::minutes(5))));
    CHECK(post.rows("sent").size() == 1);
  });
}

}  // namespace
}  // namespace kyso::registry
