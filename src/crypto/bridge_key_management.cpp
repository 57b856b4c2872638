#include <openssl/param_build.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>

#include "crypto/bridge_provider.h"
#include "crypto/der.h"
#include "crypto/key_object_ids.h"
#include "crypto/openssl_support.h"

namespace kyso::crypto::bridge {
namespace {

Key* as_key(void* data) {
  return static_cast<Key*>(data);
}
const Key* as_key(const void* data) {
  return static_cast<const Key*>(data);
}

Bytes bit_string(ByteView content) {
  return der::encode(der::kBitString, der::concat(Bytes{0}, content));
}

Bytes octets_of(const BIGNUM* number) {
  Bytes out(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, out.data());
  return out;
}

openssl::BignumPtr number_of(const OSSL_PARAM* parameter) {
  BIGNUM* number = nullptr;
  if (parameter == nullptr || OSSL_PARAM_get_BN(parameter, &number) != 1) return nullptr;
  return openssl::BignumPtr(number);
}

ByteView octets_of(const OSSL_PARAM* parameter) {
  const void* data = nullptr;
  std::size_t size = 0;
  if (parameter == nullptr || OSSL_PARAM_get_octet_string_ptr(parameter, &data, &size) != 1) return {};
  return {static_cast<const std::uint8_t*>(data), size};
}

// SubjectPublicKeyInfo from OpenSSL's parameters of a public key; empty when they are of another kind.
Bytes spki_of_rsa(const OSSL_PARAM parameters[]) {
  const auto n = number_of(OSSL_PARAM_locate_const(parameters, OSSL_PKEY_PARAM_RSA_N));
  const auto e = number_of(OSSL_PARAM_locate_const(parameters, OSSL_PKEY_PARAM_RSA_E));
  if (!n || !e) return {};
  const Bytes key = der::sequence(der::encode_unsigned(octets_of(n.get())), der::encode_unsigned(octets_of(e.get())));
  return der::sequence(der::sequence(der::encode_oid(kRsaEncryption), der::encode(der::kNull, {})), bit_string(key));
}

Bytes spki_of_ec(const OSSL_PARAM parameters[]) {
  const ByteView point = octets_of(OSSL_PARAM_locate_const(parameters, OSSL_PKEY_PARAM_PUB_KEY));
  const OSSL_PARAM* group = OSSL_PARAM_locate_const(parameters, OSSL_PKEY_PARAM_GROUP_NAME);
  const char* name = nullptr;
  if (point.empty() || group == nullptr || OSSL_PARAM_get_utf8_string_ptr(group, &name) != 1) return {};
  const int nid = OBJ_txt2nid(name);
  const bool is_p256 = nid == NID_X9_62_prime256v1 || std::string_view(name) == "P-256";
  const bool is_p384 = nid == NID_secp384r1 || std::string_view(name) == "P-384";
  if (!is_p256 && !is_p384) return {};
  return der::sequence(der::sequence(der::encode_oid(kEcPublicKey), der::encode_oid(is_p256 ? kP256 : kP384)),
                       bit_string(point));
}

Bytes spki_of_ed25519(const OSSL_PARAM parameters[]) {
  const ByteView key = octets_of(OSSL_PARAM_locate_const(parameters, OSSL_PKEY_PARAM_PUB_KEY));
  if (key.empty()) return {};
  return der::sequence(der::sequence(der::encode_oid(kEd25519)), bit_string(key));
}

// The part of an own SubjectPublicKeyInfo behind the algorithm.
ByteView key_bits(const PublicKey& key) {
  der::Reader outer(key.spki());
  der::Reader fields(outer.expect(der::kSequence)->content);
  static_cast<void>(fields.next());
  return fields.expect(der::kBitString)->content.subspan(1);
}

const char* group_of(const PublicKey& key) {
  return key.type() == KeyType::ec_p256 ? SN_X9_62_prime256v1 : SN_secp384r1;
}

// The limits of an id-RSASSA-PSS key, so that its SubjectPublicKeyInfo is written again as it was.
void push_pss_limits(OSSL_PARAM_BLD* builder, const PublicKey& key) {
  std::vector<DigestAlgorithm> allowed;
  for (const DigestAlgorithm each :
       {DigestAlgorithm::sha1, DigestAlgorithm::sha256, DigestAlgorithm::sha384, DigestAlgorithm::sha512})
    if (key.allows({KeyType::rsa, Padding::pss, each})) allowed.push_back(each);
  if (!is_pss_only(key) || allowed.size() != 1) return;
  const char* name = EVP_MD_get0_name(openssl::fetched(allowed.front()));
  OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_RSA_DIGEST, name, 0);
  OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_RSA_MGF1_DIGEST, name, 0);
  OSSL_PARAM_BLD_push_int(builder, OSSL_PKEY_PARAM_RSA_PSS_SALTLEN, static_cast<int>(digest_size(allowed.front())));
}

void push_public_key(OSSL_PARAM_BLD* builder, const PublicKey& key, std::vector<openssl::BignumPtr>& numbers) {
  const ByteView bits = key_bits(key);
  if (key.type() != KeyType::rsa) {
    if (key.type() != KeyType::ed25519)
      OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, group_of(key), 0);
    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, bits.data(), bits.size());
    return;
  }
  der::Reader outer(bits);
  der::Reader fields(outer.expect(der::kSequence)->content);
  for (const char* name : {OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E}) {
    const ByteView value = fields.expect(der::kInteger)->content;
    numbers.emplace_back(openssl::require(BN_bin2bn(value.data(), static_cast<int>(value.size()), nullptr)));
    OSSL_PARAM_BLD_push_BN(builder, name, numbers.back().get());
  }
  push_pss_limits(builder, key);
}

extern "C" {

void* kyso_key_new(void*) {
  return new (std::nothrow) Key();
}
void kyso_key_free(void* key) {
  delete as_key(key);
}
void* kyso_key_dup(const void* key, int) {
  return guarded([&]() -> void* { return new Key(*as_key(key)); });
}

int kyso_key_has(const void* data, int selection) {
  const Key* key = as_key(data);
  if (key == nullptr || !key->public_key) return 0;
  return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0 || key->source ? 1 : 0;
}

// The numbers alone: OpenSSL hands over an id-RSASSA-PSS key without saying so.
int kyso_key_match(const void* first, const void* second, int) {
  const auto& a = as_key(first)->public_key;
  const auto& b = as_key(second)->public_key;
  return a && b && a->type() == b->type() && std::ranges::equal(key_bits(*a), key_bits(*b)) ? 1 : 0;
}

int kyso_key_import(void* data, int, const OSSL_PARAM parameters[]) {
  return guarded([&] {
    Key* key = as_key(data);
    const ByteView address = octets_of(OSSL_PARAM_locate_const(parameters, kSourceParameter));
    if (address.size() == sizeof(std::shared_ptr<KeySource>*)) {
      const std::shared_ptr<KeySource>* source = nullptr;
      std::ranges::copy(address, reinterpret_cast<std::uint8_t*>(&source));
      key->source = *source;
      key->public_key = (*source)->public_key();
      return 1;
    }
    for (const auto& spki : {spki_of_rsa(parameters), spki_of_ec(parameters), spki_of_ed25519(parameters)}) {
      if (spki.empty()) continue;
      auto imported = PublicKey::from_spki(spki);
      if (!imported || !is_for_signing(imported->type())) continue;
      key->public_key = *std::move(imported);
      return 1;
    }
    return 0;
  });
}

const OSSL_PARAM* kyso_key_import_types(int) {
  static const std::array<OSSL_PARAM, 6> kTypes{
      {OSSL_PARAM_octet_string(kSourceParameter, nullptr, 0), OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, nullptr, 0),
       OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, nullptr, 0), OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0),
       OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0), OSSL_PARAM_END}};
  return kTypes.data();
}

// The private half cannot leave. Refusing the request as a whole also keeps OpenSSL from taking the key over into the
// default provider, where it would have nothing to sign with.
int kyso_key_export(void* data, int selection, OSSL_CALLBACK* callback, void* argument) {
  return guarded([&] {
    const Key* key = as_key(data);
    if (!key->public_key || (key->source && (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0)) return 0;
    const std::unique_ptr<OSSL_PARAM_BLD, openssl::Deleter<OSSL_PARAM_BLD_free>> builder(
        openssl::require(OSSL_PARAM_BLD_new()));
    std::vector<openssl::BignumPtr> numbers;
    push_public_key(builder.get(), *key->public_key, numbers);
    const std::unique_ptr<OSSL_PARAM, openssl::Deleter<OSSL_PARAM_free>> parameters(
        openssl::require(OSSL_PARAM_BLD_to_param(builder.get())));
    return callback(parameters.get(), argument);
  });
}

int kyso_key_get_params(void* data, OSSL_PARAM parameters[]) {
  return guarded([&] {
    const auto& key = as_key(data)->public_key;
    if (!key) return 0;
    const bool is_rsa = key->type() == KeyType::rsa;
    const bool is_ed25519 = key->type() == KeyType::ed25519;
    const auto set_int = [&](const char* name, int value) {
      OSSL_PARAM* parameter = OSSL_PARAM_locate(parameters, name);
      return parameter == nullptr || OSSL_PARAM_set_int(parameter, value) == 1;
    };
    const auto set_text = [&](const char* name, const char* value) {
      OSSL_PARAM* parameter = OSSL_PARAM_locate(parameters, name);
      return parameter == nullptr || OSSL_PARAM_set_utf8_string(parameter, value) == 1;
    };
    // NIST SP 800-57 part 1 table 2; between its steps the lower one.
    const int rsa_strength = key->bits() >= 7680 ? 192 : key->bits() >= 3072 ? 128 : key->bits() >= 2048 ? 112 : 80;
    const int strength = is_rsa ? rsa_strength : key->type() == KeyType::ec_p384 ? 192 : 128;
    const bool good =
        set_int(OSSL_PKEY_PARAM_BITS, key->bits()) && set_int(OSSL_PKEY_PARAM_SECURITY_BITS, strength) &&
        set_int(OSSL_PKEY_PARAM_MAX_SIZE, static_cast<int>(key->max_signature_size())) &&
        (is_rsa || is_ed25519 || set_text(OSSL_PKEY_PARAM_GROUP_NAME, group_of(*key))) &&
        (is_ed25519 ? set_text(OSSL_PKEY_PARAM_MANDATORY_DIGEST, "")
                    : set_text(OSSL_PKEY_PARAM_DEFAULT_DIGEST, key->type() == KeyType::ec_p384 ? "SHA384" : "SHA256"));
    return good ? 1 : 0;
  });
}

const OSSL_PARAM* kyso_key_gettable_params(void*) {
  static const std::array<OSSL_PARAM, 7> kParameters{
      {OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, nullptr), OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, nullptr),
       OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, nullptr),
       OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0),
       OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, nullptr, 0),
       OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_MANDATORY_DIGEST, nullptr, 0), OSSL_PARAM_END}};
  return kParameters.data();
}

const char* kyso_ec_operation_name(int) {
  return "ECDSA";
}
const char* kyso_pss_operation_name(int) {
  return "RSA";
}

}  // extern "C"

// `operation_name` is null where the signature has the name of the key.
std::array<OSSL_DISPATCH, 13> make_table(const char* (*operation_name)(int)) {
  std::array<OSSL_DISPATCH, 13> table{
      {entry(OSSL_FUNC_KEYMGMT_NEW, kyso_key_new), entry(OSSL_FUNC_KEYMGMT_FREE, kyso_key_free),
       entry(OSSL_FUNC_KEYMGMT_DUP, kyso_key_dup), entry(OSSL_FUNC_KEYMGMT_HAS, kyso_key_has),
       entry(OSSL_FUNC_KEYMGMT_MATCH, kyso_key_match), entry(OSSL_FUNC_KEYMGMT_IMPORT, kyso_key_import),
       entry(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, kyso_key_import_types), entry(OSSL_FUNC_KEYMGMT_EXPORT, kyso_key_export),
       entry(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, kyso_key_import_types),
       entry(OSSL_FUNC_KEYMGMT_GET_PARAMS, kyso_key_get_params),
       entry(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, kyso_key_gettable_params), OSSL_DISPATCH{0, nullptr},
       OSSL_DISPATCH{0, nullptr}}};
  if (operation_name != nullptr) table[11] = entry(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, operation_name);
  return table;
}

}  // namespace

bool is_pss_only(const PublicKey& key) {
  return key.type() == KeyType::rsa && !key.allows({KeyType::rsa, Padding::pkcs1_v15, DigestAlgorithm::sha256});
}

const OSSL_ALGORITHM* key_managements() {
  static const auto plain = make_table(nullptr);
  static const auto ec = make_table(kyso_ec_operation_name);
  static const auto pss = make_table(kyso_pss_operation_name);
  static const std::array<OSSL_ALGORITHM, 5> kTable{{
      {"RSA-PSS:RSASSA-PSS:1.2.840.113549.1.1.10", "provider=kyso-bridge", pss.data(), nullptr},
      {"RSA:rsaEncryption:1.2.840.113549.1.1.1", "provider=kyso-bridge", plain.data(), nullptr},
      {"EC:id-ecPublicKey:1.2.840.10045.2.1", "provider=kyso-bridge", ec.data(), nullptr},
      {"ED25519:1.3.101.112", "provider=kyso-bridge", plain.data(), nullptr},
      {nullptr, nullptr, nullptr, nullptr},
  }};
  return kTable.data();
}

}  // namespace kyso::crypto::bridge
