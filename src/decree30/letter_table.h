#pragma once
#include "decree30/letter_flow.h"

// Private to the module: tables of letters.
namespace kyso::decree30 {

struct TableSetting {
  double size = 9;             // of the type
  std::vector<double> widths;  // of the columns
};
// The largest type, 12 down to 9 points, in which no word of head and rows must be broken: columns are widened for
// their words where others can give. A share that is no positive number counts as 1.
TableSetting table_setting(pdf::TaggedPages& pages, const LetterTable& table, double width);

// Puts the table into the flow, under `parent` in the structure.
void add_table(LetterFlow& flow, pdf::TaggedPages& pages, const LetterTable& table, Element parent);

}  // namespace kyso::decree30
