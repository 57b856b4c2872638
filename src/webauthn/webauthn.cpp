#include "webauthn/webauthn.h"

#include <algorithm>

#include "crypto/algorithm.h"
#include "webauthn/authenticator_data.h"
#include "webauthn/cbor.h"
#include "webauthn/client_data.h"
#include "webauthn/cose_key.h"

namespace kyso::webauthn {
namespace {

Error malformed(std::string_view what, std::source_location where = std::source_location::current()) {
  return Error("webauthn.malformed", std::string(what), where).with("reason", what);
}

// Section 7.1 steps 13–15, 7.2 steps 15–17.
Result<> check_authenticator_data(const RelyingParty& party, const AuthenticatorData& data,
                                  UserVerification verification) {
  const Bytes expected = crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(party.id));
  if (!std::ranges::equal(data.party_id_hash, expected)) return fail("webauthn.party");
  if (!data.is_user_present) return fail("webauthn.presence");
  if (verification == UserVerification::required && !data.is_user_verified) return fail("webauthn.verification");
  return {};
}

// Section 6.5.4. Section 8.7: the statement of format "none" is empty.
Result<ByteView> authenticator_data_of(const cbor::Item& attestation) {
  const cbor::Item* format = attestation.find("fmt");
  const cbor::Item* statement = attestation.find("attStmt");
  const cbor::Item* data = attestation.find("authData");
  if (format == nullptr || format->kind != cbor::Kind::text) return malformed("attestationObject: fmt");
  if (statement == nullptr || statement->kind != cbor::Kind::map) return malformed("attestationObject: attStmt");
  if (format->text() == "none" && !statement->elements.empty()) return malformed("attestationObject: attStmt");
  if (data == nullptr || data->kind != cbor::Kind::bytes) return malformed("attestationObject: authData");
  return data->bytes;
}

}  // namespace

Result<Credential> verify_registration(const RelyingParty& party, ByteView challenge, const Registration& registration,
                                       UserVerification verification) {
  KYSO_TRY(check_client_data(party, challenge, registration.client_data_json, "webauthn.create"));
  const cbor::Item attestation = KYSO_TRY(cbor::read(registration.attestation_object));
  const AuthenticatorData data = KYSO_TRY(read_authenticator_data(KYSO_TRY(authenticator_data_of(attestation))));
  KYSO_TRY(check_authenticator_data(party, data, verification));
  if (!data.credential) return malformed("authData: flag AT");
  KYSO_TRY(check_public_key(data.credential->public_key));
  const auto copy = [](ByteView bytes) { return Bytes(bytes.begin(), bytes.end()); };
  return Credential{.id = copy(data.credential->id),
                    .public_key = copy(data.credential->public_key),
                    .sign_count = data.sign_count,
                    .aaguid = copy(data.credential->aaguid),
                    .is_user_verified = data.is_user_verified,
                    .is_backup_eligible = data.is_backup_eligible,
                    .is_backed_up = data.is_backed_up};
}

Result<AssertionFacts> verify_assertion(const RelyingParty& party, ByteView challenge, ByteView cose_public_key,
                                        const Assertion& assertion, UserVerification verification) {
  const CoseKey key = KYSO_TRY(read_cose_key(cose_public_key));
  KYSO_TRY(check_client_data(party, challenge, assertion.client_data_json, "webauthn.get"));
  const AuthenticatorData data = KYSO_TRY(read_authenticator_data(assertion.authenticator_data));
  KYSO_TRY(check_authenticator_data(party, data, verification));
  // Section 6.3.3 step 10: an assertion carries no attested credential.
  if (data.credential) return malformed("authData: flag AT");
  Bytes message = assertion.authenticator_data;
  append(message, crypto::digest(crypto::DigestAlgorithm::sha256, assertion.client_data_json));
  if (!key.key.verify(key.scheme, crypto::digest(key.scheme.digest, message), message, assertion.signature))
    return fail("webauthn.signature");
  return AssertionFacts{
      .sign_count = data.sign_count, .is_user_verified = data.is_user_verified, .is_backed_up = data.is_backed_up};
}

}  // namespace kyso::webauthn
