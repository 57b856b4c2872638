#pragma once
#include <optional>
#include <span>
#include <vector>

#include "crypto/key_holder.h"
#include "crypto/signed_data_reader.h"

// CMS SignedData (RFC 5652) in two steps, detached, one signer, DER.
namespace kyso::cms {

enum class Profile {
  pades,   // ETSI EN 319 142-1: no signingTime attribute, ESS signing-certificate-v2 (RFC 5035)
  legacy,  // adbe.pkcs7.detached for old receivers: signingTime too, ESS stays
};

struct SignerParameters {
  crypto::SignatureScheme scheme;
  crypto::Certificate certificate;
  std::vector<crypto::Certificate> issuers;  // put into the certificate set after the leaf
  Profile profile = Profile::pades;
  std::optional<Instant> signing_time;  // legacy only
};

// Step 1. The signed attributes as DER SET OF (tag 0x31): these bytes are what is digested and signed.
Bytes build_signed_attributes(const SignerParameters& signer, ByteView content_digest);
// The value of the messageDigest attribute in such bytes; nullopt when they are something else.
std::optional<Bytes> message_digest_of(ByteView signed_attributes);

// Step 2. The finished ContentInfo. `signed_attributes` is what step 1 gave; the signature value is verified over it
// with the certificate's key first (cms.signature.mismatch), and the certificate that the attributes name must be this
// one (cms.certificate.mismatch). Attributes or a token that aren't DER: cms.malformed. `time_stamp` is a
// TimeStampToken over the signature value (id-aa-signatureTimeStampToken), an unsigned attribute.
Result<Bytes> build_signed_data(const SignerParameters& signer, ByteView signed_attributes, ByteView signature,
                                std::optional<ByteView> time_stamp = std::nullopt);

// The greatest size that build_signed_data can give for this signer, when the token is at most `time_stamp_size` bytes
// (0: none). Exact but for the length of an ECDSA value.
std::size_t max_signed_data_size(const SignerParameters& signer, std::size_t time_stamp_size);

// What is read back from a SignedData with one signer.
struct SignedDataView {
  crypto::SignatureScheme scheme;
  crypto::DigestAlgorithm digest_algorithm = crypto::DigestAlgorithm::sha256;  // of the content
  bool is_detached = true;
  Bytes signed_attributes;  // as SET OF, DER; empty when there are none
  Bytes message_digest;     // attribute
  Bytes signature;
  std::vector<crypto::Certificate> certificates;
  std::optional<crypto::Certificate> signer;            // found by SignerIdentifier
  crypto::EssBinding ess = crypto::EssBinding::absent;  // whether the ESS signing-certificate names `signer`
  std::optional<Instant> signing_time;
  std::optional<Bytes> time_stamp;  // TimeStampToken DER; the first, when there are several
  std::vector<Bytes> time_stamps;   // all of them
  std::size_t encoded_size = 0;     // bytes of the input that belong to it; the rest is padding
};

// Lenient where real files are: BER lengths outside the signed attributes, no signed attributes, unsorted sets, several
// certificates, certificates that can't be read (skipped), SignerIdentifier by key identifier, SHA-1. Anything else
// that breaks RFC 5652 is cms.malformed: no or two signers, attributes in BER, contentType or messageDigest missing or
// double. Algorithms that Kyso doesn't know: crypto.algorithm.unsupported.
Result<SignedDataView> parse_signed_data(ByteView der);

// What a verifier wants to know: what exactly is wrong or unusual, of a SignedData that can be read at least in part.
struct SignedDataExamination {
  std::optional<SignedDataView> view;  // nullopt: no SignedData with one signer
  // What breaks RFC 5652, in technical English; empty when nothing does.
  std::vector<std::string> format_problems;
  std::string unsupported_algorithm;  // OID; the view's digest algorithm and scheme mean nothing then
  bool digests_differ = false;        // digestAlgorithm isn't the digest of the signature or of messageDigest
  bool pss_contradicts = false;       // parameters of RSASSA-PSS that contradict each other
  bool is_ber = false;
  bool attributes_are_ordered = true;  // as DER orders them
  bool unsigned_malformed = false;     // unsigned attributes or time-stamps that can't be read, ignored
  bool ess_uses_sha1 = false;          // signing-certificate of RFC 2634
  bool is_by_key_id = false;           // SignerIdentifier
  Bytes signer_issuer, signer_serial;  // else, for finding the certificate; the serial without leading zeros
};
// Never fails. A signer whose certificate isn't inside is looked for among `others`.
SignedDataExamination examine_signed_data(ByteView der, std::span<const crypto::Certificate> others = {});

// Integrity only: messageDigest equals `content_digest` (cms.digest.mismatch), the signature verifies with the signer's
// certificate (cms.signature.mismatch), and the ESS attribute, where there is one, names that certificate
// (cms.certificate.mismatch). No certificate of the signer inside: cms.signer.missing. Trust is not looked at.
Result<> check_integrity(const SignedDataView& view, ByteView content_digest);

}  // namespace kyso::cms
