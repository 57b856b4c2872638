#include <cstdlib>

#include "authority/tsa/clock_test_support.h"
#include "authority/tsa/service.h"
#include "authority/tsa/token_test_support.h"
#include "db/db_test_support.h"
#include "net/http_server.h"

namespace kyso::authority::tsa {
namespace {

struct Served {
  explicit Served(db::Database& database) {
    TsaOptions options;
    const std::vector<crypto::DigestAlgorithm> sha2{crypto::DigestAlgorithm::sha256, crypto::DigestAlgorithm::sha384,
                                                    crypto::DigestAlgorithm::sha512};
    options.policies = {
        {.oid = "1.3.6.1.4.1.32473.1.1", .name = "usual", .digests = sha2},
        {.oid = "1.3.6.1.4.1.32473.1.2", .name = "ordered", .is_ordered = true, .digests = sha2},
        {.oid = "1.3.6.1.4.1.32473.1.3", .name = "old", .digests = {crypto::DigestAlgorithm::sha1}, .is_legacy = true}};
    vault.add(key.signer(), key.holder);
    authority = TimeStampAuthority::start(
        options, {.vault = vault, .database = database, .clock = machine_clock(), .status = status});
    server = must(net::HttpServer::start({.workers = 16, .access_log = false}, time_stamp_routes(*authority, "/tsa")));
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}/tsa", server->port()); }

  TestKey key;
  TestVault vault;
  SetStatus status{machine_clock()};
  std::unique_ptr<TimeStampAuthority> authority;
  std::unique_ptr<net::HttpServer> server;
};

}  // namespace

TEST_CASE("the conformance suite passes over HTTP") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  const Served served(*database);
  const std::string keep = std::getenv("KYSO_CONFORMANCE_JSON") != nullptr
                               ? fmt::format(" --json {}", std::getenv("KYSO_CONFORMANCE_JSON"))
                               : "";
  const CommandResult result = run_command(fmt::format(
      "PYTHONDONTWRITEBYTECODE=1 python3 {} {} --ca {} --policy 1.3.6.1.4.1.32473.1.1 --ordered-policy "
      "1.3.6.1.4.1.32473.1.2 --legacy-policy 1.3.6.1.4.1.32473.1.3 --quiet{} 2>&1",
      KYSO_SOURCE_DIR "/tests/conformance/tsa/run.py", served.url(), (served.key.folder / "cert.pem").string(), keep));
  CHECK(result.status == 0);
  // Nothing fails, also not of what is only recommended.
  CHECK_MESSAGE(result.output.find("FAIL") == std::string::npos, result.output);
  CHECK_MESSAGE(result.output.find("MUST   ") != std::string::npos, result.output);
}

TEST_CASE("curl and openssl stamp over HTTP") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  const Served served(*database);
  const TestFolder folder;
  folder.write("data", "dữ liệu");
  const std::string at = "cd " + folder.path().string() + " && ";
  output_of(at + "openssl ts -query -data data -sha384 -cert -out query 2>&1");
  output_of(at + "curl -sf -H 'Content-Type: application/timestamp-query' --data-binary @query -o reply " +
            served.url());
  CHECK(output_of(at + "openssl ts -verify -data data -in reply -CAfile " + (served.key.folder / "cert.pem").string() +
                  " 2>&1")
            .find("Verification: OK") != std::string::npos);
}

}  // namespace kyso::authority::tsa
