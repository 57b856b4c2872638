#pragma once
#include <optional>

#include "crypto/algorithm.h"

// AlgorithmIdentifier (RFC 5280 section 4.1.1.2) of the algorithms that Kyso knows, as X.509 and CMS write them.
namespace kyso::crypto {

// For digestAlgorithm fields: no parameters (RFC 5754 section 2).
Bytes encode_digest_algorithm(DigestAlgorithm algorithm);
// For signatureAlgorithm fields of CMS. PKCS#1 v1.5 is written as rsaEncryption (RFC 3370 section 3.2: what old
// receivers know), PSS with its parameters (RFC 4056), ECDSA as RFC 5754 section 3.3, Ed25519 as RFC 8419.
Bytes encode_cms_signature_algorithm(SignatureScheme scheme);

// For signatureAlgorithm fields of certificates, CRLs and OCSP: PKCS#1 v1.5 names its digest (RFC 4055 section 5).
Bytes encode_x509_signature_algorithm(SignatureScheme scheme);

// `der` is the whole SEQUENCE. Unknown: crypto.algorithm.unsupported; not DER: crypto.der.malformed.
Result<DigestAlgorithm> read_digest_algorithm(ByteView der);
// `key` completes what the identifier leaves open (the curve); `digest` is what a plain rsaEncryption means and may be
// absent where that is not allowed (certificates). An identifier that doesn't fit the key, and PSS whose MGF1 digest or
// salt length isn't that of the digest: crypto.algorithm.unsupported.
Result<SignatureScheme> read_signature_algorithm(ByteView der, KeyType key, std::optional<DigestAlgorithm> digest);

// RSASSA-PSS-params (RFC 4055 section 3.1), defaults filled in. `der` is the SEQUENCE.
struct PssParameters {
  DigestAlgorithm digest = DigestAlgorithm::sha1;
  DigestAlgorithm mask_digest = DigestAlgorithm::sha1;
  std::int64_t salt_length = 20;
};
Result<PssParameters> read_pss_parameters(ByteView der);

}  // namespace kyso::crypto
