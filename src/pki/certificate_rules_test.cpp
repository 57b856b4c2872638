#include "pki/path_test_support.h"

// What a certificate must be, in its place and for its purpose.
namespace kyso::pki {
namespace {

using namespace testing;

struct Chain {
  Key root_key, ca_key, leaf_key;
  PathCertificate root{.subject = name("Root"), .issuer = name("Root"), .extensions = ca()};
  PathCertificate middle{.subject = name("CA"), .issuer = name("Root"), .extensions = ca()};
  PathCertificate leaf{.subject = name("Leaf"), .issuer = name("CA")};
  PathRequest request{.time = kNow};

  std::string verdict() const {
    TrustStore trust;
    trust.add({.certificate = issue(root, root_key, root_key)});
    CertificatePool pool;
    pool.add(issue(middle, ca_key, root_key));
    return verdict_of(find_path(issue(leaf, leaf_key, ca_key), pool, trust, request));
  }
};

std::string leaf_with(const Bytes& extensions, Purpose purpose = Purpose::any) {
  Chain chain;
  chain.leaf.extensions = extensions;
  chain.request.purpose = purpose;
  return chain.verdict();
}
std::string middle_with(const Bytes& extensions, Purpose purpose = Purpose::any) {
  Chain chain;
  chain.middle.extensions = extensions;
  chain.request.purpose = purpose;
  return chain.verdict();
}
std::string root_with(const Bytes& extensions) {
  Chain chain;
  chain.root.extensions = extensions;
  return chain.verdict();
}

TEST_CASE("validity counts to the second, both ends included") {
  Chain chain;
  chain.leaf.from = kNow;
  chain.leaf.until = kNow;
  CHECK(chain.verdict() == "valid");
  chain.request.time = kNow + std::chrono::seconds(1);
  CHECK(chain.verdict() == "pki.certificate.expired");
  chain.request.time = kNow - std::chrono::seconds(1);
  CHECK(chain.verdict() == "pki.certificate.not_yet_valid");
  Chain old;
  old.root.until = kNow - kDay;
  CHECK(old.verdict() == "pki.certificate.expired");
}

TEST_CASE("issuers are authorities") {
  CHECK(middle_with({}) == "pki.certificate.not_ca");
  CHECK(middle_with(basic_constraints()) == "valid");
  CHECK(middle_with(extension("2.5.29.19", der::sequence(boolean(true)))) == "valid");  // not critical
  CHECK(middle_with(extension("2.5.29.19", der::sequence(), true)) == "pki.certificate.not_ca");
  CHECK(middle_with(der::concat(basic_constraints(), key_usage(0x80))) == "pki.certificate.key_usage");
  CHECK(root_with({}) == "pki.certificate.not_ca");
  CHECK(root_with(der::concat(basic_constraints(), key_usage(0x80))) == "pki.certificate.key_usage");
  CHECK(root_with(ca(0)) == "pki.path.length");
  CHECK(root_with(ca(1)) == "valid");
  CHECK(middle_with(ca(0)) == "valid");
}

TEST_CASE("versions") {
  Chain chain;
  chain.root.version = 1;
  chain.root.extensions = {};
  CHECK(chain.verdict() == "valid");  // an old root
  chain.middle.version = 1;
  chain.middle.extensions = {};
  CHECK(chain.verdict() == "pki.certificate.version");
  Chain leaf;
  leaf.leaf.version = 1;
  CHECK(leaf.verdict() == "valid");
  leaf.leaf.version = 2;
  leaf.leaf.extensions = key_usage(0x80);
  CHECK(leaf.verdict() == "pki.certificate.version");
}

TEST_CASE("serial numbers") {
  const auto with = [](const Bytes& serial) {
    Chain chain;
    chain.leaf.serial = serial;
    return chain.verdict();
  };
  CHECK(with({0}) == "pki.certificate.serial");
  CHECK(with(Bytes(20, 0x7f)) == "valid");
  CHECK(with(Bytes(21, 0x7f)) == "pki.certificate.serial");
  CHECK(with(der::concat(Bytes{0}, Bytes(20, 0xff))) == "valid");
  CHECK(with({0x00, 0xff, 0x30}) == "valid");
  CHECK(with({0xff, 0x30}) == "valid");  // negative ones are met
  Chain root;
  root.root.serial = {0};
  CHECK(root.verdict() == "valid");
}

TEST_CASE("extensions that can't be read, stand twice or aren't known") {
  CHECK(leaf_with(extension("1.2.3.4", {}, true)) == "pki.certificate.critical_extension");
  CHECK(leaf_with(extension("1.2.3.4", {})) == "valid");
  CHECK(leaf_with(der::concat(key_usage(0x80), key_usage(0x80))) == "pki.certificate.malformed");
  CHECK(leaf_with(der::concat(extension("1.2.3.4", {}), extension("1.2.3.4", {}))) == "pki.certificate.malformed");
  CHECK(leaf_with(extension("2.5.29.37", der::sequence())) == "pki.certificate.malformed");  // empty
  CHECK(leaf_with(extension("2.5.29.17", der::sequence())) == "pki.certificate.malformed");
  CHECK(leaf_with(extension("2.5.29.18", der::sequence())) == "valid");  // issuerAltName of the Government's first CAs
  CHECK(leaf_with(extension("2.5.29.32", der::sequence())) == "pki.certificate.malformed");
  CHECK(leaf_with(policies({"1.2.3", "1.2.3"})) == "pki.certificate.malformed");
  CHECK(leaf_with(extension("2.5.29.36", der::sequence())) == "pki.certificate.malformed");
  CHECK(leaf_with(extension("2.5.29.54", der::encode_integer(-1))) == "pki.certificate.malformed");
  CHECK(leaf_with(extension("2.5.29.15", Bytes{0x03, 0x02, 0x09, 0x80})) == "pki.certificate.malformed");
  CHECK(leaf_with(extension("2.5.29.19", Bytes{0x30, 0x03})) == "pki.certificate.malformed");
  CHECK(middle_with(der::concat(ca(), extension("2.5.29.30", der::sequence()))) == "pki.certificate.malformed");
  CHECK(leaf_with(name_constraints({directory(name("Leaf"))}, {})) == "pki.certificate.malformed");
}

TEST_CASE("the outer algorithm identifier must be the signed one") {
  Chain chain;
  chain.leaf.outer_algorithm = der::sequence(der::encode_oid("1.3.101.112"), der::encode(der::kNull, {}));
  CHECK(chain.verdict() == "pki.certificate.signature");
}

TEST_CASE("purposes") {
  const std::string email = "1.3.6.1.5.5.7.3.4", server = "1.3.6.1.5.5.7.3.1", client = "1.3.6.1.5.5.7.3.2",
                    stamps = "1.3.6.1.5.5.7.3.8", ocsp = "1.3.6.1.5.5.7.3.9", any = "2.5.29.37.0",
                    documents = "1.3.6.1.5.5.7.3.36";
  const auto sign = Purpose::document_signing;
  const std::string usage = "pki.certificate.key_usage", extended = "pki.certificate.extended_key_usage";
  CHECK(leaf_with({}, sign) == "valid");
  CHECK(leaf_with(key_usage(0x80), sign) == "valid");
  CHECK(leaf_with(key_usage(0x40), sign) == "valid");
  CHECK(leaf_with(key_usage(0x30), sign) == usage);  // for encryption
  for (const auto& [oids, expected] :
       std::initializer_list<std::pair<std::vector<std::string>, std::string>>{{{email}, "valid"},
                                                                               {{documents}, "valid"},
                                                                               {{any}, "valid"},
                                                                               {{client}, "valid"},
                                                                               {{client, email}, "valid"},
                                                                               {{server, email}, "valid"},
                                                                               {{server}, extended},
                                                                               {{server, client}, extended},
                                                                               {{stamps}, extended},
                                                                               {{ocsp}, extended}}) {
    CHECK_MESSAGE(leaf_with(extended_key_usage(oids), sign) == expected, oids.front());
    CHECK(leaf_with(extended_key_usage(oids)) == "valid");
  }
  const auto tsa = Purpose::time_stamping;
  CHECK(leaf_with(extended_key_usage({stamps}, true), tsa) == "valid");
  CHECK(leaf_with(extended_key_usage({stamps}), tsa) == extended);  // not critical
  CHECK(leaf_with(extended_key_usage({stamps, email}, true), tsa) == extended);
  CHECK(leaf_with({}, tsa) == extended);
  CHECK(leaf_with(der::concat(key_usage(0x20), extended_key_usage({stamps}, true)), tsa) == usage);
  CHECK(leaf_with(extended_key_usage({ocsp}), Purpose::ocsp_signing) == "valid");
  CHECK(leaf_with(extended_key_usage({any}), Purpose::ocsp_signing) == extended);
  CHECK(leaf_with({}, Purpose::ocsp_signing) == extended);
  CHECK(leaf_with(key_usage(0x02), Purpose::crl_signing) == "valid");
  CHECK(leaf_with(key_usage(0x80), Purpose::crl_signing) == usage);
  // An authority that limits itself to web servers.
  CHECK(middle_with(der::concat(ca(), extended_key_usage({server})), sign) == extended);
  CHECK(middle_with(der::concat(ca(), extended_key_usage({server, client, email})), sign) == "valid");
  CHECK(middle_with(der::concat(ca(), extended_key_usage({server}))) == "valid");
}

TEST_CASE("keys and algorithms that Kyso doesn't know") {
  Chain chain;
  Key& key = chain.ca_key;
  TrustStore trust;
  trust.add({.certificate = issue(chain.root, chain.root_key, chain.root_key)});
  // The authority's key is of a kind that no program knows.
  const Bytes spki =
      der::sequence(der::sequence(der::encode_oid("1.2.3.4.5")), der::encode(der::kBitString, Bytes{0, 1}));
  const Bytes tbs = der::sequence(der::encode(der::context(0), der::encode_integer(2)), der::encode_integer(1),
                                  Key::algorithm(), name("Root"), der::sequence(time(kNow - kYear), time(kNow + kYear)),
                                  name("CA"), spki, der::encode(der::context(3), der::sequence(ca())));
  CertificatePool pool;
  pool.add(ParsedCertificate(must(crypto::Certificate::from_der(der::sequence(chain.root_key.sign(tbs))))));
  CHECK(verdict_of(find_path(issue(chain.leaf, chain.leaf_key, key), pool, trust, chain.request)) ==
        "pki.certificate.key_unsupported");
}

}  // namespace
}  // namespace kyso::pki
