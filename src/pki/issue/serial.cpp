#include "crypto/algorithm.h"
#include "pki/issue/issue.h"

namespace kyso::pki::issue {

Bytes draw_serial(std::uint8_t instance) {
  Bytes serial = {instance};
  append(serial, crypto::random_bytes(16));
  return serial;
}

std::size_t crl_shard_of(ByteView serial, std::size_t shards) {
  const Bytes hash = crypto::digest(crypto::DigestAlgorithm::sha256, serial);
  std::size_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8U | hash[i];
  return number % shards;
}

}  // namespace kyso::pki::issue
