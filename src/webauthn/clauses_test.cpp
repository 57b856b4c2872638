#include <algorithm>
#include <array>

#include "base/test_support.h"
#include "crypto/algorithm.h"
#include "jose/base64url.h"
#include "webauthn/soft_authenticator.h"

// What sections 7.1 and 7.2 of Web Authentication have refused, clause by clause.
namespace kyso::webauthn {
namespace {

const RelyingParty kParty{"kyso.example.vn", {"https://kyso.example.vn", "https://www.kyso.example.vn"}};
const std::string kChallengeText(32, 'k');
const ByteView kChallenge = as_bytes(kChallengeText);

std::string encoded_challenge() {
  return jose::to_base64url(kChallenge);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

struct Made {
  SoftAuthenticator authenticator{"kyso.example.vn", "https://kyso.example.vn"};
  Registration registration = authenticator.register_for(kChallenge);
  Credential credential = must(verify_registration(kParty, kChallenge, registration, UserVerification::required));
  Assertion assertion = authenticator.assert_for(kChallenge);

  Result<Credential> registered(UserVerification verification = UserVerification::required) const {
    return verify_registration(kParty, kChallenge, registration, verification);
  }
  Result<AssertionFacts> asserted(UserVerification verification = UserVerification::required) const {
    return verify_assertion(kParty, kChallenge, credential.public_key, assertion, verification);
  }
};

// The codes of a registration and of an assertion whose client data are changed alike.
std::pair<std::string, std::string> codes_with(std::string_view from, std::string_view to) {
  Made made;
  const auto change = [&](Bytes& data) { data = to_bytes(replaced(std::string(as_chars(data)), from, to)); };
  change(made.registration.client_data_json);
  change(made.assertion.client_data_json);
  return {code_of(made.registered()), code_of(made.asserted())};
}

void refused(std::string_view from, std::string_view to, std::string_view code) {
  const auto [registration, assertion] = codes_with(from, to);
  CHECK_MESSAGE(registration == code, from, " -> ", to);
  CHECK_MESSAGE(assertion == code, from, " -> ", to);
}

TEST_CASE("client data: type") {
  Made made;
  std::swap(made.registration.client_data_json, made.assertion.client_data_json);
  CHECK(parameter(made.registered().error(), "reason") == "clientDataJSON: type");
  CHECK(parameter(made.asserted().error(), "reason") == "clientDataJSON: type");
  refused("\"type\":", "\"typ\":", "webauthn.malformed");
  refused("\"type\":\"webauthn", "\"type\":\"Webauthn", "webauthn.malformed");
}

TEST_CASE("client data: the challenge is the one that was given, and long enough to be one") {
  const std::string text = encoded_challenge();
  refused(text, jose::to_base64url(as_bytes("another challenge of 32 bytes...")), "webauthn.challenge");
  refused(text, "", "webauthn.challenge");
  refused(text, text + "=", "webauthn.challenge");
  refused("\"" + text + "\"", "7", "webauthn.malformed");
  SoftAuthenticator authenticator("kyso.example.vn", "https://kyso.example.vn");
  for (const std::string_view weak : {"", "123456789012345"}) {
    CHECK(code_of(verify_registration(kParty, as_bytes(weak), authenticator.register_for(as_bytes(weak)),
                                      UserVerification::required)) == "webauthn.challenge");
  }
}

TEST_CASE("client data: the origin is one of the list, letter by letter") {
  const auto [registration, assertion] = codes_with("https://kyso.example.vn", "https://www.kyso.example.vn");
  CHECK(registration == "ok");
  CHECK(assertion == "webauthn.signature");  // only the signature is wrong now
  for (const std::string_view other :
       {"http://kyso.example.vn", "https://kyso.example.vn:444", "https://kyso.example.vn/", "https://KYSO.example.vn",
        "https://kyso.example.vn.example.com", "null", ""})
    refused("https://kyso.example.vn", other, "webauthn.origin");
  Made made;
  made.assertion.client_data_json = to_bytes(replaced(std::string(as_chars(made.assertion.client_data_json)),
                                                      "https://kyso.example.vn", "https://" + std::string(9000, 'a')));
  const auto long_origin = made.asserted();
  REQUIRE(code_of(long_origin) == "webauthn.origin");
  CHECK(parameter(long_origin.error(), "origin").size() == 300);
}

TEST_CASE("client data: frames of other pages and Token Binding") {
  refused("\"crossOrigin\":false", "\"crossOrigin\":true", "webauthn.origin");
  refused("\"crossOrigin\":false", "\"crossOrigin\":0", "webauthn.malformed");
  refused("\"crossOrigin\":false", "\"topOrigin\":\"https://example.com\"", "webauthn.origin");
  refused("\"crossOrigin\":false", "\"tokenBinding\":{\"status\":\"present\",\"id\":\"AA\"}", "webauthn.malformed");
  refused("\"crossOrigin\":false", "\"tokenBinding\":7", "webauthn.malformed");
  CHECK(codes_with("\"crossOrigin\":false", "\"tokenBinding\":{\"status\":\"supported\"}").first == "ok");
  CHECK(codes_with("\"crossOrigin\":false", "\"later\":[1,{}]").first == "ok");  // section 5.8.1: may be extended
}

TEST_CASE("client data: JSON") {
  refused("{", "", "webauthn.malformed");
  refused("\"crossOrigin\":false", "\"origin\":\"https://kyso.example.vn\"", "webauthn.malformed");  // twice
  refused("\"crossOrigin\":false", "\"x\":\"\xFF\"", "webauthn.malformed");
  CHECK(codes_with("{", "\xEF\xBB\xBF{").first == "ok");  // "UTF-8 decode" drops a byte order mark
  Made made;
  made.registration.client_data_json.resize(20U << 10U, ' ');
  CHECK(code_of(made.registered()) == "webauthn.malformed");
  made.registration.client_data_json = to_bytes("[]");
  CHECK(code_of(made.registered()) == "webauthn.malformed");
}

// Where authData begins in the attestation object of SoftAuthenticator.
std::size_t data_offset(const Bytes& attestation) {
  const std::string_view text = as_chars(attestation);
  return text.find("authData") + 8 + 2;
}

constexpr std::size_t kFlags = 32;

std::pair<std::string, std::string> codes_with_flags(std::uint8_t clear, std::uint8_t set,
                                                     UserVerification verification = UserVerification::required) {
  Made made;
  for (std::uint8_t* flags :
       {&made.registration.attestation_object[data_offset(made.registration.attestation_object) + kFlags],
        &made.assertion.authenticator_data[kFlags]})
    *flags = static_cast<std::uint8_t>((*flags & ~clear) | set);
  return {code_of(made.registered(verification)), code_of(made.asserted(verification))};
}

using Codes = std::pair<std::string, std::string>;

TEST_CASE("authenticator data: the party") {
  Made made;
  RelyingParty other = kParty;
  other.id = "example.vn";
  CHECK(code_of(verify_registration(other, kChallenge, made.registration, UserVerification::required)) ==
        "webauthn.party");
  CHECK(code_of(verify_assertion(other, kChallenge, made.credential.public_key, made.assertion,
                                 UserVerification::required)) == "webauthn.party");
}

TEST_CASE("authenticator data: flags") {
  CHECK(codes_with_flags(0x01, 0) == Codes("webauthn.presence", "webauthn.presence"));
  CHECK(codes_with_flags(0x04, 0) == Codes("webauthn.verification", "webauthn.verification"));
  CHECK(codes_with_flags(0x04, 0, UserVerification::preferred) == Codes("ok", "webauthn.signature"));
  CHECK(codes_with_flags(0, 0x10) == Codes("webauthn.malformed", "webauthn.malformed"));  // BS without BE
  CHECK(codes_with_flags(0, 0x18) == Codes("ok", "webauthn.signature"));
  CHECK(codes_with_flags(0, 0x22) == Codes("ok", "webauthn.signature"));  // reserved for future use
  CHECK(codes_with_flags(0x40, 0).first == "webauthn.malformed");         // no credential, and bytes of one
  CHECK(codes_with_flags(0, 0x40).second == "webauthn.malformed");
  CHECK(codes_with_flags(0, 0x80) == Codes("webauthn.malformed", "webauthn.malformed"));  // extensions announced
}

TEST_CASE("authenticator data: an assertion brings no credential, a registration must") {
  Made made;
  const Bytes& attestation = made.registration.attestation_object;
  Made other;
  other.assertion.authenticator_data.assign(attestation.begin() + static_cast<std::ptrdiff_t>(data_offset(attestation)),
                                            attestation.end());
  CHECK(parameter(other.asserted().error(), "reason") == "authData: flag AT");
  // {"fmt": "none", "attStmt": {}, "authData": 37 bytes}
  Bytes bare = must(from_hex("a363666d74646e6f6e656761747453746d74a06861757468446174615825"));
  append(bare, made.assertion.authenticator_data);
  made.registration.attestation_object = bare;
  CHECK(parameter(made.registered().error(), "reason") == "authData: flag AT");
}

TEST_CASE("authenticator data: extensions are read past, whatever is no extension is not") {
  const auto with_tail = [](std::string_view tail) {
    Made made;
    made.assertion.authenticator_data[kFlags] |= 0x80;
    append(made.assertion.authenticator_data, must(from_hex(tail)));
    return code_of(made.asserted());
  };
  CHECK(with_tail("a16b6372656450726f7465637402") == "webauthn.signature");  // {"credProtect": 2}: only unsigned
  CHECK(with_tail("a0") == "webauthn.signature");
  CHECK(with_tail("80") == "webauthn.malformed");
  CHECK(with_tail("a10101") == "webauthn.malformed");
  CHECK(with_tail("a000") == "webauthn.malformed");
  CHECK(with_tail("a1") == "webauthn.malformed");
  Made made;
  made.assertion.authenticator_data.push_back(0);
  CHECK(code_of(made.asserted()) == "webauthn.malformed");
}

TEST_CASE("authenticator data and attestation objects that are cut short") {
  const Made made;
  for (std::size_t size = 0; size < made.assertion.authenticator_data.size(); ++size) {
    Assertion cut = made.assertion;
    cut.authenticator_data.resize(size);
    CHECK(code_of(verify_assertion(kParty, kChallenge, made.credential.public_key, cut, UserVerification::required)) ==
          "webauthn.malformed");
  }
  for (std::size_t size = 0; size < made.registration.attestation_object.size(); ++size) {
    Registration cut = made.registration;
    cut.attestation_object.resize(size);
    CHECK(code_of(verify_registration(kParty, kChallenge, cut, UserVerification::required)) == "webauthn.malformed");
  }
}

TEST_CASE("attestation: form") {
  const auto code_with = [](std::string_view from, std::string_view to) {
    Made made;
    Bytes& object = made.registration.attestation_object;
    object = to_bytes(replaced(std::string(as_chars(object)), from, to));
    return code_of(made.registered());
  };
  using namespace std::string_view_literals;
  CHECK(code_with("none", "what") == "ok");                                         // the statement isn't judged
  CHECK(code_with("attStmt\xA0", "attStmt\xA1\x61x\x01") == "webauthn.malformed");  // "none" with a statement
  CHECK(code_with("attStmt\xA0", "attStmt\x80") == "webauthn.malformed");
  CHECK(code_with("fmt\x64none", "fmt\x44none") == "webauthn.malformed");
  CHECK(code_with("\x63"
                  "fmt",
                  "\x63"
                  "fmu") == "webauthn.malformed");
  CHECK(code_with("authData", "authDatb") == "webauthn.malformed");
  CHECK(code_with("\xA3"sv, "\x83"sv) == "webauthn.malformed");
  Made made;
  made.registration.attestation_object.push_back(0);
  CHECK(code_of(made.registered()) == "webauthn.malformed");
}

TEST_CASE("attested credential: the id has 1 to 1023 bytes") {
  const auto code_with_length = [](std::size_t length) {
    Made made;
    Bytes data(made.registration.attestation_object.begin() +
                   static_cast<std::ptrdiff_t>(data_offset(made.registration.attestation_object)),
               made.registration.attestation_object.end());
    data.resize(32 + 1 + 4 + 16);
    data.push_back(static_cast<std::uint8_t>(length >> 8U));
    data.push_back(static_cast<std::uint8_t>(length));
    data.resize(data.size() + length, 0x55);
    append(data, made.credential.public_key);
    Bytes object = must(from_hex("a363666d74646e6f6e656761747453746d74a0686175746844617461"));
    append(object, Bytes{0x59, static_cast<std::uint8_t>(data.size() >> 8U), static_cast<std::uint8_t>(data.size())});
    append(object, data);
    made.registration.attestation_object = object;
    return code_of(made.registered());
  };
  CHECK(code_with_length(0) == "webauthn.malformed");
  CHECK(code_with_length(150) == "ok");
  CHECK(code_with_length(1023) == "ok");
  CHECK(code_with_length(1024) == "webauthn.malformed");
}

struct KeyCase {
  std::string hex, code;
};

TEST_CASE("public keys: algorithm, kind, curve, length, nothing else") {
  const std::string p256 = to_hex(Made().credential.public_key);
  const std::string x_y = p256.substr(20);  // after a5 0102 0326 2001 215820
  const std::string off_curve = "a5010203262001215820" + std::string(63, '0') + "1225820" + std::string(64, '0');
  const std::string ed25519 = "a401010327200621582044e06ddd331c36a8dc667bab52bcae63486c916aa5e339e6acebaa84934bf832";
  const auto rsa = [](std::string_view n, std::string_view length, std::string_view e = "43010001") {
    return fmt::format("a401030339010020{}{}21{}", length, n, e);
  };
  const std::string n2048 = "c0" + std::string(508, '5') + "01";
  const std::array<KeyCase, 26> cases{{
      {p256, "ok"},
      {ed25519, "ok"},
      {rsa(n2048, "590100"), "ok"},
      {rsa("40" + n2048.substr(2), "590100"), "webauthn.malformed"},       // 2047 bits
      {rsa("00" + n2048, "590101"), "webauthn.malformed"},                 // a leading zero
      {rsa(n2048.substr(0, 510) + "02", "590100"), "webauthn.malformed"},  // even
      {rsa(n2048, "590100", "4101"), "webauthn.malformed"},
      {rsa(n2048, "590100", "4102"), "webauthn.malformed"},
      {rsa(n2048, "590100", "4400010001"), "webauthn.malformed"},
      {rsa(n2048, "590100", "40"), "webauthn.malformed"},
      {"a5010203382220022158" + x_y, "webauthn.malformed"},  // not CBOR any more
      {replaced(p256, "0326",
                "03"
                "3822"),
       "webauthn.algorithm"},  // ES384
      {replaced(p256, "0326",
                "03"
                "382f"),
       "webauthn.algorithm"},  // ES256K
      {replaced(p256, "0326", "0300"), "webauthn.algorithm"},
      {replaced(p256, "0326", "0327"), "webauthn.malformed"},      // EdDSA with kty EC2
      {replaced(p256, "010203", "010303"), "webauthn.malformed"},  // kty RSA
      {replaced(p256, "2001", "2002"), "webauthn.malformed"},      // P-384
      {replaced(p256, "215820", "21581f"), "webauthn.malformed"},
      {off_curve, "webauthn.malformed"},
      {replaced(ed25519, "2006", "2004"), "webauthn.malformed"},  // X25519
      {"a6" + p256.substr(2) + "2301", "webauthn.malformed"},     // one member more
      {"a3010203262001", "webauthn.malformed"},
      {"a1010203", "webauthn.malformed"},
      {"a0", "webauthn.malformed"},
      {"80", "webauthn.malformed"},
      {p256 + "00", "webauthn.malformed"},
  }};
  for (const KeyCase& each : cases)
    CHECK_MESSAGE(code_of(check_public_key(must(from_hex(each.hex)))) == each.code, each.hex);
  // y as a sign bit: the compressed form, forbidden by section 5.8.5
  CHECK(code_of(check_public_key(must(from_hex(p256.substr(0, 84) + "22f5")))) == "webauthn.malformed");
}

TEST_CASE("a registration with a key of another algorithm names it") {
  const auto problem =
      check_public_key(must(from_hex(replaced(to_hex(Made().credential.public_key), "0326", "033822"))));
  REQUIRE(code_of(problem) == "webauthn.algorithm");
  CHECK(parameter(problem.error(), "algorithm") == "COSE -35");
}

}  // namespace
}  // namespace kyso::webauthn
