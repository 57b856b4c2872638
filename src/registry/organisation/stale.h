#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "registry/organisation/organisations.h"

// Certificates name organisations as they were called on the day of issue. What has changed since is found here.
namespace kyso::registry {

// A name of a certificate's subject that is none of today's.
struct StaleName {
  std::string attribute;  // "O", "OU", "L", "CN"
  std::string value;      // in the certificate
  std::string now;        // what stands there today, where one thing does; else empty
  friend bool operator==(const StaleName&, const StaleName&) = default;
};
// `subject`: attributes in their order ("O", "UBND tỉnh …"); others than O, OU and L are not looked at, CN only for an
// organisation's own certificate. `today`: the organisation as of today; nullopt: it exists no more, and every name is
// stale. Names are compared as people read them: case and the place of tones don't matter.
std::vector<StaleName> stale_names(const std::vector<std::pair<std::string, std::string>>& subject,
                                   const std::optional<Organisation>& today, bool is_organisations_own = false);
inline bool is_stale(const std::vector<std::pair<std::string, std::string>>& subject,
                     const std::optional<Organisation>& today, bool is_organisations_own = false) {
  return !stale_names(subject, today, is_organisations_own).empty();
}

// Organisations whose names, or those above them, have changed, so that their certificates must be looked at: each
// change of the tree marks them, with the day from which it counts. Whoever has looked at the certificates of one takes
// the mark off; a change that came meanwhile keeps it.
struct MarkedOrganisation {
  std::string organisation;
  Instant since{};
};
Result<std::vector<MarkedOrganisation>> marked_organisations(db::Transaction& transaction, Instant now,
                                                             const std::string& after, std::size_t limit);
Result<> take_mark_off(db::Transaction& transaction, const MarkedOrganisation& seen);
// For what changes names without changing the tree.
Result<> mark_organisations(db::Transaction& transaction, const std::vector<std::string>& organisations, Instant since);

}  // namespace kyso::registry
