#include "pki/trust_store.h"

#include "pki/path_test_support.h"

namespace kyso::pki {
namespace {

using namespace testing;

std::string pem(const ParsedCertificate& certificate) {
  return "-----BEGIN CERTIFICATE-----\n" + to_base64(certificate.certificate().der()) + "\n-----END CERTIFICATE-----\n";
}
std::string der_text(const ParsedCertificate& certificate) {
  return std::string(as_chars(certificate.certificate().der()));
}
// PKCS#7 that holds certificates only.
std::string pkcs7(const std::vector<ParsedCertificate>& certificates) {
  Bytes list;
  for (const ParsedCertificate& each : certificates) append(list, each.certificate().der());
  const Bytes data = der::sequence(der::encode_integer(1), der::encode(der::kSet, {}),
                                   der::sequence(der::encode_oid("1.2.840.113549.1.7.1")),
                                   der::encode(der::context(0), list), der::encode(der::kSet, {}));
  return std::string(
      as_chars(der::sequence(der::encode_oid("1.2.840.113549.1.7.2"), der::encode(der::context(0), data))));
}

struct Files {
  Key root_key, ca_key;
  ParsedCertificate root = issue("Root", "Root", ca(), root_key, root_key);
  ParsedCertificate middle = issue("CA", "Root", ca(), ca_key, root_key);
  TestFolder folder;
};

TEST_CASE("a folder without a list: self-issued certificates are anchors") {
  Files f;
  f.folder.write("root.crt", der_text(f.root));
  f.folder.write("middle.PEM", pem(f.middle));
  f.folder.write("notes.txt", "not looked at");
  TrustStore store;
  must(store.load_folder(f.folder.path(), {.group = "user", .reason = "tự thêm"}));
  REQUIRE(store.anchors().size() == 1);
  const TrustAnchor& anchor = store.anchors().front();
  CHECK(anchor.certificate == f.root);
  CHECK(anchor.name == "Root");
  CHECK(anchor.group == "user");
  CHECK(anchor.reason == "tự thêm");
  CHECK(anchor.revocation == RevocationDuty::if_published);
  CHECK(store.find(f.root.sha256()) == &anchor);
  CHECK(store.find(f.middle.sha256()) == nullptr);
  REQUIRE(store.intermediates().size() == 1);
  CHECK(store.remove(f.root.sha256()));
  CHECK(store.anchors().empty());
  CHECK(store.remove(f.middle.sha256()));
  CHECK_FALSE(store.remove(f.middle.sha256()));
}

TEST_CASE("the list says what each file is for") {
  Files f;
  f.folder.write("root.crt", der_text(f.root));
  f.folder.write("middle.crt", pem(f.middle));
  f.folder.write("trust.toml",
                 "[[certificate]]\nfile = \"root.crt\"\nrole = \"intermediate\"\n\n"
                 "[[certificate]]\nfile = \"middle.crt\"\nrole = \"anchor\"\nname = \"Cấp dưới\"\ngroup = \"public\"\n"
                 "reason = \"thử\"\nadded = \"2026-01-02\"\ntrusted_from = \"2020-01-01\"\n"
                 "trusted_until = \"2027-01-01T00:00:00Z\"\nrevocation = \"required\"\n");
  TrustStore store;
  must(store.load_folder(f.folder.path(), {}));
  REQUIRE(store.anchors().size() == 1);
  const TrustAnchor& anchor = store.anchors().front();
  CHECK(anchor.certificate == f.middle);
  CHECK(anchor.name == "Cấp dưới");
  CHECK(anchor.group == "public");
  CHECK(anchor.reason == "thử");
  CHECK(anchor.added == must(parse_time("2026-01-02")));
  CHECK(anchor.trusted_from == must(parse_time("2020-01-01")));
  CHECK(anchor.trusted_until == must(parse_time("2027-01-01T00:00:00Z")));
  CHECK(anchor.revocation == RevocationDuty::required);
  CHECK(store.intermediates().front() == f.root);
}

TEST_CASE("what can be wrong with a folder") {
  const auto outcome = [](const std::string& list, const std::string& certificate = {}) {
    Files f;
    f.folder.write("root.crt", certificate.empty() ? der_text(f.root) : certificate);
    if (!list.empty()) f.folder.write("trust.toml", list);
    TrustStore store;
    return code_of(store.load_folder(f.folder.path(), {}));
  };
  const std::string entry = "[[certificate]]\nfile = \"root.crt\"\n";
  CHECK(outcome(entry) == "ok");
  CHECK(outcome("", "rubbish") == "pki.trust.unreadable");
  CHECK(outcome("[[certificate]]\nfile = \"missing.crt\"\n") == "pki.trust.unreadable");
  CHECK(outcome("[[certificate]]\nfile = \"../root.crt\"\n") == "pki.trust.unreadable");
  CHECK(outcome("[[certificate]]\nrole = \"anchor\"\n").starts_with("base.config."));
  CHECK(outcome(entry + "role = \"friend\"\n") == "base.config.invalid");
  CHECK(outcome(entry + "revocation = \"never\"\n") == "base.config.invalid");
  CHECK(outcome(entry + "added = \"yesterday\"\n") == "base.config.invalid");
  CHECK(outcome(entry + "colour = \"red\"\n") == "base.config.unknown_key");
  TrustStore store;
  CHECK(code_of(store.load_folder("/nonexistent", {})) == "pki.trust.unreadable");
}

TEST_CASE("keys among the certificates are passed over unless the list names them") {
  Files f;
  f.folder.write("root.crt", der_text(f.root));
  f.folder.write("key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  TrustStore store;
  must(store.load_folder(f.folder.path(), {}));
  CHECK(store.anchors().size() == 1);
  f.folder.write("trust.toml", "[[certificate]]\nfile = \"key.pem\"\n");
  CHECK(code_of(store.load_folder(f.folder.path(), {})) == "pki.trust.unreadable");
}

TEST_CASE("one file") {
  Files f;
  const auto load = [&](const std::string& content) {
    TrustStore store;
    must(store.load_file(f.folder.write("given.any", content), {}));
    return store;
  };
  CHECK(load(der_text(f.root)).anchors().size() == 1);
  const TrustStore both = load(pem(f.middle) + pem(f.root) + pem(f.root));
  CHECK(both.anchors().size() == 1);
  CHECK(both.anchors().front().certificate == f.root);
  CHECK(both.intermediates().size() == 1);
  // Without a self-issued one, the first is meant.
  CHECK(load(der_text(f.middle)).anchors().front().certificate == f.middle);
  CHECK(load(pkcs7({f.middle, f.root})).anchors().front().certificate == f.root);
  const std::string armoured = pkcs7({f.root});
  CHECK(load("-----BEGIN PKCS7-----\n" + to_base64(as_bytes(armoured)) + "\n-----END PKCS7-----\n").anchors().size() ==
        1);
  TrustStore store;
  CHECK(code_of(store.load_file(f.folder.write("empty.p7b", pkcs7({})), {})) == "pki.trust.unreadable");
  CHECK(code_of(store.load_file(f.folder / "missing", {})) == "pki.trust.unreadable");
}

TEST_CASE("OpenSSL's PKCS#7 is read") {
  Files f;
  f.folder.write("root.pem", pem(f.root));
  output_of("openssl crl2pkcs7 -nocrl -certfile " + (f.folder / "root.pem").string() + " -outform DER -out " +
            (f.folder / "root.p7b").string());
  TrustStore store;
  must(store.load_file(f.folder / "root.p7b", {}));
  CHECK(store.anchors().front().certificate == f.root);
}

}  // namespace
}  // namespace kyso::pki
