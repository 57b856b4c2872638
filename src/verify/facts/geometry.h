#pragma once
#include "verify/facts/signature_record.h"

// Where a signature's ranges and its /Contents stand in the file. Private to the module.
namespace kyso::verify {

// ByteRange, gap, /Contents, duplicate keys, SubFilter, Type of one signature; fills what they say.
void examine_dictionary(const pdf::RevisionGraph& graph, const pdf::Source& source, SignatureRecord& record);
// byterange.overlap: ranges that leave out or cut the slot of another signature.
void find_overlaps(std::vector<SignatureRecord>& records);
// True when only white space stands from `offset` to the end of the file.
bool is_blank_from(const pdf::Source& source, std::uint64_t offset);

}  // namespace kyso::verify
