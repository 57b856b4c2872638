#include "vault/server/memory_key.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <mutex>

#include "token/key_generation.h"

namespace kyso::vault {
namespace {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Pkey = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;

Error openssl_error() {
  char text[256] = "OpenSSL";
  if (const auto code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return fail("crypto.sign.failed", "{}", text);
}

const EVP_MD* digest_of(crypto::DigestAlgorithm algorithm) {
  switch (algorithm) {
    case crypto::DigestAlgorithm::sha256:
      return EVP_sha256();
    case crypto::DigestAlgorithm::sha384:
      return EVP_sha384();
    case crypto::DigestAlgorithm::sha512:
      return EVP_sha512();
    default:
      return nullptr;
  }
}

class MemoryKey final : public crypto::KeyHolder {
 public:
  MemoryKey(Pkey key, crypto::Certificate certificate) : m_key(std::move(key)), m_certificate(std::move(certificate)) {}

  const crypto::Certificate& certificate() const override { return m_certificate; }
  std::span<const crypto::Certificate> issuers() const override { return {}; }
  // RSA-PSS would need another context for each: nobody asks for it here.
  bool supports(crypto::SignatureScheme scheme) const override {
    return scheme.key == m_certificate.public_key().type() && scheme.padding != crypto::Padding::pss &&
           digest_of(scheme.digest) != nullptr;
  }

  Result<Bytes> sign(const crypto::SignRequest& request) override {
    if (!supports(request.scheme)) return fail("crypto.algorithm.unsupported").with("algorithm", "PSS");
    auto context = KYSO_TRY(take(request.scheme.digest));
    Bytes out(m_certificate.public_key().max_signature_size());
    std::size_t size = out.size();
    if (EVP_PKEY_sign(context.get(), out.data(), &size, request.digest.data(), request.digest.size()) != 1)
      return openssl_error();
    give_back(request.scheme.digest, std::move(context));
    out.resize(size);
    return out;
  }

 private:
  Result<Context> take(crypto::DigestAlgorithm digest) {
    {
      std::lock_guard lock(m_mutex);
      if (m_digest == digest && !m_idle.empty()) {
        Context context = std::move(m_idle.back());
        m_idle.pop_back();
        return context;
      }
    }
    Context context(EVP_PKEY_CTX_new(m_key.get(), nullptr));
    if (!context || EVP_PKEY_sign_init(context.get()) != 1) return openssl_error();
    const bool is_rsa = m_certificate.public_key().type() == crypto::KeyType::rsa;
    if (is_rsa && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1) return openssl_error();
    if (EVP_PKEY_CTX_set_signature_md(context.get(), digest_of(digest)) != 1) return openssl_error();
    return context;
  }
  void give_back(crypto::DigestAlgorithm digest, Context context) {
    std::lock_guard lock(m_mutex);
    if (m_digest != digest) m_idle.clear();
    m_digest = digest;
    m_idle.push_back(std::move(context));
  }

  const Pkey m_key;
  const crypto::Certificate m_certificate;
  std::mutex m_mutex;
  crypto::DigestAlgorithm m_digest = crypto::DigestAlgorithm::sha256;
  std::vector<Context> m_idle;
};

Pkey generate(const std::string& kind) {
  if (kind == "ec:p256") return Pkey(EVP_EC_gen("P-256"));
  if (kind == "ec:p384") return Pkey(EVP_EC_gen("P-384"));
  if (kind == "rsa:2048") return Pkey(EVP_RSA_gen(2048));
  if (kind == "rsa:3072") return Pkey(EVP_RSA_gen(3072));
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<crypto::KeyHolder>> make_memory_key(const std::string& kind) {
  Pkey key = generate(kind);
  if (!key) return fail("vault.key.kind").with("kind", kind);
  unsigned char* octets = nullptr;
  const int size = i2d_PUBKEY(key.get(), &octets);
  if (size <= 0) return openssl_error();
  auto public_key = crypto::PublicKey::from_spki({octets, static_cast<std::size_t>(size)});
  OPENSSL_free(octets);
  auto certificate = token::bare_certificate(KYSO_TRY(std::move(public_key)));
  return std::make_unique<MemoryKey>(std::move(key), std::move(certificate));
}

std::unique_ptr<crypto::KeyHolder> share_holder(std::shared_ptr<crypto::KeyHolder> holder) {
  struct Shared final : crypto::KeyHolder {
    explicit Shared(std::shared_ptr<crypto::KeyHolder> of) : m_holder(std::move(of)) {}
    const crypto::Certificate& certificate() const override { return m_holder->certificate(); }
    std::span<const crypto::Certificate> issuers() const override { return m_holder->issuers(); }
    bool supports(crypto::SignatureScheme scheme) const override { return m_holder->supports(scheme); }
    Result<Bytes> sign(const crypto::SignRequest& request) override { return m_holder->sign(request); }

   private:
    const std::shared_ptr<crypto::KeyHolder> m_holder;
  };
  return std::make_unique<Shared>(std::move(holder));
}

}  // namespace kyso::vault
