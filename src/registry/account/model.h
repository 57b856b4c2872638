#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "registry/web/caller.h"

namespace kyso::registry {

enum class AccountState : std::uint8_t {
  waiting,  // the address is confirmed; an administrator has to admit it to its organisation
  active,
  locked,  // by an administrator
  closed,  // for good
};
std::string_view name_of(AccountState state);
std::optional<AccountState> account_state_by_name(std::string_view name);

struct Account {
  std::string id, email, name, phone, organisation, language;
  AccountState state = AccountState::active;
  Roles roles;
  std::string person;  // the officer in the vault's policy, or empty
  Instant created{};
  std::optional<Instant> last_sign_in;
  bool is_officer() const;  // has any role of the authority
};

enum class SignInWay : std::uint8_t { password, passkey, oidc };
std::string_view name_of(SignInWay way);

// Addresses are one when their keys are: lower case, no blanks around.
std::string email_key(std::string_view email);

}  // namespace kyso::registry
