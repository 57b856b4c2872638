#include <algorithm>
#include <cstdlib>

#include "pki/issue/certificate_request.h"

// A certificate request of a stranger's device: DER or PEM.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kyso;
  const auto request = pki::issue::CertificationRequest::from_bytes(ByteView(data, size));
  if (!request) return 0;
  static_cast<void>(request->subject());
  static_cast<void>(pki::issue::check_key(request->public_key()));
  const auto again = pki::issue::CertificationRequest::from_bytes(request->der());
  if (!again || !std::ranges::equal(again->der(), request->der()) || again->subject() != request->subject() ||
      again->alternative_names() != request->alternative_names())
    std::abort();
  return 0;
}
