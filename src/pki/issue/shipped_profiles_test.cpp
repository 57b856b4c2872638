#include <algorithm>
#include <cstdlib>

#include "pki/issue/issue_test_support.h"

namespace kyso::pki::issue {
namespace {

using namespace testing;

const std::vector<std::string> kShipped{"DEVICE_5Y",
                                        "ETSI_LEGAL_PERSON_ESEAL",
                                        "ETSI_NATURAL_PERSON_ESIGN",
                                        "LOG",
                                        "OCSP",
                                        "OFFICER",
                                        "ORGANIZATION_3Y",
                                        "ORGANIZATION_5Y",
                                        "PERSON_3Y",
                                        "PERSON_5Y",
                                        "SERVER_1Y",
                                        "SERVICE_5Y",
                                        "SOFTWARE_5Y",
                                        "SUB_CA",
                                        "TSA"};

std::string breaches_of(const Linted& linted) {
  std::string out;
  for (const lint::Breach& breach : linted.warnings()) out += fmt::format("{} ({}); ", breach.rule->id, breach.detail);
  return out;
}

TEST_CASE("the list of shipped profiles is complete") {
  const auto all = must(load_profiles(KYSO_SOURCE_DIR "/share/profiles"));
  std::vector<std::string> names;
  for (const auto& [name, profile] : all) names.push_back(name);
  std::vector<std::string> expected = kShipped;
  expected.emplace_back("ESCROW");  // for RSA alone: made and checked in ceremonies (vault/ceremony)
  expected.emplace_back("ROOT");
  std::ranges::sort(expected);
  CHECK(names == expected);
}

TEST_CASE("every shipped profile makes certificates without lint errors, under every kind of issuer") {
  for (const char* const issuer_key : {"root-p384", "rsa3072", "p256", "ed25519"}) {
    Authority issuer = make_root(issuer_key);
    for (const std::string& name : kShipped)
      for (const char* const key : {"p384", "rsa3072"}) {
        if (std::string_view(key) == issuer_key) continue;
        const auto certificate = issuer.issue(profile(name), sample_request(name, key));
        CHECK_MESSAGE(code_of(certificate) == "ok", name, " ", issuer_key, " ", key, " ",
                      certificate ? "" : certificate.error().detail);
      }
  }
}

TEST_CASE("shipped profiles make certificates without lint warnings") {
  Authority issuer = make_root("root-p384");
  for (const std::string& name : kShipped) {
    auto content = must(ToBeSigned::build(profile(name), issuer.settings, sample_request(name), kSerial, kNow));
    const Linted linted = must(Linted::lint(std::move(content), profile(name), &issuer.settings.certificate), name);
    CHECK_MESSAGE(linted.warnings().empty(), name, ": ", breaches_of(linted));
  }
}

// The content that each shipped profile gave when it was last looked at by people: `openssl asn1parse` shows it.
// KYSO_WRITE_GOLDEN=1 writes them anew.
TEST_CASE("the content of certificates stays the same, octet by octet") {
  const std::filesystem::path folder = KYSO_SOURCE_DIR "/tests/golden/issue";
  Authority issuer = make_root("root-p384");
  for (const std::string& name : kShipped) {
    const auto content = must(ToBeSigned::build(profile(name), issuer.settings, sample_request(name), kSerial, kNow));
    const std::filesystem::path file = folder / (name + ".tbs.hex");
    if (std::getenv("KYSO_WRITE_GOLDEN") != nullptr) {
      std::filesystem::create_directories(folder);
      std::ofstream(file) << to_hex(content.der()) << "\n";
    }
    std::ifstream stream(file);
    std::string golden;
    std::getline(stream, golden);
    CHECK_MESSAGE(to_hex(content.der()) == golden, name);
  }
}

struct Published {
  TestFolder folder;
  Authority issuer;
  explicit Published(const std::string& key) : issuer(make_root(key)) {
    folder.write("root.pem", pem(issuer.settings.certificate.certificate().der()));
    for (const std::string& name : kShipped) {
      const auto certificate =
          must(issuer.issue(profile(name), sample_request(name, key == "rsa3072" ? "p256" : "rsa3072")), name);
      folder.write(name + ".pem", pem(certificate.der()));
    }
  }
  std::string at(const std::string& name) const { return (folder / name).string(); }
};

TEST_CASE("OpenSSL reads and verifies what is issued") {
  for (const char* const key : {"root-p384", "rsa3072", "p256", "ed25519"}) {
    const Published published(key);
    for (const std::string& name : kShipped) {
      const std::string file = published.at(name + ".pem");
      output_of("openssl verify -x509_strict -attime 1780272001 -CAfile " + published.at("root.pem") + " " + file +
                " 2>&1");
      const std::string text = output_of("openssl x509 -noout -text -nameopt utf8,sep_comma_plus -in " + file);
      CHECK_MESSAGE(text.find("<INVALID") == std::string::npos, name, text);
      CHECK_MESSAGE(text.find("Serial Number:\n            2a:93:e1:b7:04:5f:d8:6c:13:97:f2:0a:4e:bd:65:82:c1") !=
                        std::string::npos,
                    text);
    }
    const auto purpose = [&](const std::string& name, const std::string& wanted) {
      return run_command("openssl verify -purpose " + wanted + " -attime 1780272001 -CAfile " +
                         published.at("root.pem") + " " + published.at(name + ".pem") + " 2>&1")
                 .status == 0;
    };
    CHECK(purpose("SERVER_1Y", "sslserver"));
    CHECK_FALSE(purpose("SERVER_1Y", "sslclient"));
    CHECK(purpose("DEVICE_5Y", "sslclient"));
    CHECK(purpose("TSA", "timestampsign"));
    CHECK_FALSE(purpose("PERSON_5Y", "timestampsign"));
    CHECK(purpose("PERSON_5Y", "smimesign"));
    CHECK(run_command("openssl verify -verify_hostname www.mau.gov.vn -attime 1780272001 -CAfile " +
                      published.at("root.pem") + " " + published.at("SERVER_1Y.pem") + " 2>&1")
              .status == 0);
  }
}

TEST_CASE("GnuTLS reads and verifies what is issued") {
  for (const char* const key : {"root-p384", "rsa3072", "p256"}) {
    const Published published(key);
    for (const std::string& name : kShipped) {
      const std::string text =
          output_of("certtool --certificate-info --infile " + published.at(name + ".pem") + " 2>&1");
      CHECK_MESSAGE(text.find("rror") == std::string::npos, name, text);
      // certtool judges by today's clock alone; its other words would be "not trusted" or "signature".
      const std::string verdict = run_command("certtool --verify --load-ca-certificate " + published.at("root.pem") +
                                              " --infile " + published.at(name + ".pem") + " 2>&1")
                                      .output;
      const bool is_good = verdict.find("Verified.") != std::string::npos ||
                           verdict.find("expired certificate") != std::string::npos ||
                           verdict.find("not yet activated") != std::string::npos;
      CHECK_MESSAGE(is_good, name, verdict);
      CHECK_MESSAGE(verdict.find("signature") == std::string::npos, name, verdict);
    }
  }
}

TEST_CASE("a chain of root, issuing authority and person holds") {
  Authority root = make_root("root-p384");
  auto holder = vectors::holder("rsa3072");
  const auto authority_certificate = must(root.issue(profile("SUB_CA"), sample_request("SUB_CA", "rsa3072")));
  Authority issuing{.key = std::move(holder), .settings = root.settings};
  issuing.settings.certificate = ParsedCertificate(authority_certificate);
  issuing.settings.scheme = crypto::default_scheme(crypto::KeyType::rsa);
  const auto person = must(issuing.issue(profile("PERSON_5Y"), sample_request("PERSON_5Y")));
  const TestFolder folder;
  folder.write("root.pem", pem(root.settings.certificate.certificate().der()));
  folder.write("ca.pem", pem(authority_certificate.der()));
  folder.write("person.pem", pem(person.der()));
  output_of("openssl verify -x509_strict -attime 1780272001 -CAfile " + (folder / "root.pem").string() +
            " -untrusted " + (folder / "ca.pem").string() + " " + (folder / "person.pem").string());
  CHECK(authority_certificate.is_ca());
}

TEST_CASE("PSS issuers") {
  const crypto::SignatureScheme pss{crypto::KeyType::rsa, crypto::Padding::pss, crypto::DigestAlgorithm::sha256};
  Authority issuer = make_root("rsa3072", pss);
  const auto certificate = must(issuer.issue(profile("PERSON_5Y"), sample_request("PERSON_5Y")));
  const TestFolder folder;
  folder.write("root.pem", pem(issuer.settings.certificate.certificate().der()));
  folder.write("person.pem", pem(certificate.der()));
  output_of("openssl verify -x509_strict -attime 1780272001 -CAfile " + (folder / "root.pem").string() + " " +
            (folder / "person.pem").string());
}

}  // namespace
}  // namespace kyso::pki::issue
