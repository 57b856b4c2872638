#pragma once
#include <optional>
#include <string_view>

#include "crypto/certificate.h"

// For issuing and linting: public keys that are known to be weak, or that are no keys at all.
namespace kyso::pki {

// What is wrong with the key, as a short word for messages and logs; nullopt: nothing was found.
//   "length"       RSA below 2048 or above 8192 bits, or not whole octets
//   "exponent"     RSA exponent even or below 65537 (CA/B Baseline Requirements 6.1.6)
//   "small-factor" the modulus is even or a prime up to 751 divides it
//   "ROCA"         made by the faulty generator of CVE-2017-15361
//   "close-primes" the two primes are so close that Fermat's method finds them (CVE-2022-26320)
//   "off-curve"    the point does not lie on its curve, or has a small order
//   "encoding"     not the one DER encoding of such a key (RFC 3279, RFC 5480, RFC 8410)
// Keys of a kind that Kyso can't use have no weakness: their kind is refused elsewhere. About 15 µs for RSA-2048.
std::optional<std::string_view> weakness_of(const crypto::PublicKey& key);

// Each for itself; `modulus` is big-endian.
bool is_roca(ByteView modulus);
bool has_small_factor(ByteView modulus);
bool has_close_primes(ByteView modulus);

}  // namespace kyso::pki
