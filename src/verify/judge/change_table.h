#pragma once
#include <span>

#include "verify/facts/facts.h"
#include "verify/judge/weigher.h"

// Private to the module: what may change after a signature (docs/verify.md shows the table). Reports use it so that
// they call forbidden what the judge does.
namespace kyso::verify {

// What a signature allows: its certification level or the /P of its lock.
enum class Permission : std::uint8_t {
  approval,                     // neither
  approval_of_annotated,        // an approval signature in a document certified with P = 3
  no_changes,                   // P = 1
  filling_and_signing,          // P = 2
  filling_signing_annotations,  // P = 3
};
inline constexpr std::size_t kPermissions = 5;

enum class Effect : std::uint8_t { pass, info, warning, indeterminate, failure };

// One line of the table. An empty code: the change's own.
struct ChangeRow {
  std::string_view name;
  std::string_view code;
  Effect approval, p1, p2, p3;
  bool is_annotation = false;
  Effect under(Permission permission) const;
};
const ChangeRow& row_of(const Change& change, bool violates_lock);
std::span<const ChangeRow> change_rows();

// Which changes touch a field that a signature before them locked (FieldMDP, ISO 32000-2 section 12.8.2.4): one value
// per change of the facts.
std::vector<bool> find_lock_violations(const DocumentFacts& facts);

// Which signatures look like an earlier one because the same person signed again: the certificate is the same, or has
// the same subject and issuer, and the later signature is right by its own bytes. One value per change of the facts.
std::vector<bool> find_repeated_signers(const DocumentFacts& facts);

// The findings about all changes after `revision`, per request; at most one for each code and effect, with the place
// and values of the oldest change and {count}. Costs changes + requests.
struct TallyRequest {
  std::size_t revision = 0;
  Permission permission = Permission::approval;
};
std::vector<std::vector<WeightedFinding>> tally_changes(const DocumentFacts& facts, const Weigher& weigher,
                                                        std::span<const TallyRequest> requests);

}  // namespace kyso::verify
