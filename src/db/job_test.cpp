#include "db/job.h"

#include <doctest/doctest.h>

#include <map>
#include <mutex>
#include <thread>

#include "db/db_test_support.h"

namespace kyso::db {
namespace {

using std::chrono::seconds;

const Instant kNow(seconds(4'000'000'000));  // beyond 32 bits

void put(Database& database, const NewJob& job, Instant now = kNow) {
  must(database.write([&](Transaction& t) { return enqueue(t, job, now); }));
}
std::optional<Job> next(Database& database, const std::string& kind, Instant now = kNow,
                        std::string_view owner = "w1") {
  return must(take(database, {kind}, owner, now, seconds(60)));
}
Result<> end(Database& database, const Job& job) {
  return database.write([&](Transaction& t) { return finish(t, job); });
}

TEST_CASE("a job is taken when it is due, in order, and again when its lease ends") {
  on_each_engine([](Database& database) {
    put(database, {"warn", "{\"n\":2}", kNow + seconds(10), ""});
    put(database, {"warn", "{\"n\":1}", std::nullopt, ""});
    put(database, {"other", "{}", std::nullopt, ""});
    const Job first = next(database, "warn").value();
    CHECK(first.payload == "{\"n\":1}");
    CHECK(first.kind == "warn");
    CHECK(first.attempt == 1);
    CHECK(!next(database, "warn"));
    CHECK(!next(database, "unknown"));
    CHECK(next(database, "warn", kNow + seconds(10)).value().payload == "{\"n\":2}");
    // Its worker has died: another one gets it, and the first one comes too late.
    const Job again = next(database, "warn", kNow + seconds(60), "w2").value();
    CHECK(again.id == first.id);
    CHECK(again.attempt == 2);
    CHECK(code_of(end(database, first)) == "db.job.lost");
    CHECK(code_of(keep(database, first, kNow, seconds(9))) == "db.job.lost");
    CHECK(code_of(retry_later(database, first, "late", kNow)) == "db.job.lost");
    must(keep(database, again, kNow + seconds(60), seconds(600)));
    CHECK(next(database, "warn", kNow + seconds(180)).value().id != again.id);
    must(end(database, again));
    CHECK(code_of(end(database, again)) == "db.job.lost");
    CHECK(must(take(database, {"unknown", "other"}, "w1", kNow, seconds(60))).has_value());
  });
}

TEST_CASE("a job exists exactly when its transaction was committed") {
  on_each_engine([](Database& database) {
    const auto refused = database.write([](Transaction& t) -> Result<> {
      KYSO_TRY(enqueue(t, {"a", "{}", std::nullopt, ""}, kNow));
      return fail("db.lease.lost");
    });
    CHECK(code_of(refused) == "db.lease.lost");
    CHECK(!next(database, "a"));
  });
}

TEST_CASE("one waiting job for each key") {
  on_each_engine([](Database& database) {
    put(database, {"crl", "first", kNow + seconds(100), "shard 1"});
    put(database, {"crl", "second", kNow + seconds(50), "shard 1"});
    put(database, {"crl", "third", kNow + seconds(70), "shard 1"});
    put(database, {"crl", "other", kNow + seconds(200), "shard 2"});
    CHECK(!next(database, "crl", kNow + seconds(49)));
    const Job job = next(database, "crl", kNow + seconds(50)).value();
    CHECK(job.payload == "first");
    CHECK(!next(database, "crl", kNow + seconds(100)));
    // While it runs a new one may wait; when it fails, that one does the work.
    put(database, {"crl", "fourth", std::nullopt, "shard 1"});
    must(retry_later(database, job, "failed", kNow));
    const Job fourth = next(database, "crl").value();
    CHECK(fourth.payload == "fourth");
    must(retry_later(database, fourth, "failed", kNow));
    // The pause of a job that failed is kept.
    put(database, {"crl", "fifth", std::nullopt, "shard 1"});
    CHECK(!next(database, "crl"));
    CHECK(next(database, "crl", kNow + seconds(4)).value().attempt == 2);
  });
}

TEST_CASE("pauses double up to a day, and then the job is set aside") {
  on_each_engine([](Database& database) {
    put(database, {"a", "{}", std::nullopt, ""});
    Instant now = kNow;
    std::vector<std::int64_t> pauses;
    for (int attempt = 1; attempt <= 20; ++attempt) {
      const Job job = next(database, "a", now).value();
      CHECK(job.attempt == attempt);
      must(retry_later(database, job, "no answer", now));
      std::int64_t pause = 1;
      if (attempt == 20) break;
      while (!next(database, "a", now + seconds(pause - 1)).has_value() && pause <= 86'400) pause *= 2;
      pauses.push_back(pause);
      // Taken to look: its lease ends later.
      now += seconds(200'000);
      const auto rows = must(database.write([&](Transaction& t) {
        return t.execute("UPDATE job SET attempt = ?, state = 'waiting', due = ?", {attempt, now});
      }));
      CHECK(rows == 1);
    }
    REQUIRE(pauses.size() == 19);
    CHECK(pauses[0] == 8);       // > 4 s: the next power of two
    CHECK(pauses[3] == 64);      // 32 s
    CHECK(pauses[18] > 86'400);  // a day
    CHECK(!next(database, "a", now + seconds(10'000'000)));
    const Row row = must(database.read([](Transaction& t) { return t.one("SELECT state, reason FROM job"); }));
    CHECK(must(row.get<std::string>(0)) == "dead");
    CHECK(must(row.get<std::string>(1)) == "no answer");
  });
}

TEST_CASE("eight threads take each job once") {
  on_each_engine([](Database& database) {
    constexpr int kJobs = 400;
    must(database.write([](Transaction& t) -> Result<> {
      for (int i = 0; i < kJobs; ++i)
        KYSO_TRY(enqueue(t, {i % 2 == 0 ? "even" : "odd", std::to_string(i), std::nullopt, ""}, kNow));
      return {};
    }));
    std::mutex mutex;
    std::map<std::int64_t, int> taken;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        while (const auto job = must(take(database, {"even", "odd"}, fmt::format("w{}", i), kNow, seconds(60)))) {
          must(end(database, *job));
          const std::lock_guard lock(mutex);
          ++taken[job->id];
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(taken.size() == kJobs);
    for (const auto& [id, times] : taken) CHECK(times == 1);
  });
}

TEST_CASE("a lease has one owner, and a former owner is fenced off") {
  on_each_engine([](Database& database) {
    const Lease first = must(acquire_lease(database, "crl", "a", kNow, seconds(30))).value();
    CHECK(first.fence == 1);
    CHECK(first.until == kNow + seconds(30));
    CHECK(!must(acquire_lease(database, "crl", "b", kNow + seconds(29), seconds(30))));
    CHECK(must(acquire_lease(database, "smsc", "b", kNow, seconds(30))).has_value());
    // Kept by its owner: the same fence.
    const Lease kept = must(acquire_lease(database, "crl", "a", kNow + seconds(20), seconds(30))).value();
    CHECK(kept.fence == 1);
    const auto guarded = [&](const Lease& lease, Instant now) {
      return code_of(database.write([&](Transaction& t) { return require_lease(t, lease, now); }));
    };
    CHECK(guarded(kept, kNow + seconds(49)) == "ok");
    CHECK(guarded(kept, kNow + seconds(50)) == "db.lease.lost");
    const Lease second = must(acquire_lease(database, "crl", "b", kNow + seconds(50), seconds(30))).value();
    CHECK(second.fence == 2);
    CHECK(guarded(kept, kNow + seconds(51)) == "db.lease.lost");
    CHECK(guarded(second, kNow + seconds(51)) == "ok");
    // The former owner gives nothing away that is not its own.
    must(release_lease(database, first));
    CHECK(!must(acquire_lease(database, "crl", "c", kNow + seconds(51), seconds(30))));
    must(release_lease(database, second));
    CHECK(must(acquire_lease(database, "crl", "c", kNow + seconds(51), seconds(30))).value().fence == 3);
    // The same name after a gap is another run.
    CHECK(must(acquire_lease(database, "crl", "c", kNow + seconds(100), seconds(30))).value().fence == 4);
  });
}

TEST_CASE("of eight threads one gets the lease") {
  on_each_engine([](Database& database) {
    std::atomic<int> owners = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        if (must(acquire_lease(database, "crl", fmt::format("p{}", i), kNow, seconds(30)))) ++owners;
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(owners == 1);
  });
}

}  // namespace
}  // namespace kyso::db
