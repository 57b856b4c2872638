#include "pki/algorithm_rules.h"

#include <algorithm>

namespace kyso::pki {
namespace {

using crypto::KeyType;
using crypto::Padding;

bool names(std::string_view type, crypto::SignatureScheme scheme) {
  switch (scheme.key) {
    case KeyType::rsa:
      return type == "rsa" || type == (scheme.padding == Padding::pss ? "rsa-pss" : "rsa-pkcs1");
    case KeyType::ec_p256:
    case KeyType::ec_p384:
    case KeyType::ec_p521:
      return type == "ec";
    case KeyType::ed25519:
      return type == "ed25519";
    case KeyType::dsa:
      return type == "dsa";
    case KeyType::other:
      break;
  }
  return false;
}

bool in_time(std::optional<Instant> until, Instant time) {
  return until && time <= *until;
}

}  // namespace

std::optional<Instant> AlgorithmRules::accepted_until(crypto::DigestAlgorithm digest) const {
  const auto find = [this](std::string_view name) { return std::ranges::find(digests, name, &Digest::name); };
  auto line = find(crypto::name_of(digest));
  if (line == digests.end()) line = find("*");
  if (line == digests.end()) return std::nullopt;
  return line->until.value_or(Instant::max());
}

std::optional<Instant> AlgorithmRules::accepted_until(crypto::SignatureScheme scheme, int key_bits) const {
  std::optional<Instant> key_until;
  for (const Key& line : keys)
    if (names(line.type, scheme) && key_bits >= line.min_bits)
      key_until = std::max(key_until.value_or(Instant::min()), line.until.value_or(Instant::max()));
  // The digest of Ed25519 is part of the algorithm.
  if (!key_until || scheme.key == KeyType::ed25519) return key_until;
  const auto digest_until = accepted_until(scheme.digest);
  if (!digest_until) return std::nullopt;
  return std::min(*key_until, *digest_until);
}

bool AlgorithmRules::accepts(crypto::SignatureScheme scheme, int key_bits, Instant time) const {
  return in_time(accepted_until(scheme, key_bits), time);
}

bool AlgorithmRules::accepts(crypto::DigestAlgorithm digest, Instant time) const {
  return in_time(accepted_until(digest), time);
}

}  // namespace kyso::pki
