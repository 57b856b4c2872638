#pragma once
#include "verify/facts/signature_record.h"

namespace kyso::verify {

// The digests of all signatures in one pass over the file: a revision is a prefix of the next one, so what was hashed
// up to a signature's gap is copied there, and the copy goes on with the second range. Signatures need `covered_end`
// and `digest_algorithm`. What hostile ranges would cost beyond a few times the file is left out (resource.limit).
// Private to the module. pdf.file.changed.
Result<> digest_signatures(const pdf::Source& source, std::vector<SignatureRecord>& records);

}  // namespace kyso::verify
