#pragma once
#include "crypto/certificate.h"

// Private to the module: credential public keys (Level 2 section 6.5.1.1, RFC 9053 section 7, RFC 8230 section 4).
namespace kyso::webauthn {

struct CoseKey {
  crypto::PublicKey key;
  crypto::SignatureScheme scheme;
};
// webauthn.malformed {reason}, webauthn.algorithm {algorithm}.
Result<CoseKey> read_cose_key(ByteView cose);

}  // namespace kyso::webauthn
