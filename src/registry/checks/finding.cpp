#include <algorithm>

#include "registry/checks/checks.h"

namespace kyso::registry {

std::string_view name_of(CheckLevel level) {
  switch (level) {
    case CheckLevel::info:
      return "info";
    case CheckLevel::warn:
      return "warn";
    case CheckLevel::block:
      return "block";
  }
  return "block";
}

Error CheckFinding::error() const {
  Error out(code);
  out.params = params;
  return out;
}

bool has_block(const CheckFindings& findings) {
  return std::ranges::find(findings, CheckLevel::block, &CheckFinding::level) != findings.end();
}

}  // namespace kyso::registry
