#pragma once
#include <functional>

#include "base/secret.h"
#include "crypto/openssl_support.h"
#include "crypto/software_key.h"

// Private to the module: password-based decryption of keys (PKCS#5, PKCS#12).
namespace kyso::crypto {

using Pkcs8Ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, openssl::Deleter<PKCS8_PRIV_KEY_INFO_free>>;

// The DER of PrivateKeyInfo.
WipedBytes encode_key(const PKCS8_PRIV_KEY_INFO* info);

class KeyDecryption {
 public:
  // Above this a file only wastes time; 10 to 1000 thousand are usual today.
  static constexpr long kMaxIterations = 10'000'000;

  explicit KeyDecryption(const Secret& password);

  // Tries the forms that the password may have been typed in when the file was made, the one that fitted last first.
  bool find_password(const std::function<bool(const char* password, int size)>& fits);

  // Where the cipher of this algorithm lives: the default context (null), or one of our own with the legacy provider,
  // loaded when first needed. crypto.pkcs12.legacy, crypto.key.malformed (too many iterations).
  Result<OSSL_LIB_CTX*> library_for(const X509_ALGOR* algorithm);

  // EncryptedPrivateKeyInfo. crypto.key.password, crypto.pkcs12.legacy.
  Result<Pkcs8Ptr> decrypt_key(const X509_SIG* encrypted);

 private:
  // The provider goes before its context.
  struct Legacy {
    openssl::LibCtxPtr library;
    openssl::ProviderPtr base;
    openssl::ProviderPtr old;
  };
  std::vector<Secret> m_candidates;
  std::optional<Legacy> m_legacy;
};

}  // namespace kyso::crypto
