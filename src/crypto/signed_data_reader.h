#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crypto/certificate.h"

// Reading CMS SignedData (RFC 5652) with one signer: document signatures and time-stamp tokens alike.
namespace kyso::crypto {

struct CmsAttribute {
  std::string oid;
  Bytes values;  // the content of the SET: the values one after the other
};

// What one signer's SignedData holds. BER lengths and OCTET STRINGs in pieces are read, except inside the signed
// attributes, where only DER is (RFC 5652 section 5.3).
struct ParsedSignedData {
  std::string content_type;                                    // eContentType
  std::optional<Bytes> content;                                // eContent
  std::vector<Certificate> certificates;                       // those that Kyso can read; others are skipped
  std::optional<Certificate> signer;                           // found by the SignerIdentifier
  DigestAlgorithm digest_algorithm = DigestAlgorithm::sha256;  // of the content
  // How the signature value is made. Without `signer`, the curve of an ECDSA signature is unknown and given as P-256.
  SignatureScheme scheme;
  Bytes signed_attributes_der;  // SET OF in DER order, what is signed; empty when there are none
  std::vector<CmsAttribute> signed_attributes;
  std::vector<CmsAttribute> unsigned_attributes;
  Bytes signature;
  std::size_t encoded_size = 0;  // octets of the input that belong to the ContentInfo
  // The SignerIdentifier: issuer (DER) and serial number without leading zeros, or the subject key identifier.
  Bytes signer_issuer, signer_serial, signer_key_id;
  bool is_ber = false;                 // lengths that aren't DER were met
  bool attributes_are_ordered = true;  // the signed attributes stand in the order of DER

  // Told only to who asks for it (SignedDataReading::tell); otherwise they are errors.
  std::string unsupported_algorithm;  // `digest_algorithm`, `scheme` mean nothing then
  bool digests_differ = false;        // the signature algorithm names another digest than digestAlgorithm
  bool pss_contradicts = false;       // RSASSA-PSS parameters that name several digests
  bool unsigned_malformed = false;    // the unsigned attributes could not be read
};

// How strict reading is: `tell` goes on where a verifier wants to say what exactly is wrong with which signer.
enum class SignedDataReading { refuse, tell };

// crypto.signed_data.malformed; an algorithm that Kyso doesn't know: crypto.algorithm.unsupported. The signer is looked
// for among the certificates inside, then among `others`.
Result<ParsedSignedData> read_signed_data(ByteView input, SignedDataReading reading = SignedDataReading::refuse,
                                          std::span<const Certificate> others = {});

// The members of a SET OF Attribute; `content` is without its tag. crypto.der.malformed, crypto.signed_data.malformed.
Result<std::vector<CmsAttribute>> read_cms_attributes(ByteView content);

// The only value of the attribute of this kind, whole; nullopt when there is no such attribute. Several attributes of
// the kind, or none or several values in it: crypto.signed_data.malformed.
Result<std::optional<ByteView>> find_single_value(const std::vector<CmsAttribute>& attributes, std::string_view oid);

// The signature value over the signed attributes or, when there are none, over a content with this digest.
bool verify_signer(const ParsedSignedData& data, ByteView content_digest);

// What the ESS signing-certificate attributes (RFC 2634 section 5.4, RFC 5035) say about a certificate. Where both
// versions stand, both must name it.
enum class EssBinding { absent, matches, differs };
Result<EssBinding> check_ess(const std::vector<CmsAttribute>& signed_attributes, const Certificate& certificate);

}  // namespace kyso::crypto
