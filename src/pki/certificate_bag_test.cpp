#include "pki/certificate_bag.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/file.h"
#include "base/test_support.h"

namespace kyso::pki {
namespace {

const std::string kVectors = KYSO_SOURCE_DIR "/tests/vectors/crypto/";

TEST_CASE("issuers come as certificate, as PEM or as CMS of certificates only") {
  const TestFolder folder;
  const std::string chain = kVectors + "chain.pem", one = kVectors + "issuing.cert.pem";
  const auto bundle = [&](const std::string& command) {
    const auto path = folder / "out";
    static_cast<void>(output_of(command + " -out " + path.string() + " 2>&1"));
    return read_certificate_bag(must(read_file(path)));
  };
  CHECK(must(bundle("openssl x509 -in " + one + " -outform DER")).size() == 1);
  CHECK(must(read_certificate_bag(must(read_file(chain)))).size() == 2);
  for (const char* form : {"DER", "PEM"}) {
    const auto certificates =
        must(bundle(fmt::format("openssl crl2pkcs7 -nocrl -certfile {} -outform {}", chain, form)));
    CHECK(certificates.size() == 2);
  }
  CHECK(must(read_certificate_bag(must(read_file(chain)), 1)).size() == 1);
  for (const char* none : {"", "0", "<html>not here</html>", "-----BEGIN PKCS7-----\nAAAA\n-----END PKCS7-----\n"})
    CHECK(code_of(read_certificate_bag(as_bytes(none))) == "crypto.certificate.malformed");
  const Bytes key = must(read_file(kVectors + "issuing.key.pem"));
  CHECK(code_of(read_certificate_bag(key)) == "crypto.certificate.malformed");
}

}  // namespace
}  // namespace kyso::pki
