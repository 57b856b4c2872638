#include "pki/signature_memory.h"

#include <algorithm>

namespace kyso::pki {
namespace {

// An RSA key of 16384 bits, which only an attacker uses, costs as much as many ordinary ones.
std::size_t cost_of(const crypto::PublicKey& key) {
  const auto units = static_cast<std::size_t>(key.bits()) / 4096;
  return std::max<std::size_t>(1, units * units);
}

}  // namespace

const Bytes& SignatureMemory::digest(const ParsedCertificate& certificate, crypto::DigestAlgorithm algorithm) {
  const crypto::Certificate& c = certificate.certificate();
  const auto [place, is_new] = m_digests.try_emplace({c.der().data(), algorithm});
  if (is_new) place->second = crypto::digest(algorithm, c.tbs());
  return place->second;
}

bool SignatureMemory::compute(const ParsedCertificate& certificate, const crypto::PublicKey& key) {
  const crypto::Certificate& c = certificate.certificate();
  const auto scheme = c.signature_scheme(key.type());
  if (!scheme || !c.signature_algorithms_agree()) return false;
  const std::size_t cost = cost_of(key);
  if (m_left < cost) {
    m_is_over_limit = true;
    return false;
  }
  m_left -= cost;
  const bool signs_message = scheme->key == crypto::KeyType::ed25519;
  return key.verify(*scheme, signs_message ? ByteView() : digest(certificate, scheme->digest), c.tbs(), c.signature());
}

bool SignatureMemory::verify(const ParsedCertificate& certificate, const crypto::PublicKey& key) {
  const Pair pair{certificate.certificate().der().data(), as_chars(key.spki())};
  if (const auto known = m_results.find(pair); known != m_results.end()) return known->second;
  const bool good = compute(certificate, key);
  m_kept.push_back(certificate);
  m_keys.push_back(key);
  m_results.emplace(pair, good);
  return good;
}

bool SignatureMemory::verify_inherited(const ParsedCertificate& certificate, const crypto::PublicKey& key) {
  m_kept.push_back(certificate);
  return compute(certificate, key);
}

}  // namespace kyso::pki
