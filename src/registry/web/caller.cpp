#include "registry/web/caller.h"

#include <algorithm>

#include "base/enum_names.h"

namespace kyso::registry {
namespace {

constexpr auto kNames =
    enum_names<Role>("clerk", "head", "receiving", "checking", "approving", "auditor", "administrator");
static_assert(kNames.names.size() == kRoles);

}  // namespace

std::string_view name_of(Role role) {
  return kNames.of(role);
}

std::optional<Role> role_by_name(std::string_view name) {
  return kNames.find(name);
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
