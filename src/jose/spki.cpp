#include "jose/spki.h"

#include "crypto/der.h"

namespace kyso::jose {
namespace {

namespace der = crypto::der;

Bytes spki(const Bytes& algorithm, const Bytes& key) {
  const Bytes no_unused_bits{0};
  return der::sequence(der::encode(der::kSequence, algorithm),
                       der::encode(der::kBitString, der::concat(no_unused_bits, key)));
}

}  // namespace

// RFC 3279 section 2.3.1.
Bytes rsa_spki(ByteView modulus, ByteView exponent) {
  return spki(der::concat(der::encode_oid("1.2.840.113549.1.1.1"), der::encode(der::kNull, {})),
              der::sequence(der::encode_unsigned(modulus), der::encode_unsigned(exponent)));
}

// RFC 5480 section 2.
Bytes p256_spki(ByteView x, ByteView y) {
  return spki(der::concat(der::encode_oid("1.2.840.10045.2.1"), der::encode_oid("1.2.840.10045.3.1.7")),
              der::concat(Bytes{0x04}, x, y));
}

// RFC 8410 section 4.
Bytes ed25519_spki(ByteView key) {
  return spki(der::encode_oid("1.3.101.112"), Bytes(key.begin(), key.end()));
}

}  // namespace kyso::jose
