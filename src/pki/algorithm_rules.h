#pragma once
#include <optional>
#include <string>
#include <vector>

#include "crypto/certificate.h"

namespace kyso::pki {

// AlgorithmRules: which algorithms and key lengths are trusted, and until when. A value, part of a policy.
struct AlgorithmRules {
  struct Digest {
    std::string name;              // "sha1", "sha256"; "*": any other that Kyso can compute
    std::optional<Instant> until;  // nullopt: no end is known
  };
  struct Key {
    std::string type;  // "rsa", "rsa-pkcs1", "rsa-pss", "dsa", "ec", "ed25519"; "rsa" stands for both paddings
    int min_bits = 0;
    std::optional<Instant> until;
  };
  std::vector<Digest> digests;  // one that isn't named is not trusted at any time
  std::vector<Key> keys;        // the most favourable line that fits counts

  // Trusted at `time`. The digest "none" (Ed25519) needs no line.
  bool accepts(crypto::SignatureScheme scheme, int key_bits, Instant time) const;
  bool accepts(crypto::DigestAlgorithm digest, Instant time) const;
  // Up to when: nullopt = never; Instant::max() = no end is known.
  std::optional<Instant> accepted_until(crypto::SignatureScheme scheme, int key_bits) const;
  std::optional<Instant> accepted_until(crypto::DigestAlgorithm digest) const;
};

}  // namespace kyso::pki
