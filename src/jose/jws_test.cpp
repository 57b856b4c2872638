#include "jose/jws.h"

#include <rapidcheck.h>

#include "base/test_support.h"
#include "crypto/crypto_vectors.h"
#include "crypto/der.h"
#include "jose/base64url.h"
#include "jose/signature_form.h"

namespace kyso::jose {
namespace {

namespace vectors = crypto::vectors;

constexpr std::string_view kType = "kyso-test+jwt";
constexpr std::string_view kPayload = R"({"purpose":"Cấp chứng thư"})";

std::string encoded(std::string_view text) {
  return to_base64url(as_bytes(text));
}

struct Parts {
  std::string header, payload, signature;
  std::string joined() const { return header + "." + payload + "." + signature; }
};
Parts split(const std::string& jws) {
  const std::size_t first = jws.find('.'), second = jws.rfind('.');
  return {jws.substr(0, first), jws.substr(first + 1, second - first - 1), jws.substr(second + 1)};
}

// A well-formed JWS with any header, signed by p256 as ES256 is.
std::string with_header(const std::string& header) {
  const auto holder = vectors::holder("p256");
  const std::string input = encoded(header) + "." + encoded(kPayload);
  const crypto::SignatureScheme scheme = crypto::default_scheme(crypto::KeyType::ec_p256);
  const Bytes hash = crypto::digest(scheme.digest, as_bytes(input));
  const Bytes der = must(holder->sign({scheme, hash, as_bytes(input), {}}));
  return input + "." + to_base64url(ecdsa_der_to_raw(der, 32).value());
}

std::string print_of(const std::string& name) {
  return to_base64url(vectors::certificate(name).sha256());
}

std::string header(const std::string& algorithm, const std::string& more = {}) {
  return fmt::format(R"({{"alg":"{}","typ":"{}","x5t#S256":"{}"{}}})", algorithm, kType, print_of("p256"), more);
}

}  // namespace

TEST_CASE("base64url is strict and canonical") {
  CHECK(to_base64url(as_bytes("")).empty());
  CHECK(encoded("f") == "Zg");
  CHECK(encoded("fo") == "Zm8");
  CHECK(encoded("foo") == "Zm9v");
  CHECK(to_base64url(Bytes{0xfb, 0xff}) == "-_8");
  for (const char* bad : {"Z", "Zg==", "Zh", "Zm9", "Zm8=", "+/8", "Zm 9v", "Zm9v\n", "Zm9vZ", "Zm9\x80"})
    CHECK_MESSAGE(!from_base64url(bad), bad);
  CHECK(rc::check("what is written is read again",
                  [](const std::string& bytes) { RC_ASSERT(from_base64url(to_base64url(as_bytes(bytes))) == bytes); }));
  CHECK(rc::check("what is read is written the same", [](const std::string& text) {
    if (const auto bytes = from_base64url(text)) RC_ASSERT(to_base64url(as_bytes(*bytes)) == text);
  }));
}

TEST_CASE("the ES256 example of RFC 7515 appendix A.3 verifies after conversion") {
  const std::string input =
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  const auto raw =
      from_base64url("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  Bytes point{0x00, 0x04};
  append(point, *from_base64url("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"));
  append(point, *from_base64url("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"));
  namespace der = crypto::der;
  const auto key = must(crypto::PublicKey::from_spki(
      der::sequence(der::sequence(der::encode_oid("1.2.840.10045.2.1"), der::encode_oid("1.2.840.10045.3.1.7")),
                    der::encode(der::kBitString, point))));
  const crypto::SignatureScheme scheme = crypto::default_scheme(crypto::KeyType::ec_p256);
  const Bytes hash = crypto::digest(scheme.digest, as_bytes(input));
  const Bytes signature = ecdsa_raw_to_der(as_bytes(*raw));
  CHECK(key.verify(scheme, hash, as_bytes(input), signature));
  CHECK(ecdsa_der_to_raw(signature, 32) == to_bytes(*raw));
}

TEST_CASE("ECDSA numbers of every length keep their value") {
  CHECK(rc::check("raw -> DER -> raw", [] {
    Bytes raw = *rc::gen::container<Bytes>(96, rc::gen::arbitrary<std::uint8_t>());
    const auto zeros = *rc::gen::inRange<std::size_t>(0, 47);
    std::fill_n(raw.begin(), zeros, 0);
    raw[47] |= 1;
    raw[95] |= 1;
    RC_ASSERT(ecdsa_der_to_raw(ecdsa_raw_to_der(raw), 48) == raw);
  }));
  const Bytes zero = ecdsa_raw_to_der(Bytes(64));
  CHECK_FALSE(ecdsa_der_to_raw(zero, 32));
  CHECK_FALSE(ecdsa_der_to_raw(Bytes{0x30, 0x00}, 32));
}

TEST_CASE("every kind of key signs and is verified") {
  for (const auto& [name, algorithm] : {std::pair{"p256", "ES256"},
                                        {"p384", "ES384"},
                                        {"rsa2048", "RS256"},
                                        {"rsa3072", "RS256"},
                                        {"pssonly", "PS256"}}) {
    const auto holder = vectors::holder(name);
    const std::string text = must(sign_jws(kType, kPayload, *holder), name);
    CHECK(from_base64url(split(text).header)->find(fmt::format(R"("alg":"{}")", algorithm)) != std::string::npos);
    const Jws jws = must(Jws::parse(text, kType), name);
    CHECK(jws.payload() == kPayload);
    CHECK(jws.certificate_sha256() == vectors::certificate(name).sha256());
    CHECK(code_of(jws.verify(vectors::certificate(name))) == "ok");
    CHECK(code_of(jws.verify(vectors::certificate(name == std::string("p256") ? "p384" : "p256"))) ==
          "jose.certificate");
  }
  CHECK(code_of(sign_jws(kType, kPayload, *vectors::holder("ed25519"))) == "jose.algorithm");
}

TEST_CASE("every flipped bit is found") {
  const auto holder = vectors::holder("p256");
  const std::string text = must(sign_jws(kType, kPayload, *holder));
  const auto certificate = vectors::certificate("p256");
  for (std::size_t i = 0; i < text.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      const auto jws = Jws::parse(changed, kType);
      const bool is_accepted = jws && jws->verify(certificate);
      CHECK_MESSAGE(!is_accepted, i, " ", bit);
    }
}

TEST_CASE("headers that would weaken the signature are refused") {
  CHECK(code_of(Jws::parse(with_header(header("ES256")), kType)) == "ok");
  for (const char* algorithm : {"none", "None", "HS256", "HS512", "ES512", "RS1", "EdDSA", "es256", "RS384"})
    CHECK_MESSAGE(code_of(Jws::parse(with_header(header(algorithm)), kType)) == "jose.algorithm", algorithm);
  for (const char* more : {R"(,"crit":["exp"])", R"(,"b64":false)", R"(,"jku":"https://example.vn/keys")",
                           R"(,"jwk":{"kty":"EC"})", R"(,"x5u":"https://example.vn/c")", R"(,"x5c":[])",
                           R"(,"kid":"1")", R"(,"alg":"ES256")", R"(,"typ":"kyso-test+jwt")"})
    CHECK_MESSAGE(code_of(Jws::parse(with_header(header("ES256", more)), kType)) == "jose.malformed", more);
  CHECK(code_of(Jws::parse(with_header(header("ES256")), "kyso-other+jwt")) == "jose.type");
  for (const std::string& bad : {std::string("{}"), std::string("[]"), std::string("null"), std::string(""),
                                 fmt::format(R"({{"typ":"{}","x5t#S256":"{}"}})", kType, print_of("p256")),
                                 fmt::format(R"({{"alg":"ES256","typ":"{}"}})", kType),
                                 fmt::format(R"({{"alg":"ES256","typ":"{}","x5t#S256":"AAAA"}})", kType),
                                 fmt::format(R"({{"alg":7,"typ":"{}","x5t#S256":"{}"}})", kType, print_of("p256"))})
    CHECK_MESSAGE(code_of(Jws::parse(with_header(bad), kType)) == "jose.malformed", bad);
}

TEST_CASE("an algorithm of another kind of key is refused") {
  // A header that says RS256 over an ECDSA signature of the same certificate, and the other way round.
  const Jws confused = must(Jws::parse(with_header(header("RS256")), kType));
  CHECK(code_of(confused.verify(vectors::certificate("p256"))) == "jose.algorithm");
  Parts rsa = split(must(sign_jws(kType, kPayload, *vectors::holder("rsa2048"))));
  rsa.header = encoded(fmt::format(R"({{"alg":"PS256","typ":"{}","x5t#S256":"{}"}})", kType, print_of("rsa2048")));
  CHECK(code_of(must(Jws::parse(rsa.joined(), kType)).verify(vectors::certificate("rsa2048"))) == "jose.signature");
  const Jws weak = must(Jws::parse(rsa.joined(), kType));
  CHECK(code_of(weak.verify_by_key(vectors::certificate("rsa1024").public_key())) == "jose.algorithm");
  CHECK(code_of(weak.verify_by_key(vectors::certificate("ed25519").public_key())) == "jose.algorithm");
}

TEST_CASE("the shape of the compact form is strict") {
  const Parts good = split(must(sign_jws(kType, kPayload, *vectors::holder("p256"))));
  for (const std::string& bad : {std::string(), std::string("."), std::string(".."), good.header + "." + good.payload,
                                 good.joined() + ".", good.joined() + "=", good.joined() + "\n", " " + good.joined(),
                                 good.header + ".." + good.signature + ".", good.header + "." + good.payload + "."})
    CHECK_MESSAGE(code_of(Jws::parse(bad, kType)) == "jose.malformed", bad);
  Parts longer = good;
  longer.signature = to_base64url(Bytes(65, 1));
  CHECK(code_of(Jws::parse(longer.joined(), kType)) == "jose.signature");
  CHECK(code_of(Jws::parse(std::string(kMaxJws + 1, 'A'), kType)) == "jose.limit");
  CHECK(code_of(sign_jws(kType, std::string(kMaxJws, 'A'), *vectors::holder("p256"))) == "jose.limit");
}

}  // namespace kyso::jose
