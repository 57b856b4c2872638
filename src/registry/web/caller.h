#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"

// Who asks. Made from the session, given to every handler.
namespace kyso::registry {

enum class Role : std::uint8_t {
  // of organisations
  clerk,  // cán bộ đầu mối: prepares and submits dossiers
  head,   // thủ trưởng: sees everything of the organisation and of those below, delegates
  // of the authority
  receiving,      // chuyên viên tiếp nhận, xử lý
  checking,       // thẩm tra
  approving,      // phê duyệt
  auditor,        // kiểm toán: reads everything, changes nothing
  administrator,  // quản trị hệ thống: accounts, organisations, content; no dossiers
};
inline constexpr std::size_t kRoles = 7;
std::string_view name_of(Role role);
std::optional<Role> role_by_name(std::string_view name);
bool is_of_authority(Role role);

// Any of these roles; empty: everybody who is signed in.
using Roles = std::set<Role>;

struct Caller {
  std::string account, email, name;
  std::string organisation;  // id
  Roles roles;
  std::string person;   // the officer in the vault's policy, or empty
  std::string session;  // id of the session, not its secret
  bool has(Role role) const { return roles.contains(role); }
  bool has_any(const Roles& wanted) const;
  bool is_officer() const;  // any role of the authority
  // "account:<id>": the actor in the audit log.
  std::string actor() const { return "account:" + account; }
};

}  // namespace kyso::registry
