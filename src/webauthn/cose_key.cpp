#include "webauthn/cose_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <bit>
#include <memory>

#include "jose/spki.h"
#include "webauthn/cbor.h"
#include "webauthn/webauthn.h"

namespace kyso::webauthn {
namespace {

using cbor::Item;
using cbor::Kind;
using crypto::DigestAlgorithm;
using crypto::KeyType;
using crypto::Padding;

// IANA "COSE Algorithms", "COSE Key Types", "COSE Elliptic Curves".
constexpr std::uint64_t kKeyTypeOkp = 1, kKeyTypeEc2 = 2, kKeyTypeRsa = 3;
constexpr std::uint64_t kCurveP256 = 1, kCurveEd25519 = 6;
constexpr std::int64_t kEs256 = -7, kEdDsa = -8, kRs256 = -257;
constexpr std::int64_t kLabelKeyType = 1, kLabelAlgorithm = 3;
constexpr std::size_t kCoordinate = 32;
constexpr std::size_t kMaxModulus = 1024, kMaxExponent = 8;
constexpr int kMinModulusBits = 2048;

Error malformed(std::string_view what, std::source_location where = std::source_location::current()) {
  return Error("webauthn.malformed", std::string(what), where).with("reason", fmt::format("COSE_Key: {}", what));
}

std::int64_t number_of(const Item& item) {
  const auto argument = static_cast<std::int64_t>(std::min<std::uint64_t>(item.argument, 1U << 30U));
  return item.kind == Kind::negative_number ? -1 - argument : argument;
}

bool has_number(const Item* item, std::uint64_t number) {
  return item != nullptr && item->kind == Kind::unsigned_number && item->argument == number;
}

ByteView octets(const Item& key, std::int64_t label) {
  const Item* item = key.find(label);
  return item != nullptr && item->kind == Kind::bytes ? item->bytes : ByteView();
}

// A point off the curve is refused when the key is registered, not when somebody tries to sign in.
bool is_on_p256(ByteView x, ByteView y) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr), EVP_PKEY_CTX_free);
  std::array<char, 6> curve{"P-256"};
  Bytes point{0x04};
  append(point, x);
  append(point, y);
  const std::array<OSSL_PARAM, 3> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_construct_end()};
  EVP_PKEY* key = nullptr;
  const bool good =
      context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parameters.data())) == 1;
  EVP_PKEY_free(key);
  if (!good) ERR_clear_error();
  return good;
}

Result<Bytes> ec_spki(const Item& key) {
  if (!has_number(key.find(-1), kCurveP256)) return malformed("crv");  // Level 2 section 5.8.5
  const ByteView x = octets(key, -2), y = octets(key, -3);
  if (x.size() != kCoordinate || y.size() != kCoordinate) return malformed("x, y");
  if (!is_on_p256(x, y)) return malformed("x, y");
  return jose::p256_spki(x, y);
}

Result<Bytes> ed25519_spki(const Item& key) {
  if (!has_number(key.find(-1), kCurveEd25519)) return malformed("crv");
  const ByteView x = octets(key, -2);
  if (x.size() != kCoordinate) return malformed("x");
  return jose::ed25519_spki(x);
}

Result<Bytes> rsa_spki(const Item& key) {
  const ByteView n = octets(key, -1), e = octets(key, -2);
  // RFC 8230 section 4: without leading zeros.
  if (n.empty() || n.size() > kMaxModulus || n.front() == 0 || n.back() % 2 == 0) return malformed("n");
  if (static_cast<int>(n.size() * 8) - std::countl_zero(n.front()) < kMinModulusBits) return malformed("n");
  if (e.empty() || e.size() > kMaxExponent || e.front() == 0 || e.back() % 2 == 0 || (e.size() == 1 && e[0] == 1))
    return malformed("e");
  return jose::rsa_spki(n, e);
}

struct Form {
  std::int64_t algorithm;
  std::uint64_t key_type;
  std::size_t members;
  crypto::SignatureScheme scheme;
  Result<Bytes> (*to_spki)(const Item&);
};
constexpr std::array<Form, 3> kForms{{
    {kEs256, kKeyTypeEc2, 5, {KeyType::ec_p256, Padding::none, DigestAlgorithm::sha256}, ec_spki},
    {kRs256, kKeyTypeRsa, 4, {KeyType::rsa, Padding::pkcs1_v15, DigestAlgorithm::sha256}, rsa_spki},
    {kEdDsa, kKeyTypeOkp, 4, {KeyType::ed25519, Padding::none, DigestAlgorithm::sha512}, ed25519_spki},
}};

}  // namespace

Result<CoseKey> read_cose_key(ByteView cose) {
  const Item key = KYSO_TRY(cbor::read(cose));
  if (key.kind != Kind::map) return malformed("not a map");
  const Item* algorithm = key.find(kLabelAlgorithm);
  if (algorithm == nullptr || algorithm->kind > Kind::negative_number) return malformed("alg");
  const auto* const form = std::ranges::find(kForms, number_of(*algorithm), &Form::algorithm);
  if (form == kForms.end())
    return fail("webauthn.algorithm").with("algorithm", fmt::format("COSE {}", number_of(*algorithm)));
  if (!has_number(key.find(kLabelKeyType), form->key_type)) return malformed("kty");
  // Level 2 section 6.5.1.1: no other optional members.
  if (key.elements.size() != 2 * form->members) return malformed("members");
  const Bytes encoded = KYSO_TRY(form->to_spki(key));
  return CoseKey{KYSO_TRY(crypto::PublicKey::from_spki(encoded)), form->scheme};
}

Result<> check_public_key(ByteView cose_public_key) {
  KYSO_TRY(read_cose_key(cose_public_key));
  return {};
}

}  // namespace kyso::webauthn
