#pragma once
#include <chrono>

#include "crypto/certificate.h"

// What a key of the authority may sign, looked at octet by octet before it does. Each kind of content is read strictly
// and to its end, so that no octets are at once, say, a revocation list and a certificate. Pure functions.
namespace kyso::vault {

// RFC 5280 section 5.1.2: TBSCertList.
struct CrlRules {
  ByteView issuer;         // Name
  ByteView issuer_key_id;  // subjectKeyIdentifier of the issuer
  crypto::SignatureScheme scheme;
  Instant now{};
  std::chrono::seconds tolerance{300};              // of thisUpdate
  std::chrono::seconds longest{400LL * 24 * 3600};  // from thisUpdate to nextUpdate
};
struct CrlFacts {
  std::int64_t number = 0;
  std::optional<std::int64_t> base;  // of a delta CRL
  Bytes scope;                       // issuingDistributionPoint as it stands, empty for a list of everything
  Instant this_update{}, next_update{};
  std::size_t entries = 0;
};
// vault.crl.content {reason}
Result<CrlFacts> check_crl(ByteView tbs, const CrlRules& rules);

// RFC 6960 section 4.2.1: ResponseData.
struct OcspRules {
  ByteView key_hash;  // SHA-1 of the responder's key: the responderID must be this
  // Of the authority for which the responder answers, by SHA-1 and SHA-256: about certificates of others it may say
  // "unknown" and nothing else.
  ByteView issuer_key_sha1, issuer_key_sha256, issuer_name_sha1, issuer_name_sha256;
  Instant now{};
  std::chrono::seconds tolerance{60};             // of producedAt, and of thisUpdate in the future
  std::chrono::seconds longest{8LL * 24 * 3600};  // from now to nextUpdate
};
// vault.ocsp.content {reason}
Result<> check_response_data(ByteView der, const OcspRules& rules);
// The key hash in the responderID, for finding the key; vault.ocsp.content.
Result<ByteView> responder_key_hash(ByteView response_data);

// RFC 3161 section 2.4.2 and RFC 5816: TSTInfo and the signed attributes over it.
struct TimeStampRules {
  ByteView certificate_sha256;
  std::vector<std::string> policies;  // empty: any
  crypto::DigestAlgorithm digest = crypto::DigestAlgorithm::sha256;
  Instant now{};
  std::chrono::seconds tolerance{5};  // of genTime
};
// vault.tsa.content {reason}
Result<> check_time_stamp(ByteView tst_info, ByteView signed_attributes, const TimeStampRules& rules);

// The first lines of a checkpoint: origin, size of the tree, root hash in base64; then extension lines.
struct CheckpointFacts {
  std::int64_t size = 0;
  Bytes root;
};
// vault.checkpoint.content {reason}
Result<CheckpointFacts> check_checkpoint(std::string_view text, std::string_view origin);

}  // namespace kyso::vault
