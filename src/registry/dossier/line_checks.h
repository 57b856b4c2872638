#pragma once
#include <map>
#include <set>

#include "db/database.h"
#include "registry/dossier/rules.h"

// Checks lines against what is on record: reads it for many lines at once.
namespace kyso::registry {

struct CheckedLine {
  LineForm form;  // in its usual form
  std::string organisation;
  std::vector<std::string> organisation_chain;
  std::vector<DossierFinding> findings;
  bool is_blocked() const;  // by something that nobody may let pass
};

// LineChecks: for one dossier within one transaction; what it has read it keeps.
class LineChecks {
 public:
  LineChecks(db::Transaction& transaction, const Dossier& dossier, const RuleSettings& settings, Instant now)
      : m_transaction(transaction), m_dossier(dossier), m_settings(settings), m_now(now) {}
  // `others`: lines that are in the list already (duplicates are told of the new ones only).
  Result<std::vector<CheckedLine>> check(std::vector<LineForm> forms, const std::vector<LineForm>& others = {});

 private:
  struct Place {
    std::optional<Organisation> organisation;
    std::optional<DossierFinding> problem;
    bool is_own = false;
  };
  Result<> read_certificates(const std::vector<LineForm>& forms);
  Result<const Place*> place_of(const LineForm& form, const std::string& fallback);
  Result<Place> look_up(const LineForm& form, const std::string& fallback);
  Result<bool> is_own(const std::string& organisation);
  Result<CheckedLine> check_one(LineForm form);

  db::Transaction& m_transaction;
  const Dossier& m_dossier;
  const RuleSettings& m_settings;
  Instant m_now;
  std::map<std::string, Place> m_places;
  std::map<std::string, bool> m_own;
  std::multimap<std::string, SubscriberCertificate> m_by_serial, m_by_identity;
};

}  // namespace kyso::registry
