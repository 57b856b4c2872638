#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kyso::sheet {

inline constexpr std::uint32_t kMaxRowNumber = 1'048'576, kMaxColumnNumber = 16'384;

// A place in a sheet (ISO/IEC 29500-1 section 18.18.62), rows and columns from 1.
struct CellReference {
  std::uint32_t row = 0, column = 0;
};
std::optional<CellReference> parse_reference(std::string_view text);  // "C4"; "$C$4" as well

struct CellRange {
  CellReference first, last;
};
std::optional<CellRange> parse_range(std::string_view text);  // "B4:C4"; "B4"

}  // namespace kyso::sheet
