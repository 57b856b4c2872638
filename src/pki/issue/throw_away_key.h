#pragma once
#include <memory>

#include "base/result.h"
#include "crypto/algorithm.h"

// Private to the module: keys whose signatures are worth nothing, for linting what is not yet signed.
namespace kyso::pki::issue {

// Made at its first use in this process, kept until its end, never stored. A signature has the form and length that the
// issuer's will have; because nobody relies on it, it is made by short cuts that would betray a real key: an RSA
// private exponent of 3, and one ECDSA nonce for all signatures. So linting costs microseconds beside a P-384 or
// RSA-4096 signature that takes milliseconds.
class ThrowAwayKey {
 public:
  virtual ~ThrowAwayKey() = default;
  // `bits`: of an RSA modulus. Thread-safe. crypto.algorithm.unsupported.
  static Result<const ThrowAwayKey*> of(crypto::SignatureScheme scheme, int bits);
  virtual Bytes sign(crypto::SignatureScheme scheme, ByteView message) const = 0;
  // What makes the signature checkable, for tests: the RSA modulus, or a SubjectPublicKeyInfo.
  virtual Bytes public_part() const = 0;
};

}  // namespace kyso::pki::issue
