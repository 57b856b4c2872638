#include <algorithm>
#include <cstdlib>

#include "pki/revocation.h"

// An OCSP response from a stranger's document or server.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kyso;
  const auto response = pki::OcspResponse::from_der(ByteView(data, size));
  if (!response) return 0;
  const auto again = pki::OcspResponse::from_der(response->der());
  if (!again || !std::ranges::equal(again->der(), response->der()) || again->nonce() != response->nonce() ||
      again->certificates().size() != response->certificates().size())
    std::abort();
  return 0;
}
