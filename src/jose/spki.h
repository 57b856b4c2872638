#pragma once
#include "base/bytes.h"

// SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) from the numbers that JWK (RFC 7518 section 6) and COSE_Key (RFC 9053
// section 7) carry, big-endian. Nothing is checked: crypto::PublicKey does.
namespace kyso::jose {

Bytes rsa_spki(ByteView modulus, ByteView exponent);
Bytes p256_spki(ByteView x, ByteView y);  // 32 bytes each
Bytes ed25519_spki(ByteView key);

}  // namespace kyso::jose
