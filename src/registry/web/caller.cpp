#include "registry/web/caller.h"

#include <algorithm>
#include <array>

namespace kyso::registry {
namespace {

constexpr std::array<std::pair<Role, std::string_view>, kRoles> kNames = {{{Role::clerk, "clerk"},
                                                                           {Role::head, "head"},
                                                                           {Role::receiving, "receiving"},
                                                                           {Role::checking, "checking"},
                                                                           {Role::approving, "approving"},
                                                                           {Role::auditor, "auditor"},
                                                                           {Role::administrator, "administrator"}}};

}  // namespace

std::string_view name_of(Role role) {
  return kNames[static_cast<std::size_t>(role)].second;
}

std::optional<Role> role_by_name(std::string_view name) {
  const auto* found = std::ranges::find(kNames, name, &std::pair<Role, std::string_view>::second);
  if (found == kNames.end()) return std::nullopt;
  return found->first;
}

bool is_of_authority(Role role) {
  return role != Role::clerk && role != Role::head;
}

bool Caller::has_any(const Roles& wanted) const {
  return std::ranges::any_of(wanted, [this](Role role) { return has(role); });
}

bool Caller::is_officer() const {
  return std::ranges::any_of(roles, is_of_authority);
}

}  // namespace kyso::registry
