#pragma once
#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>

#include <mutex>
#include <new>
#include <optional>

#include "crypto/key_holder.h"

// Private to the module: the in-process provider behind SigningBridge (provider(7), provider-keymgmt(7),
// provider-signature(7)).
namespace kyso::crypto::bridge {

inline constexpr const char* kProviderName = "kyso-bridge";
// EVP_PKEY_fromdata carries the address of a KeySource under this name.
inline constexpr const char* kSourceParameter = "kyso-key-source";

// What the bridge and all its keys share.
class KeySource {
 public:
  explicit KeySource(KeyHolder& holder) : m_holder(holder) {}
  const PublicKey& public_key() const { return m_holder.certificate().public_key(); }
  // Empty on failure, which is kept for error().
  Bytes sign(const SignRequest& request);
  const Error* error() const;

 private:
  KeyHolder& m_holder;
  mutable std::mutex m_mutex;
  std::optional<Error> m_error;
};

// The provider's key object. Without source it is a public key that OpenSSL brought for comparing or verifying.
struct Key {
  std::shared_ptr<KeySource> source;
  std::optional<PublicKey> public_key;
};

bool is_pss_only(const PublicKey& key);  // id-RSASSA-PSS, which OpenSSL calls "RSA-PSS"

const OSSL_ALGORITHM* key_managements();
const OSSL_ALGORITHM* signatures();
extern "C" int kyso_bridge_provider_init(const OSSL_CORE_HANDLE* handle, const OSSL_DISPATCH* in,
                                         const OSSL_DISPATCH** out, void** context);

// OpenSSL's dispatch tables hold functions without type.
template <typename Function>
OSSL_DISPATCH entry(int id, Function* function) {
  return {id, reinterpret_cast<void (*)()>(function)};
}

// Nothing may be thrown into C.
template <typename Body>
auto guarded(Body&& body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (...) {
    return {};
  }
}

}  // namespace kyso::crypto::bridge
