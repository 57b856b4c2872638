#include "crypto/signing_bridge.h"

#include <openssl/err.h>
#include <openssl/provider.h>

#include <array>

#include "crypto/bridge_provider.h"
#include "crypto/openssl_support.h"

namespace kyso::crypto {
namespace bridge {

Bytes KeySource::sign(const SignRequest& request) {
  auto signature = m_holder.sign(request);
  const std::scoped_lock lock(m_mutex);
  if (signature) {
    m_error.reset();
    return *std::move(signature);
  }
  m_error = std::move(signature).error();
  return {};
}

const Error* KeySource::error() const {
  const std::scoped_lock lock(m_mutex);
  return m_error ? &*m_error : nullptr;
}

extern "C" {

static const OSSL_ALGORITHM* kyso_bridge_query(void*, int operation, int* no_cache) {
  *no_cache = 0;
  if (operation == OSSL_OP_KEYMGMT) return key_managements();
  return operation == OSSL_OP_SIGNATURE ? signatures() : nullptr;
}

int kyso_bridge_provider_init(const OSSL_CORE_HANDLE* handle, const OSSL_DISPATCH*, const OSSL_DISPATCH** out,
                              void** context) {
  static const std::array<OSSL_DISPATCH, 2> kFunctions{
      {entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, kyso_bridge_query), OSSL_DISPATCH{0, nullptr}}};
  *out = kFunctions.data();
  *context = const_cast<OSSL_CORE_HANDLE*>(handle);
  return 1;
}

}  // extern "C"

}  // namespace bridge

// The key goes first, then the providers, then their context.
struct SigningBridge::State {
  explicit State(KeyHolder& holder) : source(std::make_shared<bridge::KeySource>(holder)) {}
  std::shared_ptr<bridge::KeySource> source;
  openssl::LibCtxPtr library;
  openssl::ProviderPtr default_provider;
  openssl::ProviderPtr own_provider;
  openssl::PkeyPtr key;

  bool load();
  bool make_key();
};

bool SigningBridge::State::load() {
  library.reset(openssl::require(OSSL_LIB_CTX_new()));
  if (OSSL_PROVIDER_add_builtin(library.get(), bridge::kProviderName, bridge::kyso_bridge_provider_init) != 1)
    return false;
  default_provider.reset(OSSL_PROVIDER_load(library.get(), "default"));
  own_provider.reset(OSSL_PROVIDER_load(library.get(), bridge::kProviderName));
  // Ordinary keys in this context stay with the default provider; ours are reached through the key itself.
  return default_provider && own_provider && EVP_set_default_properties(library.get(), "?provider=default") == 1;
}

bool SigningBridge::State::make_key() {
  const PublicKey& public_key = source->public_key();
  const char* rsa_name = bridge::is_pss_only(public_key) ? "RSA-PSS" : "RSA";
  const char* other_name = public_key.type() == KeyType::ed25519 ? "ED25519" : "EC";
  const char* name = public_key.type() == KeyType::rsa ? rsa_name : other_name;
  const openssl::PkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(library.get(), name, "provider=kyso-bridge"));
  const std::shared_ptr<bridge::KeySource>* address = &source;
  std::array<OSSL_PARAM, 2> parameters{
      {OSSL_PARAM_construct_octet_string(bridge::kSourceParameter, static_cast<void*>(&address), sizeof(address)),
       OSSL_PARAM_construct_end()}};
  EVP_PKEY* made = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEYPAIR, parameters.data()) != 1)
    return false;
  key.reset(made);
  return true;
}

Result<std::unique_ptr<SigningBridge>> SigningBridge::create(KeyHolder& holder) {
  openssl::initialise();
  auto state = std::make_unique<State>(holder);
  if (!state->load() || !state->make_key()) return fail("crypto.sign.failed", "bridge: {}", openssl::drain_errors());
  return std::unique_ptr<SigningBridge>(new SigningBridge(std::move(state)));
}

SigningBridge::SigningBridge(std::unique_ptr<State> state) : m_state(std::move(state)) {}
SigningBridge::~SigningBridge() = default;
evp_pkey_st* SigningBridge::key() const {
  return m_state->key.get();
}
ossl_lib_ctx_st* SigningBridge::library() const {
  return m_state->library.get();
}
const Error* SigningBridge::last_error() const {
  return m_state->source->error();
}

}  // namespace kyso::crypto
