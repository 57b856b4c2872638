#include "registry/dossier/states.h"

#include "base/enum_names.h"

namespace kyso::registry {
namespace {

struct DossierMove {
  DossierState from;
  DossierEvent event;
  DossierState to;
};
using S = DossierState;
using E = DossierEvent;
constexpr DossierMove kDossierMoves[] = {
    {S::draft, E::edit, S::draft},
    {S::draft, E::remove, S::draft},
    {S::draft, E::submit, S::submitted},
    {S::submitted, E::work, S::submitted},  // assigned before it is received
    {S::submitted, E::receive, S::processing},
    {S::submitted, E::reject, S::rejected},
    {S::submitted, E::give_back, S::returned},
    {S::processing, E::work, S::processing},
    {S::processing, E::reject, S::rejected},
    {S::processing, E::give_back, S::returned},
    {S::processing, E::complete, S::completed},
    {S::returned, E::edit, S::returned},
    {S::returned, E::submit, S::submitted},
};

struct LineMove {
  LineState from;
  LineEvent event;
  LineState to;
};
using L = LineState;
using M = LineEvent;
constexpr LineMove kLineMoves[] = {
    {L::pending, M::edit, L::pending},        {L::pending, M::approve, L::approved},
    {L::pending, M::give_back, L::returned},  {L::approved, M::give_back, L::returned},
    {L::approved, M::approve, L::approved},  // another profile or end
    {L::approved, M::request, L::requested},  {L::approved, M::edit, L::pending},
    {L::returned, M::approve, L::approved},   {L::returned, M::edit, L::pending},
    {L::requested, M::issue, L::issued},      {L::requested, M::fail, L::failed},
    {L::requested, M::withdraw, L::approved},  // the statement was rejected or has expired
    {L::failed, M::request, L::requested},    {L::failed, M::give_back, L::returned},
    {L::failed, M::approve, L::approved},     {L::failed, M::edit, L::pending},
    {L::issued, M::deliver, L::delivered},
};

constexpr auto kDossierStateNames =
    enum_names<DossierState>("draft", "submitted", "processing", "returned", "rejected", "completed");
constexpr auto kDossierStateTexts =
    enum_names<DossierState>("Đang tạo", "Chờ tiếp nhận", "Đang xử lý", "Trả về", "Từ chối xử lý", "Hoàn thành");
constexpr auto kDossierStateTextsEn =
    enum_names<DossierState>("Draft", "Waiting to be received", "In progress", "Returned", "Refused", "Completed");
constexpr auto kDossierEventNames =
    enum_names<DossierEvent>("edit", "remove", "submit", "receive", "reject", "return", "work", "complete");
constexpr auto kLineStateNames =
    enum_names<LineState>("pending", "approved", "returned", "requested", "issued", "delivered", "failed");
constexpr auto kLineEventNames =
    enum_names<LineEvent>("edit", "approve", "return", "request", "withdraw", "issue", "fail", "deliver");
constexpr auto kBoxNames = enum_names<Box>("draft", "submitted", "finished");
static_assert(kDossierStateNames.names.size() == kDossierStates && kDossierEventNames.names.size() == kDossierEvents);
static_assert(kLineStateNames.names.size() == kLineStates && kLineEventNames.names.size() == kLineEvents);

}  // namespace

std::optional<DossierState> next_state(DossierState state, DossierEvent event) {
  for (const DossierMove& move : kDossierMoves)
    if (move.from == state && move.event == event) return move.to;
  return std::nullopt;
}

std::optional<LineState> next_state(LineState state, LineEvent event) {
  for (const LineMove& move : kLineMoves)
    if (move.from == state && move.event == event) return move.to;
  return std::nullopt;
}

Box box_of(DossierState state) {
  switch (state) {
    case DossierState::draft:
    case DossierState::returned:
      return Box::draft;
    case DossierState::submitted:
    case DossierState::processing:
      return Box::submitted;
    case DossierState::rejected:
    case DossierState::completed:
      break;
  }
  return Box::finished;
}

std::string_view name_of(DossierState state) {
  return kDossierStateNames.of(state);
}
std::string_view name_of(DossierEvent event) {
  return kDossierEventNames.of(event);
}
std::string_view name_of(LineState state) {
  return kLineStateNames.of(state);
}
std::string_view name_of(LineEvent event) {
  return kLineEventNames.of(event);
}
std::string_view name_of(Box box) {
  return kBoxNames.of(box);
}
std::string_view vietnamese_name(DossierState state) {
  return kDossierStateTexts.of(state);
}
std::string_view english_name(DossierState state) {
  return kDossierStateTextsEn.of(state);
}
std::optional<DossierState> dossier_state_by_name(std::string_view name) {
  return kDossierStateNames.find(name);
}
std::optional<LineState> line_state_by_name(std::string_view name) {
  return kLineStateNames.find(name);
}
std::optional<Box> box_by_name(std::string_view name) {
  return kBoxNames.find(name);
}

}  // namespace kyso::registry
