#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/algorithm.h"

// What CAdES adds to a SignedData for the long term (ETSI EN 319 122-1 section 5.5): certificates, revocation values,
// and time-stamps over all of it. Nothing that is signed is ever written anew.
namespace kyso::cms {

// The parts that an archive time-stamp speaks about, each with tag and length. Of BER, the DER that it stands for.
struct SignedDataParts {
  Bytes content_type;                   // eContentType
  Bytes signer_fields;                  // of the SignerInfo, version to signature, one after the other
  Bytes signature;                      // its value
  std::vector<Bytes> certificates;      // CertificateChoices
  std::vector<Bytes> revocation_infos;  // RevocationInfoChoice
  struct UnsignedValue {
    std::string oid;
    Bytes type;              // AttributeType
    Bytes value;             // AttributeValue
    std::size_t offset = 0;  // of the value in the file; 0 in BER
  };
  std::vector<UnsignedValue> unsigned_values;  // of every attribute every value
};
// cms.malformed, also for several signers.
Result<SignedDataParts> take_apart(ByteView signed_data);

// An archive-time-stamp-v3 and what its ats-hash-index-v3 names.
struct ArchiveTimeStamp {
  std::size_t value = 0;  // the token: index into unsigned_values
  std::optional<crypto::DigestAlgorithm> algorithm;
  Bytes hash_index;  // ATSHashIndexV3
  // Why it proves nothing, in technical English: the index can't be read, names what isn't there, or the time-stamp
  // neither covers all that a smaller one covers, and that one itself, nor is covered by the greater ones. Empty: good.
  std::string problem;
  // Good time-stamps lie around each other. 0 is the innermost; those that cover the same share a number.
  std::optional<std::size_t> generation;
};
struct ArchiveTimeStamps {
  std::vector<ArchiveTimeStamp> all;  // in the order of unsigned_values
  std::size_t generations = 0;
  // The first generation that covers each part of SignedDataParts; nullopt: none does.
  std::vector<std::optional<std::size_t>> certificates, revocation_infos, unsigned_values;
};
// Cheap whatever the input: no more than kMostArchiveTimeStamps are looked at, the others have a problem.
inline constexpr std::size_t kMostArchiveTimeStamps = 64;
ArchiveTimeStamps find_archive_time_stamps(const SignedDataParts& parts);

// ATSHashIndexV3 over all that is there now, DER.
Bytes build_hash_index(const SignedDataParts& parts, crypto::DigestAlgorithm algorithm);
// What the message imprint is computed over (section 5.5.3). `content_digest`: of the signed content, by the algorithm
// of the imprint, which is that of the index too.
Bytes archive_imprint_input(const SignedDataParts& parts, ByteView content_digest, ByteView hash_index);

// What is added; what is there already stays as it is and isn't added twice.
struct SignedDataAdditions {
  std::vector<Bytes> certificates, crls, ocsp_responses;          // DER
  std::vector<Bytes> signature_time_stamps, archive_time_stamps;  // TimeStampToken
  std::optional<Bytes> hash_index;                                // for tokens that become archive time-stamps
  std::optional<crypto::DigestAlgorithm> digest_algorithm;        // of the archive time-stamp
};
// The SignedData with them, DER: certificates and lists after those that are there, since receivers are met that take
// the first certificate for the signer's; unsigned attributes as a SET OF in DER, unknown ones too. cms.malformed.
// cms.extend.sealed {reason}: an archive time-stamp that any addition would break, because it is of an older kind or
// was computed over BER; or BER inside a certificate or a list, which can't be brought into DER.
Result<Bytes> add_to_signed_data(ByteView signed_data, const SignedDataAdditions& additions);

}  // namespace kyso::cms
