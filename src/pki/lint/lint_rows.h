#pragma once
#include "pki/lint/lint_recipes.h"

// For tests: how each rule is broken by one change of a certificate that keeps it.
namespace kyso::pki::lint::testing {

struct Row {
  std::string_view rule;
  Recipe (*base)();
  void (*change)(Recipe&);
};
inline Recipe a_person() {
  return person();
}

const std::vector<Row>& structure_rows();
const std::vector<Row>& extension_rows();
const std::vector<Row>& etsi_rows();
const std::vector<Row>& own_rows();
// Changed certificates that a rule must pass, where the bases leave it silent.
const std::vector<Row>& kept_rows();

}  // namespace kyso::pki::lint::testing
