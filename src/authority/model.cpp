#include "authority/model.h"

#include <algorithm>
#include <array>

namespace kyso::authority {
namespace {

template <typename State>
using Row = std::pair<State, std::string_view>;

constexpr std::array<Row<CertificateState>, 5> kCertificateStates = {{
    {CertificateState::waiting, "waiting"},
    {CertificateState::good, "good"},
    {CertificateState::suspended, "suspended"},
    {CertificateState::revoked, "revoked"},
    {CertificateState::void_, "void"},
}};
constexpr std::array<Row<RequestState>, 6> kRequestStates = {{
    {RequestState::waiting, "waiting"},
    {RequestState::authorised, "authorised"},
    {RequestState::done, "done"},
    {RequestState::rejected, "rejected"},
    {RequestState::expired, "expired"},
    {RequestState::failed, "failed"},
}};

template <typename Table, typename State>
std::string_view name_in(const Table& table, State state) {
  return std::ranges::find(table, state, [](const auto& row) { return row.first; })->second;
}
template <typename State, std::size_t n>
std::optional<State> state_in(const std::array<Row<State>, n>& table, std::string_view name) {
  const auto row = std::ranges::find(table, name, [](const auto& entry) { return entry.second; });
  return row == table.end() ? std::nullopt : std::optional(row->first);
}

}  // namespace

std::string_view name_of(CertificateState state) {
  return name_in(kCertificateStates, state);
}
std::optional<CertificateState> certificate_state_by_name(std::string_view name) {
  return state_in(kCertificateStates, name);
}
std::string_view name_of(RequestState state) {
  return name_in(kRequestStates, state);
}
std::optional<RequestState> request_state_by_name(std::string_view name) {
  return state_in(kRequestStates, name);
}

}  // namespace kyso::authority
