#pragma once
#include <span>

#include "verify/judge/policy.h"

// Private to the folder: what findings weigh, and which sub-indication they stand for.
namespace kyso::verify {

// A code that the judge itself gives, or one of the facts whose sub-indication isn't the usual one of its severity
// (failure: FORMAT_FAILURE, indeterminate: SIG_CONSTRAINTS_FAILURE). docs/verify.md shows this table.
struct CodeRow {
  std::string_view code;
  Severity severity = Severity::info;
  SubIndication sub_indication = SubIndication::none;
};
std::span<const CodeRow> code_rows();
const CodeRow* find_code_row(std::string_view code);

struct WeightedFinding {
  Finding finding;
  SubIndication sub_indication = SubIndication::none;  // none for warning and less
};

// A finding with the severity that the table gives its code.
Finding make_finding(std::string_view code);

class Weigher {
 public:
  explicit Weigher(const Policy& policy) : m_policy(policy) {}
  // The policy's weight for the code, or the finding's own severity. `sub_indication`: what the caller knows better
  // than the table.
  WeightedFinding weigh(Finding finding, SubIndication sub_indication = SubIndication::none) const;
  // Whether the policy names the code: findings that only some checklists want are made only then.
  bool names(std::string_view code) const { return find(code) != nullptr; }

 private:
  const Policy::Weight* find(std::string_view code) const;
  const Policy& m_policy;
};

// Sorts by weight, stable, and tells what decides: the first failure or indeterminate finding, else the first warning
// or info.
struct Decision {
  Indication indication = Indication::total_passed;
  SubIndication sub_indication = SubIndication::none;
  std::string reason;
  std::optional<std::uint64_t> offset;
};
Decision decide(std::vector<WeightedFinding>& findings);

}  // namespace kyso::verify
