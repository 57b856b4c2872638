#include "jose/open_id.h"

#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/file.h"
#include "base/test_support.h"

namespace kyso::jose {
namespace {

const IdTokenExpectations kExpected{.issuer = "https://iam.example.vn/realms/kyso",
                                    .client_id = "kyso-portal",
                                    .nonce = "n-0S6_WzA2Mj",
                                    .now = Instant(std::chrono::seconds(1'800'000'000))};

struct Vectors {
  json::Value root;
  KeySet keys;

  Vectors()
      : root(must(json::parse(as_chars(must(read_file(KYSO_SOURCE_DIR "/tests/vectors/openid/tokens.json")))))),
        keys(must(KeySet::parse(json::serialize(*root.find("keys"))))) {}
  std::string token(std::string_view name) const { return must(json::require_string(*root.find("tokens"), name)); }
  std::string code(std::string_view name) const { return code_of(verify_id_token(token(name), keys, kExpected)); }
};

TEST_CASE("tokens of other programs, by each algorithm") {
  const Vectors vectors;
  for (const std::string_view name : {"RS256", "PS256", "ES256", "RS256 of PyJWT", "ES256 of PyJWT"}) {
    INFO(name);
    const IdToken token = must(verify_id_token(vectors.token(name), vectors.keys, kExpected));
    CHECK(token.subject == "f1c2");
    CHECK(token.email == "a@example.vn");
    CHECK(token.is_email_verified);
    CHECK(token.name == "Nguyễn Văn A");
    CHECK(must(json::require_integer(token.claims, "iat")) == 1'800'000'000);
  }
}

TEST_CASE("claims that one can do without") {
  const Vectors vectors;
  const IdToken token = must(verify_id_token(vectors.token("other claims"), vectors.keys, kExpected));
  CHECK(!token.email);
  CHECK(!token.name);
  CHECK(!token.is_email_verified);  // "true" is a text
  CHECK(token.claims.find("roles")->as_array()->size() == 2);
  CHECK(vectors.code("list of audiences") == "ok");
  CHECK(vectors.code("no nbf yet") == "ok");  // within the leeway
}

TEST_CASE("keys and algorithms that don't count") {
  const Vectors vectors;
  std::set<std::string> ids;
  for (const KeySet::Key& key : vectors.keys.keys()) ids.insert(key.id);
  CHECK(ids == std::set<std::string>{"rsa-1", "pss-1", "ec-1"});
  CHECK(vectors.keys.keys().size() == 3);
  CHECK(vectors.code("stranger") == "jose.signature");
  CHECK(vectors.code("unknown kid") == "jose.key.unknown");
  CHECK(vectors.code("encryption key") == "jose.key.unknown");
  CHECK(vectors.code("small key") == "jose.key.unknown");
  CHECK(vectors.code("wrong algorithm") == "jose.algorithm");
  CHECK(vectors.code("PS256 key used with RS256") == "jose.algorithm");
  for (const std::string_view name : {"ES384", "HS256", "none"})
    CHECK_MESSAGE(vectors.code(name) == "jose.algorithm", name);
  CHECK(vectors.code("crit") == "jose.malformed");
}

TEST_CASE("a token that names no key needs a set with one that fits") {
  const Vectors vectors;
  CHECK(vectors.code("without kid") == "ok");  // one ES256 key in the set
  json::Value set = json::Value::object();
  json::Value keys = json::Value::array();
  for (const json::Value& each : *vectors.root.find("keys")->find("keys")->as_array()) {
    if (each.find("kid") == nullptr || each.find("kid")->as_string() != "ec-1") continue;
    keys.push_back(each);
    json::Value twin = each;
    keys.push_back(twin.set("kid", "ec-2"));
  }
  set.set("keys", keys);
  const KeySet twins = must(KeySet::parse(json::serialize(set)));
  CHECK(code_of(verify_id_token(vectors.token("without kid"), twins, kExpected)) == "jose.malformed");
  CHECK(code_of(verify_id_token(vectors.token("ES256"), twins, kExpected)) == "ok");
  CHECK(code_of(verify_id_token(vectors.token("ES256"), KeySet(), kExpected)) == "jose.key.unknown");
}

// Core section 3.1.3.7.
TEST_CASE("each claim is checked") {
  const Vectors vectors;
  std::set<std::string> claims;
  for (const auto& [claim, tokens] : *vectors.root.find("wrong")->as_object()) {
    claims.insert(claim);
    for (const json::Value& token : *tokens.as_array()) {
      const auto result = verify_id_token(*token.as_string(), vectors.keys, kExpected);
      REQUIRE_MESSAGE(code_of(result) == "jose.id_token", claim);
      CHECK(parameter(result.error(), "claim") == claim);
    }
  }
  CHECK(claims == std::set<std::string>{"iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "sub"});
}

TEST_CASE("time: the leeway counts on both sides") {
  const Vectors vectors;
  const auto code_at = [&](std::int64_t seconds, std::int64_t leeway) {
    IdTokenExpectations expected = kExpected;
    expected.now += std::chrono::seconds(seconds);
    expected.leeway = std::chrono::seconds(leeway);
    const auto result = verify_id_token(vectors.token("ES256"), vectors.keys, expected);
    return result ? std::string("ok") : parameter(result.error(), "claim");
  };
  CHECK(code_at(299, 0) == "ok");
  CHECK(code_at(300, 0) == "exp");  // "on or after which"
  CHECK(code_at(359, 60) == "ok");
  CHECK(code_at(360, 60) == "exp");
  CHECK(code_at(-60, 60) == "ok");
  CHECK(code_at(-61, 60) == "iat");
}

TEST_CASE("nothing that was expected is optional") {
  const Vectors vectors;
  const auto claim_without = [&](auto change) {
    IdTokenExpectations expected = kExpected;
    change(expected);
    const auto result = verify_id_token(vectors.token("ES256"), vectors.keys, expected);
    return result ? std::string("ok") : parameter(result.error(), "claim");
  };
  CHECK(claim_without([](IdTokenExpectations& each) { each.nonce.clear(); }) == "nonce");
  CHECK(claim_without([](IdTokenExpectations& each) { each.issuer.clear(); }) == "iss");
  CHECK(claim_without([](IdTokenExpectations& each) { each.client_id.clear(); }) == "aud");
}

TEST_CASE("tokens that are none") {
  const Vectors vectors;
  const std::string good = vectors.token("ES256");
  const std::size_t first = good.find('.'), second = good.rfind('.');
  const std::array<std::string, 10> texts{"",
                                          "a",
                                          "a.b.c",
                                          good + ".x",
                                          good.substr(0, second),
                                          good.substr(0, second + 1),
                                          good + "=",
                                          good.substr(0, first) + "." + good.substr(second),
                                          " " + good,
                                          std::string(70'000, 'a') + good};
  for (const std::string& text : texts) {
    const std::string code = code_of(verify_id_token(text, vectors.keys, kExpected));
    CHECK_MESSAGE(code == "jose.malformed", text.substr(0, 60));
  }
  CHECK(code_of(verify_id_token(good.substr(0, good.size() - 6), vectors.keys, kExpected)) == "jose.signature");
  rc::check("no changed letter is accepted", [&] {
    std::string changed = good;
    const auto at = *rc::gen::inRange<std::size_t>(0, changed.size());
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    RC_ASSERT(!verify_id_token(changed, vectors.keys, kExpected));
  });
}

TEST_CASE("key sets that are none") {
  for (const std::string_view text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":7})", R"({"keys":[})"})
    CHECK_MESSAGE(code_of(KeySet::parse(text)) == "jose.malformed", text);
  CHECK(must(KeySet::parse(R"({"keys":[]})")).keys().empty());
  CHECK(must(KeySet::parse(R"({"keys":[7,null,[],{"kty":"RSA"}]})")).keys().empty());
  std::string many = R"({"keys":[{})";
  for (int i = 0; i < 200; ++i) many += ",{}";
  CHECK(code_of(KeySet::parse(many + "]}")) == "jose.malformed");
  CHECK(code_of(KeySet::parse(std::string(2U << 20U, ' '))) == "jose.malformed");
}

// RFC 7636 appendix B.
TEST_CASE("PKCE") {
  CHECK(pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

}  // namespace
}  // namespace kyso::jose
