#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "registry/organisation/version.h"

namespace kyso::registry {

// Versions as they are kept in the record of a change, without their numbers.
std::string versions_to_json(const std::vector<Version>& versions);
Result<std::vector<Version>> versions_from_json(std::string_view text, const std::string& organisation);
// Equal but for the numbers of their rows.
bool same_versions(const std::vector<Version>& a, const std::vector<Version>& b);

}  // namespace kyso::registry
