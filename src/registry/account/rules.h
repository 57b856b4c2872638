#pragma once
#include <optional>

#include "base/secret.h"
#include "registry/account/model.h"
#include "registry/organisation/organisations.h"
#include "registry/web/route.h"

// Pure decisions about accounts.
namespace kyso::registry {

inline constexpr std::size_t kMinPassword = 10, kMaxPassword = 128;  // characters

// registry.account.password.missing, .short {min}, .long {max}, .personal (holds the address or the name), .common.
Result<> check_password_rules(const Secret& password, std::string_view email, std::string_view name);
// 84…: mobile and fixed numbers of Viet Nam. registry.account.phone.
Result<std::string> normalised_phone(std::string_view phone);
// registry.account.email: not one mailbox of ASCII.
Result<std::string> normalised_email(std::string_view email);
// Letters, blanks and what names have. registry.account.name.
Result<std::string> normalised_name(std::string_view name);
// True when the address is in a mail domain of the organisation, or in a domain below one.
bool is_official(std::string_view email, const Organisation& organisation);

// Which roles one account may hold together, of an organisation that is the authority or is not.
// registry.account.roles.authority {role}: an officer's role outside of the authority.
// registry.account.roles.together {role} {other}: they watch each other.
Result<> check_roles(const Roles& roles, bool is_of_authority_organisation);

// A path of the portal itself to go back to; anything else is "/".
std::string safe_return(std::string_view path);

}  // namespace kyso::registry
