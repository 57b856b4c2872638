#pragma once
#include <functional>
#include <string>
#include <vector>

#include "base/error_text.h"
#include "base/result.h"

namespace kyso::authority {

// A self-check that explains what is wrong, for the operator.
class Doctor {
 public:
  struct Check {
    std::string name;                           // "database", "vault", "signer.CPCA_G1", "crl.CPCA_G1", "clock", …
    std::string vietnamese, english;            // what is looked at
    std::function<Result<std::string>()> look;  // what was found, or the error that says what to do
  };
  struct Finding {
    std::string name;
    bool is_well = false;
    std::string vietnamese, english;            // what was looked at and found
    std::string vietnamese_next, english_next;  // what to do; empty when well
    std::string code;
  };
  void add(Check check) { m_checks.push_back(std::move(check)); }
  std::vector<Finding> examine() const;

 private:
  std::vector<Check> m_checks;
};

}  // namespace kyso::authority
