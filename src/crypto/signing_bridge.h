#pragma once
#include <memory>

#include "crypto/key_holder.h"

struct evp_pkey_st;
struct ossl_lib_ctx_st;

namespace kyso::crypto {

// SigningBridge: an OpenSSL private key whose private half is elsewhere.
//
// An in-process provider (OSSL_PROVIDER_add_builtin) forwards every signature to a KeyHolder, so that X509_sign,
// X509_REQ_sign, X509_CRL_sign, OCSP_basic_sign, CMS_sign and TS_RESP_create_response work unchanged with a token, an
// HSM or a central service, also with objects of the default library context. RSA with PKCS#1 v1.5 or PSS (salt as long
// as the digest), P-256, P-384 and Ed25519; what OpenSSL 3.0 itself cannot do stays so: Ed25519 in CMS_sign, PSS and
// Ed25519 in TS_RESP_create_response (module cms does the first). The bridge and the holder must outlive the key's use.
// Verifying with this key is forwarded to the public half; the private half cannot be exported. An Error of the holder
// is kept: OpenSSL only reports failure, last_error() says why, until the next signature with this bridge.
class SigningBridge {
 public:
  static Result<std::unique_ptr<SigningBridge>> create(KeyHolder& holder);
  ~SigningBridge();
  evp_pkey_st* key() const;          // owned by the bridge
  ossl_lib_ctx_st* library() const;  // library context to pass to the calls that take one
  const Error* last_error() const;

 private:
  struct State;
  explicit SigningBridge(std::unique_ptr<State> state);
  std::unique_ptr<State> m_state;
};

}  // namespace kyso::crypto
