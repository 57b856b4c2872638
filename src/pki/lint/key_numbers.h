#pragma once
#include "base/bytes.h"

// Private to the module: what can be seen of an RSA modulus or a point without knowing the private key.
namespace kyso::pki::lint {

struct ModulusFacts {
  bool is_examined = false;     // false: too large, even or too small to say anything
  unsigned small_factor = 0;    // a prime below 752 that divides it
  bool has_roca_print = false;  // CVE-2017-15361: N is a power of 65537 modulo the first primes
  bool has_close_primes = false;
  bool is_square = false;
};
ModulusFacts examine_modulus(ByteView modulus);

enum class Curve { p256, p384, p521 };
bool is_on_curve(Curve curve, ByteView point);

}  // namespace kyso::pki::lint
