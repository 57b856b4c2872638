#pragma once
#include <fmt/core.h>

#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kyso {

// Error: why something could not be done.
//
// `code` is a stable dotted id, e.g. "pdf.page.missing". Every code has one row in src/base/error_table/*.inc with its
// exit code and its Vietnamese and English sentence and next step (a test compares sources and table). `params` fill
// the {name} places of those sentences. `detail` is technical English for the log: never a secret. People's words are
// made only at the edge, by base/error_text.h.
struct Error {
  std::string_view code;
  std::string detail;
  std::vector<std::pair<std::string, std::string>> params;
  std::source_location where;

  Error(std::string_view id, std::string technical_detail = {},
        std::source_location location = std::source_location::current())
      : code(id), detail(std::move(technical_detail)), where(location) {}

  // with: adds a parameter for the sentence of the table.
  template <typename T>
  Error&& with(std::string name, const T& value) && {
    params.emplace_back(std::move(name), fmt::format("{}", value));
    return std::move(*this);
  }
  template <typename T>
  Error& with(std::string name, const T& value) & {
    params.emplace_back(std::move(name), fmt::format("{}", value));
    return *this;
  }
};

}  // namespace kyso
