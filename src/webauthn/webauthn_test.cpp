#include "webauthn/webauthn.h"

#include <rapidcheck.h>

#include <set>

#include "base/file.h"
#include "base/test_support.h"
#include "crypto/algorithm.h"
#include "json/json.h"
#include "webauthn/soft_authenticator.h"

namespace kyso::webauthn {
namespace {

const RelyingParty kParty{"kyso.example.vn", {"https://kyso.example.vn"}};

struct Ceremony {
  std::string name;
  Bytes credential_id, public_key, registration_challenge, assertion_challenge;
  Registration registration;
  Assertion assertion;
};

Bytes bytes_of(const json::Value& object, std::string_view member) {
  return must(from_hex(must(json::require_string(object, member))));
}

std::vector<Ceremony> ceremonies(const std::string& file) {
  const Bytes text = must(read_file(std::filesystem::path(KYSO_SOURCE_DIR "/tests/vectors/webauthn") / file));
  const json::Value list = must(json::parse(as_chars(text)));
  std::vector<Ceremony> all;
  for (const json::Value& each : *list.as_array()) {
    const json::Value& registration = *each.find("registration");
    const json::Value& assertion = *each.find("assertion");
    all.push_back({.name = must(json::require_string(each, "name")),
                   .credential_id = bytes_of(each, "credential_id"),
                   .public_key = bytes_of(each, "public_key"),
                   .registration_challenge = bytes_of(registration, "challenge"),
                   .assertion_challenge = bytes_of(assertion, "challenge"),
                   .registration = {bytes_of(registration, "client_data"), bytes_of(registration, "attestation")},
                   .assertion = {bytes_of(each, "credential_id"), bytes_of(assertion, "authenticator_data"),
                                 bytes_of(assertion, "client_data"), bytes_of(assertion, "signature")}});
  }
  return all;
}

void check_ceremony(const RelyingParty& party, const Ceremony& each) {
  INFO(each.name);
  const Credential credential =
      must(verify_registration(party, each.registration_challenge, each.registration, UserVerification::preferred));
  CHECK(credential.id == each.credential_id);
  CHECK(credential.public_key == each.public_key);
  must(verify_assertion(party, each.assertion_challenge, credential.public_key, each.assertion,
                        UserVerification::preferred));
  Assertion changed = each.assertion;
  changed.signature[changed.signature.size() / 2] ^= 0x01;
  CHECK(code_of(verify_assertion(party, each.assertion_challenge, each.public_key, changed,
                                 UserVerification::preferred)) == "webauthn.signature");
}

TEST_CASE("the examples of the standard: ES256, RS256 and EdDSA, with and without attestation, a long credential id") {
  const RelyingParty party{"example.org", {"https://example.org"}};
  std::set<std::string> framed;
  const auto all = ceremonies("w3c.json");
  REQUIRE(all.size() == 8);
  for (const Ceremony& each : all) {
    // Those were made in a page framed by another one.
    if (each.name == "none.ES256.crossOrigin" || each.name == "none.ES256.topOrigin") {
      CHECK(code_of(verify_registration(party, each.registration_challenge, each.registration,
                                        UserVerification::preferred)) == "webauthn.origin");
      CHECK(code_of(verify_assertion(party, each.assertion_challenge, each.public_key, each.assertion,
                                     UserVerification::preferred)) == "webauthn.origin");
      framed.insert(each.name);
      continue;
    }
    check_ceremony(party, each);
  }
  CHECK(framed.size() == 2);
}

TEST_CASE("the flags of the examples arrive") {
  const RelyingParty party{"example.org", {"https://example.org"}};
  const auto all = ceremonies("w3c.json");
  const Credential first =
      must(verify_registration(party, all[0].registration_challenge, all[0].registration, UserVerification::preferred));
  CHECK(!first.is_user_verified);
  CHECK(first.is_backup_eligible);
  CHECK(first.is_backed_up);
  CHECK(to_hex(first.aaguid) == "8446ccb9ab1db374750b2367ff6f3a1f");
  CHECK(code_of(verify_registration(party, all[0].registration_challenge, all[0].registration,
                                    UserVerification::required)) == "webauthn.verification");
  const Credential second =
      must(verify_registration(party, all[1].registration_challenge, all[1].registration, UserVerification::required));
  CHECK(second.is_user_verified);
}

TEST_CASE("ceremonies of another program") {
  for (const Ceremony& each : ceremonies("programs.json")) check_ceremony(kParty, each);
}

TEST_CASE("a passkey that was registered signs in and its counter grows") {
  SoftAuthenticator authenticator("kyso.example.vn", "https://kyso.example.vn");
  const Bytes challenge = crypto::random_bytes(32);
  const Credential credential =
      must(verify_registration(kParty, challenge, authenticator.register_for(challenge), UserVerification::required));
  CHECK(credential.id == authenticator.credential_id());
  CHECK(credential.is_user_verified);
  must(check_public_key(credential.public_key));
  for (std::uint32_t count = 1; count <= 3; ++count) {
    const Bytes another = crypto::random_bytes(32);
    const AssertionFacts facts = must(verify_assertion(kParty, another, credential.public_key,
                                                       authenticator.assert_for(another), UserVerification::required));
    CHECK(facts.sign_count == count);
    CHECK(facts.is_user_verified);
  }
  const AssertionFacts unverified =
      must(verify_assertion(kParty, challenge, credential.public_key, authenticator.assert_for(challenge, false),
                            UserVerification::preferred));
  CHECK(!unverified.is_user_verified);
}

TEST_CASE("another passkey's signature, and a signature over anything else, is none") {
  SoftAuthenticator one("kyso.example.vn", "https://kyso.example.vn"),
      two("kyso.example.vn", "https://kyso.example.vn");
  const Bytes challenge = crypto::random_bytes(32);
  const Credential credential =
      must(verify_registration(kParty, challenge, one.register_for(challenge), UserVerification::required));
  CHECK(code_of(verify_assertion(kParty, challenge, credential.public_key, two.assert_for(challenge),
                                 UserVerification::required)) == "webauthn.signature");
  const Assertion good = one.assert_for(challenge);
  rc::check("no changed bit is accepted", [&] {
    Assertion changed = good;
    Bytes& part = **rc::gen::element(&changed.authenticator_data, &changed.client_data_json, &changed.signature);
    const auto at = *rc::gen::inRange<std::size_t>(0, part.size());
    part[at] ^= static_cast<std::uint8_t>(1U << *rc::gen::inRange(0U, 8U));
    RC_ASSERT(!verify_assertion(kParty, challenge, credential.public_key, changed, UserVerification::preferred));
  });
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, good.signature.size() - 1}) {
    Assertion cut = good;
    cut.signature.resize(size);
    CHECK(code_of(verify_assertion(kParty, challenge, credential.public_key, cut, UserVerification::required)) ==
          "webauthn.signature");
  }
  Assertion longer = good;
  longer.signature.push_back(0);
  CHECK(code_of(verify_assertion(kParty, challenge, credential.public_key, longer, UserVerification::required)) ==
        "webauthn.signature");
}

}  // namespace
}  // namespace kyso::webauthn
