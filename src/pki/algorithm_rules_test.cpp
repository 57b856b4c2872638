#include "pki/algorithm_rules.h"

#include <doctest/doctest.h>

namespace kyso::pki {
namespace {

crypto::SignatureScheme scheme(std::string_view name) {
  return crypto::scheme_by_name(name).value();
}

const Instant kEnd = parse_time("2030-01-01").value();
const Instant kEarlier = parse_time("2014-01-01").value();
const std::chrono::seconds kSecond(1);

const AlgorithmRules kRules{.digests = {{"sha256", {}}, {"sha1", kEarlier}},
                            .keys = {{"rsa", 2048, kEnd},
                                     {"rsa-pss", 3072, {}},
                                     {"rsa-pkcs1", 1024, kEarlier},
                                     {"ec", 256, {}},
                                     {"ed25519", 0, {}}}};

TEST_CASE("the most favourable line counts, the earlier end of digest and key decides") {
  CHECK(kRules.accepted_until(scheme("rsa-pkcs1-sha256"), 2048) == kEnd);
  CHECK(kRules.accepted_until(scheme("rsa-pkcs1-sha256"), 4096) == kEnd);
  CHECK(kRules.accepted_until(scheme("rsa-pss-sha256"), 2048) == kEnd);
  CHECK(kRules.accepted_until(scheme("rsa-pss-sha256"), 3072) == Instant::max());
  CHECK(kRules.accepted_until(scheme("rsa-pkcs1-sha1"), 2048) == kEarlier);
  CHECK(kRules.accepted_until(scheme("rsa-pkcs1-sha256"), 1024) == kEarlier);
  CHECK_FALSE(kRules.accepted_until(scheme("rsa-pss-sha256"), 1024));
  CHECK_FALSE(kRules.accepted_until(scheme("rsa-pkcs1-sha512"), 2048));  // the digest isn't named
  CHECK(kRules.accepted_until(scheme("ecdsa-p256-sha256"), 256) == Instant::max());
  CHECK(kRules.accepted_until(scheme("ecdsa-p521-sha256"), 521) == Instant::max());
  CHECK_FALSE(kRules.accepted_until(scheme("dsa-sha256"), 2048));
  CHECK(kRules.accepted_until(scheme("ed25519"), 256) == Instant::max());  // its digest needs no line
}

TEST_CASE("the last moment is included") {
  CHECK(kRules.accepts(scheme("rsa-pkcs1-sha256"), 2048, kEnd));
  CHECK_FALSE(kRules.accepts(scheme("rsa-pkcs1-sha256"), 2048, kEnd + kSecond));
  CHECK(kRules.accepts(crypto::DigestAlgorithm::sha1, kEarlier));
  CHECK_FALSE(kRules.accepts(crypto::DigestAlgorithm::sha1, kEarlier + kSecond));
  CHECK(kRules.accepts(crypto::DigestAlgorithm::sha256, kEnd + kSecond));
  CHECK_FALSE(kRules.accepts(crypto::DigestAlgorithm::sha384, kEarlier));
}

TEST_CASE("any other digest") {
  const AlgorithmRules rules{.digests = {{"sha1", kEarlier}, {"*", {}}}, .keys = {}};
  CHECK(rules.accepted_until(crypto::DigestAlgorithm::sha3_384) == Instant::max());
  CHECK(rules.accepted_until(crypto::DigestAlgorithm::sha1) == kEarlier);
  CHECK_FALSE(AlgorithmRules{}.accepted_until(crypto::DigestAlgorithm::sha512));
}

}  // namespace
}  // namespace kyso::pki
