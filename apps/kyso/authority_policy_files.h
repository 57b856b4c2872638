#pragma once
#include <string>

#include "vault/policy.h"

namespace kyso::app {

// The files of a policy in a folder, by their names; everything else there is passed over. base.file.missing {path}
// when there is no such folder, and the errors of reading.
Result<std::vector<vault::PolicyFile>> read_policy_folder(const std::string& folder);
// Into a new or empty folder. base.file.exists {path}, base.file.unwritable {path}.
Result<> write_policy_folder(const std::string& folder, const std::vector<vault::PolicyFile>& files);

}  // namespace kyso::app
