#pragma once
#include <vector>

#include "base/bytes.h"

namespace kyso::crypto {

// The first element of `input` with all its lengths rewritten as DER writes them: definite, in the fewest octets; OCTET
// STRINGs in pieces are joined (X.690 section 8). CMS is often written in BER; whoever reads it goes on with
// der::Reader.
struct NormalisedBer {
  Bytes der;
  std::size_t consumed = 0;            // octets of the input that the element takes
  std::vector<std::size_t> rewritten;  // where in `der` elements begin that were not DER already, in ascending order
};
// crypto.der.malformed; also for more than 32 levels, tag numbers above 30 and more than 64 MiB.
Result<NormalisedBer> normalise_ber(ByteView input);

}  // namespace kyso::crypto
