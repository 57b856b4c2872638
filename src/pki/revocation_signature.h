#pragma once
#include <map>
#include <mutex>
#include <optional>

#include "pki/revocation_reader.h"

// Private to the module: signatures of CRLs and OCSP responses.
namespace kyso::pki {

// SignatureMemo: checks one signed block under several keys; digests and verdicts are remembered, because one CRL is
// asked about by many certificates. Thread-safe.
class SignatureMemo {
 public:
  // How the block is signed with this key; nullopt when it isn't.
  std::optional<crypto::SignatureScheme> verify(const SignedBlock& block, const crypto::PublicKey& key) const;
  bool knows(const crypto::PublicKey& key) const;

 private:
  const Bytes& digest(crypto::DigestAlgorithm algorithm, ByteView tbs) const;

  mutable std::mutex m_mutex;
  mutable std::map<crypto::DigestAlgorithm, Bytes> m_digests;
  mutable std::map<Bytes, std::optional<crypto::SignatureScheme>> m_verdicts;  // by SubjectPublicKeyInfo
};

}  // namespace kyso::pki
