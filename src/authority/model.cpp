#include "authority/model.h"

#include <algorithm>
#include <array>

namespace kyso::authority {
namespace {

constexpr std::array<std::pair<CertificateState, std::string_view>, 5> kStates = {{
    {CertificateState::waiting, "waiting"},
    {CertificateState::good, "good"},
    {CertificateState::suspended, "suspended"},
    {CertificateState::revoked, "revoked"},
    {CertificateState::void_, "void"},
}};

}  // namespace

std::string_view name_of(CertificateState state) {
  return std::ranges::find(kStates, state, [](const auto& row) { return row.first; })->second;
}

std::optional<CertificateState> certificate_state_by_name(std::string_view name) {
  const auto row = std::ranges::find(kStates, name, [](const auto& entry) { return entry.second; });
  return row == kStates.end() ? std::nullopt : std::optional(row->first);
}

}  // namespace kyso::authority
