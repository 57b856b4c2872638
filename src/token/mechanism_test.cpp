#include "token/mechanism.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "crypto/der.h"
#include "token/return_value.h"
#include "token/token_test_support.h"

using namespace kyso;
using namespace kyso::token;
using crypto::DigestAlgorithm;
using crypto::KeyType;
using crypto::Padding;

namespace {

Bytes stripped(ByteView number) {
  const auto first = std::ranges::find_if(number, [](auto byte) { return byte != 0; });
  return {first, number.end()};
}

// The magnitude of an INTEGER's content.
Bytes magnitude(ByteView content) {
  return stripped(content);
}

}  // namespace

TEST_CASE("DigestInfo is that of RFC 8017 section 9.2, note 1") {
  const std::pair<DigestAlgorithm, std::string_view> vectors[] = {
      {DigestAlgorithm::sha256, "3031300d060960864801650304020105000420"},
      {DigestAlgorithm::sha384, "3041300d060960864801650304020205000430"},
      {DigestAlgorithm::sha512, "3051300d060960864801650304020305000440"},
  };
  for (const auto& [algorithm, prefix] : vectors) {
    const Bytes digest(crypto::digest_size(algorithm), 0xab);
    CHECK(to_hex(digest_info(algorithm, digest)) == std::string(prefix) + to_hex(digest));
  }
}

TEST_CASE("mechanisms: none for SHA-1 and for what does not fit together") {
  CHECK(mechanisms_for({KeyType::rsa, Padding::pkcs1_v15, DigestAlgorithm::sha1}).empty());
  CHECK(mechanisms_for({KeyType::rsa, Padding::none, DigestAlgorithm::sha256}).empty());
  CHECK(mechanisms_for({KeyType::ec_p256, Padding::pss, DigestAlgorithm::sha256}).empty());
  CHECK(mechanisms_for({KeyType::ed25519, Padding::pkcs1_v15, DigestAlgorithm::sha512}).empty());
  const auto rsa = mechanisms_for({KeyType::rsa, Padding::pkcs1_v15, DigestAlgorithm::sha256});
  REQUIRE(rsa.size() == 2);
  CHECK(rsa[0].type == CKM_RSA_PKCS);
  CHECK(rsa[1].type == CKM_SHA256_RSA_PKCS);
}

TEST_CASE("PSS parameters: MGF1 with the same digest, salt as long as it") {
  for (const auto& [digest, hash, mgf] : {std::tuple{DigestAlgorithm::sha256, CKM_SHA256, CKG_MGF1_SHA256},
                                          std::tuple{DigestAlgorithm::sha512, CKM_SHA512, CKG_MGF1_SHA512}}) {
    MechanismCall call({CKM_RSA_PKCS_PSS, SignInput::digest}, {KeyType::rsa, Padding::pss, digest});
    REQUIRE(call.get()->ulParameterLen == sizeof(CK_RSA_PKCS_PSS_PARAMS));
    const auto* parameters = static_cast<const CK_RSA_PKCS_PSS_PARAMS*>(call.get()->pParameter);
    CHECK(parameters->hashAlg == hash);
    CHECK(parameters->mgf == mgf);
    CHECK(parameters->sLen == crypto::digest_size(digest));
  }
}

TEST_CASE("what goes into C_Sign") {
  const Bytes message = to_bytes("thông báo");
  const auto digest = crypto::digest(DigestAlgorithm::sha512, message);
  const crypto::SignRequest ec{{KeyType::ec_p256, Padding::none, DigestAlgorithm::sha512}, digest, message, ""};
  CHECK(sign_input({CKM_ECDSA, SignInput::digest}, ec).value() == Bytes(digest.begin(), digest.begin() + 32));
  CHECK(sign_input({CKM_ECDSA_SHA512, SignInput::message}, ec).value() == message);
  const crypto::SignRequest short_digest{ec.scheme, ByteView(digest).first(32), message, ""};
  CHECK(code_of(sign_input({CKM_ECDSA, SignInput::digest}, short_digest)) == "base.internal");
  const crypto::SignRequest no_message{ec.scheme, digest, {}, ""};
  CHECK(code_of(sign_input({CKM_ECDSA_SHA512, SignInput::message}, no_message)) == "token.scheme.unsupported");
}

TEST_CASE("r || s of any numbers becomes the DER of the same numbers") {
  CHECK(rc::check([] {
    const std::size_t n = *rc::gen::element<std::size_t>(32, 48);
    // Small numbers (leading zeros) must come up as often as great ones.
    const auto number = rc::gen::mapcat(rc::gen::inRange<std::size_t>(1, n + 1), [n](std::size_t size) {
      return rc::gen::map(rc::gen::container<Bytes>(size, rc::gen::arbitrary<std::uint8_t>()), [n](Bytes low) {
        low.back() |= 1;
        low.insert(low.begin(), n - low.size(), 0);
        return low;
      });
    });
    const Bytes r = *number;
    const Bytes s = *number;
    const auto value = ecdsa_value(crypto::der::concat(r, s), n);
    RC_ASSERT(bool(value));
    RC_ASSERT(value->size() <= 2 * n + 9);
    crypto::der::Reader outer(*value);
    const auto sequence = outer.expect(crypto::der::kSequence);
    RC_ASSERT(bool(sequence));
    RC_ASSERT(outer.at_end());
    crypto::der::Reader inner(sequence->content);
    const auto first = inner.expect(crypto::der::kInteger);
    const auto second = inner.expect(crypto::der::kInteger);
    RC_ASSERT(bool(first));
    RC_ASSERT(bool(second));
    RC_ASSERT(inner.at_end());
    RC_ASSERT(magnitude(first->content) == stripped(r));
    RC_ASSERT(magnitude(second->content) == stripped(s));
    RC_ASSERT((first->content.front() & 0x80) == 0);
    // A token that answers in DER is understood as well, unless its length could be that of r || s.
    if (value->size() != 2 * n) RC_ASSERT(ecdsa_value(*value, n).value() == *value);
  }));
}

TEST_CASE("values of impossible lengths are refused") {
  for (const std::size_t size : {0U, 1U, 63U, 65U, 66U, 128U})
    CHECK(code_of(ecdsa_value(Bytes(size, 1), 32)) == "token.signature.malformed");
  CHECK(ecdsa_value(Bytes(62, 1), 32));  // a token that drops leading zeros of both numbers
}

TEST_CASE("return values have names, and the lost ones another answer") {
  CHECK(name_of(CKR_DEVICE_REMOVED) == "CKR_DEVICE_REMOVED");
  CHECK(name_of(0x80000123UL) == "0x80000123");
  CHECK(device_error("C_Sign", CKR_DEVICE_REMOVED).code == "token.device.lost");
  CHECK(device_error("C_Sign", CKR_DEVICE_MEMORY).code == "token.device");
  CHECK(parameter(device_error("C_Sign", CKR_DEVICE_MEMORY), "rv") == "CKR_DEVICE_MEMORY");
  CHECK(code_of(check("C_Sign", CKR_OK)) == "ok");
}
