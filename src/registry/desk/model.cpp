#include "registry/desk/model.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/enum_names.h"
#include "registry/checks/checks.h"

namespace kyso::registry {
namespace {

constexpr auto kStates =
    enum_names<DeskRequestState>("proposed", "waiting", "authorised", "done", "rejected", "expired", "failed");

}  // namespace

std::string_view name_of(DeskRequestState state) {
  return kStates.of(state);
}

std::optional<DeskRequestState> desk_request_state_by_name(std::string_view name) {
  return kStates.find(name);
}

bool has_open_request(const std::vector<DeskRequest>& requests) {
  return std::ranges::any_of(requests, [](const DeskRequest& request) { return is_open(request.state); });
}

std::string display_due(Instant due) {
  const CivilTime time = vietnam_time(due);
  if (time.hour == 0 && time.minute == 0 && time.second == 0)
    return "24:00 " + display_day(vietnam_day(due - std::chrono::seconds(1)));
  return fmt::format("{:02}:{:02} {}", time.hour, time.minute, display_day(vietnam_day(due)));
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
