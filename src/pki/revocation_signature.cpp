#include "pki/revocation_signature.h"

#include "crypto/algorithm_identifier.h"

namespace kyso::pki {
namespace {

// Strangers' keys that are remembered at most.
constexpr std::size_t kMaxVerdicts = 256;

}  // namespace

const Bytes& SignatureMemo::digest(crypto::DigestAlgorithm algorithm, ByteView tbs) const {
  auto [place, is_new] = m_digests.try_emplace(algorithm);
  if (is_new) place->second = crypto::digest(algorithm, tbs);
  return place->second;
}

bool SignatureMemo::knows(const crypto::PublicKey& key) const {
  const std::scoped_lock lock(m_mutex);
  return m_verdicts.contains(Bytes(key.spki().begin(), key.spki().end()));
}

std::optional<crypto::SignatureScheme> SignatureMemo::verify(const SignedBlock& block,
                                                             const crypto::PublicKey& key) const {
  const std::scoped_lock lock(m_mutex);
  const Bytes id(key.spki().begin(), key.spki().end());
  // A DSA key may have inherited its parameters, which its SubjectPublicKeyInfo doesn't tell.
  const bool is_remembered = key.type() != crypto::KeyType::dsa;
  if (const auto known = m_verdicts.find(id); is_remembered && known != m_verdicts.end()) return known->second;
  std::optional<crypto::SignatureScheme> verdict;
  if (const auto scheme = crypto::read_signature_algorithm(block.algorithm, key.type(), std::nullopt))
    if (key.verify(*scheme, digest(scheme->digest, block.tbs), block.tbs, block.signature)) verdict = *scheme;
  if (!is_remembered) return verdict;
  if (m_verdicts.size() >= kMaxVerdicts) m_verdicts.clear();
  m_verdicts.emplace(id, verdict);
  return verdict;
}

}  // namespace kyso::pki
