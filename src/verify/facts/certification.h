#pragma once
#include "verify/facts/signature_record.h"

// DocMDP and FieldMDP (ISO 32000-2 section 12.8.2). Private to the module.
namespace kyso::verify {

// What the signature's references claim, as of the revision that brought it.
void read_certification(const pdf::ObjectView& view, SignatureRecord& record);
// What only all of them together tell: several certifications, one that is not the first signature, parameters that
// were redefined since. `records` in the order of the revisions that they cover; `newest` may be nullptr.
void compare_certifications(const pdf::ObjectView* newest, std::vector<SignatureRecord>& records);

}  // namespace kyso::verify
