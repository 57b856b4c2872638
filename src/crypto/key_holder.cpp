#include "crypto/key_holder.h"

#include <algorithm>
#include <tuple>

#include "crypto/file_key_holder.h"

namespace kyso::crypto {
namespace {

// Circular 39/2017/TT-BTTTT and every current standard ask for at least 2048 bits.
constexpr int kMinRsaBits = 2048;

class FileKeyHolder final : public KeyHolder {
 public:
  FileKeyHolder(SoftwareKey key, Certificate certificate, std::vector<Certificate> issuers)
      : m_key(std::move(key)), m_certificate(std::move(certificate)), m_issuers(std::move(issuers)) {}

  const Certificate& certificate() const override { return m_certificate; }
  std::span<const Certificate> issuers() const override { return m_issuers; }
  bool supports(SignatureScheme scheme) const override {
    return is_for_signing(scheme) && m_certificate.public_key().allows(scheme);
  }
  Result<Bytes> sign(const SignRequest& request) override {
    if (!supports(request.scheme))
      return fail("crypto.algorithm.unsupported").with("algorithm", name_of(request.scheme));
    if (request.scheme.key != KeyType::ed25519 && request.digest.size() != digest_size(request.scheme.digest))
      return fail("crypto.sign.failed", "digest of {} bytes", request.digest.size());
    return m_key.sign(request.scheme, request.digest, request.message);
  }

 private:
  SoftwareKey m_key;
  Certificate m_certificate;
  std::vector<Certificate> m_issuers;
};

auto rank(const Certificate& certificate) {
  const bool may_sign =
      certificate.allows(KeyUsage::digital_signature) || certificate.allows(KeyUsage::non_repudiation);
  return std::tuple(may_sign, !certificate.is_ca(), certificate.not_after());
}

}  // namespace

SignatureScheme default_scheme(KeyType type) {
  switch (type) {
    case KeyType::rsa:
      return {KeyType::rsa, Padding::pkcs1_v15, DigestAlgorithm::sha256};
    case KeyType::ec_p256:
      return {KeyType::ec_p256, Padding::none, DigestAlgorithm::sha256};
    case KeyType::ec_p384:
      return {KeyType::ec_p384, Padding::none, DigestAlgorithm::sha384};
    case KeyType::ed25519:
    case KeyType::ec_p521:
    case KeyType::dsa:
    case KeyType::other:
      break;
  }
  return {KeyType::ed25519, Padding::none, DigestAlgorithm::sha512};
}

std::vector<Certificate> order_chain(const Certificate& leaf, std::span<const Certificate> known) {
  std::vector<Certificate> out;
  std::vector<const Certificate*> unused;
  for (const Certificate& certificate : known) unused.push_back(&certificate);
  const Certificate* current = &leaf;
  while (!std::ranges::equal(current->issuer_der(), current->subject_der())) {
    const auto next = std::ranges::find_if(unused, [&](const Certificate* c) {
      return !std::ranges::equal(c->der(), leaf.der()) && current->is_issued_by(*c);
    });
    if (next == unused.end()) break;
    current = *next;
    unused.erase(next);
    out.push_back(*current);
  }
  return out;
}

Result<std::unique_ptr<KeyHolder>> make_file_key_holder(std::vector<SoftwareKey> keys,
                                                        std::vector<Certificate> certificates) {
  SoftwareKey* key = nullptr;
  const Certificate* certificate = nullptr;
  for (SoftwareKey& candidate : keys)
    for (const Certificate& each : certificates)
      if (candidate.matches(each.public_key()) && (certificate == nullptr || rank(each) > rank(*certificate)))
        std::tie(key, certificate) = std::tuple(&candidate, &each);
  if (key == nullptr) return std::unique_ptr<KeyHolder>();
  if (const int bits = certificate->public_key().bits(); key->type() == KeyType::rsa && bits < kMinRsaBits)
    return fail("crypto.key.weak", "RSA with {} bits", bits).with("bits", bits);
  std::vector<Certificate> issuers = order_chain(*certificate, certificates);
  return std::unique_ptr<KeyHolder>(std::make_unique<FileKeyHolder>(std::move(*key), *certificate, std::move(issuers)));
}

}  // namespace kyso::crypto
