#include "registry/account/model.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace kyso::registry {
namespace {

constexpr std::array<std::string_view, 4> kStates = {"waiting", "active", "locked", "closed"};
constexpr std::array<std::string_view, 3> kWays = {"password", "passkey", "oidc"};

}  // namespace

std::string_view name_of(AccountState state) {
  return kStates[static_cast<std::size_t>(state)];
}

std::optional<AccountState> account_state_by_name(std::string_view name) {
  const auto* found = std::ranges::find(kStates, name);
  if (found == kStates.end()) return std::nullopt;
  return static_cast<AccountState>(found - kStates.begin());
}

std::string_view name_of(SignInWay way) {
  return kWays[static_cast<std::size_t>(way)];
}

bool Account::is_officer() const {
  return std::ranges::any_of(roles, is_of_authority);
}

std::string email_key(std::string_view email) {
  return fold_case(email);
}

}  // namespace kyso::registry
