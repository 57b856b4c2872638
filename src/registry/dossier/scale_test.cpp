#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "registry/dossier/certificate_store.h"
#include "registry/dossier/dossier_test_support.h"
#include "registry/dossier/words.h"

// Lists with a million dossiers and three million certificates on record (PostgreSQL). Minutes and gigabytes: only when
// asked for, kyso_registry_test -ns -tc="*a million dossiers*". KYSO_BENCH_POSTGRESQL names a scratch database that is
// kept, so that a second run need not fill it again.
namespace kyso::registry {
namespace {

using test::kNow;

constexpr std::int64_t kMillion = 1'000'000;
// 34 provinces, 680 departments, 3,400 centres; every row is one centre's and seen from those above.
constexpr const char* kScopes[] = {"''", "'p' || (number % 34)", "'d' || (number % 680)", "'c' || (number % 3400)"};

void run(db::Database& database, const std::string& sql) {
  must(database.write([&](db::Transaction& transaction) { return transaction.execute(sql); }));
}

// A million rows of (i), from `from` on.
std::string numbers(std::int64_t from) {
  return fmt::format("(SELECT {} + b.i * 1000 + c.i AS i FROM thousand b, thousand c) n", from);
}

void fill_dossiers(db::Database& database) {
  const std::string now = fmt::format("{}", kNow.time_since_epoch().count());
  run(database,
      "INSERT INTO dossier (id, code, kind, state, step, revision, lines_revision, organisation, organisation_chain, "
      "central_signing, source, creator, creator_name, creator_email, line_count, lines_approved, lines_returned, "
      "lines_issued, letter_number, letter_number_folded, letter_subject, letter_date, form, created, updated, urgent) "
      "SELECT 'id' || i, 'code' || i, '0' || (i % 6 + 1), CASE i % 20 WHEN 0 THEN 'draft' WHEN 1 THEN 'submitted' "
      "WHEN 2 THEN 'processing' ELSE 'completed' END, 'none', 1, 1, 'c' || (i % 3400), '[\"Tỉnh\",\"Sở\"]', 0, "
      "'ONLINE', "
      "'a', 'Nguyễn Văn A', 'a@mau.gov.vn', 1, 0, 0, 0, (i % 500) || '/CV', (i % 500) || '/cv', 'V/v', '2026-09-14', "
      "'{\"receiver\":{}}', " +
          now + " + i, " + now + ", " + now + " + i FROM " + numbers(0));
  for (const char* scope : kScopes)
    run(database,
        fmt::format("INSERT INTO dossier_scope (scope, box, kind, dossier) SELECT {}, CASE state WHEN 'draft' "
                    "THEN 'draft' WHEN 'completed' THEN 'finished' ELSE 'submitted' END, kind, number "
                    "FROM dossier",
                    scope));
  run(database,
      "INSERT INTO dossier_word (word, dossier) SELECT 'so', number FROM dossier "
      "UNION ALL SELECT 'van' || (number % 1000), number FROM dossier");
}

void fill_certificates(db::Database& database) {
  const std::string now = fmt::format("{}", kNow.time_since_epoch().count());
  for (std::int64_t from = 0; from < 3 * kMillion; from += kMillion) {
    run(database,
        "INSERT INTO subscriber_certificate (issuer, serial, kind, device, device_serial, iccid, name, name_folded, "
        "subject, email, identity, tax_code, budget_code, phone, organisation, organisation_chain, province, profile, "
        "state, renewed, not_before, not_after, replaces, replaced_by, dossier, line, request_id, is_stale, recorded, "
        "der) SELECT 'CPCA_G1', 'A' || (10000000 + i), 'person', CASE i % 9 WHEN 0 THEN 'central' ELSE 'token' END, "
        "'T' || i, '', 'Ho' || (i % 5) || ' Dem' || (i % 40) || ' Ten' || (i % 4001), '', 'CN=x', 'a' || i || "
        "'@mau.gov.vn', 'n' || i, '', '', '', 'c' || (i % 3400), '[\"Tỉnh\"]', '20', 'PERSON_5Y', CASE i % 7 WHEN 0 "
        "THEN "
        "'revoked' ELSE 'good' END, 0, 0, " +
            now + " + (i % 1800) * 86400, '', '', '', '', '', CASE i % 5000 WHEN 0 THEN 1 ELSE 0 END, 0, " +
            "decode('00', 'hex') FROM " + numbers(from));
  }
  for (const char* scope : kScopes)
    run(database, fmt::format("INSERT INTO certificate_scope (scope, certificate, state, device, is_stale, not_after) "
                              "SELECT {}, number, state, device, is_stale, not_after FROM subscriber_certificate",
                              scope));
  for (const char* word : {"'ho' || (number % 5)", "'dem' || (number % 40)", "'ten' || (number % 4001)"})
    run(database, fmt::format("INSERT INTO certificate_word (word, certificate) SELECT {}, number FROM "
                              "subscriber_certificate",
                              word));
}

template <typename F>
void measure(const std::string& what, db::Database& database, const F& query) {
  constexpr int kTimes = 300;
  std::vector<double> took;
  for (int i = 0; i < kTimes; ++i) {
    const auto start = std::chrono::steady_clock::now();
    must(database.read([&](db::Transaction& transaction) { return query(transaction, i); }));
    took.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::ranges::sort(took);
  MESSAGE(what, ": p50 ", took[kTimes / 2], " ms, p99 ", took[kTimes * 99 / 100], " ms");
  CHECK(took[kTimes * 99 / 100] < 50);
}

TEST_CASE("lists with a million dossiers and three million certificates" * doctest::skip()) {
  db::DatabaseOptions options;
  options.statement_timeout = std::chrono::minutes(30);
  const char* kept = std::getenv("KYSO_BENCH_POSTGRESQL");
  std::unique_ptr<db::TestDatabase> own;
  std::unique_ptr<db::Database> other;
  if (kept != nullptr) {
    options.url = kept;
    other = must(db::Database::open(options));
  } else {
    own = std::make_unique<db::TestDatabase>(db::Engine::postgresql, db::kPlatformMigrations, options);
  }
  db::Database& database = kept != nullptr ? *other : **own;
  const bool is_filled = must(database.read([](db::Transaction& transaction) -> Result<bool> {
    return KYSO_TRY(transaction.query("SELECT 1 FROM information_schema.tables WHERE table_name = 'thousand'")).size() >
           0;
  }));
  if (!is_filled) {
    if (kept != nullptr) must(db::migrate(database, db::kPlatformMigrations, system_clock()));
    run(database, "CREATE TABLE thousand (i BIGINT NOT NULL PRIMARY KEY)");
    run(database,
        "WITH RECURSIVE one(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM one WHERE i < 999) INSERT INTO thousand (i) "
        "SELECT i FROM one");
    fill_dossiers(database);
    fill_certificates(database);
    run(database, "ANALYZE");
  }

  const auto dossiers = [&](const std::string& what, auto&& make) {
    measure("dossiers, " + what, database, [&](db::Transaction& transaction, int i) {
      dossier_store::DossierFilter filter;
      make(filter, i);
      return dossier_store::list(transaction, filter);
    });
  };
  dossiers("all, everywhere", [](auto& filter, int i) { filter.after = kMillion - 3'000 * i; });
  dossiers("of a province", [](auto& filter, int i) { filter.scope = fmt::format("p{}", i % 34); });
  dossiers("drafts of a province, one kind", [](auto& filter, int i) {
    filter.scope = fmt::format("p{}", i % 34);
    filter.box = Box::draft;
    filter.kind = DossierKind::device;
  });
  dossiers("of a centre", [](auto& filter, int i) { filter.scope = fmt::format("c{}", i % 3400); });
  dossiers("by letter number", [](auto& filter, int i) {
    filter.scope = fmt::format("p{}", i % 34);
    filter.letter_number = fmt::format("{}/CV", i % 500);
  });
  dossiers("by a rare word", [](auto& filter, int i) { filter.words = {fmt::format("van{}", 100 + i)}; });
  dossiers("by a common word, in a province", [](auto& filter, int i) {
    filter.scope = fmt::format("p{}", i % 34);
    filter.words = {"so", "van"};
  });
  dossiers("of some days", [](auto& filter, int i) {
    filter.scope = fmt::format("p{}", i % 34);
    filter.from = kNow + std::chrono::seconds(2'000 * i);
    filter.to = *filter.from + std::chrono::days(1);
  });
  measure("queue, most urgent first", database, [](db::Transaction& transaction, int i) {
    dossier_store::QueueFilter filter;
    filter.after = {kNow + std::chrono::seconds(3'000 * i), 0};
    return dossier_store::queue(transaction, filter);
  });
  const auto certificates = [&](const std::string& what, auto&& make) {
    measure("certificates, " + what, database, [&](db::Transaction& transaction, int i) {
      certificate_store::CertificateFilter filter;
      filter.now = kNow;
      make(filter, i);
      return certificate_store::search(transaction, filter);
    });
  };
  certificates("all, everywhere",
               [](auto& filter, int i) { filter.after = fmt::format("{}", 3 * kMillion - 9'000 * i); });
  certificates("of a centre", [](auto& filter, int i) { filter.scope = fmt::format("c{}", i % 3400); });
  certificates("by serial", [](auto& filter, int i) { filter.serial = fmt::format("A{}", 10'000'000 + 9'999 * i); });
  certificates("by device", [](auto& filter, int i) { filter.device_serial = fmt::format("T{}", 9'999 * i); });
  certificates("by e-mail", [](auto& filter, int i) { filter.email = fmt::format("a{}@mau.gov.vn", 9'999 * i); });
  certificates("by a full name", [](auto& filter, int i) {
    filter.words = {fmt::format("ho{}", i % 5), fmt::format("dem{}", i % 40), fmt::format("ten{}", 1'000 + i)};
  });
  certificates("by a common name, everywhere",
               [](auto& filter, int i) { filter.words = {fmt::format("ho{}", i % 5), fmt::format("dem{}", i % 40)}; });
  certificates("by a common name, in a centre", [](auto& filter, int i) {
    filter.scope = fmt::format("c{}", i % 3400);
    filter.words = {"ho", "dem"};
  });
  certificates("names that never meet", [](auto& filter, int i) {
    filter.words = {fmt::format("ho{}", i % 5), fmt::format("dem{}", (i + 1) % 5)};
  });
  certificates("revoked, central, of a province", [](auto& filter, int i) {
    filter.scope = fmt::format("p{}", i % 34);
    filter.state = "revoked";
    filter.device = Device::central;
  });
  certificates("suspended (none), everywhere", [](auto& filter, int) { filter.state = "suspended"; });
  certificates("stale, of a province", [](auto& filter, int i) {
    filter.scope = fmt::format("p{}", i % 34);
    filter.only_stale = true;
  });
  certificates("ending within 60 days, of a province", [](auto& filter, int i) {
    filter.scope = fmt::format("p{}", i % 34);
    filter.expires_before = kNow + std::chrono::days(60);
  });
}

}  // namespace
}  // namespace kyso::registry
