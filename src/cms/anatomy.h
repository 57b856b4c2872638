#pragma once
#include <optional>
#include <vector>

#include "crypto/ber.h"
#include "crypto/der.h"

// Private to the module: where in a SignedData with one signer its parts stand.
namespace kyso::cms {

struct Anatomy {
  crypto::NormalisedBer normal;  // all views look into normal.der
  std::int64_t version = 1;
  ByteView digest_algorithms;                 // content of the SET
  ByteView encapsulated;                      // EncapsulatedContentInfo
  ByteView content_type;                      // in it
  std::vector<ByteView> certificates;         // CertificateChoices
  std::vector<ByteView> revocation_infos;     // RevocationInfoChoice
  ByteView signer_fields;                     // version to signature, one after the other
  ByteView signature;                         // its content
  std::vector<ByteView> unsigned_attributes;  // Attribute

  bool is_der() const { return normal.rewritten.empty(); }
  // Whether the part was not DER as it stood in the file.
  bool is_rewritten(ByteView part) const;
};
// cms.malformed
Result<Anatomy> dissect(ByteView signed_data);

// Attribute (RFC 5652 section 5.3).
struct AttributeParts {
  std::string oid;
  ByteView type;
  std::vector<ByteView> values;
};
Result<AttributeParts> read_attribute(ByteView attribute);

}  // namespace kyso::cms
