#include "jose/open_id.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/certificate.h"
#include "crypto/password.h"
#include "jose/base64url.h"
#include "jose/signature_form.h"
#include "jose/spki.h"

namespace kyso::jose {
namespace {

using crypto::DigestAlgorithm;
using crypto::KeyType;
using crypto::Padding;
using crypto::SignatureScheme;

constexpr std::size_t kMaxKeySet = 1U << 20U;
constexpr std::size_t kMaxKeys = 200;
constexpr std::size_t kMaxToken = 64U << 10U;
constexpr int kMinRsaBits = 2048, kMaxRsaBits = 8192;
constexpr std::size_t kCoordinate = 32;
constexpr std::size_t kMaxSubject = 255;  // Core section 2

struct Algorithm {
  std::string_view name;
  SignatureScheme scheme;
};
// RFC 7518 section 3.1. "none" and symmetric algorithms don't exist here.
constexpr std::array<Algorithm, 3> kAlgorithms{{
    {"RS256", {KeyType::rsa, Padding::pkcs1_v15, DigestAlgorithm::sha256}},
    {"PS256", {KeyType::rsa, Padding::pss, DigestAlgorithm::sha256}},
    {"ES256", {KeyType::ec_p256, Padding::none, DigestAlgorithm::sha256}},
}};

Error malformed(std::string_view reason, std::source_location where = std::source_location::current()) {
  return fail("jose.malformed", where).with("reason", reason);
}

Error wrong_claim(std::string_view claim, std::source_location where = std::source_location::current()) {
  return fail("jose.id_token", where).with("claim", claim);
}

std::optional<std::string_view> text_of(const json::Value& object, std::string_view name) {
  const json::Value* member = object.find(name);
  return member == nullptr ? std::nullopt : member->as_string();
}

std::optional<Bytes> octets_of(const json::Value& object, std::string_view name) {
  const auto text = text_of(object, name);
  const auto octets = text ? from_base64url(*text) : std::nullopt;
  return octets ? std::optional(to_bytes(*octets)) : std::nullopt;
}

// RFC 7517 sections 4.2 and 4.3.
bool is_for_signatures(const json::Value& jwk) {
  if (jwk.find("use") != nullptr && text_of(jwk, "use") != "sig") return false;
  const json::Value* operations = jwk.find("key_ops");
  if (operations == nullptr) return true;
  const auto* const list = operations->as_array();
  return list != nullptr &&
         std::ranges::any_of(*list, [](const json::Value& each) { return each.as_string() == "verify"; });
}

std::optional<Bytes> spki_of(const json::Value& jwk) {
  const auto kind = text_of(jwk, "kty");
  if (kind == "RSA") {
    const auto n = octets_of(jwk, "n"), e = octets_of(jwk, "e");
    return n && e ? std::optional(rsa_spki(*n, *e)) : std::nullopt;
  }
  if (kind != "EC" || text_of(jwk, "crv") != "P-256") return std::nullopt;
  const auto x = octets_of(jwk, "x"), y = octets_of(jwk, "y");
  if (!x || !y || x->size() != kCoordinate || y->size() != kCoordinate) return std::nullopt;
  return p256_spki(*x, *y);
}

bool is_usable(ByteView spki) {
  const auto key = crypto::PublicKey::from_spki(spki);
  if (!key) return false;
  if (key->type() == KeyType::rsa) return key->bits() >= kMinRsaBits && key->bits() <= kMaxRsaBits;
  return key->type() == KeyType::ec_p256;
}

// RFC 7517 section 5: keys that one doesn't understand, or that lack something, are passed over.
std::optional<KeySet::Key> read_key(const json::Value& jwk) {
  if (jwk.as_object() == nullptr || !is_for_signatures(jwk)) return std::nullopt;
  KeySet::Key key;
  if (jwk.find("alg") != nullptr) {
    const auto algorithm = text_of(jwk, "alg");
    if (!algorithm || std::ranges::find(kAlgorithms, *algorithm, &Algorithm::name) == kAlgorithms.end())
      return std::nullopt;
    key.algorithm = *algorithm;
  }
  key.id = text_of(jwk, "kid").value_or("");
  auto spki = spki_of(jwk);
  if (!spki || !is_usable(*spki)) return std::nullopt;
  key.spki = *std::move(spki);
  return key;
}

struct Token {
  std::string_view signing_input;
  const Algorithm* algorithm = nullptr;
  std::optional<std::string> key_id;
  json::Value claims;
  Bytes signature;  // ECDSA as DER
};

Result<json::Value> read_object(std::string_view encoded, std::string_view what) {
  const auto text = from_base64url(encoded);
  if (!text) return malformed("base64url");
  auto object = json::parse(*text);  // refuses members that stand twice
  if (!object || object->as_object() == nullptr) return malformed(what);
  return *std::move(object);
}

// RFC 7515 section 4.1. Keys that a token brings with it (jwk, jku, x5c, x5u) are never looked at.
Result<> read_header(std::string_view encoded, Token& token) {
  const json::Value header = KYSO_TRY(read_object(encoded, "header"));
  const auto name = text_of(header, "alg");
  if (!name) return malformed("header \"alg\"");
  const auto* const algorithm = std::ranges::find(kAlgorithms, *name, &Algorithm::name);
  if (algorithm == kAlgorithms.end()) return fail("jose.algorithm").with("algorithm", name->substr(0, 40));
  token.algorithm = &*algorithm;
  if (header.find("crit") != nullptr) return malformed("header \"crit\"");
  if (header.find("kid") != nullptr) {
    const auto id = text_of(header, "kid");
    if (!id) return malformed("header \"kid\"");
    token.key_id = *id;
  }
  return {};
}

Result<Token> read_token(std::string_view text) {
  if (text.size() > kMaxToken) return malformed(fmt::format("> {} KiB", kMaxToken >> 10U));
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos)
    return malformed("header.payload.signature");
  Token token;
  KYSO_TRY(read_header(text.substr(0, first), token));
  const auto signature = from_base64url(text.substr(second + 1));
  if (!signature || signature->empty()) return malformed("base64url");
  token.signing_input = text.substr(0, second);
  token.claims = KYSO_TRY(read_object(text.substr(first + 1, second - first - 1), "claims"));
  if (token.algorithm->scheme.key == KeyType::ec_p256) {
    if (signature->size() != 2 * kCoordinate) return fail("jose.signature", "length of r || s");
    token.signature = ecdsa_raw_to_der(as_bytes(*signature));
  } else {
    token.signature = to_bytes(*signature);
  }
  return token;
}

// The keys that the token may mean: those of its "kid", or all.
Result<std::vector<crypto::PublicKey>> candidates(const Token& token, const KeySet& keys) {
  bool is_known = false;
  std::vector<crypto::PublicKey> fitting;
  for (const KeySet::Key& each : keys.keys()) {
    if (token.key_id && each.id != *token.key_id) continue;
    is_known = true;
    if (!each.algorithm.empty() && each.algorithm != token.algorithm->name) continue;
    crypto::PublicKey key = KYSO_TRY(crypto::PublicKey::from_spki(each.spki));
    if (key.allows(token.algorithm->scheme)) fitting.push_back(std::move(key));
  }
  if (!is_known) return fail("jose.key.unknown");
  if (fitting.empty()) return fail("jose.algorithm").with("algorithm", token.algorithm->name);
  return fitting;
}

Result<> verify_signature(const Token& token, const KeySet& keys) {
  const auto fitting = KYSO_TRY(candidates(token, keys));
  // Core section 10.1: the token names its key unless there is only one.
  if (!token.key_id && fitting.size() > 1) return malformed("header \"kid\"");
  const ByteView message = as_bytes(token.signing_input);
  const SignatureScheme scheme = token.algorithm->scheme;
  const Bytes digest = crypto::digest(scheme.digest, message);
  for (const crypto::PublicKey& key : fitting)
    if (key.verify(scheme, digest, message, token.signature)) return {};
  return fail("jose.signature");
}

std::optional<double> seconds_of(const json::Value& claims, std::string_view name) {
  const json::Value* claim = claims.find(name);
  return claim == nullptr ? std::nullopt : claim->as_number();
}

// Core section 3.1.3.7 steps 3 to 5. There is no other audience that Kyso trusts.
Result<> check_audience(const json::Value& claims, std::string_view client_id) {
  const json::Value* audience = claims.find("aud");
  if (audience == nullptr) return wrong_claim("aud");
  if (const auto* const list = audience->as_array(); list != nullptr) {
    const auto is_client = [&](const json::Value& each) { return each.as_string() == client_id; };
    if (list->empty() || !std::ranges::all_of(*list, is_client)) return wrong_claim("aud");
  } else if (audience->as_string() != client_id) {
    return wrong_claim("aud");
  }
  if (claims.find("azp") != nullptr && text_of(claims, "azp") != client_id) return wrong_claim("azp");
  return {};
}

// Steps 9 and 10; RFC 7519 section 4.1.5.
Result<> check_times(const json::Value& claims, const IdTokenExpectations& expected) {
  const auto now = static_cast<double>(expected.now.time_since_epoch().count());
  const auto leeway = static_cast<double>(expected.leeway.count());
  const auto expires = seconds_of(claims, "exp"), issued = seconds_of(claims, "iat");
  if (!expires || now - leeway >= *expires) return wrong_claim("exp");
  if (!issued || *issued > now + leeway) return wrong_claim("iat");
  if (claims.find("nbf") != nullptr) {
    const auto begins = seconds_of(claims, "nbf");
    if (!begins || *begins > now + leeway) return wrong_claim("nbf");
  }
  return {};
}

// Section 3.1.3.6: the left half of the hash that the signature is made over, which is SHA-256 with all of ours.
Result<> check_access_token(const json::Value& claims, std::string_view access_token) {
  if (claims.find("at_hash") == nullptr || access_token.empty()) return {};
  Bytes hash = crypto::digest(DigestAlgorithm::sha256, as_bytes(access_token));
  hash.resize(hash.size() / 2);
  if (text_of(claims, "at_hash") != to_base64url(hash)) return wrong_claim("at_hash");
  return {};
}

Result<> check_claims(const json::Value& claims, const IdTokenExpectations& expected) {
  if (expected.issuer.empty() || text_of(claims, "iss") != expected.issuer) return wrong_claim("iss");
  if (expected.client_id.empty()) return wrong_claim("aud");
  KYSO_TRY(check_audience(claims, expected.client_id));
  KYSO_TRY(check_times(claims, expected));
  const auto nonce = text_of(claims, "nonce");  // step 11
  if (expected.nonce.empty() || !nonce || !crypto::equal_in_constant_time(*nonce, expected.nonce))
    return wrong_claim("nonce");
  const auto subject = text_of(claims, "sub");
  if (!subject || subject->empty() || subject->size() > kMaxSubject) return wrong_claim("sub");
  return check_access_token(claims, expected.access_token);
}

std::optional<std::string> optional_text(const json::Value& claims, std::string_view name) {
  const auto text = text_of(claims, name);
  return text && !text->empty() ? std::optional<std::string>(to_nfc(*text)) : std::nullopt;
}

}  // namespace

Result<KeySet> KeySet::parse(std::string_view text) {
  if (text.size() > kMaxKeySet) return malformed(fmt::format("> {} MiB", kMaxKeySet >> 20U));
  const auto object = json::parse(text);
  const json::Value* keys = object ? object->find("keys") : nullptr;
  if (keys == nullptr || keys->as_array() == nullptr) return malformed("keys");
  if (keys->as_array()->size() > kMaxKeys) return malformed(fmt::format("keys > {}", kMaxKeys));
  KeySet set;
  for (const json::Value& each : *keys->as_array())
    if (auto key = read_key(each)) set.m_keys.push_back(*std::move(key));
  return set;
}

Result<IdToken> verify_id_token(std::string_view token, const KeySet& keys, const IdTokenExpectations& expected) {
  Token read = KYSO_TRY(read_token(token));
  KYSO_TRY(verify_signature(read, keys));
  KYSO_TRY(check_claims(read.claims, expected));
  IdToken out{.subject = std::string(*text_of(read.claims, "sub")),
              .email = optional_text(read.claims, "email"),
              .name = optional_text(read.claims, "name"),
              .is_email_verified = false,
              .claims = std::move(read.claims)};
  if (const json::Value* verified = out.claims.find("email_verified"); verified != nullptr)
    out.is_email_verified = verified->as_bool().value_or(false);
  return out;
}

std::string pkce_challenge(std::string_view verifier) {
  return to_base64url(crypto::digest(DigestAlgorithm::sha256, as_bytes(verifier)));
}

}  // namespace kyso::jose
