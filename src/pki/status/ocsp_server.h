#pragma once
#include "pki/parsed_certificate.h"

// The server's side of OCSP (RFC 6960, RFC 9654, RFC 9919): reading requests, writing answers. No state, no keys.
namespace kyso::pki::status {

struct CertificateId {  // points into the request
  crypto::DigestAlgorithm algorithm = crypto::DigestAlgorithm::sha1;
  ByteView issuer_name_hash, issuer_key_hash, serial, whole;
};
struct OcspQuery {
  std::vector<CertificateId> certificates;  // 1 to 32
  std::optional<ByteView> nonce;            // 1 to 128 octets
  bool is_signed = false;                   // the signature is not looked at
};
// pki.ocsp.request {reason}: malformedRequest. At most 8 KiB. Unknown critical extensions are refused.
Result<OcspQuery> read_query(ByteView der);

enum class OcspError : std::uint8_t { malformed_request = 1, internal_error = 2, try_later = 3, unauthorized = 6 };
Bytes error_answer(OcspError error);

struct SingleAnswer {
  ByteView certificate_id;  // DER, as asked
  enum class Status : std::uint8_t { good, revoked, unknown } status = Status::unknown;
  Instant this_update{};
  std::optional<Instant> next_update;
  Instant revoked_at{};
  std::optional<int> reason;
  std::optional<Instant> archive_cutoff;
  bool not_issued = false;  // revoked, 1970, certificateHold with extended-revoke
};
// ResponseData (what is signed), responder by key hash.
Bytes response_data(ByteView responder_key_hash, Instant produced_at, std::span<const SingleAnswer> answers,
                    std::optional<ByteView> nonce);
// OCSPResponse, successful.
Bytes assemble(ByteView response_data, crypto::SignatureScheme scheme, ByteView signature,
               std::span<const crypto::Certificate> certificates);

}  // namespace kyso::pki::status
