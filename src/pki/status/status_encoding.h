#pragma once
#include "base/time.h"
#include "crypto/der.h"

// Private to the module: encodings that CRLs and OCSP responses share.
namespace kyso::pki::status {

// 15 digits and Z; RFC 5280 section 4.1.2.5.2: no fraction.
Bytes generalized_time(Instant instant);
// UTCTime until 2049, GeneralizedTime from 2050 (RFC 5280 section 5.1.2.4).
Bytes list_time(Instant instant);
// The same, appended.
void append_list_time(Bytes& out, Instant instant);
void append_generalized_time(Bytes& out, Instant instant);

Bytes extension(std::string_view oid, ByteView value, bool is_critical = false);
// Tag and length of an element whose content is written elsewhere.
Bytes header(std::uint8_t tag, std::size_t content_size);

}  // namespace kyso::pki::status
