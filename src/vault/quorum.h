#pragma once
#include "vault/policy.h"

// Private to the module: who counts for which part of a rule.
namespace kyso::vault {

// The roles of a rule that stay unfilled when each person fills at most one place, as many as possible; places of
// earlier steps are filled first. Role and how many, in the order of the steps.
std::vector<std::pair<std::string, std::size_t>> unfilled(const ApprovalRule& rule,
                                                          const std::vector<const Officer*>& persons);

bool has_role(const Officer& officer, std::string_view role);
bool has_part(const Officer& officer, const ApprovalRule& rule);  // may approve under this rule
std::size_t places_of(const ApprovalRule& rule);

}  // namespace kyso::vault
