#pragma once
#include "base/file.h"
#include "base/secret.h"
#include "pki/time_stamp.h"

namespace kyso::sign {

// Appends a revision with a document time-stamp (ETSI EN 319 142-1 section 5.4.3) over all bytes of `file`, which is
// not committed yet. `expected_size` is a token size of this authority; the space is enlarged until the token fits.
Result<Instant> append_document_time_stamp(pki::TimeStampClient& tsa, std::size_t expected_size, const Secret* password,
                                           OutputFile& file);

}  // namespace kyso::sign
