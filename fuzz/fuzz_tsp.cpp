#include <cstdlib>

#include "pki/time_stamp.h"

// Answers and tokens of a time-stamp authority from a stranger.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kyso;
  const ByteView input(data, size);
  const pki::TimeStampRequest request{.algorithm = crypto::DigestAlgorithm::sha256,
                                      .imprint = Bytes(32),
                                      .nonce = Bytes(8, 1),
                                      .policy = {},
                                      .want_certificates = true};
  if (const auto token = pki::read_response(input, request))
    if (token->imprint != request.imprint) std::abort();
  if (const auto token = pki::parse_token(input))
    if (token->der.size() > size || !pki::read_token(input, token->algorithm, token->imprint)) std::abort();
  return 0;
}
