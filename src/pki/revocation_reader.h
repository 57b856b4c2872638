#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crypto/der.h"
#include "pki/parsed_certificate.h"

// Private to the module: what the encodings of CRLs and OCSP responses have in common.
namespace kyso::pki {

// Hostile lists of names: more than these aren't looked at, which can only make a status unknown.
inline constexpr std::size_t kMaxNames = 64;

// Extension (RFC 5280 section 4.1); `value` points into what was read.
struct ExtensionView {
  std::string oid;
  bool is_critical = false;
  ByteView value;
};
// The members of Extensions; `content` is that of the outer SEQUENCE. Twice the same extension, or none at all:
// crypto.der.malformed.
Result<std::vector<ExtensionView>> read_extension_views(ByteView content);

// GeneralNames; `content` without the outer tag.
Result<std::vector<GeneralName>> read_general_name_list(ByteView content);
// The directory names in it, in the form that compares by bytes; at most kMaxNames.
std::vector<Bytes> normalised_directory_names(std::span<const GeneralName> names);

// INTEGER of any length in its fewest octets.
Result<ByteView> read_serial(const crypto::der::Element& element);
// The same number in its fewest octets, for certificates that spend more.
ByteView minimal_integer(ByteView content);
Result<bool> read_boolean(ByteView content);
Result<int> read_enumerated(ByteView content);
Result<ReasonMask> read_reason_flags(ByteView bit_string_content);
// GeneralizedTime inside an extension or an explicit tag.
Result<Instant> read_generalized_time(ByteView content);

// SIGNED{…}: what is signed and how (views).
struct SignedBlock {
  ByteView tbs, algorithm, signature;
};
// Reads the three parts; what follows them is left to the caller.
Result<SignedBlock> read_signed_block(crypto::der::Reader& fields);

}  // namespace kyso::pki
