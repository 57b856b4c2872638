#include "crypto/algorithm.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "crypto/algorithm_identifier.h"
#include "crypto/der.h"

namespace kyso::crypto {

TEST_CASE("digests give the values of FIPS 180") {
  CHECK(to_hex(digest(DigestAlgorithm::sha1, as_bytes("abc"))) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(to_hex(digest(DigestAlgorithm::sha256, as_bytes("abc"))) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(digest(DigestAlgorithm::sha384, as_bytes("abc"))).starts_with("cb00753f45a35e8bb5a03d699ac65007"));
  CHECK(to_hex(digest(DigestAlgorithm::sha512, as_bytes("abc"))).starts_with("ddaf35a193617abacc417349ae204131"));
  CHECK(to_hex(digest(DigestAlgorithm::sha256, {})).starts_with("e3b0c44298fc1c14"));
}

TEST_CASE("a copied Digester goes on by itself") {
  Digester first(DigestAlgorithm::sha256);
  first.update(as_bytes("a"));
  Digester second(first);
  first.update(as_bytes("bc"));
  second.update(as_bytes("x"));
  CHECK(first.finish() == digest(DigestAlgorithm::sha256, as_bytes("abc")));
  CHECK(second.finish() == digest(DigestAlgorithm::sha256, as_bytes("ax")));
  second.update(as_bytes("abc"));
  CHECK(second.finish() == digest(DigestAlgorithm::sha256, as_bytes("abc")));
}

TEST_CASE("names of schemes and digests read back") {
  for (const char* name : {"rsa-pkcs1-sha256", "rsa-pss-sha384", "ecdsa-p256-sha256", "ecdsa-p384-sha512", "ed25519"}) {
    const auto scheme = scheme_by_name(name);
    REQUIRE(scheme);
    CHECK(name_of(*scheme) == name);
  }
  CHECK_FALSE(scheme_by_name("rsa"));
  CHECK(digest_by_name("sha384") == DigestAlgorithm::sha384);
  CHECK_FALSE(digest_by_name("md5"));
}

TEST_CASE("algorithm identifiers read back what they say") {
  for (const char* name : {"rsa-pkcs1-sha256", "rsa-pkcs1-sha512", "rsa-pss-sha256", "rsa-pss-sha384", "rsa-pss-sha512",
                           "ecdsa-p256-sha256", "ecdsa-p384-sha384", "ed25519"}) {
    const SignatureScheme scheme = *scheme_by_name(name);
    const auto back = read_signature_algorithm(encode_cms_signature_algorithm(scheme), scheme.key, scheme.digest);
    REQUIRE_MESSAGE(back, name);
    CHECK(*back == scheme);
  }
  // RFC 4055 section 6, rSASSA-PSS-SHA256-Params: SHA-256 with NULL, MGF1 with it, salt of 32 octets.
  CHECK(to_hex(encode_cms_signature_algorithm(*scheme_by_name("rsa-pss-sha256"))) ==
        "304106092a864886f70d01010a3034a00f300d06096086480165030402010500"
        "a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120");
  const auto wrong_key =
      read_signature_algorithm(encode_cms_signature_algorithm(*scheme_by_name("ed25519")), KeyType::rsa, std::nullopt);
  REQUIRE_FALSE(wrong_key);
  CHECK(wrong_key.error().code == "crypto.algorithm.unsupported");
}

TEST_CASE("PSS parameters fill in their defaults") {
  const auto defaults = read_pss_parameters(der::sequence());
  REQUIRE(defaults);
  CHECK(defaults->digest == DigestAlgorithm::sha1);
  CHECK(defaults->mask_digest == DigestAlgorithm::sha1);
  CHECK(defaults->salt_length == 20);
}

TEST_CASE("random bytes differ") {
  CHECK(random_bytes(0).empty());
  CHECK(random_bytes(32).size() == 32);
  CHECK(random_bytes(32) != random_bytes(32));
}

}  // namespace kyso::crypto
