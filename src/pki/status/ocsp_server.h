#pragma once
#include <optional>
#include <span>
#include <vector>

#include "crypto/certificate.h"

// The server's side of OCSP (RFC 6960, RFC 9654, RFC 9919): reading requests, writing answers. No state, no keys.
namespace kyso::pki::status {

struct CertificateId {                               // points into the request
  std::optional<crypto::DigestAlgorithm> algorithm;  // nullopt: one that Kyso doesn't know
  ByteView issuer_name_hash, issuer_key_hash, serial, whole;
};
struct OcspQuery {
  std::vector<CertificateId> certificates;  // 1 to kMaxCertificateIds
  std::optional<ByteView> nonce;            // 1 to 128 octets
  bool is_signed = false;                   // the signature is not looked at
};
inline constexpr std::size_t kMaxQuery = 8U << 10U;
inline constexpr std::size_t kMaxCertificateIds = 32;
// pki.ocsp.request {reason}: malformedRequest. DER only, at most kMaxQuery octets. Unknown critical extensions are
// refused, and hash values that aren't as long as their algorithm's.
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
  // Never issued: told as revoked since 1970, certificateHold, and the answer says extended-revoke (RFC 6960
  // section 2.2); the members above about revocation don't count then.
  bool not_issued = false;
};
// KeyHash: SHA-1 of the key's bits, and the same with another digest for CertID.
Bytes key_hash(crypto::DigestAlgorithm algorithm, const crypto::PublicKey& key);
// ResponseData (what is signed), responder by key hash.
Bytes response_data(ByteView responder_key_hash, Instant produced_at, std::span<const SingleAnswer> answers,
                    std::optional<ByteView> nonce);
// OCSPResponse, successful.
Bytes assemble(ByteView response_data, crypto::SignatureScheme scheme, ByteView signature,
               std::span<const crypto::Certificate> certificates);

}  // namespace kyso::pki::status
