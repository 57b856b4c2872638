#include "crypto/public_key_support.h"

#include <openssl/rsa.h>

namespace kyso::crypto::openssl {

void KeyParameters::add_number(const char* name, ByteView big_endian) {
  m_numbers.emplace_back(require(BN_secure_new()));
  BIGNUM* number = m_numbers.back().get();
  require(BN_bin2bn(big_endian.data(), static_cast<int>(big_endian.size()), number));
  if (OSSL_PARAM_BLD_push_BN(m_builder.get(), name, number) != 1) throw std::bad_alloc();
}

void KeyParameters::add_octets(const char* name, ByteView octets) {
  if (OSSL_PARAM_BLD_push_octet_string(m_builder.get(), name, octets.data(), octets.size()) != 1)
    throw std::bad_alloc();
}

void KeyParameters::add_text(const char* name, const char* text) {
  if (OSSL_PARAM_BLD_push_utf8_string(m_builder.get(), name, text, 0) != 1) throw std::bad_alloc();
}

PkeyPtr KeyParameters::build(const char* type, int selection) const {
  initialise();
  const std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>> parameters(
      require(OSSL_PARAM_BLD_to_param(m_builder.get())));
  const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, selection, parameters.get()) != 1)
    return nullptr;
  return PkeyPtr(key);
}

bool apply_scheme(EVP_PKEY_CTX* context, SignatureScheme scheme) {
  const EVP_MD* md = fetched(scheme.digest);
  if (scheme.padding == Padding::none) return EVP_PKEY_CTX_set_signature_md(context, md) == 1;
  const int padding = scheme.padding == Padding::pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
  if (EVP_PKEY_CTX_set_rsa_padding(context, padding) != 1 || EVP_PKEY_CTX_set_signature_md(context, md) != 1)
    return false;
  return scheme.padding != Padding::pss || (EVP_PKEY_CTX_set_rsa_mgf1_md(context, md) == 1 &&
                                            EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1);
}

PkeyCtxPtr prepare_verification(EVP_PKEY* key, SignatureScheme scheme) {
  PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1 || !apply_scheme(context.get(), scheme)) return nullptr;
  return context;
}

bool verify_message(EVP_PKEY* key, ByteView message, ByteView signature) {
  const MdCtxPtr context(require(EVP_MD_CTX_new()));
  return EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key, nullptr) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

Bytes sign_digest(EVP_PKEY* key, SignatureScheme scheme, ByteView digest) {
  const PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  std::size_t size = 0;
  if (!context || EVP_PKEY_sign_init(context.get()) != 1 || !apply_scheme(context.get(), scheme) ||
      EVP_PKEY_sign(context.get(), nullptr, &size, digest.data(), digest.size()) != 1)
    return {};
  Bytes out(size);
  if (EVP_PKEY_sign(context.get(), out.data(), &size, digest.data(), digest.size()) != 1) return {};
  out.resize(size);
  return out;
}

Bytes sign_message(EVP_PKEY* key, ByteView message) {
  const MdCtxPtr context(require(EVP_MD_CTX_new()));
  std::size_t size = 0;
  if (EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key, nullptr) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) != 1)
    return {};
  Bytes out(size);
  if (EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) != 1) return {};
  out.resize(size);
  return out;
}

}  // namespace kyso::crypto::openssl
