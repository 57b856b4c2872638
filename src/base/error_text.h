#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace kyso {

enum class Language { vietnamese, english };

// One row of the error-code table (src/base/error_table/*.inc, one file per module).
struct ErrorRow {
  std::string_view code;
  int exit_code;                     // of the command line; docs/exit-codes.md is made from this table
  std::string_view vietnamese;       // what happened and why; {name} is replaced by the Error's parameter of that name
  std::string_view vietnamese_next;  // what to do now
  std::string_view english;
  std::string_view english_next;
};

// All rows, sorted by code.
std::span<const ErrorRow> error_table();
const ErrorRow* find_error_row(std::string_view code);

// The sentence and the next step for a person. A code without row gives the row of "base.internal".
struct ErrorText {
  std::string message;
  std::string next_step;
  int exit_code;
};
ErrorText describe(const Error& error, Language language);

}  // namespace kyso
