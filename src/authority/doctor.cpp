#include "authority/doctor.h"

#include <fmt/format.h>

namespace kyso::authority {

std::vector<Doctor::Finding> Doctor::examine() const {
  std::vector<Finding> out;
  for (const Check& check : m_checks) {
    const Result<std::string> seen = check.look();
    Finding finding;
    finding.name = check.name;
    finding.is_well = seen.has_value();
    if (seen) {
      finding.vietnamese = fmt::format("{}: {}", check.vietnamese, *seen);
      finding.english = fmt::format("{}: {}", check.english, *seen);
    } else {
      const ErrorText vietnamese = describe(seen.error(), Language::vietnamese);
      const ErrorText english = describe(seen.error(), Language::english);
      finding.vietnamese = fmt::format("{}: {}", check.vietnamese, vietnamese.message);
      finding.english = fmt::format("{}: {}", check.english, english.message);
      finding.vietnamese_next = vietnamese.next_step;
      finding.english_next = english.next_step;
      finding.code = seen.error().code;
    }
    out.push_back(std::move(finding));
  }
  return out;
}

}  // namespace kyso::authority
