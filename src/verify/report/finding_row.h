#pragma once
#include <span>
#include <string_view>

// Private to the module: the sentences behind explain().
namespace kyso::verify {

// One row of finding_table.inc. {name} is replaced by the finding's parameter of that name, or by its place (offset,
// length, object, revision, page). A part in square brackets is left out when one of its places has no value, so that
// a sentence reads well whatever is known. A next step may be empty where nothing is to be done.
struct FindingRow {
  // "change.*" stands for all codes of a family that have no row of their own; "form.filled!" for a finding of that
  // code which stands against the document (severity indeterminate or failure).
  std::string_view code;
  std::string_view vietnamese, vietnamese_next;
  std::string_view english, english_next;
};

std::span<const FindingRow> finding_table();  // sorted by code
const FindingRow* find_finding_row(std::string_view code);

}  // namespace kyso::verify
