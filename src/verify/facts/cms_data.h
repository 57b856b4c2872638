#pragma once
#include "cms/archive.h"
#include "verify/facts/stored_data.h"

namespace kyso::verify {

// Looks into the CMS of one signature: cuts off the padding, tells which digest it needs, and collects the revocation
// data in it. `slot`: the token of /Contents. `signature`: its index. Private to the module.
void examine_cms(SignatureFacts& facts, std::optional<pdf::Extent> slot);
// A ContentInfo with SignedData, whatever else may be wrong with it.
bool is_signed_data(ByteView cms);
void collect_from_cms(const SignatureFacts& facts, std::size_t signature, StoredData& data);
// The same for a CAdES signature, with the archive time-stamp that covers each item. `stamps`: which unsigned value
// each signature of the facts after the first is.
void collect_from_cades(const DocumentFacts& facts, const cms::SignedDataParts& parts,
                        const cms::ArchiveTimeStamps& archive, const std::vector<std::size_t>& stamps,
                        StoredData& data);

}  // namespace kyso::verify
