#include "pki/path_test_support.h"

// Which path is found, and what is told when there is none.
namespace kyso::pki {
namespace {

using namespace testing;

struct Situation {
  Key root_key, other_root_key, ca_key, second_key, leaf_key;
  TrustStore trust;
  CertificatePool pool;
  PathRequest request{.time = kNow};
  ParsedCertificate root = issue("Root", "Root", ca(), root_key, root_key);
  ParsedCertificate leaf = issue("Leaf", "CA", {}, leaf_key, ca_key);

  Situation() { trust.add({.certificate = root}); }
  PathResult find() const { return find_path(leaf, pool, trust, request); }
  std::string verdict() const { return verdict_of(find()); }
  ParsedCertificate ca_with(const PathCertificate& changes) const {
    PathCertificate wanted = changes;
    if (wanted.subject.empty()) wanted.subject = name("CA");
    if (wanted.issuer.empty()) wanted.issuer = name("Root");
    if (wanted.extensions.empty()) wanted.extensions = ca();
    return issue(wanted, ca_key, root_key);
  }
};

TEST_CASE("a path from the certificate to its anchor") {
  Situation s;
  CHECK(s.verdict() == "pki.path.not_found");
  const ParsedCertificate middle = s.ca_with({});
  s.pool.add(middle);
  s.pool.add(middle);
  CHECK(s.pool.all().size() == 1);
  const PathResult result = s.find();
  REQUIRE(result.path);
  CHECK(result.path->certificates == std::vector<ParsedCertificate>{s.leaf, middle, s.root});
  CHECK(result.path->anchor.name == "Root");
  CHECK(result.path->policies.empty());
  CHECK(result.path->findings.empty());
  CHECK(result.reasons.empty());
  // The same from the trust store's intermediates.
  Situation t;
  t.trust.add_intermediate(t.ca_with({}));
  CHECK(t.verdict() == "valid");
}

TEST_CASE("a certificate that is trusted itself") {
  Situation s;
  s.trust.add({.certificate = s.leaf});
  const PathResult result = s.find();
  REQUIRE(result.path);
  CHECK(result.path->certificates.size() == 1);
  s.request.time = kNow + 2 * kYear;
  CHECK(s.verdict() == "pki.certificate.expired");
}

TEST_CASE("an intermediate authority may be the anchor") {
  Situation s;
  TrustStore only;
  only.add({.certificate = s.ca_with({})});
  s.trust = only;
  CHECK(s.verdict() == "valid");
}

TEST_CASE("expired, false and useless cross-certificates don't hide the good path") {
  const auto good_after = [](auto... changes) {
    Situation s;
    (s.pool.add(changes(s)), ...);
    CHECK(s.verdict() != "valid");
    s.pool.add(s.ca_with({}));
    return s.verdict();
  };
  const auto expired = [](const Situation& s) { return s.ca_with({.until = kNow - kDay}); };
  const auto not_yet = [](const Situation& s) { return s.ca_with({.from = kNow + kDay}); };
  const auto no_ca = [](const Situation& s) { return s.ca_with({.extensions = key_usage(0x06)}); };
  const auto no_cert_sign = [](const Situation& s) {
    return s.ca_with({.extensions = der::concat(basic_constraints(), key_usage(0x02))});
  };
  const auto critical = [](const Situation& s) {
    return s.ca_with({.extensions = der::concat(ca(), extension("1.2.3.4", {}, true))});
  };
  const auto other_root = [](const Situation& s) { return s.ca_with({.issuer = name("Other Root")}); };
  const auto other_key = [](const Situation& s) { return issue("CA", "Root", ca(), s.second_key, s.root_key); };
  const auto names = [](const Situation& s) {
    return s.ca_with({.extensions = der::concat(ca(), name_constraints({directory(name("Other"))}, {}))});
  };
  const auto policy = [](const Situation& s) {
    return s.ca_with(
        {.extensions = der::concat(
             ca(), extension("2.5.29.36", der::sequence(der::encode(der::context(0, false), Bytes{0})), true))});
  };
  CHECK(good_after(expired) == "valid");
  CHECK(good_after(not_yet) == "valid");
  CHECK(good_after(no_ca) == "valid");
  CHECK(good_after(no_cert_sign) == "valid");
  CHECK(good_after(critical) == "valid");
  CHECK(good_after(other_root) == "valid");
  CHECK(good_after(other_key) == "valid");
  CHECK(good_after(names) == "valid");
  CHECK(good_after(policy) == "valid");
  CHECK(good_after(expired, not_yet, no_ca, no_cert_sign, critical, other_root, other_key, names, policy) == "valid");
}

TEST_CASE("bridges and loops") {
  // Leaf <- CA <- Bridge <- Root, with CA and Bridge certifying each other, the bridge an untrusted root, and dead
  // ends.
  Situation s;
  Key bridge_key, foreign_key;
  s.pool.add(issue("CA", "CA", ca(), s.ca_key, s.ca_key));
  s.pool.add(issue("CA", "Bridge", ca(), s.ca_key, bridge_key));
  s.pool.add(issue("Bridge", "CA", ca(), bridge_key, s.ca_key));
  s.pool.add(issue("Bridge", "Bridge", ca(), bridge_key, bridge_key));
  s.pool.add(issue("Bridge", "Foreign", ca(), bridge_key, foreign_key));
  s.pool.add(issue("Foreign", "Foreign", ca(), foreign_key, foreign_key));
  CHECK(s.verdict() == "pki.path.untrusted");
  s.pool.add(issue("Bridge", "Root", ca(), bridge_key, s.root_key));
  const PathResult result = s.find();
  REQUIRE(result.path);
  CHECK(result.path->certificates.size() == 4);
}

TEST_CASE("two anchors of one name: the key decides") {
  Situation s;
  TrustStore both;
  both.add({.certificate = issue("Root", "Root", ca(), s.other_root_key, s.other_root_key), .name = "false"});
  both.add({.certificate = s.root, .name = "true"});
  s.trust = both;
  s.pool.add(s.ca_with({}));
  const PathResult result = s.find();
  REQUIRE(result.path);
  CHECK(result.path->anchor.name == "true");
}

TEST_CASE("why there is no path: the closest one, the most telling reason first") {
  Situation s;
  s.pool.add(issue("CA", "Unknown Root", ca(), s.ca_key, s.second_key));
  CHECK(s.verdict() == "pki.path.not_found");
  s.pool.add(s.ca_with({.until = kNow - kDay}));
  CHECK(s.verdict() == "pki.certificate.expired");
  const Finding expired = s.find().reasons.front();
  CHECK(expired.parameters ==
        std::vector<std::pair<std::string, std::string>>{
            {"subject", "CA"}, {"certificate", "1"}, {"not_after", iso8601_vietnam(kNow - kDay)}});
  CHECK(expired.severity == Severity::indeterminate);
  // A forged certificate.
  Situation forged;
  forged.leaf = issue("Leaf", "CA", {}, forged.leaf_key, forged.second_key);
  forged.pool.add(forged.ca_with({}));
  CHECK(forged.verdict() == "pki.certificate.signature");
  CHECK(forged.find().reasons.front().severity == Severity::failure);
  // An unknown self-issued certificate.
  Situation self;
  self.leaf = issue("Leaf", "Leaf", {}, self.leaf_key, self.leaf_key);
  CHECK(self.verdict() == "pki.path.untrusted");
  // Several faults at once.
  Situation several;
  several.request.time = kNow + 2 * kYear;
  several.pool.add(several.ca_with({.extensions = key_usage(0x06)}));
  const auto all = codes(several.find().reasons);
  CHECK(all == std::vector<std::string>{"pki.certificate.not_ca", "pki.certificate.expired", "pki.certificate.expired",
                                        "pki.certificate.expired"});
}

TEST_CASE("validity can be told instead of refused") {
  Situation s;
  s.pool.add(s.ca_with({.until = kNow - kDay}));
  s.request.ignore_validity = true;
  const PathResult result = s.find();
  REQUIRE(result.path);
  CHECK(codes(result.path->findings) == std::vector<std::string>{"pki.certificate.expired"});
  CHECK(result.path->findings.front().severity == Severity::warning);
}

TEST_CASE("trusted from and until") {
  Situation s;
  s.pool.add(s.ca_with({}));
  s.trust.add({.certificate = s.root, .trusted_until = kNow - kDay});
  CHECK(s.trust.anchors().size() == 1);
  CHECK(s.verdict() == "pki.anchor.time");
  s.request.time = kNow - 2 * kDay;
  CHECK(s.verdict() == "valid");
  s.trust.add({.certificate = s.root, .trusted_from = kNow});
  CHECK(s.verdict() == "pki.anchor.time");
}

TEST_CASE("the caller may refuse a path") {
  Situation s;
  const ParsedCertificate first = s.ca_with({});
  const ParsedCertificate second = s.ca_with({.serial = {2}});
  s.pool.add(first);
  s.pool.add(second);
  s.request.accept = [&](Path& path) {
    if (path.certificates[1] == second) return true;
    path.findings.emplace_back("pki.certificate.revoked", Severity::failure);
    return false;
  };
  REQUIRE(s.find().path);
  CHECK(s.find().path->certificates[1] == second);
  s.request.accept = [&](Path& path) {
    path.findings.emplace_back("pki.certificate.revoked", Severity::failure);
    return false;
  };
  CHECK(s.verdict() == "pki.certificate.revoked");
}

TEST_CASE("algorithm rules") {
  Situation s;
  s.pool.add(s.ca_with({}));
  AlgorithmRules rules{.digests = {}, .keys = {{.type = "ed25519", .min_bits = 256, .until = kNow}}};
  s.request.algorithms = &rules;
  CHECK(s.verdict() == "valid");
  rules.keys[0].until = kNow - kDay;
  CHECK(s.verdict() == "pki.algorithm.weak");
  rules.keys[0] = {.type = "rsa", .min_bits = 2048, .until = {}};
  CHECK(s.verdict() == "pki.algorithm.weak");
}

TEST_CASE("hostile piles of certificates cost little") {
  // Every level certified by every other under eight serial numbers: more paths than anybody can try.
  Situation s;
  std::vector<Key> keys(12);
  for (std::size_t level = 0; level < keys.size(); ++level)
    for (std::uint8_t copy = 1; copy <= 8; ++copy)
      s.pool.add(issue({.subject = name("L" + std::to_string(level)),
                        .issuer = name("L" + std::to_string(level + 1)),
                        .extensions = ca(),
                        .serial = {copy}},
                       keys[level], level + 1 < keys.size() ? keys[level + 1] : keys[0]));
  s.leaf = issue("Leaf", "L0", {}, s.leaf_key, keys[0]);
  const PathResult result = s.find();
  CHECK(verdict_of(result) == "pki.path.budget");
  CHECK(result.reasons.front().parameters.back() == std::pair<std::string, std::string>("limit", "paths"));
  // Many keys under the issuer's name: the number of signatures is bounded.
  Situation many;
  for (int i = 0; i < 300; ++i) many.pool.add(issue("CA", "Root", ca(), Key(), many.root_key));
  many.pool.add(many.ca_with({.until = kNow + kDay}));  // tried last
  CHECK(verdict_of(many.find()) == "pki.path.budget");
  many.request.budget.signatures = 1000;
  CHECK(many.verdict() == "valid");
}

TEST_CASE("the depth of paths is bounded") {
  Situation s;
  std::vector<Key> keys(20);
  for (std::size_t i = 0; i + 1 < keys.size(); ++i)
    s.pool.add(issue("L" + std::to_string(i), "L" + std::to_string(i + 1), ca(), keys[i], keys[i + 1]));
  s.pool.add(issue("L13", "Root", ca(), keys[13], s.root_key));
  s.leaf = issue("Leaf", "L0", {}, s.leaf_key, keys[0]);
  const PathResult result = s.find();
  REQUIRE(result.path);
  CHECK(result.path->certificates.size() == 16);
  s.request.budget.depth = 15;
  CHECK(s.verdict() == "pki.path.budget");
}

TEST_CASE("self-issued certificates for a new key don't count for the path length") {
  Situation s;
  Key new_key;
  s.pool.add(s.ca_with({.extensions = ca(0)}));
  s.pool.add(issue("CA", "CA", ca(), new_key, s.ca_key));
  s.leaf = issue("Leaf", "CA", {}, s.leaf_key, new_key);
  CHECK(s.verdict() == "valid");
  s.pool.add(issue("Sub", "CA", ca(), s.second_key, new_key));
  s.leaf = issue("Leaf", "Sub", {}, s.leaf_key, s.second_key);
  CHECK(s.verdict() == "pki.path.length");
}

}  // namespace
}  // namespace kyso::pki
