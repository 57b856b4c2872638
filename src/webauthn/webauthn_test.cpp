#include "webauthn/webauthn.h"

#include "base/test_support.h"
#include "crypto/algorithm.h"
#include "webauthn/soft_authenticator.h"

namespace kyso::webauthn {
namespace {

const RelyingParty kParty{"kyso.example.vn", {"https://kyso.example.vn"}};

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
}

}  // namespace
}  // namespace kyso::webauthn
