#pragma once
#include <cstdint>
#include <cstdlib>

#include "pdf/file/filters.h"

namespace kyso::pdf {

// Undoes a TIFF or PNG predictor in place (ISO 32000-2 section 7.4.4.4). Impossible parameters are pdf.stream.broken,
// rows longer than the data are not: the data is one short row then. Private to the module.
Result<Bytes> undo_predictor(Bytes data, const FilterParameters& parameters);

// The Paeth predictor of PNG (ISO/IEC 15948 section 9.4).
inline std::uint8_t paeth(int left, int up, int corner) {
  const int estimate = left + up - corner;
  const int to_left = std::abs(estimate - left), to_up = std::abs(estimate - up),
            to_corner = std::abs(estimate - corner);
  if (to_left <= to_up && to_left <= to_corner) return static_cast<std::uint8_t>(left);
  return static_cast<std::uint8_t>(to_up <= to_corner ? up : corner);
}

}  // namespace kyso::pdf
