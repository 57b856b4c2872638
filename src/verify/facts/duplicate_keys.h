#pragma once
#include "verify/facts/structure.h"

namespace kyso::verify {

// Keys that stand twice in what was written after the first signature: readers differ in which of them counts, so that
// one of them may show what another does not (cases 12 and 18). Different values are failures, equal ones warnings.
// Private to the module.
std::vector<Finding> find_later_duplicate_keys(const StructureInput& input,
                                               const std::unordered_set<std::uint32_t>* reached, std::size_t most);

}  // namespace kyso::verify
