#pragma once
#include "pdf/file/filters.h"

namespace kyso::pdf {

// Undoes a TIFF or PNG predictor in place (ISO 32000-2 section 7.4.4.4). Impossible parameters are pdf.stream.broken,
// rows longer than the data are not: the data is one short row then. Private to the module.
Result<Bytes> undo_predictor(Bytes data, const FilterParameters& parameters);

}  // namespace kyso::pdf
