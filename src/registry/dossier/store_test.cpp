#include "registry/dossier/store.h"

#include <doctest/doctest.h>

#include <thread>

#include "registry/dossier/dossier_test_support.h"
#include "registry/dossier/words.h"

namespace kyso::registry {
namespace {

using test::kNow;

Dossier sample(const std::string& organisation, DossierKind kind = DossierKind::person) {
  Dossier out;
  out.id = crypto::random_uuid();
  out.code = out.id;
  out.kind = kind;
  out.revision = out.lines_revision = 1;
  out.organisation = organisation;
  out.organisation_chain = {"Ủy ban nhân dân tỉnh Mẫu", "Sở Giáo dục"};
  out.creator = "c";
  out.creator_name = "Nguyễn Văn A";
  out.created = out.updated = out.urgent = kNow;
  return out;
}

Dossier inserted(db::Database& database, Dossier dossier, const std::set<std::string>& scopes) {
  return must(database.write([&](db::Transaction& transaction) -> Result<Dossier> {
    Dossier copy = dossier;
    KYSO_TRY(dossier_store::insert(transaction, copy, scopes));
    return copy;
  }));
}

std::int64_t counted(db::Database& database, std::string_view scope, std::string_view what) {
  return must(database.read([&](db::Transaction& transaction) {
    return dossier_store::count_between(transaction, scope, what, std::string(what) + "!");
  }));
}

TEST_CASE("codes are one after the other, however many ask at once") {
  db::on_each_engine([](db::Database& database) {
    constexpr int kThreads = 4, kEach = 10;
    std::vector<std::vector<std::string>> codes(kThreads);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          const auto code = database.write([&](db::Transaction& transaction) {
            return dossier_store::next_code(transaction, "ee7b36fd-5e08-4551-9715-9fa452d37979", kNow);
          });
          codes[static_cast<std::size_t>(t)].push_back(code ? *code : std::string(code.error().code));
        }
      });
    for (std::thread& thread : threads) thread.join();
    std::set<std::string> all;
    for (const auto& some : codes) all.insert(some.begin(), some.end());
    CHECK(all.size() == kThreads * kEach);
    CHECK(*all.begin() == "ee7b36fd-5e08-4551-9715-9fa452d37979-260914-0001");
    CHECK(*all.rbegin() == "ee7b36fd-5e08-4551-9715-9fa452d37979-260914-0040");
    // Another day and another organisation begin anew. 23:59 and 00:01 in Viet Nam are two days.
    const auto at = [&](const std::string& organisation, const char* time) {
      return must(database.write([&](db::Transaction& transaction) {
        return dossier_store::next_code(transaction, organisation, must(parse_time(time)));
      }));
    };
    CHECK(at("a", "2027-02-06T23:59:59+07:00") == "a-270206-0001");
    CHECK(at("a", "2027-02-07T00:00:01+07:00") == "a-270207-0001");
    CHECK(at("b", "2027-02-07T00:00:01+07:00") == "b-270207-0001");
  });
}

TEST_CASE("a dossier is read as it was written, and changed by one person at a time") {
  db::on_each_engine([](db::Database& database) {
    Dossier dossier = sample("o1");
    dossier.form = test::whole_form(3);
    dossier.on_behalf_of = "o2";
    dossier.on_behalf_of_chain = {"Cơ quan khác"};
    dossier = inserted(database, dossier, {"o1"});
    const auto read = [&] {
      return must(
          database.read([&](db::Transaction& transaction) { return dossier_store::find(transaction, dossier.id); }));
    };
    REQUIRE(read());
    CHECK(read()->form == dossier.form);
    CHECK(read()->organisation_chain == dossier.organisation_chain);
    CHECK(read()->principal() == "o2");
    Dossier mine = *read(), theirs = *read();
    const auto update = [&](Dossier& one) {
      return database.write([&](db::Transaction& transaction) -> Result<> {
        Dossier copy = one;
        KYSO_TRY(dossier_store::update(transaction, copy, kNow));
        one = copy;
        return {};
      });
    };
    mine.form.note = "một";
    must(update(mine));
    theirs.form.note = "hai";
    CHECK(code_of(update(theirs)) == "registry.dossier.changed");
    CHECK(read()->form.note == "một");
    CHECK(read()->revision == 2);
  });
}

TEST_CASE("counters and boxes follow the state") {
  db::on_each_engine([](db::Database& database) {
    Dossier dossier = inserted(database, sample("o1"), {"o1", "top"});
    CHECK(counted(database, "top", "dossier/01/draft") == 1);
    CHECK(counted(database, "", "dossier/01/draft") == 1);
    const auto listed = [&](std::string scope, std::optional<Box> box) {
      dossier_store::DossierFilter filter;
      filter.scope = std::move(scope);
      filter.box = box;
      return must(database.read([&](db::Transaction& transaction) { return dossier_store::list(transaction, filter); }))
          .items.size();
    };
    CHECK(listed("top", Box::draft) == 1);
    CHECK(listed("elsewhere", std::nullopt) == 0);
    dossier.state = DossierState::submitted;
    must(database.write([&](db::Transaction& transaction) {
      Dossier copy = dossier;
      return dossier_store::update(transaction, copy, kNow);
    }));
    CHECK(listed("top", Box::draft) == 0);
    CHECK(listed("top", Box::submitted) == 1);
    CHECK(listed("", std::nullopt) == 1);
    CHECK(counted(database, "o1", "dossier/01/draft") == 0);
    CHECK(counted(database, "o1", "dossier/01/submitted") == 1);
    CHECK(counted(database, "o1", "dossier.event/2026-09-14/01/submitted") == 1);
    // A merger: it is seen from elsewhere now, with its counts.
    ++dossier.revision;
    must(database.write(
        [&](db::Transaction& transaction) { return dossier_store::set_scopes(transaction, dossier, {"o1", "new"}); }));
    CHECK(listed("top", std::nullopt) == 0);
    CHECK(listed("new", Box::submitted) == 1);
    CHECK(counted(database, "top", "dossier/01/submitted") == 0);
    CHECK(counted(database, "new", "dossier/01/submitted") == 1);
    CHECK(counted(database, "", "dossier/01/submitted") == 1);
    must(database.write([&](db::Transaction& transaction) { return dossier_store::remove(transaction, dossier); }));
    CHECK(counted(database, "new", "dossier/01/submitted") == 0);
    CHECK(listed("new", std::nullopt) == 0);
  });
}

TEST_CASE("a verdict goes to the letter that it is about, not to the one attached meanwhile") {
  db::on_each_engine([](db::Database& database) {
    const Dossier dossier = inserted(database, sample("o"), {"o"});
    AttachedLetter first;
    first.dossier = dossier.id;
    first.role = LetterRole::request;
    first.sha256 = "01";
    first.verdict = json::Value::object();
    AttachedLetter second = first;
    second.sha256 = "02";
    second.verdict.set("is_valid", false);
    must(database.write([&](db::Transaction& transaction) -> Result<> {
      KYSO_TRY(dossier_store::put_letter(transaction, first, "{}", {}));
      KYSO_TRY(dossier_store::put_letter(transaction, second, "{}", {}));
      first.verdict.set("is_valid", true);
      return dossier_store::set_verdict(transaction, first, "{}");
    }));
    const auto kept = must(
        database.read([&](db::Transaction& transaction) { return dossier_store::letters(transaction, dossier.id); }));
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].sha256 == "02");
    CHECK(json::serialize(kept[0].verdict) == json::serialize(second.verdict));
  });
}

TEST_CASE("lists come in pages without gaps, by kind, words, letter and time") {
  db::on_each_engine([](db::Database& database) {
    std::vector<std::string> ids;
    for (int i = 0; i < 23; ++i) {
      Dossier dossier = sample("o1", kDossierKinds[static_cast<std::size_t>(i) % 6]);
      dossier.form.letter_number = fmt::format("{}/CV-CTS", i);
      dossier.created = kNow + std::chrono::days(i);
      ids.push_back(inserted(database, dossier, {"o1"}).id);
    }
    const auto pages = [&](dossier_store::DossierFilter filter) {
      filter.scope = "o1";
      std::vector<std::string> found;
      for (int i = 0; i < 50; ++i) {
        const auto page =
            must(database.read([&](db::Transaction& transaction) { return dossier_store::list(transaction, filter); }));
        CHECK(page.items.size() <= filter.limit);
        for (const Dossier& one : page.items) found.push_back(one.id);
        if (!page.next) return found;
        filter.after = page.next;
      }
      FAIL("the list has no end");
      return found;
    };
    std::vector<std::string> newest_first(ids.rbegin(), ids.rend());
    CHECK(pages({.limit = 5}) == newest_first);
    CHECK(pages({.kind = DossierKind::device, .limit = 2}).size() == 4);
    CHECK(pages({.letter_number = " 7/cv-cts "}) == std::vector{ids[7]});
    CHECK(pages({.from = kNow + std::chrono::days(20)}).size() == 3);
    CHECK(pages({.to = kNow + std::chrono::days(2)}).size() == 2);
    CHECK(pages({.words = words_of("SỞ giáo")}).size() == 23);
    CHECK(pages({.words = words_of("22 giáo")}) == std::vector{ids[22]});
    CHECK(pages({.words = words_of("không có")}).empty());
  });
}

TEST_CASE("lines keep their place when one goes, and their findings") {
  db::on_each_engine([](db::Database& database) {
    const Dossier dossier = inserted(database, sample("o1"), {"o1"});
    std::vector<Line> lines(3);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      lines[i].id = crypto::random_uuid();
      lines[i].form = test::person(static_cast<int>(i));
      lines[i].organisation = "o1";
      lines[i].updated = kNow;
    }
    lines[1].findings = {{"registry.line.active", Level::warn, lines[1].id, "identity", {{"serial", "31C106"}}}};
    must(database.write([&](db::Transaction& transaction) {
      std::vector<Line> copy = lines;
      return dossier_store::insert_lines(transaction, dossier, copy);
    }));
    const auto all = [&](bool only_problems = false) {
      dossier_store::LineFilter filter;
      filter.only_problems = only_problems;
      return must(database.read(
          [&](db::Transaction& transaction) { return dossier_store::list_lines(transaction, dossier.id, filter); }));
    };
    REQUIRE(all().size() == 3);
    CHECK(all()[0].form == lines[0].form);
    REQUIRE(all(true).size() == 1);
    CHECK(all(true)[0].findings == lines[1].findings);
    const Line first = all()[0];
    must(database.write([&](db::Transaction& transaction) { return dossier_store::remove_line(transaction, first); }));
    REQUIRE(all().size() == 2);
    CHECK(all()[0].number == 1);
    CHECK(all()[1].number == 2);
    CHECK(all()[1].id == lines[2].id);
  });
}

TEST_CASE("certificates are found by keys, words, state and end, by whom they concern") {
  db::on_each_engine([](db::Database& database) {
    const auto put = [&](SubscriberCertificate one, const std::set<std::string>& scopes) {
      return must(database.write([&](db::Transaction& transaction) {
        SubscriberCertificate copy = one;
        return certificate_store::insert(transaction, copy, scopes);
      }));
    };
    CHECK(put(test::certificate("31C106", "o1"), {"o1", "top"}));
    CHECK(!put(test::certificate("31C106", "o1"), {"o1", "top"}));  // once is enough
    for (int i = 0; i < 7; ++i) {
      SubscriberCertificate one = test::certificate(fmt::format("2A{:02X}", i), "o2", "Nguyễn Văn A");
      one.not_after = kNow + std::chrono::days(10 * (i + 1));
      one.iccid = fmt::format("898404{}", i);
      if (i == 0) one.device = Device::sim_pki;
      CHECK(put(one, {"o2", "top"}));
    }
    using Filter = certificate_store::CertificateFilter;
    const auto found = [&](Filter filter) {
      filter.now = kNow;
      std::vector<std::string> serials;
      for (int i = 0; i < 50; ++i) {
        const auto page = must(database.read(
            [&](db::Transaction& transaction) { return certificate_store::search(transaction, filter); }));
        for (const auto& one : page.items) serials.push_back(one.serial);
        if (!page.next) return serials;
        filter.after = *page.next;
      }
      FAIL("the list has no end");
      return serials;
    };
    using Serials = std::vector<std::string>;
    CHECK(found({.scope = "top", .limit = 3}).size() == 8);
    CHECK(found({.scope = "o1"}) == Serials{"31C106"});
    CHECK(found({.scope = "top", .serial = "0031c106"}) == Serials{"31C106"});
    CHECK(found({.scope = "o2", .serial = "31C106"}).empty());
    CHECK(found({.scope = "top", .serial = "no number"}).empty());
    CHECK(found({.scope = "", .email = "S31C106@mau.gov.vn"}) == Serials{"31C106"});
    CHECK(found({.scope = "top", .device_serial = "T2A03"}) == Serials{"2A03"});
    CHECK(found({.scope = "top", .iccid = "8984042"}) == Serials{"2A02"});
    CHECK(found({.scope = "top", .words = words_of("dang bao ngoc")}) == Serials{"31C106"});
    CHECK(found({.scope = "top", .words = words_of("NGUYEN v"), .limit = 2}).size() == 7);
    CHECK(found({.scope = "top", .device = Device::sim_pki}) == Serials{"2A00"});
    CHECK(found({.scope = "top", .expires_before = kNow + std::chrono::days(35), .limit = 2}) ==
          Serials{"2A00", "2A01", "2A02"});
    CHECK(counted(database, "top", "certificate/good/person/token") == 7);
    CHECK(counted(database, "o2", "certificate.expiry/2026-09-24") == 1);
    const auto change = [&](const std::string& serial, auto&& what) {
      must(database.write([&](db::Transaction& transaction) -> Result<> {
        auto one = KYSO_TRY(certificate_store::find(transaction, "CPCA_G1", serial));
        what(*one);
        return certificate_store::update(transaction, *one);
      }));
    };
    change("2A01", [](SubscriberCertificate& one) { one.state = "revoked"; });
    change("31C106", [](SubscriberCertificate& one) { one.is_stale = true; });
    CHECK(found({.scope = "top", .state = "revoked"}) == Serials{"2A01"});
    CHECK(found({.scope = "top", .expires_before = kNow + std::chrono::days(35)}) == Serials{"2A00", "2A02"});
    CHECK(found({.scope = "top", .only_stale = true}) == Serials{"31C106"});
    CHECK(counted(database, "top", "certificate.stale") == 1);
    CHECK(counted(database, "top", "certificate/revoked/person/token") == 1);
    CHECK(counted(database, "top", "certificate/good/person/token") == 6);
  });
}

TEST_CASE("words that are common but seldom meet are found, page by page, each once") {
  constexpr int kRows = 3'400;  // each of the two words stands in half of them, in very few both
  db::TestDatabase held(db::Engine::sqlite, db::kPlatformMigrations);
  db::Database& database = *held;
  const auto name = [](int i) -> std::string {
    if (i == 10 || i == 1'900) return "Chung Riêng";
    return i % 2 == 0 ? "Chung" : "Riêng";
  };
  std::vector<std::string> dossiers;
  must(database.write([&](db::Transaction& transaction) -> Result<> {
    dossiers.clear();
    for (int i = 0; i < kRows; ++i) {
      SubscriberCertificate one = test::certificate(fmt::format("{:X}", 0x1000 + i), "o1", name(i));
      KYSO_TRY(certificate_store::insert(transaction, one, {i < 3'300 ? "o1" : "o2"}));
      Dossier dossier = sample("o1");
      dossier.organisation_chain = {name(i)};
      KYSO_TRY(dossier_store::insert(transaction, dossier, {i < 3'300 ? "o1" : "o2"}));
      if (i == 10 || i == 1'900) dossiers.insert(dossiers.begin(), dossier.id);
    }
    return {};
  }));
  for (const char* scope : {"o1", ""}) {
    INFO(scope);
    std::vector<std::string> serials, ids;
    certificate_store::CertificateFilter filter{.scope = scope, .words = words_of("chung rieng"), .now = kNow};
    std::size_t pages = 0;
    do {
      const auto page = must(
          database.read([&](db::Transaction& transaction) { return certificate_store::search(transaction, filter); }));
      for (const auto& one : page.items) serials.push_back(one.serial);
      filter.after = page.next.value_or("");
    } while (!filter.after.empty() && ++pages < 100);
    CHECK(serials == std::vector<std::string>{fmt::format("{:X}", 0x1000 + 1'900), fmt::format("{:X}", 0x1000 + 10)});
    dossier_store::DossierFilter wanted{.scope = scope, .words = words_of("chung rieng")};
    do {
      const auto page =
          must(database.read([&](db::Transaction& transaction) { return dossier_store::list(transaction, wanted); }));
      for (const Dossier& one : page.items) ids.push_back(one.id);
      wanted.after = page.next;
    } while (wanted.after && ++pages < 100);
    CHECK(ids == dossiers);
    CHECK(pages < 100);
  }
  certificate_store::CertificateFilter none{.scope = "o2", .words = words_of("chung rieng"), .now = kNow};
  const auto page =
      must(database.read([&](db::Transaction& transaction) { return certificate_store::search(transaction, none); }));
  CHECK(page.items.empty());
  CHECK(!page.next);
}

}  // namespace
}  // namespace kyso::registry
