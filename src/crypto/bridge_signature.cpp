#include <openssl/params.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "crypto/algorithm_identifier.h"
#include "crypto/bridge_provider.h"
#include "crypto/openssl_support.h"

namespace kyso::crypto::bridge {
namespace {

// One signing or verifying operation.
struct Operation {
  Key key;
  SignatureScheme scheme;
  Bytes message;  // collected by the update calls: the holder gets the digest and what was digested
};

Operation* as_operation(void* context) {
  return static_cast<Operation*>(context);
}

std::optional<DigestAlgorithm> digest_of(const char* name) {
  openssl::initialise();
  for (const DigestAlgorithm each :
       {DigestAlgorithm::sha1, DigestAlgorithm::sha256, DigestAlgorithm::sha384, DigestAlgorithm::sha512})
    if (EVP_MD_is_a(openssl::fetched(each), name) == 1) return each;
  return std::nullopt;
}

const char* openssl_name_of(DigestAlgorithm digest) {
  return EVP_MD_get0_name(openssl::fetched(digest));
}

bool set_digest(Operation& operation, const char* name) {
  if (name == nullptr || *name == '\0') return true;
  const auto digest = digest_of(name);
  if (!digest) return false;
  // Ed25519 digests by itself; CMS names SHA-512 beside it (RFC 8419).
  if (operation.scheme.key == KeyType::ed25519) return *digest == DigestAlgorithm::sha512;
  operation.scheme.digest = *digest;
  return true;
}

std::optional<int> number_or_text(const OSSL_PARAM* parameter,
                                  std::initializer_list<std::pair<std::string_view, int>> words) {
  int number = 0;
  if (parameter->data_type != OSSL_PARAM_UTF8_STRING)
    return OSSL_PARAM_get_int(parameter, &number) == 1 ? std::optional(number) : std::nullopt;
  const char* data = nullptr;
  if (OSSL_PARAM_get_utf8_string_ptr(parameter, &data) != 1) return std::nullopt;
  const std::string_view text(data);
  for (const auto& [word, value] : words)
    if (word == text) return value;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool set_padding(Operation& operation, const OSSL_PARAM* parameter) {
  const auto mode = number_or_text(parameter, {{OSSL_PKEY_RSA_PAD_MODE_PKCSV15, RSA_PKCS1_PADDING},
                                               {OSSL_PKEY_RSA_PAD_MODE_PSS, RSA_PKCS1_PSS_PADDING}});
  if (operation.scheme.key != KeyType::rsa || !mode || (*mode != RSA_PKCS1_PADDING && *mode != RSA_PKCS1_PSS_PADDING))
    return false;
  operation.scheme.padding = *mode == RSA_PKCS1_PADDING ? Padding::pkcs1_v15 : Padding::pss;
  return true;
}

// Only the salt that SignatureScheme means; "auto" leaves the choice to us.
bool salt_fits(const Operation& operation, const OSSL_PARAM* parameter) {
  const auto length = number_or_text(parameter, {{OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST, RSA_PSS_SALTLEN_DIGEST},
                                                 {OSSL_PKEY_RSA_PSS_SALT_LEN_AUTO, RSA_PSS_SALTLEN_AUTO},
                                                 {OSSL_PKEY_RSA_PSS_SALT_LEN_MAX, RSA_PSS_SALTLEN_MAX}});
  return length && (*length == RSA_PSS_SALTLEN_DIGEST || *length == RSA_PSS_SALTLEN_AUTO ||
                    *length == static_cast<int>(digest_size(operation.scheme.digest)));
}

bool set_parameters(Operation& operation, const OSSL_PARAM parameters[]) {
  if (parameters == nullptr) return true;
  const char* text = nullptr;
  if (const auto* digest = OSSL_PARAM_locate_const(parameters, OSSL_SIGNATURE_PARAM_DIGEST))
    if (OSSL_PARAM_get_utf8_string_ptr(digest, &text) != 1 || !set_digest(operation, text)) return false;
  if (const auto* padding = OSSL_PARAM_locate_const(parameters, OSSL_SIGNATURE_PARAM_PAD_MODE))
    if (!set_padding(operation, padding)) return false;
  if (const auto* mask = OSSL_PARAM_locate_const(parameters, OSSL_SIGNATURE_PARAM_MGF1_DIGEST))
    if (OSSL_PARAM_get_utf8_string_ptr(mask, &text) != 1 || digest_of(text) != operation.scheme.digest) return false;
  if (const auto* salt = OSSL_PARAM_locate_const(parameters, OSSL_SIGNATURE_PARAM_PSS_SALTLEN))
    if (!salt_fits(operation, salt)) return false;
  return true;
}

bool start(Operation& operation, void* key, const char* digest_name, const OSSL_PARAM parameters[]) {
  if (key != nullptr) {
    operation.key = *static_cast<Key*>(key);
    if (!operation.key.public_key) return false;
    operation.scheme = default_scheme(operation.key.public_key->type());
    if (!operation.key.public_key->allows(operation.scheme)) operation.scheme.padding = Padding::pss;
  }
  operation.message.clear();
  return operation.key.public_key && set_digest(operation, digest_name) && set_parameters(operation, parameters);
}

int sign(const Operation& operation, ByteView digest, unsigned char* out, std::size_t* size, std::size_t capacity) {
  if (!operation.key.source) return 0;
  if (out == nullptr) {
    *size = operation.key.public_key->max_signature_size();
    return 1;
  }
  const Bytes signature =
      operation.key.source->sign({operation.scheme, digest, ByteView(operation.message), std::string()});
  if (signature.empty() || signature.size() > capacity) return 0;
  std::ranges::copy(signature, out);
  *size = signature.size();
  return 1;
}

int verify(const Operation& operation, ByteView digest, const unsigned char* signature, std::size_t size) {
  return operation.key.public_key->verify(operation.scheme, digest, operation.message, {signature, size}) ? 1 : 0;
}

Bytes digest_of_message(const Operation& operation) {
  return digest(operation.scheme.digest, operation.message);
}

extern "C" {

void* kyso_signature_new(void*, const char*) {
  return new (std::nothrow) Operation();
}
void kyso_signature_free(void* context) {
  delete as_operation(context);
}
void* kyso_signature_dup(void* context) {
  return guarded([&]() -> void* { return new Operation(*as_operation(context)); });
}

int kyso_signature_init(void* context, void* key, const OSSL_PARAM parameters[]) {
  return guarded([&] { return start(*as_operation(context), key, nullptr, parameters) ? 1 : 0; });
}
int kyso_signature_digest_init(void* context, const char* digest, void* key, const OSSL_PARAM parameters[]) {
  return guarded([&] { return start(*as_operation(context), key, digest, parameters) ? 1 : 0; });
}
int kyso_signature_update(void* context, const unsigned char* data, std::size_t size) {
  return guarded([&] {
    append(as_operation(context)->message, ByteView(data, size));
    return 1;
  });
}

int kyso_signature_sign(void* context, unsigned char* out, std::size_t* size, std::size_t capacity,
                        const unsigned char* digest, std::size_t digest_size_given) {
  return guarded([&] {
    const Operation& operation = *as_operation(context);
    if (operation.scheme.key == KeyType::ed25519 || digest_size_given != digest_size(operation.scheme.digest)) return 0;
    return sign(operation, {digest, digest_size_given}, out, size, capacity);
  });
}
int kyso_signature_digest_sign_final(void* context, unsigned char* out, std::size_t* size, std::size_t capacity) {
  return guarded([&] {
    const Operation& operation = *as_operation(context);
    const Bytes digest = out == nullptr ? Bytes() : digest_of_message(operation);
    return sign(operation, digest, out, size, capacity);
  });
}

int kyso_signature_verify(void* context, const unsigned char* signature, std::size_t size, const unsigned char* digest,
                          std::size_t digest_size_given) {
  return guarded([&] {
    const Operation& operation = *as_operation(context);
    return operation.scheme.key == KeyType::ed25519 ? 0
                                                    : verify(operation, {digest, digest_size_given}, signature, size);
  });
}
int kyso_signature_digest_verify_final(void* context, const unsigned char* signature, std::size_t size) {
  return guarded([&] {
    const Operation& operation = *as_operation(context);
    return verify(operation, digest_of_message(operation), signature, size);
  });
}

int kyso_signature_set_params(void* context, const OSSL_PARAM parameters[]) {
  return guarded([&] { return set_parameters(*as_operation(context), parameters) ? 1 : 0; });
}

int kyso_signature_get_params(void* context, OSSL_PARAM parameters[]) {
  return guarded([&] {
    const Operation& operation = *as_operation(context);
    const SignatureScheme scheme = operation.scheme;
    if (auto* id = OSSL_PARAM_locate(parameters, OSSL_SIGNATURE_PARAM_ALGORITHM_ID)) {
      const Bytes encoded = encode_x509_signature_algorithm(scheme);
      if (OSSL_PARAM_set_octet_string(id, encoded.data(), encoded.size()) != 1) return 0;
    }
    for (const char* name : {OSSL_SIGNATURE_PARAM_DIGEST, OSSL_SIGNATURE_PARAM_MGF1_DIGEST})
      if (auto* digest = OSSL_PARAM_locate(parameters, name))
        if (OSSL_PARAM_set_utf8_string(digest, openssl_name_of(scheme.digest)) != 1) return 0;
    if (auto* padding = OSSL_PARAM_locate(parameters, OSSL_SIGNATURE_PARAM_PAD_MODE)) {
      const bool is_pss = scheme.padding == Padding::pss;
      const int set = padding->data_type == OSSL_PARAM_UTF8_STRING
                          ? OSSL_PARAM_set_utf8_string(
                                padding, is_pss ? OSSL_PKEY_RSA_PAD_MODE_PSS : OSSL_PKEY_RSA_PAD_MODE_PKCSV15)
                          : OSSL_PARAM_set_int(padding, is_pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING);
      if (set != 1) return 0;
    }
    if (auto* salt = OSSL_PARAM_locate(parameters, OSSL_SIGNATURE_PARAM_PSS_SALTLEN)) {
      const int set = salt->data_type == OSSL_PARAM_UTF8_STRING
                          ? OSSL_PARAM_set_utf8_string(salt, OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST)
                          : OSSL_PARAM_set_int(salt, static_cast<int>(digest_size(scheme.digest)));
      if (set != 1) return 0;
    }
    return 1;
  });
}

const OSSL_PARAM* kyso_signature_settable(void*, void*) {
  static const std::array<OSSL_PARAM, 5> kParameters{
      {OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, nullptr, 0),
       OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, nullptr, 0),
       OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, nullptr, 0),
       OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, nullptr, 0), OSSL_PARAM_END}};
  return kParameters.data();
}
const OSSL_PARAM* kyso_signature_gettable(void*, void*) {
  static const std::array<OSSL_PARAM, 6> kParameters{
      {OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, nullptr, 0),
       OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, nullptr, 0),
       OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, nullptr, 0),
       OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, nullptr, 0),
       OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, nullptr, 0), OSSL_PARAM_END}};
  return kParameters.data();
}

}  // extern "C"

}  // namespace

const OSSL_ALGORITHM* signatures() {
  static const std::array<OSSL_DISPATCH, 18> kFunctions{
      {entry(OSSL_FUNC_SIGNATURE_NEWCTX, kyso_signature_new), entry(OSSL_FUNC_SIGNATURE_FREECTX, kyso_signature_free),
       entry(OSSL_FUNC_SIGNATURE_DUPCTX, kyso_signature_dup), entry(OSSL_FUNC_SIGNATURE_SIGN_INIT, kyso_signature_init),
       entry(OSSL_FUNC_SIGNATURE_SIGN, kyso_signature_sign),
       entry(OSSL_FUNC_SIGNATURE_VERIFY_INIT, kyso_signature_init),
       entry(OSSL_FUNC_SIGNATURE_VERIFY, kyso_signature_verify),
       entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, kyso_signature_digest_init),
       entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, kyso_signature_update),
       entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, kyso_signature_digest_sign_final),
       entry(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT, kyso_signature_digest_init),
       entry(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_UPDATE, kyso_signature_update),
       entry(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_FINAL, kyso_signature_digest_verify_final),
       entry(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, kyso_signature_set_params),
       entry(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, kyso_signature_settable),
       entry(OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, kyso_signature_get_params),
       entry(OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, kyso_signature_gettable), OSSL_DISPATCH{0, nullptr}}};
  static const std::array<OSSL_ALGORITHM, 4> kTable{{
      {"RSA:rsaEncryption:1.2.840.113549.1.1.1", "provider=kyso-bridge", kFunctions.data(), nullptr},
      {"ECDSA", "provider=kyso-bridge", kFunctions.data(), nullptr},
      {"ED25519:1.3.101.112", "provider=kyso-bridge", kFunctions.data(), nullptr},
      {nullptr, nullptr, nullptr, nullptr},
  }};
  return kTable.data();
}

}  // namespace kyso::crypto::bridge
