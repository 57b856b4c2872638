#include "registry/desk/model.h"

#include <algorithm>
#include <array>

namespace kyso::registry {
namespace {

constexpr std::array<std::pair<DeskRequestState, std::string_view>, 7> kStates = {
    {{DeskRequestState::proposed, "proposed"},
     {DeskRequestState::waiting, "waiting"},
     {DeskRequestState::authorised, "authorised"},
     {DeskRequestState::done, "done"},
     {DeskRequestState::rejected, "rejected"},
     {DeskRequestState::expired, "expired"},
     {DeskRequestState::failed, "failed"}}};

}  // namespace

std::string_view name_of(DeskRequestState state) {
  return kStates.at(static_cast<std::size_t>(state)).second;
}

std::optional<DeskRequestState> desk_request_state_by_name(std::string_view name) {
  const auto* found = std::ranges::find(kStates, name, [](const auto& row) { return row.second; });
  if (found == kStates.end()) return std::nullopt;
  return found->first;
}

bool has_open_request(const std::vector<DeskRequest>& requests) {
  return std::ranges::any_of(requests, [](const DeskRequest& request) { return is_open(request.state); });
}

Instant deadline(const DeskOptions& options, const WorkingCalendar& calendar, DossierKind kind, Instant received) {
  if (kind == DossierKind::revocation) return received + options.revocation_hours;
  return calendar.after_working_days(received, options.working_days);
}

std::string_view urgency(const DeskOptions& options, const Dossier& dossier, Instant now) {
  if (dossier.state != DossierState::processing || !dossier.due) return "none";
  if (now > *dossier.due) return "overdue";
  const auto soon = dossier.kind == DossierKind::revocation ? options.revocation_soon : options.soon;
  return now + soon > *dossier.due ? "soon" : "normal";
}

}  // namespace kyso::registry
