#include <algorithm>
#include <array>

#include "vault/statement.h"

namespace kyso::vault {
namespace {

constexpr std::array<std::pair<Act, std::string_view>, 8> kActs = {{
    {Act::issue, "certificate.issue"},
    {Act::revoke, "certificate.revoke"},
    {Act::suspend, "certificate.suspend"},
    {Act::release, "certificate.release"},
    {Act::change_policy, "policy.change"},
    {Act::destroy_key, "key.destroy"},
    {Act::export_log, "log.export"},
    {Act::recover_token, "token.recover"},
}};

}  // namespace

std::string_view name_of(Act act) {
  return std::ranges::find(kActs, act, [](const auto& row) { return row.first; })->second;
}

std::optional<Act> act_by_name(std::string_view name) {
  const auto row = std::ranges::find(kActs, name, [](const auto& entry) { return entry.second; });
  return row == kActs.end() ? std::nullopt : std::optional(row->first);
}

}  // namespace kyso::vault
