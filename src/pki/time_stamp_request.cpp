#include "crypto/algorithm_identifier.h"
#include "crypto/der.h"
#include "pki/time_stamp.h"

namespace kyso::pki {

namespace der = crypto::der;

// TimeStampReq (RFC 3161 section 2.4.1).
Bytes encode_request(const TimeStampRequest& request) {
  const Bytes imprint = der::sequence(crypto::encode_digest_algorithm(request.algorithm),
                                      der::encode(der::kOctetString, request.imprint));
  Bytes content = der::concat(der::encode_integer(1), imprint);
  if (!request.policy.empty()) append(content, ByteView(der::encode_oid(request.policy)));
  if (!request.nonce.empty()) append(content, ByteView(der::encode_unsigned(request.nonce)));
  constexpr std::uint8_t kTrue = 0xff;
  if (request.want_certificates) append(content, ByteView(der::encode(der::kBoolean, ByteView(&kTrue, 1))));
  return der::encode(der::kSequence, content);
}

}  // namespace kyso::pki
