#include "authority/status/status_service.h"

#include <doctest/doctest.h>

#include "authority/status/status_test_support.h"
#include "net/http_client.h"

namespace kyso::authority::status {
namespace {

using namespace std::chrono_literals;

TEST_CASE("ranges are read as RFC 9110 says") {
  const auto is = [](std::string_view field, std::uint64_t first, std::uint64_t count) {
    const auto range = read_range(field, 1'000);
    return range && range->first == first && range->count == count;
  };
  CHECK(is("bytes=0-99", 0, 100));
  CHECK(is("bytes=900-", 900, 100));
  CHECK(is("bytes=-100", 900, 100));
  CHECK(is("bytes=-5000", 0, 1'000));
  CHECK(is("bytes=999-5000", 999, 1));
  CHECK(is("bytes=1000-", 0, 0));
  CHECK(is("bytes=-0", 1'000, 0));
  for (const char* ignored : {"", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,3-4", "items=0-1", "bytes=a-b",
                              "bytes=1-2x", "bytes=99999999999999999999-"})
    CHECK_FALSE(read_range(ignored, 1'000));
}

// The service as kysod runs it: threads, HTTP, and programs of others that ask.
struct Site {
  TestClock clock;
  TestVault vault;
  StatusService service;
  std::unique_ptr<net::HttpServer> server;

  explicit Site(db::Database& database, std::vector<TestIssuer*> issuers, const StatusOptions& options = {})
      : vault(std::move(issuers)), service(database, vault, clock, options) {
    service.start();
    net::ServerOptions server_options;
    server_options.access_log = false;
    server = must(net::HttpServer::start(server_options, service.routes()));
  }
  std::string url(std::string_view path) const { return fmt::format("http://127.0.0.1:{}{}", server->port(), path); }
  std::string get(std::string_view path, std::string_view more = {}) const {
    return output_of(fmt::format("curl -s -i {} '{}'", more, url(path)));
  }
};

// Waits for what threads do: up to ten seconds.
template <typename F>
bool comes_true(const F& condition) {
  for (int i = 0; i < 1'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

TEST_CASE("openssl ocsp, certtool and curl get what the service tells, and see a revocation within seconds") {
  db::on_each_engine([](db::Database& database) {
    TestIssuer& issuer = first_issuer();
    const Bytes serial = must(from_hex("01aabbccddeeff00112233445566778899"));
    issuer.issue("subject", to_hex(serial), "authorityKeyIdentifier=keyid");
    const TestClock clock;
    const CertificateRow row = add_good(database, issuer.name, serial, clock.now());
    StatusOptions options;
    options.tick_every = 50ms;
    options.crl.at_most_every = 0s;
    Site site(database, {&issuer}, options);
    const std::string folder = issuer.folder.path().string();
    const auto openssl = [&](std::string_view more) {
      return run_command(
                 fmt::format("cd {} && openssl ocsp -issuer ca.pem -cert subject.pem -CAfile ca.pem -url {} {} 2>&1",
                             folder, site.url("/ocsp"), more))
          .output;
    };
    for (const char* way : {"", "-no_nonce"}) {
      const std::string out = openssl(way);
      CHECK(out.find("Response verify OK") != std::string::npos);
      CHECK(out.find("subject.pem: good") != std::string::npos);
    }
    CHECK(comes_true([&] { return site.service.lists().find("CPCA_G1.crl") != nullptr; }));
    const auto verify = [&] {
      output_of(fmt::format("cd {} && curl -s -o list.crl '{}' && openssl crl -inform DER -in list.crl -out list.pem",
                            folder, site.url("/crl/CPCA_G1.crl")));
      return run_command("cd " + folder +
                         " && openssl verify -crl_check -x509_strict -CAfile ca.pem -CRLfile list.pem subject.pem 2>&1")
          .output;
    };
    CHECK(verify().find("subject.pem: OK") != std::string::npos);

    change(database, row, CertificateState::revoked, clock.now(), 1);
    site.service.wake();
    CHECK(comes_true([&] { return openssl("-no_nonce").find("subject.pem: revoked") != std::string::npos; }));
    CHECK(openssl("").find("Reason: keyCompromise") != std::string::npos);
    CHECK(comes_true([&] { return verify().find("certificate revoked") != std::string::npos; }));
    CHECK(output_of("certtool --crl-info --inder --infile " + folder + "/list.crl 2>&1")
              .find("Revoked certificates (1)") != std::string::npos);
    CHECK(output_of(fmt::format("cd {} && ocsptool --ask={} --load-cert=subject.pem --load-issuer=ca.pem "
                                "--load-signer=ocsp.pem 2>&1 || true",
                                folder, site.url("/ocsp")))
              .find("revoked") != std::string::npos);
  });
}

TEST_CASE("answers carry the headers of RFC 9919, lists those of RFC 9111, both know what is unchanged") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  TestIssuer& issuer = first_issuer();
  const TestClock clock;
  add_good(*database, issuer.name, serial_number(1), clock.now());
  Site site(*database, {&issuer});
  const std::string query = to_base64(ocsp_query({certificate_id(issuer, serial_number(1))}));
  std::string escaped;
  for (const char c : query) escaped += c == '+' ? "%2B" : c == '/' ? "%2F" : c == '=' ? "%3D" : std::string(1, c);
  const std::string answer = site.get("/ocsp/" + escaped);
  for (const char* field : {"HTTP/1.1 200", "Content-Type: application/ocsp-response", "Content-Length: ", "Date: ",
                            "Last-Modified: ", "Expires: ", "ETag: \"", "max-age=300", "no-transform"})
    CHECK_MESSAGE(answer.find(field) != std::string::npos, field, " in ", answer);
  const std::size_t at = answer.find("ETag: ") + 6;
  const std::string tag = answer.substr(at, answer.find('\r', at) - at);
  CHECK(site.get("/ocsp/" + escaped, "-H 'If-None-Match: " + tag + "'").starts_with("HTTP/1.1 304"));
  CHECK(site.get("/ocsp/CPCA_G1/" + escaped).find("ETag: " + tag) != std::string::npos);
  CHECK(site.get("/ocsp/MAA=").find("Cache-Control: no-store") != std::string::npos);

  REQUIRE(comes_true([&] { return site.service.lists().find("CPCA_G1.crl") != nullptr; }));
  const std::string list = site.get("/crl/CPCA_G1.crl");
  for (const char* field : {"HTTP/1.1 200", "Content-Type: application/pkix-crl", "ETag: \"",
                            "Last-Modified: ", "Expires: ", "max-age=300", "Accept-Ranges: bytes"})
    CHECK_MESSAGE(list.find(field) != std::string::npos, field);
  const std::string list_tag = site.service.lists().find("CPCA_G1.crl")->entity_tag;
  CHECK(site.get("/crl/CPCA_G1.crl", "-H 'If-None-Match: " + list_tag + "'").starts_with("HTTP/1.1 304"));
  const std::string date = site.service.lists().find("CPCA_G1.crl")->last_modified;
  CHECK(site.get("/crl/CPCA_G1.crl", "-H 'If-Modified-Since: " + date + "'").starts_with("HTTP/1.1 304"));
  const std::string part = site.get("/crl/CPCA_G1.crl", "-r 0-0");
  CHECK(part.starts_with("HTTP/1.1 206"));
  CHECK(part.ends_with("0"));
  CHECK(site.get("/crl/CPCA_G1.crl", "-r 100000-").starts_with("HTTP/1.1 416"));
  CHECK(site.get("/crl/CPCA_G9.crl").starts_with("HTTP/1.1 404"));
  CHECK(site.get("/ca/CPCA_G9.crt").starts_with("HTTP/1.1 404"));
  output_of(fmt::format("curl -s '{}' | openssl x509 -inform DER -noout -subject", site.url("/ca/CPCA_G1.crt")));
  CHECK(output_of(fmt::format("curl -s '{}' | openssl pkcs7 -inform DER -noout -print_certs -text 2>&1",
                              site.url("/ca/CPCA_G1.p7c")))
            .find("CPCA_G1") != std::string::npos);
  CHECK(site.service.check().has_value());
}

TEST_CASE("a large list is streamed, whole and in ranges") {
  db::TestDatabase database(db::Engine::sqlite, db::kPlatformMigrations);
  const TestClock clock;
  TestIssuer& issuer = first_issuer();
  must(database->write([&](db::Transaction& transaction) {
    std::vector<CertificateRow> rows;
    for (std::uint64_t i = 0; i < 40'000; ++i) {
      CertificateRow row = certificate_row(issuer.name, serial_number(i * 0x9e3779b97f4a7c15U), clock.now());
      row.intent = std::to_string(i);
      rows.push_back(std::move(row));
    }
    return authority::store::insert_waiting(transaction, rows);
  }));
  must(database->write([&](db::Transaction& transaction) {
    return transaction.execute("UPDATE certificate SET state = 'revoked', changed = ?, reason = 1", {clock.now()});
  }));
  Site site(*database, {&issuer});
  REQUIRE(comes_true([&] { return site.service.lists().find("CPCA_G1.crl") != nullptr; }));
  const auto list = site.service.lists().find("CPCA_G1.crl");
  REQUIRE(list->large);
  const std::string whole = output_of("curl -s '" + site.url("/crl/CPCA_G1.crl") + "'");
  CHECK(to_bytes(whole) == Bytes(list->content().begin(), list->content().end()));
  const std::string part = output_of("curl -s -r 300000-999999 '" + site.url("/crl/CPCA_G1.crl") + "'");
  CHECK(part == whole.substr(300'000, 700'000));
  CHECK(must(pki::RevocationList::from_der(to_bytes(whole))).size() == 40'000);
}

}  // namespace
}  // namespace kyso::authority::status
