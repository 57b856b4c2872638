#pragma once
#include <optional>

#include "base/bytes.h"

// Private to the module: ECDSA signatures are r || s of fixed length in JWS (RFC 7518 section 3.4) and
// Ecdsa-Sig-Value in X.509 and everywhere else in Kyso.
namespace kyso::jose {

// nullopt when it isn't two positive INTEGERs of at most `coordinate` octets.
std::optional<Bytes> ecdsa_der_to_raw(ByteView der, std::size_t coordinate);
// `raw` is twice as long as a coordinate.
Bytes ecdsa_raw_to_der(ByteView raw);

}  // namespace kyso::jose
