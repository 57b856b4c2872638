#pragma once
#include <functional>

#include "registry/dossier/dossiers.h"
#include "registry/dossier/imports.h"
#include "registry/web/route.h"

// Dossiers, lines and certificates as JSON of api/openapi.yaml: the same for clerks and officers.
namespace kyso::registry {

// The sentence of an event in the history.
struct HistoryText {
  std::string vietnamese, english;
};
HistoryText history_text(const HistoryEvent& event);

class DossierView {
 public:
  // "none", "normal", "soon", "overdue": the desk's rules.
  using Urgency = std::function<std::string(const Dossier&, Instant now)>;
  explicit DossierView(Dossiers& dossiers, Urgency urgency = {});

  Result<json::Value> whole(const Caller& caller, const std::string& id) const;
  json::Value row(const Dossier& dossier) const;
  Result<json::Value> line(const Caller& caller, const std::string& dossier, const std::string& line) const;
  Result<json::Value> lines(db::Transaction& transaction, const Dossier& dossier, const std::vector<Line>& lines) const;
  json::Value letter(const Dossiers::JudgedLetter& letter) const;
  static json::Value finding(const DossierFinding& finding, const Override* reason = nullptr);
  static json::Value history(const std::vector<HistoryEvent>& events);
  static json::Value cell_fault(const LineFault& fault, std::int64_t row);

 private:
  std::string urgency(const Dossier& dossier, Instant now) const;

  Dossiers& m_dossiers;
  Urgency m_urgency;
};

json::Value organisation_name(const std::string& id, const std::vector<std::string>& chain);
// `is_outside`: found from another organisation by an exact key: few fields.
json::Value certificate_json(const SubscriberCertificate& certificate, Instant now, bool is_outside = false);
// "Hoạt động", "Đã thu hồi(GHTĐTT)", …
std::string certificate_state_text(const SubscriberCertificate& certificate, Instant now);

// Operations tagged "dossiers" and "certificates" in api/openapi.yaml.
std::vector<PortalRoute> dossier_routes(Dossiers& dossiers, const DossierView& view);
std::vector<PortalRoute> certificate_routes(Dossiers& dossiers);

}  // namespace kyso::registry
