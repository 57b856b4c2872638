#include <doctest/doctest.h>

#include <iostream>

#include "authority/status/status_service.h"
#include "authority/status/status_test_support.h"
#include "json/json.h"

namespace kyso::authority::status {
namespace {

Bytes sample_serial(std::uint8_t octet) {
  Bytes out(17, octet);
  out[0] = 1;
  return out;
}

// No test by itself: the service alone, for tests/conformance/ocsp/adapters/kyso.py and for measurements.
TEST_CASE("serve for the OCSP conformance suite" * doctest::skip()) {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  TestIssuer& issuer = first_issuer();
  const Clock& clock = system_clock();
  const Instant revoked_at = clock.now() - std::chrono::hours(1);
  add_good(*database, issuer.name, sample_serial(0xa1), revoked_at);
  change(*database, add_good(*database, issuer.name, sample_serial(0xb2), revoked_at), CertificateState::revoked,
         revoked_at, 1);
  change(*database, add_good(*database, issuer.name, sample_serial(0xc3), revoked_at), CertificateState::suspended,
         revoked_at, 6);
  add_good(*database, issuer.name, sample_serial(0xd4), clock.now() - std::chrono::hours(24 * 400));
  std::filesystem::copy_file(second_issuer().folder / "ca.pem", issuer.folder / "other.pem");

  TestVault vault({&issuer});
  StatusService service(*database, vault, clock, {});
  service.start();
  net::ServerOptions options;
  options.access_log = false;
  const auto server = must(net::HttpServer::start(options, service.routes()));
  json::Value config = json::Value::object();
  config.set("name", "Kyso")
      .set("url", fmt::format("http://127.0.0.1:{}/ocsp", server->port()))
      .set("folder", issuer.folder.path().string())
      .set("issuer", "ca.pem")
      .set("stranger", "other.pem")
      .set("good", to_hex(sample_serial(0xa1)))
      .set("revoked", to_hex(sample_serial(0xb2)))
      .set("revoked_at", std::int64_t{revoked_at.time_since_epoch().count()})
      .set("reason", 1)
      .set("held", to_hex(sample_serial(0xc3)))
      .set("expired", to_hex(sample_serial(0xd4)))
      .set("unissued", to_hex(sample_serial(0xee)));
  std::cout << json::serialize(config) << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  server->drain(std::chrono::seconds(1));
  CHECK(service.directory().is_current());
}

}  // namespace
}  // namespace kyso::authority::status
