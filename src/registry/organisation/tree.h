#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "registry/organisation/organisations.h"
#include "registry/organisation/version.h"

// Changing the tree. Every change begins on a day, is recorded with what was before, and can be taken back together
// while nothing has been built on it. All functions work within the caller's transaction, which also gets the audit
// event; an error means that nothing may be committed.
namespace kyso::registry {

// What a form gives. Absent: as it was (empty for a new one); inherited values are never copied down.
struct OrganisationForm {
  std::optional<std::string> name, parent, kind, province, code, tax_code, budget_code, address, sector, instrument;
  std::optional<std::vector<std::string>> mail_domains;
  std::optional<Instant> from;  // the day it begins; without: today
};
// What is wrong with a form, by field ("name", "tax_code", …); findings at level warn let it pass.
std::vector<std::pair<std::string, Error>> check_form(const OrganisationForm& form, bool is_new);

// Kinds that the portal knows: "ministry", "province", …
bool is_organisation_kind(std::string_view kind);

struct ChangeEffect {
  std::string organisation;  // its name, as of the day
  std::string text, text_en;
};
struct OrganisationChange {
  std::string id;    // empty in a preview
  std::string kind;  // "add", "change", "merge", "split", "move", "dissolve", "import"
  std::string instrument, actor;
  Instant from{}, done{};
  std::optional<Instant> undone;
  std::vector<ChangeEffect> effects;  // the first thousand
  std::vector<std::string> touched;   // ids
  std::size_t organisations = 0;      // how many it touches
};

struct ChangeBy {
  std::string actor;  // of the audit log
  Instant now{};
  bool is_preview = false;  // everything is checked and told, nothing is written
};

// Errors of all changes: registry.organisation.missing, .twice {name} (two siblings of one name), .deep {name} (a fifth
// level), .cycle {name}, .later {name} {date} (it changes again after that day: take that back first), .early {name}
// {date} (before it began), .children {name} (it still has some that would hang in the air), .input {field}.
Result<Organisation> add_organisation(db::Transaction& transaction, const OrganisationForm& form, const ChangeBy& by);
// `revision`: as it was when the form was opened; registry.organisation.changed when somebody was quicker.
Result<Organisation> change_organisation(db::Transaction& transaction, const std::string& id,
                                         const OrganisationForm& form, std::optional<std::int64_t> revision,
                                         const ChangeBy& by);

struct Merge {
  std::vector<std::string> sources;
  std::string into;                       // an existing one, or:
  std::optional<OrganisationForm> fresh;  // a new one
  std::string instrument;
  Instant from{};
};
// The sources end; what is below them goes below the other; children of one name become one, all the way down.
Result<OrganisationChange> merge_organisations(db::Transaction& transaction, const Merge& merge, const ChangeBy& by);
struct Split {
  std::string source;
  std::vector<OrganisationForm> parts;  // at least two; what was below the source goes to the first one
  std::string instrument;
  Instant from{};
};
Result<OrganisationChange> split_organisation(db::Transaction& transaction, const Split& split, const ChangeBy& by);
struct Move {
  std::vector<std::string> organisations;
  std::string parent;  // "" or "root": the top level
  std::string instrument;
  Instant from{};
};
Result<OrganisationChange> move_organisations(db::Transaction& transaction, const Move& move, const ChangeBy& by);
Result<OrganisationChange> dissolve_organisations(db::Transaction& transaction,
                                                  const std::vector<std::string>& organisations,
                                                  const std::string& instrument, Instant from, const ChangeBy& by);

// Whether something outside refers to organisations that would vanish (accounts, dossiers, certificates).
using InUse = std::function<Result<bool>(db::Transaction&, const std::string& organisation)>;
// Takes a change back: registry.organisation.undone, .depends {name} (something was built on it), .change_missing.
Result<OrganisationChange> undo_change(db::Transaction& transaction, const std::string& change, const InUse& in_use,
                                       const ChangeBy& by);
// The newest first; `after`: the former answer's `next`.
struct ChangePage {
  std::vector<OrganisationChange> items;
  std::optional<std::string> next;
};
Result<ChangePage> list_changes(db::Transaction& transaction, const std::string& after, std::size_t limit);

// Other names and codes: all of them, instead of those before. registry.organisation.alias {value}: a sibling or an
// organisation of today is called so already.
Result<> set_aliases(db::Transaction& transaction, const std::string& id, std::vector<Alias> aliases,
                     const ChangeBy& by);

// The first moment of a day in Viet Nam.
Instant day_start(Instant instant);

}  // namespace kyso::registry
