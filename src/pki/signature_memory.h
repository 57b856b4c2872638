#pragma once
#include <map>
#include <utility>

#include "pki/parsed_certificate.h"

// Private to the module.
namespace kyso::pki {

// SignatureMemory: signatures of certificates, each verified once for each key, and each certificate digested once.
class SignatureMemory {
 public:
  explicit SignatureMemory(std::size_t limit) : m_left(limit) {}
  // False also when the limit is used up.
  bool verify(const ParsedCertificate& certificate, const crypto::PublicKey& key);
  // Not remembered: keys are known by their encoding, which doesn't hold the parameters that this one inherits.
  bool verify_inherited(const ParsedCertificate& certificate, const crypto::PublicKey& key);
  bool is_over_limit() const { return m_is_over_limit; }

 private:
  // A certificate is known by the address of its bytes, which are shared by its copies.
  using Pair = std::pair<const std::uint8_t*, std::string_view>;
  bool compute(const ParsedCertificate& certificate, const crypto::PublicKey& key);
  const Bytes& digest(const ParsedCertificate& certificate, crypto::DigestAlgorithm algorithm);

  std::size_t m_left;
  bool m_is_over_limit = false;
  std::map<Pair, bool> m_results;
  std::map<std::pair<const std::uint8_t*, crypto::DigestAlgorithm>, Bytes> m_digests;
  std::vector<ParsedCertificate> m_kept;  // so that no address is used twice
  std::vector<crypto::PublicKey> m_keys;
};

}  // namespace kyso::pki
