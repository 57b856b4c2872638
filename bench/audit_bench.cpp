// The audit log with a million leaves: what recording and integrating an event costs, and how long proofs take, each
// with nothing kept in memory, as for one auditor who asks once.  kyso_audit_bench [LEAVES] [FOLDER]
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "audit/audit.h"
#include "audit/log.h"
#include "db/migration.h"

namespace {

using namespace kyso;

template <typename T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s %s\n", std::string(result.error().code).c_str(), result.error().detail.c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void record(db::Database& database, std::size_t from, std::size_t count) {
  std::vector<audit::Event> events;
  for (std::size_t i = from; i < from + count; ++i) {
    audit::Event event{"certificate.issued", "system:authority", "CPCA_G1/01" + std::to_string(i),
                       json::Value::object()};
    event.details.set("request", "6f8c2f0a-3f7b-4c1e-9d57-0a1b2c3d4e5f").set("reference", "12/2026-1");
    event.details.set("profile", "PERSON_5Y").set("sha256", std::string(64, 'a'));
    events.push_back(std::move(event));
  }
  must(database.write(
      [&](db::Transaction& transaction) { return audit::append_many(transaction, events, system_clock().now()); }));
}

// The median and the worst of many proofs, in milliseconds of CPU.
template <typename F>
void measure(const char* what, std::uint64_t size, const F& prove) {
  std::vector<double> costs;
  for (std::uint64_t i = 0; i < 500; ++i) {
    const std::uint64_t place = 1 + (i * 0x9e3779b97f4a7c15U) % (size - 1);
    const double began = cpu_seconds();
    must(prove(place));
    costs.push_back((cpu_seconds() - began) * 1e3);
  }
  std::ranges::sort(costs);
  std::printf("%s %.3f ms, 99 of 100 within %.3f ms\n", what, costs[costs.size() / 2], costs[costs.size() * 99 / 100]);
}

void run(std::size_t leaves, const std::string& folder) {
  db::DatabaseOptions options;
  options.url = "sqlite:" + folder + "/audit.db";
  const auto database = must(db::Database::open(options));
  must(db::migrate(*database, KYSO_SOURCE_DIR "/db/migrations/platform", system_clock()));
  audit::Log log(*database);
  constexpr std::size_t kTogether = 4'000;
  double recording = 0;
  double integrating = 0;
  for (std::size_t i = 0; i < leaves; i += kTogether) {
    const double began = cpu_seconds();
    record(*database, i, std::min(kTogether, leaves - i));
    const double recorded = cpu_seconds();
    must(log.integrate());
    recording += recorded - began;
    integrating += cpu_seconds() - recorded;
  }
  const std::uint64_t size = must(log.size());
  const auto each = 1e6 / static_cast<double>(size);
  std::printf("%llu leaves: recording %.1f us, integrating %.1f us of CPU each\n",
              static_cast<unsigned long long>(size), recording * each, integrating * each);
  measure("inclusion", size, [&](std::uint64_t index) { return must(log.tree(size)).inclusion_proof(index); });
  measure("consistency", size, [&](std::uint64_t old) { return must(log.tree(size)).consistency_proof(old); });
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t leaves = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
  std::string folder = std::string(argc > 2 ? argv[2] : "/var/tmp") + "/kyso-audit-bench-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  run(leaves, folder);
  std::filesystem::remove_all(folder);
  return 0;
}
