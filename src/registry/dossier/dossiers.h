#pragma once
#include "db/database.h"
#include "registry/dossier/certificate_store.h"
#include "registry/dossier/letters.h"
#include "registry/dossier/line_checks.h"
#include "registry/dossier/record.h"
#include "registry/dossier/store.h"
#include "registry/ports.h"
#include "registry/web/caller.h"

namespace kyso::registry {

struct DossierSettings {
  RuleSettings rules;
  std::string receiving_organisation;  // id: where dossiers go
  std::string addressee = "Cục Chứng thực số và Bảo mật thông tin, Ban Cơ yếu Chính phủ";
  std::size_t max_lines = 1'000;  // of a dossier: what officers sign as one statement
  std::size_t max_import_rows = 10'000;
  std::int64_t max_notes = 200;  // of one account on one dossier
  // Of one account within import_life, for as long are they kept.
  std::int64_t max_imports = 100, max_imported_rows = 100'000;
  std::size_t population_at_once = 50;  // people asked about while somebody waits; others are made up for later
  bool superior_may_sign = true;        // the direct superior's seal serves too (Art. 4)
  std::size_t max_letter = 20U << 20U, max_workbook = 8U << 20U;
  std::chrono::hours verdict_life{24};  // an older verdict on a letter is made anew before submitting
  std::chrono::seconds doubt_life{10};  // one that is not final
  std::chrono::hours import_life{24};
};

// Dossiers: the use cases of organisations. Thread-safe; several processes may work on one database. Every change
// commits with its history, its audit event and the notices that it causes.
//
// Who may see: the organisation that files or asks and those above it, and officers once it was submitted; for others
// there is no such dossier (registry.dossier.missing). Who may change: clerks of the organisation that files it
// (registry.access.forbidden for others), in the states that allow it (registry.dossier.state {state}).
// registry.dossier.changed: somebody else was quicker.
class Dossiers {
 public:
  struct Parts {
    db::Database& database;
    LetterVerifier& letters;
    const Clock& clock;
    DossierSettings settings;
    PopulationDatabase* population = nullptr;  // null: nobody is asked
    // A line no longer needs the token that was made ready for it.
    std::function<Result<>(db::Transaction&, const Line&, const Caller&, Instant)> let_go_of_token = {};
  };
  explicit Dossiers(Parts parts) : m(std::move(parts)) {}
  const DossierSettings& settings() const { return m.settings; }
  db::Database& database() const { return m.database; }
  Instant now() const { return m.clock.now(); }

  // ---- drafts (dossiers.cpp)
  struct NewDossier {
    DossierKind kind = DossierKind::person;
    std::optional<std::string> on_behalf_of;
    bool central_signing = false;
  };
  // registry.dossier.delegation: the other organisation has not delegated to this account.
  Result<Dossier> create(const Caller& caller, const NewDossier& wanted);
  Result<Dossier> find(const Caller& caller, const std::string& id);
  static Result<Dossier> find(db::Transaction& transaction, const Caller& caller, const std::string& id);
  Result<Dossier> save(const Caller& caller, const std::string& id, std::int64_t revision, const DossierForm& form);
  Result<> remove(const Caller& caller, const std::string& id);
  // registry.dossier.notes {max}
  Result<> add_note(const Caller& caller, const std::string& id, const std::string& text, bool is_internal);

  // ---- lines (dossier_lines.cpp)
  struct LinesOutcome {
    std::vector<Line> added;
    // What refuses the lines: nothing was added. `line` is the place in the request, from 0.
    std::vector<DossierFinding> refused;
    std::int64_t revision = 0, line_count = 0;
  };
  // registry.dossier.lines {max}
  Result<LinesOutcome> add_lines(const Caller& caller, const std::string& id, const std::vector<LineForm>& forms);
  // `revision`: the line's, as the caller saw it; registry.dossier.changed otherwise.
  Result<LinesOutcome> change_line(const Caller& caller, const std::string& id, const std::string& line,
                                   std::int64_t revision, const LineForm& form);
  Result<> remove_line(const Caller& caller, const std::string& id, const std::string& line);
  Result<std::vector<DossierFinding>> check_line(const Caller& caller, const std::string& id, const LineForm& form);
  // registry.line.missing, registry.line.key_device, registry.line.key_used, issue.*
  Result<Line> attach_pkcs10(const Caller& caller, const std::string& id, const std::string& line,
                             std::int64_t revision, ByteView file);
  // Makes up for checks against the population database that had to wait; how many were answered.
  Result<std::size_t> check_waiting(std::size_t limit);
  // One line, now (the desk asks).
  Result<Line> check_person(const std::string& dossier, const std::string& line);

  // ---- import (imports.cpp)
  // registry.import.head {titles}, registry.import.rows {max}, registry.import.many {hours}, sheet.*
  Result<dossier_store::ImportRecord> import(const Caller& caller, const std::string& id, const std::string& file_name,
                                             ByteView file);
  // registry.import.missing
  Result<dossier_store::ImportRecord> find_import(const Caller& caller, const std::string& id,
                                                  const std::string& import);
  // Adds compatible rows (those chosen, or all). A second call gives the first one's outcome.
  Result<LinesOutcome> confirm_import(const Caller& caller, const std::string& id, const std::string& import,
                                      const std::optional<std::vector<std::int64_t>>& rows);
  Result<Bytes> import_faults(const Caller& caller, const std::string& id, const std::string& import);

  // ---- letters (dossier_letters.cpp)
  enum class LetterFormat : std::uint8_t { pdf, docx };
  // registry.dossier.empty
  Result<Bytes> export_letter(const Caller& caller, const std::string& id, LetterFormat format);
  struct JudgedLetter {
    AttachedLetter letter;
    CheckedLetter checked;
    LetterJudgement judgement;
  };
  // registry.letter.kind (not a PDF), registry.letter.large {limit}, registry.letter.unreadable
  Result<JudgedLetter> attach_letter(const Caller& caller, const std::string& id, LetterRole role,
                                     const std::string& file_name, Bytes file);
  Result<> remove_letter(const Caller& caller, const std::string& id, LetterRole role);
  // registry.letter.missing
  Result<std::pair<AttachedLetter, Bytes>> letter_file(const Caller& caller, const std::string& id, LetterRole role);
  Result<std::vector<JudgedLetter>> judged_letters(db::Transaction& transaction, const Dossier& dossier);

  // ---- submission (dossier_submission.cpp)
  struct SubmissionCheck {
    std::vector<DossierFinding> findings;  // all that is open, what blocks first
    std::map<std::string, Override> reasons;
    std::vector<Override> given;  // of these, what came with this submission and is asked for
    bool is_ready = false;
    // What the portal says of it: registry.dossier.letter, registry.dossier.count, or registry.dossier.open.
    std::optional<Error> refusal;
  };
  Result<SubmissionCheck> submission(const Caller& caller, const std::string& id);
  struct Submission {
    std::optional<Dossier> dossier;  // submitted
    SubmissionCheck check;           // else: why not
  };
  // Sending it again gives the same answer. `reasons`: id of a finding, or "*/code/field" → why it is right.
  Result<Submission> submit(const Caller& caller, const std::string& id, std::int64_t revision,
                            const std::map<std::string, std::string>& reasons);

  // ---- the tree has changed (dossiers.cpp)
  // Dossiers and certificates of this organisation are seen from where it stands now, and certificates that name it as
  // it is called no more are marked. Several short transactions; safe to repeat.
  Result<> follow_organisation(const std::string& organisation);
  // The same for all whose names or places have changed (organisation/stale.h); how many there were.
  Result<std::size_t> follow_changes(std::size_t limit);

 private:
  Result<Dossier> editable(db::Transaction& transaction, const Caller& caller, const std::string& id) const;
  Result<> changed_lines(db::Transaction& transaction, Dossier& dossier, Instant now) const;
  Result<> drop_token(db::Transaction& transaction, Line& line, const Caller& caller) const;
  Result<> drop_what_changed(db::Transaction& transaction, const Dossier& dossier, const Line& before, Line& line,
                             const Caller& caller) const;
  Population ask_population(const LineForm& form) const;
  void ask_population(std::vector<CheckedLine>& lines, std::vector<Population>& answers) const;
  Line made_line(CheckedLine checked, Population population, Instant now) const;
  Result<SubmissionCheck> check_submission(db::Transaction& transaction, const Dossier& dossier,
                                           const std::map<std::string, std::string>& reasons);
  Result<LetterRules> letter_rules(db::Transaction& transaction, const Dossier& dossier) const;
  Result<> refresh_verdicts(const Caller& caller, const std::string& id);

  Parts m;
};

}  // namespace kyso::registry
