#pragma once
#include <set>

#include "vault/policy.h"

// Private to the module: the text files of a policy as values. base.config.* with file and line.
namespace kyso::vault {

struct OfficersFile {
  std::optional<webauthn::RelyingParty> relying_party;
  std::vector<Officer> officers;
};
Result<OfficersFile> read_officers(std::string_view toml);
// `profiles`: the names that rules may have.
Result<std::vector<ApprovalRule>> read_rules(std::string_view toml, const std::set<std::string, std::less<>>& profiles);

}  // namespace kyso::vault
