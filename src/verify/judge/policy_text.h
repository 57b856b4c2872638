#pragma once
#include <vector>

#include "verify/judge/policy.h"

// Private to the folder: reading policy files.
namespace kyso::verify {

// Applies one TOML text to a policy. `extends` is not followed.
Result<> apply_policy_text(std::string_view text, std::string_view name, Policy& policy);
// The value of `extends`, empty when there is none.
Result<std::string> base_of_policy(std::string_view text, std::string_view name);

}  // namespace kyso::verify
