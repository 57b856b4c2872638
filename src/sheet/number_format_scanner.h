#pragma once
#include "sheet/number_format.h"

namespace kyso::sheet {

// The sections of a format code; at least one.
std::vector<NumberFormat::Section> scan_number_format(std::string_view code);

}  // namespace kyso::sheet
