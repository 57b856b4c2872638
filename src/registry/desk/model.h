#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/working_calendar.h"
#include "registry/dossier/model.h"
#include "vault/statement.h"

// The authority's desk: what officers do with a dossier between its submission and its hand-over.
namespace kyso::registry {

// Rules that may differ by legal basis and time: configuration (facts marked uncertain are never code).
struct DeskOptions {
  std::string issuer = "CPCA_G1";
  int working_days = 3;                                      // issue, renew, change, recover
  std::chrono::hours revocation_hours{12};                   // clock hours
  std::chrono::hours soon{8}, revocation_soon{3};            // before the deadline: "soon"
  std::chrono::hours request_life{72}, revocation_life{12};  // of a statement; the policy's valid_for bounds it
  // By kind of subject ("person", "organisation", "device", "service", "software", "server"), new and renewed.
  std::map<std::string, std::string> profiles = {{"person", "PERSON_5Y"},     {"organisation", "ORGANIZATION_5Y"},
                                                 {"device", "DEVICE_5Y"},     {"service", "SERVICE_5Y"},
                                                 {"software", "SOFTWARE_5Y"}, {"server", "SERVER_1Y"}};
  std::map<std::string, std::string> renewal_profiles = {{"person", "PERSON_3Y"}, {"organisation", "ORGANIZATION_3Y"}};
  std::vector<std::string> old_token_models;  // not up to today's technical criteria
  std::string receiving_organisation;         // id: the authority's own
};

enum class DeskRequestState : std::uint8_t { proposed, waiting, authorised, done, rejected, expired, failed };
std::string_view name_of(DeskRequestState state);
std::optional<DeskRequestState> desk_request_state_by_name(std::string_view name);
inline bool is_open(DeskRequestState state) {
  return state == DeskRequestState::waiting || state == DeskRequestState::authorised;
}

struct DeskRequest {
  std::string id, dossier;
  vault::Act act = vault::Act::issue;
  DeskRequestState state = DeskRequestState::proposed;
  std::string payload;
  std::map<std::string, std::string> lines;  // reference → line id
  Instant created{}, expires{}, updated{};
  std::string failure;
};

bool has_open_request(const std::vector<DeskRequest>& requests);

// When a dossier must be answered: working days after its reception, hours for a revocation (facts: TT 185/2019, kept
// by Decree 68/2024).
Instant deadline(const DeskOptions& options, const WorkingCalendar& calendar, DossierKind kind, Instant received);
// "24:00 26/11/2026": what ends with a day says so, and does not name the next one.
std::string display_due(Instant due);
// "none" (nothing runs), "normal", "soon", "overdue".
std::string_view urgency(const DeskOptions& options, const Dossier& dossier, Instant now);

}  // namespace kyso::registry
