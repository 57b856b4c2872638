#include "registry/report/expiry.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "registry/notice/store.h"
#include "registry/notice/templates.h"
#include "registry/report/report_fixture.h"

namespace kyso::registry {
namespace {

using namespace test;

// "kind → address", sorted; the notices that were written since the last call.
struct Post {
  db::Database& database;
  std::vector<Notice> all;

  std::vector<std::string> read() {
    std::vector<std::string> out;
    all.clear();
    must(database.write([&](db::Transaction& transaction) -> Result<> {
      for (const db::Row& row : KYSO_TRY(transaction.query("SELECT id FROM outbox"))) {
        const auto found = KYSO_TRY(notice_store::find(transaction, KYSO_TRY(row.get<std::string>(0))));
        all.push_back(found->notice);
        out.push_back(found->notice.kind + " → " + found->notice.to);
      }
      KYSO_TRY(transaction.execute("DELETE FROM outbox"));
      return {};
    }));
    std::ranges::sort(out);
    return out;
  }
  const Notice& of_kind(std::string_view kind) {
    const auto found = std::ranges::find(all, kind, &Notice::kind);
    REQUIRE(found != all.end());
    return *found;
  }
};

TEST_CASE("holders and clerks are told 60, 30 and 7 days before, once each") {
  db::on_each_engine([](db::Database& database) {
    RegistryWorld world(database);
    const std::string clerk = make_account(database, at("2026-01-01"), world.office, {Role::clerk}).account.email;
    make_account(database, at("2026-01-01"), world.office, {Role::head});
    make_account(database, at("2026-01-01"), world.other, {Role::clerk});
    Post post{database, {}};
    const auto certificate = world.certificate(world.office, at("2027-01-20T08:00:00+07:00"));
    const std::vector<std::string> both = {"certificate.expiring → " + certificate.email,
                                           "certificate.expiring_list → " + clerk};
    const auto run = [&](std::string_view time) {
      const std::size_t count = must(warn_expiring(database, at(time)));
      const auto written = post.read();
      CHECK(count == written.size());
      return written;
    };
    CHECK(run("2026-11-20T23:59:59+07:00").empty());  // 61 days, by days in Viet Nam
    CHECK(run("2026-11-21T00:00:00+07:00") == both);
    CHECK(post.of_kind("certificate.expiring").values.at("days") == "60");
    CHECK(post.of_kind("certificate.expiring").values.at("day") == "20/01/2027");
    CHECK(post.of_kind("certificate.expiring_list").values.at("list") ==
          "- 20/01/2027 · " + certificate.serial + " · Nguyễn Văn A");
    CHECK(run("2026-11-21T00:00:00+07:00").empty());
    CHECK(run("2026-12-20T23:59:59+07:00").empty());
    CHECK(run("2026-12-21T12:00:00+07:00") == both);
    CHECK(post.of_kind("certificate.expiring").values.at("days") == "30");
    CHECK(run("2027-01-12T12:00:00+07:00").empty());
    CHECK(run("2027-01-13T12:00:00+07:00") == both);
    CHECK(run("2027-01-13T13:00:00+07:00").empty());
    CHECK(run("2027-01-20T09:00:00+07:00").empty());
  });
}

TEST_CASE("who comes late is told once; what is revoked, replaced or over, never") {
  db::on_each_engine([](db::Database& database) {
    RegistryWorld world(database);
    Post post{database, {}};
    const Instant now = at("2026-11-20T10:00:00+07:00");
    const auto soon =
        world.certificate(world.office, at("2026-12-05T10:00:00+07:00"));  // 15 days: the second word alone
    SubscriberCertificate revoked = world.certificate(world.office, at("2026-12-05T10:00:00+07:00"));
    revoked.state = "revoked";
    world.change(revoked);
    SubscriberCertificate replaced = world.certificate(world.office, at("2026-12-05T10:00:00+07:00"));
    replaced.replaced_by = "31C1FF";
    world.change(replaced);
    world.certificate(world.office, at("2026-11-20T09:59:59+07:00"));
    world.certificate(world.office, at("2026-11-20T10:00:00+07:00"));
    CHECK(must(warn_expiring(database, now)) == 1);
    CHECK(post.read() == std::vector{"certificate.expiring → " + soon.email});
    CHECK(must(warn_expiring(database, now + std::chrono::hours(5))) == 0);
  });
}

TEST_CASE("a thousand that end on one day are one mail for the clerk") {
  db::on_each_engine([](db::Database& database) {
    RegistryWorld world(database);
    const TestAccount clerk = make_account(database, at("2026-01-01"), world.office, {Role::clerk});
    for (int i = 0; i < 120; ++i) world.certificate(world.office, at("2026-11-25T10:00:00+07:00"));
    Post post{database, {}};
    CHECK(must(warn_expiring(database, at("2026-11-20T10:00:00+07:00"))) == 121);
    const auto written = post.read();
    CHECK(std::ranges::count(written, "certificate.expiring_list → " + clerk.account.email) == 1);
    const Notice& list = post.of_kind("certificate.expiring_list");
    CHECK(list.values.at("count") == "120");
    CHECK(list.values.at("list").ends_with("và 20 chứng thư số khác"));
    // Both kinds have their words in both languages.
    const NoticeTemplates templates = must(NoticeTemplates::load(KYSO_SOURCE_DIR "/share/notices"));
    for (const std::string_view kind : {"certificate.expiring", "certificate.expiring_list"})
      for (const char* language : {"vi", "en"}) {
        Notice notice = post.of_kind(kind);
        notice.language = language;
        const auto rendered =
            must(templates.render(notice, {{"portal_name", "Cổng mẫu"}, {"portal_url", "https://cong.example.vn"}}));
        CHECK(rendered.text.find("25/11/2026") != std::string::npos);
        CHECK(rendered.html.find("25/11/2026") != std::string::npos);
        CHECK(rendered.subject.find('{') == std::string::npos);
      }
  });
}

}  // namespace
}  // namespace kyso::registry
