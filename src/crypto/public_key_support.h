#pragma once
#include <openssl/param_build.h>

#include "crypto/openssl_support.h"

// Private to the module: OpenSSL key objects from numbers, and the raw operations with them. Keys are built with
// EVP_PKEY_fromdata because OpenSSL's decoders cost some milliseconds of start-up.
namespace kyso::crypto::openssl {

class KeyParameters {
 public:
  KeyParameters() : m_builder(require(OSSL_PARAM_BLD_new())) {}
  void add_number(const char* name, ByteView big_endian);
  void add_octets(const char* name, ByteView octets);
  void add_text(const char* name, const char* text);
  // Null when OpenSSL finds the numbers impossible. `selection` is EVP_PKEY_PUBLIC_KEY or EVP_PKEY_KEYPAIR.
  PkeyPtr build(const char* type, int selection) const;

 private:
  std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>> m_builder;
  std::vector<BignumPtr> m_numbers;
};

// Sets padding, digest and salt length for an operation that EVP_PKEY_sign_init or EVP_PKEY_verify_init has started.
bool apply_scheme(EVP_PKEY_CTX* context, SignatureScheme scheme);
// Ready for any number of EVP_PKEY_verify() one after the other; null when OpenSSL refuses.
PkeyCtxPtr prepare_verification(EVP_PKEY* key, SignatureScheme scheme);
bool verify_message(EVP_PKEY* key, ByteView message, ByteView signature);  // Ed25519
// The signature, or empty when OpenSSL fails (its error queue says why).
Bytes sign_digest(EVP_PKEY* key, SignatureScheme scheme, ByteView digest);
Bytes sign_message(EVP_PKEY* key, ByteView message);  // Ed25519

}  // namespace kyso::crypto::openssl
